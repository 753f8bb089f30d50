//! The superblock: where the tree begins, and how wide its numbers are (specification, II).

use super::piece::File;
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use crate::formats::trailing;
use modelpin_rules::file::POLYGLOT;
use modelpin_rules::keras::{HDF5_EXTERNAL, HDF5_MALFORMED};

/// Where the tree begins.
pub(super) struct Root {
    /// The object header of the root group.
    pub(super) header: u64,
    /// B-tree and heap of the root group, where the superblock repeats them.
    pub(super) cached: Option<(u64, u64)>,
    /// The object header of what the superblock has no room for.
    pub(super) extension: Option<u64>,
}

const MARK: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Finds and reads the superblock.
pub(super) fn open<'p>(part: &ByteRange<'p>, scan: &mut Scan<'_>) -> Result<(File<'p>, Root), ScanError> {
    let mut start = 0_u64;
    while part.bytes(start, MARK.len())? != MARK {
        start = if start == 0 { 512 } else { start.saturating_mul(2) };
        if start >= part.len() {
            return Err(broken("no superblock"));
        }
    }
    user_block(part, start, scan)?;
    let part = part.from(start);
    match part.bytes(8, 1)?.first() {
        Some(0 | 1) => first(part, start, scan),
        Some(2 | 3) => second(part, start, scan),
        _ => Err(broken("a superblock of unknown version")),
    }
}

fn broken(what: &str) -> ScanError {
    ScanError::Malformed(&HDF5_MALFORMED, Location::Whole, what.to_owned())
}

/// What is before the superblock is the user's, and another reader's to begin with.
fn user_block(part: &ByteRange<'_>, start: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let head = part.slice(0, start).bytes(0, 4096)?;
    if start <= 4096 && (head.iter().all(|byte| *byte == 0) || head.starts_with(b"MATLAB 7.3 MAT-file")) {
        return Ok(());
    }
    if crate::formats::pickle::probe(part, true)? {
        scan.report(&POLYGLOT, Location::Byte(0), "a pickle to one reader, HDF5 to another");
        let outcome = crate::formats::pickle::scan(part, scan);
        scan.record_result(outcome);
    }
    scan.report(&HDF5_MALFORMED, Location::Byte(0), format!("{start} bytes before the superblock"));
    Ok(())
}

fn widths(offset: u8, length: u8) -> Result<(usize, usize), ScanError> {
    if [2, 4, 8].contains(&offset) && [2, 4, 8].contains(&length) {
        Ok((usize::from(offset), usize::from(length)))
    } else {
        Err(broken("an unsupported offset width"))
    }
}

/// Versions 0 and 1.
fn first<'p>(part: ByteRange<'p>, start: u64, scan: &mut Scan<'_>) -> Result<(File<'p>, Root), ScanError> {
    let [offset, length] = part.array::<2>(13)?;
    let (offset, length) = widths(offset, length)?;
    let file = File { part, offset, length };
    let mut block = file.up_to(0, 256)?;
    block.skip(8)?;
    let version = block.byte()?;
    block.skip(if version == 1 { 19 } else { 15 })?;
    let base = block.number(offset)?;
    block.skip(offset)?;
    let end = block.number(offset)?;
    let driver = block.number(offset)?;
    if !file.is_undefined(driver) {
        scan.report(&HDF5_EXTERNAL, Location::Whole, "a driver that stores data in other files");
    }
    block.skip(offset)?;
    let header = block.number(offset)?;
    let kind = block.number(4)?;
    block.skip(4)?;
    let cached = if kind == 1 { Some((block.number(offset)?, block.number(offset)?)) } else { None };
    extent(&file, base, start, end, scan)?;
    Ok((file, Root { header, cached, extension: None }))
}

/// Versions 2 and 3.
fn second<'p>(part: ByteRange<'p>, start: u64, scan: &mut Scan<'_>) -> Result<(File<'p>, Root), ScanError> {
    let [offset, length] = part.array::<2>(9)?;
    let (offset, length) = widths(offset, length)?;
    let file = File { part, offset, length };
    let mut block = file.up_to(12, 64)?;
    let base = block.number(offset)?;
    let extension = block.number(offset)?;
    let end = block.number(offset)?;
    let header = block.number(offset)?;
    extent(&file, base, start, end, scan)?;
    let extension = Some(extension).filter(|at| !file.is_undefined(*at));
    Ok((file, Root { header, cached: None, extension }))
}

/// Whether the file is where and as long as it says.
fn extent(file: &File<'_>, base: u64, start: u64, end: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    if base != start {
        scan.report(&HDF5_MALFORMED, Location::Whole, format!("begins at byte {start}, and says {base}"));
    }
    let there = file.part.len();
    if there.saturating_add(start) < end {
        scan.record_error(ScanError::Truncated(there));
    } else if there > end {
        trailing::check(&file.part, end, scan)?;
    }
    Ok(())
}
