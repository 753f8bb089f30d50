//! Lists of requirements by their content: pip reads one under any name.

use super::pip;
use crate::engine::ScanError;
use crate::engine::source::ByteRange;

/// How far a text is read to see whether it is one, in bytes.
const READ: u64 = 64 << 20;

/// The longest line that a list has.
const LINE: usize = 4096;

/// Whether each line of a text is a requirement, an option or a comment, and at least one says where something comes
/// from: of others it does not matter.
pub(crate) fn is_list(part: &ByteRange<'_>) -> Result<bool, ScanError> {
    let mut reader = part.reader(0);
    let mut acts = false;
    let mut continued = false;
    while reader.at() < READ {
        let (line, more) = match reader.line(LINE) {
            // More than is held of what was packed.
            Err(ScanError::LimitReached(_)) => return Ok(false),
            line => line?,
        };
        let Ok(text) = std::str::from_utf8(&line) else { return Ok(false) };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
        let is_comment = text.is_empty() || text.starts_with('#');
        if !is_comment && !continued {
            match kind(text) {
                Line::Other => return Ok(false),
                Line::Acts => acts = true,
                Line::Asks => {}
            }
        }
        continued = !is_comment && text.ends_with('\\');
        if !more {
            break;
        }
    }
    Ok(acts)
}

/// What a line is.
enum Line {
    /// It names a package.
    Asks,
    /// It says where packages come from.
    Acts,
    /// It is none of a list.
    Other,
}

fn kind(text: &str) -> Line {
    if text.starts_with('-') {
        return option(text);
    }
    let marks = ["git+", "hg+", "svn+", "bzr+"];
    if marks.iter().any(|mark| text.starts_with(mark)) {
        return Line::Acts;
    }
    let place = text.split([' ', ';', '#']).next().unwrap_or_default();
    if ["https://", "http://", "file:", "./", "../", "/"].iter().any(|start| place.starts_with(start)) {
        // Lists of addresses are lists of data as well.
        let is_package = [".whl", ".egg", ".git"].iter().any(|end| place.ends_with(end)) || text.contains("#egg=");
        return if is_package { Line::Acts } else { Line::Asks };
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest.trim_start());
    let is_version =
        ["==", "<", ">", "~=", "!=", "(", ";", "#", "\\", "--"].iter().any(|start| rest.starts_with(start));
    match rest.strip_prefix('@') {
        _ if !begins => Line::Other,
        Some(place) if place.contains(':') || place.trim_start().starts_with(['.', '/']) => Line::Acts,
        _ if rest.is_empty() || is_version => Line::Asks,
        _ => Line::Other,
    }
}

/// A line that begins with a dash: a list in Markdown does as well.
fn option(text: &str) -> Line {
    let word = text.split([' ', '\t', '=']).next().unwrap_or_default();
    let has_value = text.len() > word.len();
    if pip::is_source(word) {
        return if has_value { Line::Acts } else { Line::Other };
    }
    let runs_together =
        |c: &str| word.starts_with(c) && (word.len() == 2 && has_value || word.get(2..).is_some_and(is_place));
    if ["-i", "-f", "-e", "-r", "-c"].into_iter().any(runs_together) {
        return Line::Acts;
    }
    if pip::is_harmless(word) { Line::Asks } else { Line::Other }
}

fn is_place(text: &str) -> bool {
    text.contains("://") || text.starts_with("git+")
}
