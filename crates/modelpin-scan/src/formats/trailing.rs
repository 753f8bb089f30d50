//! Bytes behind the end of the content: who reads them, and what they are to that reader.

use crate::engine::source::Part;
use crate::engine::{At, Format, Halt, Scan};
use modelpin_rules::file::{POLYGLOT, TRAILING_BYTES};

/// How much padding is looked through.
const PADDING: usize = 64 * 1024;

/// Judges what follows `end`, the last byte that belongs to the content.
pub(crate) fn judge(part: &Part<'_>, end: u64, scan: &mut Scan<'_>) -> Result<(), Halt> {
    let rest = part.from(end);
    if rest.len() == 0 {
        return Ok(());
    }
    if scan.depth() > scan.limits.depth {
        return Err(Halt::Budget("content behind content"));
    }
    scan.find(&TRAILING_BYTES, At::Byte(end), format!("{} bytes", rest.len()));
    if is_nothing(&rest, scan)? {
        return Ok(());
    }
    let format = scan.inside("trailing bytes", |scan| scan.judge(&rest, "trailing"));
    if matches!(
        format,
        Format::Pickle | Format::Zip | Format::Tar | Format::SevenZip | Format::Rar | Format::Native | Format::Script
    ) {
        scan.find(&POLYGLOT, At::Byte(end), format!("{} behind the end", format.word()));
    }
    Ok(())
}

/// Whether all of it is zero.
fn is_nothing(rest: &Part<'_>, scan: &mut Scan<'_>) -> Result<bool, Halt> {
    let mut at = 0_u64;
    while at < rest.len() {
        let bytes = rest.bytes(at, PADDING)?;
        scan.budget.look(bytes.len())?;
        if bytes.is_empty() || bytes.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at = at.saturating_add(bytes.len() as u64);
    }
    Ok(true)
}

/// Whether it is no more than `most` zeros.
pub(crate) fn is_padding(rest: &Part<'_>, most: u64) -> Result<bool, Halt> {
    Ok(rest.len() <= most.min(PADDING as u64) && rest.bytes(0, PADDING)?.iter().all(|byte| *byte == 0))
}

/// The same where padding is part of the format: up to `most` zero bytes are no finding.
pub(crate) fn padded(part: &Part<'_>, end: u64, most: u64, scan: &mut Scan<'_>) -> Result<(), Halt> {
    if is_padding(&part.from(end), most)? { Ok(()) } else { judge(part, end, scan) }
}
