//! Tables in Apache Arrow's formats, of files and of streams: data, but for one kind of column that readers unpickled
//! (<https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc>).

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::TRUNCATED;
use modelpin_rules::tensor::PARQUET_PICKLED_TYPE;

/// The name of columns whose type is a pickle: `pyarrow` before 14.0.1 loaded it (CVE-2023-47248).
const PICKLED: &[u8] = b"arrow.py_extension_type";

/// Bytes at each end in which the schema is.
const ENDS: usize = 4 << 20;

/// What is before the length of every message of a stream.
const CONTINUES: [u8; 4] = [0xff; 4];

/// The longest description of a message that is followed, in bytes.
const MESSAGE: u32 = 64 << 20;

/// The kind of message that a stream begins with.
const SCHEMA: u8 = 1;

/// Whether the content is a stream: its first message is a schema.
pub(crate) fn is_stream(part: &ByteRange<'_>, head: &[u8]) -> Result<bool, ScanError> {
    if !head.starts_with(&CONTINUES) {
        return Ok(false);
    }
    Ok(message(part, 0)?.is_some_and(|message| message.kind == SCHEMA && message.length > 0))
}

/// A message of a stream.
struct Message {
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
    let Some(length) = rest.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes)) else { return Ok(None) };
    let start = at.saturating_add(8);
    if *mark != CONTINUES || length > MESSAGE || u64::from(length) > part.len().saturating_sub(start) {
        return Ok(None);
    }
    if length == 0 {
        return Ok(Some(Message { kind: 0, start, length, body: 0 }));
    }
    // A table of FlatBuffers: 1 is the kind, 3 the length of the body.
    let table = part.slice(start, u64::from(length));
    let u32_at = |at: u64| table.array::<4>(at).map(|bytes| u64::from(u32::from_le_bytes(bytes)));
    let u16_at = |at: u64| table.array::<2>(at).map(|bytes| u64::from(u16::from_le_bytes(bytes)));
    let read = || -> Result<(u8, u64), ScanError> {
        let root = u32_at(0)?;
        let fields =
            i64::try_from(root).unwrap_or(i64::MAX).saturating_sub(i64::from(i32::from_le_bytes(table.array(root)?)));
        let fields = u64::try_from(fields).map_err(|_| ScanError::Truncated(at))?;
        let size = u16_at(fields)?;
        let field = |number: u64| -> Result<u64, ScanError> {
            let slot = number.saturating_mul(2).saturating_add(4);
            if slot.saturating_add(2) > size { Ok(0) } else { u16_at(fields.saturating_add(slot)) }
        };
        let kind = field(1)?;
        let body = field(3)?;
        let kind = if kind == 0 { 0 } else { table.array::<1>(root.saturating_add(kind))?[0] };
        let body = if body == 0 { 0 } else { u64::from_le_bytes(table.array(root.saturating_add(body))?) };
        Ok((kind, body))
    };
    match read() {
        Ok((kind, body)) => Ok(Some(Message { kind, start, length, body })),
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
        at = message.start.saturating_add(u64::from(message.length));
        if message.length == 0 {
            break;
        }
        if message.kind == SCHEMA {
            let schema = part.slice(message.start, u64::from(message.length)).all(MESSAGE as usize)?;
            scan.budget.charge_bytes(schema.len())?;
            if schema.windows(PICKLED.len()).any(|window| window == PICKLED) {
                scan.report(&PARQUET_PICKLED_TYPE, Location::Byte(message.start), "a column with a pickled type");
            }
        }
        at = at.checked_add(message.body).filter(|end| *end <= part.len()).ok_or(ScanError::Truncated(at))?;
    }
    trailing::check(part, at, scan)?;
    Ok(FullyCovered)
}

/// Scans tables.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    if part.bytes(0, 4)? == CONTINUES {
        return stream(part, scan);
    }
    if part.bytes(part.len().saturating_sub(6), 6)? != b"ARROW1" {
        scan.report(&TRUNCATED, Location::Byte(part.len()), "the mark at the end is missing");
    }
    // The schema is at the front and, once more, in the footer.
    for start in [0, part.len().saturating_sub(ENDS as u64)] {
        let bytes = part.bytes(start, ENDS)?;
        scan.budget.charge_bytes(bytes.len())?;
        if bytes.windows(PICKLED.len()).any(|window| window == PICKLED) {
            scan.report(&PARQUET_PICKLED_TYPE, Location::Whole, "a column with a pickled type");
            break;
        }
    }
    Ok(FullyCovered)
}
