//! Tables in Apache Arrow's formats, of files and of streams: data, but for one kind of column that readers unpickled
//! (<https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc>).

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::TRUNCATED;
use modelpin_rules::tensor::PARQUET_PICKLED_TYPE;

/// The name of columns whose type is a pickle: `pyarrow` before 14.0.1 loaded it (CVE-2023-47248).
const PICKLED: &[u8] = b"arrow.py_extension_type";

/// Bytes at each end of a broken file that are searched.
const ENDS: u64 = 4 << 20;

/// The mark at the front of a file.
const MAGIC: &[u8] = b"ARROW1\0\0";

/// What is before the length of every message of a stream.
const CONTINUES: [u8; 4] = [0xff; 4];

/// The longest description of a message that is followed, in bytes.
const MESSAGE: u32 = 64 << 20;

/// The kind of message that a stream begins with.
const SCHEMA: u8 = 1;

/// The kinds of message that there are (`Schema.fbs`, `MessageHeader`).
const KINDS: std::ops::RangeInclusive<u8> = 1..=5;

/// The latest version of messages (`Schema.fbs`, `MetadataVersion`).
const VERSION: u16 = 4;

/// Whether the content is a stream: its first message is a schema. Before Arrow 0.15 nothing preceded its length.
pub(crate) fn is_stream(part: &ByteRange<'_>, head: &[u8]) -> Result<bool, ScanError> {
    let is_short = matches!(head, [low, _, _, 0, ..] if low % 8 == 4);
    if !head.starts_with(&CONTINUES) && !is_short {
        return Ok(false);
    }
    let first = message(part, 0)?;
    Ok(first.is_some_and(|first| first.kind == SCHEMA && first.body == 0 && first.version <= VERSION))
}

/// A message of a stream.
struct Message {
    version: u16,
    kind: u8,
    /// Where its description begins, and how long that is.
    start: u64,
    length: u32,
    /// Bytes that follow it.
    body: u64,
}

/// The message at `at`; nothing where there is none.
fn message(part: &ByteRange<'_>, at: u64) -> Result<Option<Message>, ScanError> {
    let head = part.bytes(at, 8)?;
    let Some((mark, rest)) = head.split_first_chunk::<4>() else { return Ok(None) };
    let (length, start) = match rest.first_chunk::<4>() {
        Some(length) if *mark == CONTINUES => (u32::from_le_bytes(*length), at.saturating_add(8)),
        _ => (u32::from_le_bytes(*mark), at.saturating_add(4)),
    };
    if length > MESSAGE || u64::from(length) > part.len().saturating_sub(start) {
        return Ok(None);
    }
    if length == 0 {
        return Ok(Some(Message { version: 0, kind: 0, start, length, body: 0 }));
    }
    // A table of FlatBuffers: 0 is the version, 1 the kind, 3 the length of the body.
    let table = part.slice(start, u64::from(length));
    let u32_at = |at: u64| table.array::<4>(at).map(|bytes| u64::from(u32::from_le_bytes(bytes)));
    let u16_at = |at: u64| table.array::<2>(at).map(|bytes| u64::from(u16::from_le_bytes(bytes)));
    let read = || -> Result<(u16, u8, u64), ScanError> {
        let root = u32_at(0)?;
        let fields =
            i64::try_from(root).unwrap_or(i64::MAX).saturating_sub(i64::from(i32::from_le_bytes(table.array(root)?)));
        let fields = u64::try_from(fields).map_err(|_| ScanError::Truncated(at))?;
        let size = u16_at(fields)?;
        let field = |number: u64| -> Result<u64, ScanError> {
            let slot = number.saturating_mul(2).saturating_add(4);
            if slot.saturating_add(2) > size { Ok(0) } else { u16_at(fields.saturating_add(slot)) }
        };
        let [version, kind, body] = [field(0)?, field(1)?, field(3)?];
        let version = if version == 0 { 0 } else { u16::from_le_bytes(table.array(root.saturating_add(version))?) };
        let kind = if kind == 0 { 0 } else { table.array::<1>(root.saturating_add(kind))?[0] };
        let body = if body == 0 { 0 } else { u64::from_le_bytes(table.array(root.saturating_add(body))?) };
        Ok((version, kind, body))
    };
    match read() {
        Ok((version, kind, body)) => Ok(Some(Message { version, kind, start, length, body })),
        Err(error @ (ScanError::Unreadable(_) | ScanError::LimitReached(_) | ScanError::NotRead(_))) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Follows the messages of a stream to its end.
fn stream(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut at = 0_u64;
    while at < part.len() {
        scan.budget.steps(8)?;
        let Some(message) = message(part, at)? else { break };
        if message.length == 0 {
            at = message.start;
            break;
        }
        if !KINDS.contains(&message.kind) {
            break;
        }
        at = message.start.saturating_add(u64::from(message.length));
        if message.kind == SCHEMA {
            search(&part.slice(message.start, u64::from(message.length)), scan)?;
        }
        at = at.checked_add(message.body).filter(|end| *end <= part.len()).ok_or(ScanError::Truncated(at))?;
    }
    trailing::check(part, at, scan)?;
    Ok(FullyCovered)
}

/// How much is searched at once.
const STRETCH: usize = 1 << 20;

/// Looks for the pickled type in a schema.
fn search(schema: &ByteRange<'_>, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let mut at = 0_u64;
    while at < schema.len() {
        let bytes = schema.bytes(at, STRETCH.saturating_add(PICKLED.len()))?;
        scan.budget.charge_bytes(bytes.len())?;
        if bytes.windows(PICKLED.len()).any(|window| window == PICKLED) {
            scan.report(&PARQUET_PICKLED_TYPE, Location::Whole, "a column with a pickled type");
            return Ok(());
        }
        at = at.saturating_add(STRETCH as u64);
    }
    Ok(())
}

/// Scans tables.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    if part.bytes(0, MAGIC.len())? != MAGIC {
        return stream(part, scan);
    }
    // The schema is at the front and, once more, in the footer, whose length is before the mark at the end.
    if let Some(first) = message(part, MAGIC.len() as u64)? {
        search(&part.slice(first.start, u64::from(first.length)), scan)?;
    }
    let end = part.len().saturating_sub(10);
    let footer = match part.bytes(end, 10)?.split_first_chunk::<4>() {
        Some((length, b"ARROW1")) => end.checked_sub(u64::from(u32::from_le_bytes(*length))),
        _ => None,
    };
    if let Some(start) = footer.filter(|start| *start >= MAGIC.len() as u64) {
        search(&part.slice(start, end.saturating_sub(start)), scan)?;
    } else {
        scan.report(&TRUNCATED, Location::Byte(part.len()), "the mark at the end is missing, or the footer before it");
        [0, end.saturating_sub(ENDS)].into_iter().try_for_each(|start| search(&part.slice(start, ENDS), scan))?;
    }
    Ok(FullyCovered)
}
