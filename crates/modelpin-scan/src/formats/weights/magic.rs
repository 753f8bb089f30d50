//! Formats that are recognized by a mark at the front, and by what has to hold with it. Their structure is not
//! followed: what could be after it is for no reader of the format to run.

use super::certainty::Certainty;
use super::science;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::file::UNCHECKED_FORMAT;

/// What `part` is by its marks.
pub(super) fn sniff(part: &ByteRange<'_>, head: &[u8]) -> Result<Option<&'static str>, ScanError> {
    Ok(identify(part, head)?.map(|(what, _)| what))
}

/// Reports an unchecked format, unless both the front and the end of the file confirm it.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let head = part.bytes(0, 1024)?;
    if let Some((what, Certainty::Front)) = identify(part, &head)? {
        scan.report(&UNCHECKED_FORMAT, Location::Whole, what);
    }
    Ok(FullyCovered)
}

fn identify(part: &ByteRange<'_>, head: &[u8]) -> Result<Option<(&'static str, Certainty)>, ScanError> {
    let size = part.len();
    let u32_at = |at: usize| {
        let bytes = head.get(at..).and_then(<[u8]>::first_chunk::<4>);
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    };
    let tail = match part.bytes(size.saturating_sub(6), 6) {
        // The end of decompressed content that is not held is unknown, as is one that is not read.
        Err(ScanError::LimitReached(_) | ScanError::NotRead(_)) => Vec::new(),
        tail => tail?,
    };
    let whole = |what| Some((what, Certainty::Whole));
    let front = |what| Some((what, Certainty::Front));
    Ok(match head {
        [b'O', b'R', b'C', ..] if size > 16 && matches!(tail.as_slice(), [.., b'O', b'R', b'C', _]) => whole("ORC"),
        [b'F', b'E', b'A', b'1', ..] if tail.ends_with(b"FEA1") && size > 8 => whole("Feather, version 1"),
        // A list of dimensions follows, or none.
        [b'C', b'D', b'F', 1 | 2, _, _, _, _, 0, 0, 0, 0 | 10, ..] => whole("netCDF 3"),
        [b'C', b'D', b'F', 5, _, _, _, _, _, _, _, _, 0, 0, 0, 0 | 10, ..] => whole("netCDF 3"),
        [b'l', b'C', b'R', b'F', ..] if u64::from(u32_at(4)) == size && head.get(8..12) == Some(b"FOMC") => {
            whole("CRFsuite")
        }
        _ if head.starts_with(b"SQLite format 3\0") && is_sqlite(head, size) => whole("SQLite"),
        _ if is_blobs(head) => whole("blobs of Core ML"),
        _ if is_faiss(head) => front("an index of Faiss"),
        [0xd6, 0xfd, 0xb2, 0x7e, ..] if (1..64).contains(&u32_at(4)) => front("OpenFst"),
        [0, b'B', b'<', ..] => front("Kaldi"),
        [b'C', b'B', b'M', b'1', ..] if u64::from(u32_at(4)) < size => front("CatBoost"),
        [b'b', b'i', b'n', b'f', ..] if size > 128 => front("XGBoost from before UBJSON"),
        _ if head.starts_with(b"mmap lm http://kheafield.com/code format version") => front("KenLM"),
        _ if u32_at(16) == 0xbeef_c0de && u32_at(20) == 1 => front("LMDB"),
        _ => return science::identify(part, head),
    })
}

/// A database whose length is a whole number of its pages.
fn is_sqlite(head: &[u8], size: u64) -> bool {
    let Some([high, low]) = head.get(16..18) else { return false };
    let page = match u16::from_be_bytes([*high, *low]) {
        1 => 65_536,
        page => u64::from(page),
    };
    page >= 512 && page.is_power_of_two() && size >= page && size.is_multiple_of(page)
}

/// The weights of a Core ML package: a count, the version 2, nothing up to byte 64, then the mark of the first blob
/// (`MILBlob/Blob/StorageFormat.hpp` of coremltools).
fn is_blobs(head: &[u8]) -> bool {
    head.get(4..8) == Some(&[2, 0, 0, 0])
        && head.get(8..64).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
        && head.get(64..68) == Some(&0xdead_beef_u32.to_le_bytes())
}

/// An index of vectors: four letters, the dimension, the count, and twice the number that its writer puts there
/// (`faiss/impl/index_write.cpp`, `write_index_header`).
fn is_faiss(head: &[u8]) -> bool {
    let fill = (1_u64 << 20).to_le_bytes();
    matches!(head, [b'I', b'x' | b'w' | b'H' | b'v', second, third, ..] if second.is_ascii_alphanumeric() && third.is_ascii_alphanumeric())
        && head.get(16..24) == Some(&fill)
        && head.get(24..32) == Some(&fill)
}
