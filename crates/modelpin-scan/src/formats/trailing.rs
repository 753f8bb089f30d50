//! Bytes after the end of the content: who reads them, and what they are to that reader.

use crate::engine::source::ByteRange;
use crate::engine::{Format, Location, Scan, ScanError};
use modelpin_rules::file::{POLYGLOT, TRAILING_BYTES};

/// How much padding is searched.
const PADDING: usize = 64 * 1024;

/// Scans what follows `end`, the last byte that belongs to the content.
pub(crate) fn check(part: &ByteRange<'_>, end: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let rest = part.from(end);
    if rest.len() == 0 {
        return Ok(());
    }
    if scan.depth() > scan.limits.depth {
        return Err(ScanError::LimitReached("nested trailing content"));
    }
    scan.report(&TRAILING_BYTES, Location::Byte(end), format!("{} bytes", rest.len()));
    if is_nothing(&rest, scan)? {
        return Ok(());
    }
    let format = scan.in_member("trailing bytes", |scan| scan.scan_content(&rest, "trailing"));
    // What only looks like commands is no script to anybody behind the end of something else.
    let is_script = format == Format::Script && rest.bytes(0, 2)? == b"#!";
    let runs = [Format::Pickle, Format::Zip, Format::Tar, Format::SevenZip, Format::Rar, Format::Native];
    if is_script || runs.contains(&format) {
        scan.report(&POLYGLOT, Location::Byte(end), format!("{} after the end", format.word()));
    }
    Ok(())
}

/// Whether all of it is zero.
fn is_nothing(rest: &ByteRange<'_>, scan: &mut Scan<'_>) -> Result<bool, ScanError> {
    let mut at = 0_u64;
    while at < rest.len() {
        let bytes = rest.bytes(at, PADDING)?;
        scan.budget.charge_bytes(bytes.len())?;
        if bytes.is_empty() || bytes.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at = at.saturating_add(bytes.len() as u64);
    }
    Ok(true)
}

/// Whether it is no more than `most` zeros.
pub(crate) fn is_padding(rest: &ByteRange<'_>, most: u64) -> Result<bool, ScanError> {
    Ok(rest.len() <= most.min(PADDING as u64) && rest.bytes(0, PADDING)?.iter().all(|byte| *byte == 0))
}

/// The same where padding is part of the format: up to `most` zero bytes are not reported.
pub(crate) fn padded(part: &ByteRange<'_>, end: u64, most: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    if is_padding(&part.from(end), most)? { Ok(()) } else { check(part, end, scan) }
}
