//! One requirement as pip reads it: a name with extras, versions and markers (PEP 508), or a place.

use super::asked::{asked, place as asked_place};
use super::names::{self, Likeness};
use crate::engine::{Location, Scan};
use modelpin_rules::requirement::{
    REQUIREMENT_LOOKALIKE, REQUIREMENT_SOURCE, REQUIREMENT_UNPINNED, REQUIREMENT_UNSUPPORTED,
};

/// Suffixes of archives that pip installs from.
const ARCHIVES: [&str; 8] = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar", ".egg"];

/// Scans one requirement, without options.
pub(super) fn check(text: &str, at: Location, scan: &mut Scan<'_>) {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let place = text.split([';', ' ']).next().unwrap_or_default();
    if text.contains("${") || text.contains("$(") {
        asked(text, "a variable", scan);
        scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("depends on a variable: `{text}`"));
    } else if lower.contains("://") || lower.contains("file:") || lower.contains("git+") || text.contains('@') {
        asked_place(text, scan);
        scan.report(&REQUIREMENT_SOURCE, at, text);
    } else if place.starts_with(['.', '/', '~']) || place.contains(['/', '\\']) || is_archive(&lower, place) {
        asked(text, "a path", scan);
        scan.report(&REQUIREMENT_SOURCE, at, format!("a path: `{text}`"));
    } else {
        named(text, at, scan);
    }
}

fn is_archive(lower: &str, place: &str) -> bool {
    let place = lower.get(..place.len()).unwrap_or_default();
    ARCHIVES.iter().any(|suffix| place.ends_with(suffix))
}

fn named(text: &str, at: Location, scan: &mut Scan<'_>) {
    let (rest, marker) = text.split_once(';').map_or((text, None), |(rest, marker)| (rest, Some(marker)));
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(rest.len());
    let (package, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    name(package, at.clone(), scan);
    let how = text.get(end..).unwrap_or_default();
    asked(package, &if how.starts_with(';') { format!("unpinned{how}") } else { how.to_owned() }, scan);
    let Some(versions) = extras(after.trim()) else {
        return scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("cannot be read: `{text}`"));
    };
    match pinned(versions) {
        None => scan.report(&REQUIREMENT_UNSUPPORTED, at.clone(), format!("cannot be read: `{text}`")),
        Some(false) => scan.report(&REQUIREMENT_UNPINNED, at.clone(), text),
        Some(true) => {}
    }
    if marker.is_some_and(|marker| !is_marker(marker)) {
        scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("an invalid condition: `{text}`"));
    }
}

/// Scans the name of a package.
pub(super) fn name(package: &str, at: Location, scan: &mut Scan<'_>) {
    let edge = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match names::likeness(package) {
        Likeness::Like(known) => {
            scan.report(&REQUIREMENT_LOOKALIKE, at, format!("`{package}` is not `{known}`"));
        }
        Likeness::None
            if !package.is_ascii() || !edge(package.chars().next()) || !edge(package.chars().next_back()) =>
        {
            scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("`{package}` is not a package name"));
        }
        Likeness::None => {}
    }
}

/// What follows the extras in `[…]`, if they are well formed.
fn extras(text: &str) -> Option<&str> {
    let Some(inner) = text.strip_prefix('[') else { return Some(text) };
    let (extras, rest) = inner.split_once(']')?;
    let plain = |extra: &str| extra.trim().chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    extras.split(',').all(plain).then(|| rest.trim())
}

/// Whether the versions name an exact one; nothing where they cannot be read.
fn pinned(text: &str) -> Option<bool> {
    let text = match text.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?,
        None => text,
    };
    let mut exact = false;
    for clause in text.split(',').map(str::trim).filter(|clause| !clause.is_empty()) {
        let operator = ["===", "==", "!=", "<=", ">=", "~=", "<", ">"].into_iter().find(|op| clause.starts_with(op))?;
        let version = clause.strip_prefix(operator)?.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '*' | '+' | '!' | '-' | '_');
        if version.is_empty() || !version.chars().all(plain) {
            return None;
        }
        exact |= operator.starts_with("==") && !version.contains('*');
    }
    Some(exact)
}

/// The variables that a condition may ask for (PEP 508).
const VARIABLES: [&str; 17] = [
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "and",
    "or",
    "not",
    "in",
];

/// Whether `text` is made of the words of a condition, with its parentheses in order.
fn is_marker(text: &str) -> bool {
    let mut depth = 0_u32;
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' => match rest.get(1..).and_then(|inner| inner.find(c)) {
                Some(end) => end.saturating_add(2),
                None => return false,
            },
            '(' => {
                depth = depth.saturating_add(1);
                1
            }
            ')' => match depth.checked_sub(1) {
                Some(less) => {
                    depth = less;
                    1
                }
                None => return false,
            },
            '<' | '>' | '=' | '!' | '~' | ' ' | '\t' => 1,
            _ => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                if !VARIABLES.contains(&rest.get(..end).unwrap_or_default()) {
                    return false;
                }
                end
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    depth == 0
}
