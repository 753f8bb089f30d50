//! The index of a checkpoint (`variables.index`): a table of LevelDB's kind, with an entry for each tensor
//! (<https://github.com/google/leveldb/blob/main/doc/table_format.md>, `tensor_bundle.proto`).

use crate::engine::source::ByteRange;
use crate::engine::{FileReference, FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::graph::wire::{Span, Value, Wire};
use modelpin_rules::tensor::CHECKPOINT_MALFORMED;

/// The last eight bytes.
const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();

/// Length of what is at the end: two handles, padding, the magic.
const FOOTER: u64 = 48;

/// How many files of data a checkpoint may have.
const SHARDS: u64 = 10_000;

/// The longest name of a tensor that is followed, in bytes.
const KEY: usize = 64 * 1024;

/// Whether the file ends as a table does.
pub(crate) fn is_index(part: &ByteRange<'_>) -> Result<bool, ScanError> {
    Ok(match part.len().checked_sub(8) {
        Some(end) if part.len() >= FOOTER => part.array::<8>(end)? == MAGIC,
        _ => false,
    })
}

/// Scans an index, and takes note of the files that it names.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let mut wire = Wire::new(part);
    let footer = part.len().saturating_sub(FOOTER);
    let mut span = Span { at: footer, end: part.len().saturating_sub(8) };
    handle(&mut wire, &mut span)?;
    let blocks = handle(&mut wire, &mut span)?;
    let mut shards = 0;
    entries(part, &mut wire, blocks, footer, scan, &mut |wire, _, mut value, scan| {
        let block = handle(wire, &mut value)?;
        entries(part, wire, block, footer, scan, &mut |wire, key, value, scan| {
            if key.is_empty() { header(wire, value, &mut shards, scan) } else { entry(wire, value, scan) }
        })
    })?;
    if !(1..=SHARDS).contains(&shards) {
        return Err(broken(0, &format!("{shards} files of data")));
    }
    let base = path.rsplit('/').next().unwrap_or_default();
    if let Some(stem) = base.strip_suffix(".index").filter(|_| scan.depth() == 0) {
        for shard in 0..shards {
            scan.reference_file(FileReference::Data(format!("{stem}.data-{shard:05}-of-{shards:05}")));
        }
    }
    Ok(FullyCovered)
}

/// Where a block is: its offset and its length.
fn handle(wire: &mut Wire<'_>, span: &mut Span) -> Result<Span, ScanError> {
    let at = wire.number(span)?;
    let length = wire.number(span)?;
    Ok(Span { at, end: at.saturating_add(length) })
}

type Work<'w> = &'w mut dyn FnMut(&mut Wire<'_>, &[u8], Span, &mut Scan<'_>) -> Result<(), ScanError>;

/// Does `work` for each entry of the block at `block`.
fn entries(
    part: &ByteRange<'_>,
    wire: &mut Wire<'_>,
    block: Span,
    footer: u64,
    scan: &mut Scan<'_>,
    work: Work<'_>,
) -> Result<(), ScanError> {
    if block.end >= footer || block.len() < 8 {
        return Err(broken(block.at, "a block is outside the file"));
    }
    // Behind a block: how it is compressed, and a checksum.
    if part.array::<1>(block.end)? != [0] {
        return Err(broken(block.at, "a block is compressed"));
    }
    let restarts = u32::from_le_bytes(part.array(block.end.saturating_sub(4))?);
    let tail = u64::from(restarts).saturating_mul(4).saturating_add(4);
    let end = block.end.checked_sub(tail).filter(|end| *end >= block.at);
    let mut span = Span { at: block.at, end: end.ok_or_else(|| broken(block.at, "a block has no entries"))? };
    let mut key = Vec::new();
    while span.len() > 0 {
        scan.budget.step()?;
        let at = span.at;
        let shared = wire.number(&mut span)?;
        let more = wire.number(&mut span)?;
        let length = wire.number(&mut span)?;
        let shared = usize::try_from(shared).ok().filter(|shared| *shared <= key.len());
        let sum = more.checked_add(length).filter(|sum| *sum <= span.len());
        let (Some(shared), Some(sum)) = (shared, sum) else {
            return Err(broken(at, "an entry extends past its block"));
        };
        let start = span.at.saturating_add(more);
        key.truncate(shared);
        key.extend(wire.bytes(Span { at: span.at, end: start }, KEY as u64)?);
        if key.len() > KEY {
            return Err(ScanError::LimitReached("bytes of a key"));
        }
        span.at = span.at.saturating_add(sum);
        work(wire, &key, Span { at: start, end: span.at }, scan)?;
    }
    Ok(())
}

/// A `BundleHeaderProto`: how many files of data there are.
fn header(wire: &mut Wire<'_>, mut span: Span, shards: &mut u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    *shards = 1;
    while let Some(field) = wire.field(&mut span, &mut scan.budget)? {
        match (field.number, field.value) {
            (1, Value::Number(count)) => *shards = count,
            (2, Value::Number(_)) | (3, Value::Bytes(_)) => {}
            _ => return Err(broken(field.at, "the header has unknown fields")),
        }
    }
    Ok(())
}

/// A `BundleEntryProto`: type, shape and place of a tensor.
fn entry(wire: &mut Wire<'_>, mut span: Span, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    while let Some(field) = wire.field(&mut span, &mut scan.budget)? {
        match (field.number, field.value) {
            (1 | 3 | 4 | 5, Value::Number(_)) | (2 | 7, Value::Bytes(_)) | (6, Value::Fixed32) => {}
            _ => return Err(broken(field.at, "an entry has unknown fields")),
        }
    }
    Ok(())
}

fn broken(at: u64, what: &str) -> ScanError {
    ScanError::Malformed(&CHECKPOINT_MALFORMED, Location::Byte(at), what.to_owned())
}
