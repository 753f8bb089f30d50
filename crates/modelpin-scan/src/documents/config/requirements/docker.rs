//! `Dockerfile`: building it runs what it says.

use super::asked::asked;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::requirement::{REQUIREMENT_SOURCE, REQUIREMENT_UNSUPPORTED};

/// Instructions that only describe the image.
const DESCRIBING: [&str; 9] =
    ["LABEL", "EXPOSE", "WORKDIR", "USER", "ENV", "ARG", "VOLUME", "MAINTAINER", "STOPSIGNAL"];

/// Scans a whole file.
pub(super) fn file(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut lines = text.lines().zip(1_u32..);
    while let Some((line, number)) = lines.next() {
        scan.budget.step()?;
        let mut whole = line.trim().to_owned();
        while whole.ends_with(['\\', '`']) && !whole.starts_with('#') {
            whole.pop();
            let Some((next, _)) = lines.next() else { break };
            scan.budget.step()?;
            whole.push_str(next.trim());
        }
        instruction(&whole, Location::Line(number), scan);
    }
    Ok(())
}

fn instruction(line: &str, at: Location, scan: &mut Scan<'_>) {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let word = word.to_ascii_uppercase();
    if word.is_empty() || word.starts_with('#') || DESCRIBING.contains(&word.as_str()) {
        return;
    }
    match word.as_str() {
        "FROM" => {
            asked("FROM", rest, scan);
            scan.report(&REQUIREMENT_SOURCE, at, format!("an image: `{}`", rest.trim()));
        }
        "ADD" | "COPY" if rest.contains("://") || rest.contains("git@") => {
            asked(&word, rest, scan);
            scan.report(&REQUIREMENT_SOURCE, at, line);
        }
        "ADD" | "COPY" => {}
        _ => scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("the image runs `{line}` when it is built or started")),
    }
}
