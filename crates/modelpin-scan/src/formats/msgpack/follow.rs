//! From the first byte of a document to its last, and what is taken note of on the way.

use super::array::is_array;
use super::item::{Item, item};
use crate::engine::ScanError;
use crate::engine::limits::Budget;
use crate::engine::source::Reader;

/// How deep values may be within each other: Python's reader goes no deeper (`MSGPACK_EMBED_STACK_SIZE` of msgpack).
const DEPTH: usize = 1024;

/// How much is taken note of.
const FOUND: usize = 10_000;

/// How often a map may give its data.
const GIVEN: usize = 16;

/// How much of a text is read.
const READ: usize = 24;

/// The type of timestamps (specification, "Timestamp extension type").
const TIMESTAMP: u8 = 0xff;

/// What is taken note of.
pub(super) enum Found {
    /// An array of Python objects, as `msgpack_numpy` packs it (0.4.8, `decode`), and the bytes that may be its data.
    Objects { at: u64, data: Vec<(u64, u64)> },
    /// Bytes that begin as pickles do, or are called one.
    Bytes { at: u64, length: u64, is_named: bool },
    /// An extension that is no array.
    Extension { at: u64, length: u64, kind: u8 },
    /// A map as the key of a map. The hook that makes arrays of maps makes texts of them as well.
    Key(u64),
}

/// A key of a map, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Array,
    Kind,
    Type,
    Data,
    Pickle,
    Other,
}

impl Key {
    fn of(text: &[u8], length: u64) -> Self {
        match text {
            _ if length > READ as u64 => Self::Other,
            b"nd" => Self::Array,
            b"kind" => Self::Kind,
            b"type" => Self::Type,
            b"data" => Self::Data,
            text if text.windows(6).any(|part| part.eq_ignore_ascii_case(b"pickle")) => Self::Pickle,
            _ => Self::Other,
        }
    }
}

/// A list or a map that is open.
struct Level {
    at: u64,
    is_map: bool,
    /// Values that are still to come, keys included.
    left: u64,
    /// The key of the value that is next, where it is not a key itself.
    key: Option<Key>,
    is_array: bool,
    is_objects: bool,
    data: Vec<(u64, u64)>,
}

/// A value that is complete.
enum Value {
    /// A text or bytes: where, how long, and how it begins.
    Bytes(u64, u64, [u8; READ]),
    /// A map, with the data that it gives.
    Map(u64, Vec<(u64, u64)>),
    Other,
}

/// Follows one value with all that it holds.
pub(super) fn follow(reader: &mut Reader<'_>, budget: &mut Budget, found: &mut Vec<Found>) -> Result<(), ScanError> {
    let mut levels: Vec<Level> = Vec::new();
    let mut left = 1_u64;
    loop {
        budget.step()?;
        left = left.saturating_sub(1);
        let at = reader.at();
        let mut value = match item(reader)? {
            Item::List(count) if count > 0 => {
                left = more(left, count, reader)?;
                open(at, false, count, &mut levels)?;
                continue;
            }
            Item::Map(count) if count > 0 => {
                let count = count.saturating_mul(2);
                left = more(left, count, reader)?;
                open(at, true, count, &mut levels)?;
                continue;
            }
            Item::Map(_) => Value::Map(at, Vec::new()),
            Item::List(_) => Value::Other,
            Item::Number(count) => {
                reader.skip(count)?;
                Value::Other
            }
            Item::Bytes(count) => bytes(reader, count)?,
            Item::Extension(kind, count) => {
                extension(reader, kind, count, found)?;
                Value::Other
            }
        };
        // What is complete with this value.
        loop {
            let Some(level) = levels.last_mut() else { return Ok(()) };
            level.take(&value, found);
            if level.left > 0 {
                break;
            }
            let Some(level) = levels.pop() else { return Ok(()) };
            value = level.close(found);
        }
        if found.len() > FOUND {
            return Err(ScanError::LimitReached("pickles in a MessagePack document"));
        }
    }
}

