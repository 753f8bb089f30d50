//! JSON documents: one in a file, or one in a line.

use crate::documents::json::Json;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};

/// What is done with a document, beside its text.
type Visit<'v> = &'v mut dyn FnMut(&Json, &[u8], &mut Scan<'_>) -> Result<(), ScanError>;

/// Reads every document of `part` and passes each to `visit`, with its text.
pub(super) fn each(part: &ByteRange<'_>, scan: &mut Scan<'_>, visit: Visit<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.json)?;
    scan.budget.charge_bytes(bytes.len())?;
    match Json::read(&bytes, "", scan) {
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
            let json = Json::read(text, "", scan).map_err(|error| in_line(error, number))?;
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
