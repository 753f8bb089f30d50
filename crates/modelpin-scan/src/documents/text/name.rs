//! Names that deceive a reader or a file system.

use crate::engine::{Location, Scan};
use modelpin_rules::file::DECEPTIVE_NAME;
use modelpin_schema::is_invisible;

/// Letters of other scripts that look like Latin ones (the confusables of Unicode Technical Standard 39).
const LOOKALIKES: &str = "аеорсухіјѕԁԛԝһӏѵАВЕКМНОРСТУХІЈЅԌΑΒΕΖΗΙΚΜΝΟΡΤΥΧονιυρκɑɡոսցհ";

/// Names that Windows keeps for devices, whatever follows the first dot
/// (<https://learn.microsoft.com/windows/win32/fileio/naming-a-file>).
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Scans a path: each part of it.
pub(crate) fn name(path: &str, scan: &mut Scan<'_>) {
    for part in path.split('/') {
        if let Some(why) = deceives(part) {
            scan.report(&DECEPTIVE_NAME, Location::Whole, format!("`{part}` {why}"));
        }
    }
}

fn deceives(part: &str) -> Option<&'static str> {
    if part.chars().any(char::is_control) {
        return Some("contains a control character");
    }
    if hides(part) {
        return Some("contains a character that hides or reorders other characters");
    }
    if part.contains('\\') {
        return Some("contains a backslash, which separates folders on Windows");
    }
    if is_device(part) {
        return Some("is a device on Windows");
    }
    if !matches!(part, "." | "..") && part.ends_with(['.', ' ']) {
        return Some("ends with a character that Windows drops");
    }
    if part.starts_with(' ') || part.contains("   ") {
        return Some("hides its end behind spaces");
    }
    if names_stream(part) {
        return Some("names an alternate data stream on Windows");
    }
    if part.chars().any(|c| matches!(c, '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}')) {
        return Some("is written in letters that only look Latin");
    }
    let suffix = part.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    if suffix.chars().any(is_lookalike) || part.split(|c: char| !c.is_alphabetic()).any(is_mixed) {
        return Some("mixes Latin letters with look-alikes from another script");
    }
    None
}

/// Invisible characters, but for the joiners and selectors that Indic and Arabic scripts and emoji need.
fn hides(part: &str) -> bool {
    let mut last = '\0';
    part.chars().any(|c| {
        let joiner = |c| matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}');
        // A selector follows its emoji, and a joiner may follow it.
        let joins = joiner(c) && !last.is_ascii() && (!joiner(last) || (c == '\u{200d}' && last == '\u{fe0f}'));
        last = c;
        is_invisible(c) && !joins
    })
}

fn is_device(part: &str) -> bool {
    let stem = part.split(['.', ':']).next().unwrap_or_default().trim_end().to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    DEVICES.contains(&stem.as_str()) || port.is_some_and(|port| matches!(port, "¹" | "²" | "³") || one_digit(port))
}

fn one_digit(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| (b'1'..=b'9').contains(&byte))
}

/// `model.bin:hidden` is a stream of `model.bin`; `10:30:00` is a time.
fn names_stream(part: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    part.match_indices(':').any(|(at, _)| {
        let before = part.get(..at).and_then(|text| text.chars().next_back());
        let after = part.get(at.saturating_add(1)..).and_then(|text| text.chars().next());
        !digit(before) || !digit(after)
    })
}

fn is_lookalike(c: char) -> bool {
    LOOKALIKES.contains(c)
}

/// Whether a word is of Latin letters and lookalikes. A word that has other letters of the other script as well
/// is not a disguise: it is not mistaken for Latin.
fn is_mixed(word: &str) -> bool {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    latin && word.chars().any(is_lookalike) && word.chars().all(|c| c.is_ascii_alphabetic() || is_lookalike(c))
}
