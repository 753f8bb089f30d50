//! Parquet: columns of plain values between two marks, with a footer that says what they are
//! (<https://parquet.apache.org/docs/file-format/>).

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::tensor::{PARQUET_MALFORMED, PARQUET_PICKLED_TYPE};

/// The longest footer that is searched, in bytes. It grows with columns and groups of rows.
const FOOTER: usize = 64 << 20;

/// How far from the end the last mark is looked for, in bytes.
const NEAR: usize = 64 << 10;

/// The Arrow extension type that PyArrow unpickled (CVE-2023-47248).
const PICKLED: &str = "arrow.py_extension_type";

/// Scans a file.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let broken = |what: &str| Err(ScanError::Malformed(&PARQUET_MALFORMED, Location::Whole, what.to_owned()));
    let whole = part;
    let part = &whole.slice(0, end_of_file(whole)?.unwrap_or(whole.len()));
    let Some(end) = part.len().checked_sub(8).filter(|end| *end >= 4) else {
        return Err(ScanError::Truncated(part.len()));
    };
    let [a, b, c, d, mark @ ..] = part.array::<8>(end)?;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    match &mark {
        b"PAR1" => {}
        b"PARE" => return broken("the footer is encrypted"),
        _ => return Err(ScanError::Truncated(part.len())),
    }
    let Some(start) = end.checked_sub(length).filter(|start| *start >= 4) else {
        return broken("the footer is longer than the file");
    };
    let footer = part.slice(start, length).all(FOOTER)?;
    scan.budget.charge_bytes(footer.len().saturating_mul(4))?;
    // Arrow's own schema is in the footer as base64, so that the name can begin at any of three places.
    let shapes = [0, 1, 2].map(|shift| base64_within(PICKLED.as_bytes(), shift));
    if shapes.iter().chain([&PICKLED.to_owned()]).any(|shape| contains(&footer, shape.as_bytes())) {
        scan.report(&PARQUET_PICKLED_TYPE, Location::Byte(start), PICKLED);
    }
    trailing::check(whole, part.len(), scan)?;
    Ok(FullyCovered)
}

/// The end of the last mark, which readers look for at the end only; none where there is no mark near it.
fn end_of_file(part: &ByteRange<'_>) -> Result<Option<u64>, ScanError> {
    let start = part.len().saturating_sub(NEAR as u64);
    let tail = part.bytes(start, NEAR)?;
    let mark = tail.windows(4).rposition(|window| matches!(window, b"PAR1" | b"PARE"));
    Ok(mark.map(|mark| start.saturating_add(mark as u64).saturating_add(4)))
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The letters of base64 that `text` gives for certain where `shift` other bytes precede it.
fn base64_within(text: &[u8], shift: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let lead = (3_usize.saturating_sub(shift)) % 3;
    let mut encoded = String::new();
    for group in text.get(lead..).unwrap_or_default().chunks_exact(3) {
        let number = group.iter().fold(0_u32, |number, byte| number.wrapping_shl(8) | u32::from(*byte));
        for place in [18_u32, 12, 6, 0] {
            let at = number.wrapping_shr(place) & 63;
            encoded.extend(LETTERS.get(at as usize).map(|letter| char::from(*letter)));
        }
    }
    encoded
}
