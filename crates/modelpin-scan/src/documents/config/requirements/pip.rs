//! pip's lists of requirements.

use super::asked::asked;
use super::package;
use super::source::source;
use crate::documents::config::folder;
use crate::documents::config::paths::{Reach, reach};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::requirement::{REQUIREMENT_SOURCE, REQUIREMENT_UNSUPPORTED};

/// Options that say where packages come from.
const SOURCES: [&str; 8] = [
    "--index-url",
    "--extra-index-url",
    "--pypi-url",
    "--find-links",
    "--trusted-host",
    "--editable",
    "--proxy",
    "--cert",
];

/// Options that only make the choice of packages narrower or wider.
const HARMLESS: [&str; 8] = [
    "--no-index",
    "--no-binary",
    "--only-binary",
    "--prefer-binary",
    "--pre",
    "--require-hashes",
    "--use-feature",
    "--no-deps",
];

/// Whether a word is an option that says where packages come from, or names another list.
pub(super) fn is_source(word: &str) -> bool {
    SOURCES.contains(&word) || matches!(word, "--requirement" | "--constraint")
}

/// Whether a word is an option that does not.
pub(super) fn is_harmless(word: &str) -> bool {
    HARMLESS.contains(&word)
}

/// Scans a whole list.
pub(super) fn list(text: &str, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let lines = lines(text);
    // pip decodes the list as these comments say (PEP 263).
    for line in lines.iter().take(2).filter(|line| line.trim_start().starts_with('#')) {
        if let Some(name) = coding(line).filter(|name| !matches!(name.as_str(), "utf-8" | "utf8" | "ascii" | "latin-1"))
        {
            scan.report(&REQUIREMENT_UNSUPPORTED, Location::Line(1), format!("the list is written in `{name}`"));
        }
    }
    let mut lines = lines.into_iter().zip(1_u32..);
    while let Some((line, number)) = lines.next() {
        scan.budget.step()?;
        let mut whole = line.to_owned();
        // A comment ends at its line, whatever it ends with.
        while whole.ends_with('\\') && !whole.trim_start().starts_with('#') {
            whole.pop();
            whole.push(' ');
            let Some((next, _)) = lines.next() else { break };
            scan.budget.step()?;
            whole.push_str(next.trim_start());
        }
        entry(without_comment(&whole), folder(path), Location::Line(number), scan);
    }
    Ok(())
}

/// The lines as Python's `str.splitlines` makes them, which pip uses: more than a line feed ends one.
fn lines(text: &str) -> Vec<&str> {
    let ends = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}' | '\u{1d}' | '\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    // CR LF is one end. Two would only add an empty line, and move the numbers.
    text.split("\r\n").flat_map(|line| line.split(ends)).collect()
}

fn coding(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("coding")?;
    let name = rest.strip_prefix([':', '='])?.trim_start();
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(name.len());
    Some(name.get(..end)?.to_ascii_lowercase().replace('_', "-"))
}

/// A comment begins a line, or follows white space.
fn without_comment(line: &str) -> &str {
    let start = line.char_indices().find(|(at, c)| {
        *c == '#' && line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace))
    });
    start.and_then(|(at, _)| line.get(..at)).unwrap_or(line).trim()
}

/// One line: an option, or a requirement with options after it.
pub(super) fn entry(line: &str, folder: &str, at: Location, scan: &mut Scan<'_>) {
    if line.is_empty() {
        return;
    }
    if line.starts_with('-') {
        return options(line, folder, at, scan);
    }
    let (requirement, behind) = match line.find(" -").or_else(|| line.find("\t-")) {
        Some(start) => line.split_at_checked(start).unwrap_or((line, "")),
        None => (line, ""),
    };
    package::check(requirement, at.clone(), scan);
    for option in behind.split_whitespace().filter(|word| word.starts_with('-')) {
        if !option.starts_with("--hash=") && option != "--hash" {
            scan.report(&REQUIREMENT_UNSUPPORTED, at.clone(), format!("a per-requirement option: `{line}`"));
        }
    }
}

/// A line of options.
fn options(line: &str, folder: &str, at: Location, scan: &mut Scan<'_>) {
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let (option, mut value) = split(word);
        if value.is_empty() && words.peek().is_some_and(|next| !next.starts_with('-')) {
            value = words.next().unwrap_or_default();
        }
        let value = value.trim_matches(['"', '\'']);
        // pip takes any beginning of an option for the option.
        let means = |known: &str| option.len() > 3 && known.starts_with(option);
        if ["--requirement", "--constraint"].into_iter().any(means) {
            other_list(value, folder, at.clone(), scan);
        } else if SOURCES.into_iter().any(means) {
            source(option, value, at.clone(), scan);
        } else if !HARMLESS.contains(&option) {
            scan.report(&REQUIREMENT_UNSUPPORTED, at.clone(), format!("an unknown option: `{word}`"));
        }
    }
}

/// An option and its value, with `=`, or run together after a single letter.
fn split(word: &str) -> (&str, &str) {
    if word.starts_with("--") {
        return word.split_once('=').unwrap_or((word, ""));
    }
    let long = match word.get(..2) {
        Some("-i") => "--index-url",
        Some("-f") => "--find-links",
        Some("-e") => "--editable",
        Some("-r") => "--requirement",
        Some("-c") => "--constraint",
        _ => return (word, ""),
    };
    (long, word.get(2..).unwrap_or_default().trim_start_matches('='))
}

/// Another list, which pip reads as well.
fn other_list(file: &str, folder: &str, at: Location, scan: &mut Scan<'_>) {
    let depth = folder.matches('/').count();
    let up = file.split('/').take_while(|part| matches!(*part, ".." | ".")).filter(|part| *part == "..").count();
    let rest = file.trim_start_matches("./").trim_start_matches("../");
    let in_member = match reach(file) {
        Reach::Outside(_) => up > 0 && up <= depth && !matches!(reach(rest), Reach::Outside(_)),
        _ => true,
    };
    if !in_member {
        asked("--requirement", file, scan);
        scan.report(&REQUIREMENT_SOURCE, at, format!("another requirements list from outside: `{file}`"));
    }
}
