//! Archives within archives: how deep members are followed.

use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::archive::ARCHIVE_DEPTH;

/// How many times the limit members are followed: what is deeper than the limit is a finding, and is inspected
/// all the same, so that one wrapping more hides nothing.
const BEYOND: usize = 4;

/// Does `work` inside a member, unless that is far too deep.
pub(crate) fn within(name: &str, scan: &mut Scan<'_>, work: impl FnOnce(&mut Scan<'_>)) {
    if scan.depth() >= scan.limits.depth {
        scan.report(
            &ARCHIVE_DEPTH,
            Location::Whole,
            format!("`{name}` is nested {} levels deep", scan.depth().saturating_add(1)),
        );
    }
    if scan.depth() < scan.limits.depth.saturating_mul(BEYOND) {
        scan.in_member(name, work);
    }
}

/// Scans a member by its content.
pub(super) fn scan_member(part: &ByteRange<'_>, name: &str, scan: &mut Scan<'_>) {
    within(name, scan, |scan| {
        scan.scan_content(part, name);
    });
}

/// Whether `part` holds nothing but zeros, as far as `most` bytes show. Longer parts do not count as zeros.
pub(super) fn is_zeros(part: &ByteRange<'_>, most: u64) -> Result<bool, ScanError> {
    if part.len() > most {
        return Ok(false);
    }
    let mut at = 0_u64;
    while at < part.len() {
        let bytes = part.bytes(at, 64 * 1024)?;
        if bytes.is_empty() || bytes.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at = at.saturating_add(bytes.len() as u64);
    }
    Ok(true)
}
