//! JSON documents as Python's reader takes them: with `NaN` and `Infinity`, one in a file or one in a line.

use crate::documents::json::{Document, Json};
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::config::JSON_MALFORMED;

/// What is done with a document, beside its text.
type Visit<'v> = &'v mut dyn FnMut(&Json, &[u8], &mut Scan<'_>) -> Result<(), ScanError>;

/// Reads every document of `part` and passes each to `visit`, with its text.
pub(super) fn each(part: &ByteRange<'_>, scan: &mut Scan<'_>, visit: Visit<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.json)?;
    scan.budget.charge_bytes(bytes.len())?;
    match document(&bytes, scan) {
        Ok(json) => visit(&json, &bytes, scan)?,
        Err(error) if !is_rows(&bytes) => return Err(error),
        // Rows: each of them is a document.
        Err(_) => return each_line(part, scan, visit),
    }
    Ok(FullyCovered)
}

/// Whether the first line is a document of its own.
fn is_rows(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let first = lines.next().unwrap_or_default();
    lines.next().is_some() && serde_json::from_slice::<serde::de::IgnoredAny>(first.trim_ascii()).is_ok()
}

fn each_line(part: &ByteRange<'_>, scan: &mut Scan<'_>, visit: Visit<'_>) -> ScanResult {
    let cap = scan.limits.document;
    let mut reader = part.reader(0);
    let mut number = 0_u32;
    loop {
        scan.budget.step()?;
        let (line, more) = reader.line(cap)?;
        scan.budget.charge_bytes(line.len())?;
        number = number.saturating_add(1);
        if line.len() >= cap {
            return Err(ScanError::LimitReached("bytes of a line"));
        }
        let text = line.trim_ascii();
        if !text.is_empty() {
            let json = document(text, scan).map_err(|error| in_line(error, number))?;
            visit(&json, text, scan)?;
        }
        if !more {
            return Ok(FullyCovered);
        }
    }
}

fn in_line(error: ScanError, number: u32) -> ScanError {
    match error {
        ScanError::Malformed(rule, Location::Whole, what) => ScanError::Malformed(rule, Location::Line(number), what),
        other => other,
    }
}

fn document(bytes: &[u8], scan: &mut Scan<'_>) -> Result<Document, ScanError> {
    match Json::read(bytes, "", scan) {
        Err(ScanError::Malformed(rule, ..)) if rule == &JSON_MALFORMED && has_numbers_of_python(bytes) => {
            Json::read(&without_numbers_of_python(bytes), "", scan)
        }
        read => read,
    }
}

/// What Python writes for numbers that JSON has no word for; the longest first.
const NUMBERS: [(&[u8], &[u8]); 3] = [(b"-Infinity", b"-0       "), (b"Infinity", b"0       "), (b"NaN", b"0  ")];

fn has_numbers_of_python(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|window| window == b"NaN" || window == b"Inf")
}

/// The document with a number in the place of each of them, every other byte where it was.
fn without_numbers_of_python(bytes: &[u8]) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut quoted = false;
    while let Some((first, tail)) = rest.split_first() {
        // Only where a value may begin: after anything else it is not a number to Python either.
        let begins = plain.last().is_none_or(|before| before.is_ascii_whitespace() || b":,[".contains(before));
        let number = NUMBERS.iter().find(|(word, _)| !quoted && begins && rest.starts_with(word));
        if let Some((word, zero)) = number {
            plain.extend_from_slice(zero);
            rest = rest.get(word.len()..).unwrap_or_default();
        } else if quoted && *first == b'\\' {
            plain.extend(rest.iter().take(2));
            rest = rest.get(2..).unwrap_or_default();
        } else {
            quoted ^= *first == b'"';
            plain.push(*first);
            rest = tail;
        }
    }
    plain
}