/// Items that are still to come, of which each has a byte at least.
fn more(left: u64, count: u64, reader: &Reader<'_>) -> Result<u64, ScanError> {
    let left = left.saturating_add(count);
    if left > reader.left() { Err(ScanError::Truncated(reader.at())) } else { Ok(left) }
}

fn open(at: u64, is_map: bool, left: u64, levels: &mut Vec<Level>) -> Result<(), ScanError> {
    if levels.len() >= DEPTH {
        return Err(ScanError::LimitReached("nesting of MessagePack"));
    }
    levels.push(Level { at, is_map, left, key: None, is_array: false, is_objects: false, data: Vec::new() });
    Ok(())
}

/// A text or bytes, of which the first few are read.
fn bytes(reader: &mut Reader<'_>, count: u64) -> Result<Value, ScanError> {
    let at = reader.at();
    if count > reader.left() {
        return Err(ScanError::Truncated(at));
    }
    let mut head = [0; READ];
    for (slot, _) in head.iter_mut().zip(0..count) {
        *slot = reader.byte()?.ok_or(ScanError::Truncated(at))?;
    }
    reader.skip(count.saturating_sub(READ as u64))?;
    Ok(Value::Bytes(at, count, head))
}

fn extension(reader: &mut Reader<'_>, kind: u8, length: u64, found: &mut Vec<Found>) -> Result<(), ScanError> {
    let at = reader.at();
    let body = reader.take(length, 256)?;
    let is_known = match kind {
        // Arrays, complex numbers and single values of NumPy.
        1 | 3 => is_array(&body),
        2 => length <= 32,
        TIMESTAMP => matches!(length, 4 | 8 | 12),
        _ => false,
    };
    if !is_known {
        found.push(Found::Extension { at, length, kind });
    }
    Ok(())
}

impl Level {
    /// Takes a value that is complete: an item, a key, or what a key stands for.
    fn take(&mut self, value: &Value, found: &mut Vec<Found>) {
        self.left = self.left.saturating_sub(1);
        if self.is_map && self.key.is_none() {
            self.key = Some(match value {
                Value::Bytes(_, length, head) => {
                    let length_read = usize::try_from(*length).unwrap_or(READ).min(READ);
                    Key::of(head.get(..length_read).unwrap_or_default(), *length)
                }
                Value::Map(at, _) => {
                    found.push(Found::Key(*at));
                    Key::Other
                }
                Value::Other => Key::Other,
            });
            return;
        }
        let key = self.key.take().unwrap_or(Key::Other);
        match (key, value) {
            (Key::Array, _) => self.is_array = true,
            // A map becomes an array, and may become a text.
            (Key::Kind, Value::Map(..)) => self.is_objects = true,
            (Key::Kind | Key::Type, Value::Bytes(_, length, head)) => {
                let is_objects = *length == 1 && head.starts_with(b"O") || *length == 2 && head.starts_with(b"|O");
                self.is_objects |= is_objects;
            }
            (Key::Data, Value::Bytes(at, length, _)) => self.give((*at, *length)),
            (Key::Data, Value::Map(_, data)) => data.iter().for_each(|data| self.give(*data)),
            _ => {}
        }
        if let Value::Bytes(at, length, head) = value
            && (matches!(head, [0x80, 2..=5, ..]) || key == Key::Pickle)
            && *length > 2
        {
            found.push(Found::Bytes { at: *at, length: *length, is_named: key == Key::Pickle });
        }
    }

    fn give(&mut self, data: (u64, u64)) {
        // Of a key that is given again, the last value counts.
        if self.data.len() >= GIVEN {
            self.data.remove(0);
        }
        self.data.push(data);
    }

    fn close(self, found: &mut Vec<Found>) -> Value {
        if self.is_array && self.is_objects {
            found.push(Found::Objects { at: self.at, data: self.data.clone() });
        }
        if self.is_map { Value::Map(self.at, self.data) } else { Value::Other }
    }
}
