//! Formats that are recognized by a mark at the front, and by what has to hold with it. The structure of most is not
//! followed: what could be after it is for no reader of the format to run.

use super::certainty::Certainty;
use super::{netcdf, science, word2vec};
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::UNCHECKED_FORMAT;

/// What `part` is by its marks.
pub(super) fn sniff(part: &ByteRange<'_>, head: &[u8]) -> Result<Option<&'static str>, ScanError> {
    Ok(identify(part, head)?.map(|(what, _)| what))
}

/// Reports an unchecked format, unless both the front and the end of the file confirm it.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let head = part.bytes(0, 1024)?;
    match identify(part, &head)? {
        Some((_, Certainty::Followed(follow))) => follow(part, scan),
        Some((what, Certainty::Front)) => {
            scan.report(&UNCHECKED_FORMAT, Location::Whole, what);
            Ok(FullyCovered)
        }
        Some((_, Certainty::Whole)) | None => Ok(FullyCovered),
    }
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
    let followed = |what, follow: Follow| Some((what, Certainty::Followed(follow)));
    Ok(match head {
        [b'O', b'R', b'C', ..] if size > 16 && matches!(tail.as_slice(), [.., b'O', b'R', b'C', _]) => whole("ORC"),
        [b'F', b'E', b'A', b'1', ..] if tail.ends_with(b"FEA1") && size > 8 => whole("Feather, version 1"),
        [b'l', b'C', b'R', b'F', ..] if u64::from(u32_at(4)) == size && head.get(8..12) == Some(b"FOMC") => {
            whole("CRFsuite")
        }
        _ if netcdf::is_netcdf(head) => followed("netCDF 3", netcdf::scan),
        _ if is_sqlite(head) => followed("SQLite", sqlite),
        _ if word2vec::is_word2vec(head, size) => followed("vectors of words", word2vec::scan),
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

/// How a format is followed.
type Follow = fn(&ByteRange<'_>, &mut Scan<'_>) -> ScanResult;

/// Bytes of the head of a database.
const SQLITE: usize = 100;

/// Whether the head is that of a database, with a size of pages that there is.
fn is_sqlite(head: &[u8]) -> bool {
    head.starts_with(b"SQLite format 3\0") && head.len() >= SQLITE && page(head).is_power_of_two() && page(head) >= 512
}

/// Bytes of a page of a database.
fn page(head: &[u8]) -> u64 {
    let size = head.get(16..18).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u16::from_be_bytes(*bytes));
    if size == 1 { 65_536 } else { u64::from(size) }
}

/// A database is a whole number of pages: as many as it says, if what it says is of the last change
/// (<https://www.sqlite.org/fileformat.html>, 1.3.7).
fn sqlite(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let head = part.bytes(0, SQLITE)?;
    let u32_at = |at: usize| {
        head.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from(u32::from_be_bytes(*bytes)))
    };
    let page = page(&head).max(1);
    let is_current = u32_at(24) == u32_at(92) && u32_at(28) > 0;
    let pages = if is_current { u32_at(28) } else { part.len().checked_div(page).unwrap_or(0) };
    let end = pages.saturating_mul(page);
    if end > part.len() || end == 0 {
        return Err(ScanError::Truncated(part.len()));
    }
    trailing::check(part, end, scan)?;
    Ok(FullyCovered)
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
