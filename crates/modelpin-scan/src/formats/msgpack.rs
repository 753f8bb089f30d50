//! MessagePack, as Flax keeps its weights: names, numbers and arrays, nothing that runs
//! (<https://github.com/msgpack/msgpack/blob/master/spec.md>, `flax/serialization.py`).

use crate::engine::limits::Budget;
use crate::engine::name::Name;
use crate::engine::source::{ByteRange, Reader};
use crate::engine::{FullyCovered, Limits, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::UNSCANNED_FORMAT;
use modelpin_rules::pickle::MSGPACK_PICKLED_ARRAY;

/// How many values a document may have that is recognized by its content alone.
const MAX_VALUES_BY_CONTENT: u64 = 5_000_000;

/// Whether content is MessagePack: it begins with a map or an array, and the name says so, or that one value ends where
/// the file does. spaCy keeps its parts like that, in files without a suffix.
pub(crate) fn is_msgpack(part: &ByteRange<'_>, head: &[u8], name: &Name) -> Result<bool, ScanError> {
    if !matches!(head.first(), Some(0x80..=0x9f | 0xdc..=0xdf)) {
        return Ok(false);
    }
    if name.suffix == "msgpack" {
        return Ok(true);
    }
    let limits = Limits { steps: MAX_VALUES_BY_CONTENT, ..Limits::default() };
    let mut reader = part.reader(0);
    let mut budget = Budget::new(&limits);
    match follow(&mut reader, &mut budget, &mut Watch::default()) {
        // What follows one that begins with a name is scanned.
        Ok(()) => Ok(reader.left() == 0 || reader.at() >= 16 && begins_with_name(head)),
        Err(error @ (ScanError::Unreadable(_) | ScanError::NotRead(_))) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Whether it begins with a map whose first key is a text.
fn begins_with_name(head: &[u8]) -> bool {
    matches!(head, [0x81..=0x8f, 0xa1..=0xbf | 0xc4 | 0xd9, ..] | [0xde, _, _, 0xa1..=0xbf | 0xc4 | 0xd9, ..])
}

/// What is taken note of on the way.
#[derive(Default)]
struct Watch {
    /// The type of the first extension that is not an array.
    foreign: Option<u8>,
    /// Where the first array of Python objects is.
    objects: Option<u64>,
    /// Whether the value before was the text `kind`.
    after_kind: bool,
}

impl Watch {
    fn extension(&mut self, kind: u8, body: &[u8]) {
        // Arrays, complex numbers and single values of NumPy.
        let fine = matches!(kind, 1..=3) && (kind == 2 || is_array(body));
        if !fine {
            self.foreign.get_or_insert(kind);
        }
    }

    /// A text, or bytes: `msgpack_numpy` says `kind: "O"` of an array that is a pickle.
    fn text(&mut self, at: u64, text: &[u8]) {
        if self.after_kind && text == b"O" {
            self.objects.get_or_insert(at);
        }
        self.after_kind = text == b"kind";
    }
}

/// What follows a first byte.
enum Item {
    /// So many items of its own.
    Items(u64),
    /// So many bytes.
    Bytes(u64),
    /// An extension: its type, and the number of its bytes.
    Extension(u8, u64),
}

/// Follows a document to its end.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut reader = part.reader(0);
    let mut watch = Watch::default();
    let outcome = follow(&mut reader, &mut scan.budget, &mut watch);
    if let Some(at) = watch.objects {
        scan.report(&MSGPACK_PICKLED_ARRAY, Location::Byte(at), "an array of Python objects");
    }
    outcome?;
    if let Some(kind) = watch.foreign {
        scan.report(
            &UNSCANNED_FORMAT,
            Location::Whole,
            format!("a MessagePack extension that is not an array (type {kind})"),
        );
    }
    trailing::check(part, reader.at(), scan)?;
    Ok(FullyCovered)
}

/// Follows one value with all that it holds.
fn follow(reader: &mut Reader<'_>, budget: &mut Budget, watch: &mut Watch) -> Result<(), ScanError> {
    // Nesting needs no stack: only how many items are still to come counts.
    let mut left = 1_u64;
    while left > 0 {
        budget.step()?;
        left = left.saturating_sub(1);
        match item(reader)? {
            Item::Items(count) => {
                left = left.saturating_add(count);
                if left > reader.left() {
                    return Err(ScanError::Truncated(reader.at()));
                }
            }
            Item::Bytes(count) => {
                let at = reader.at();
                let text = if count <= 4 { reader.take(count, 4)? } else { Vec::new() };
                if count > 4 {
                    reader.skip(count)?;
                }
                watch.text(at, &text);
            }
            Item::Extension(kind, count) => {
                let body = reader.take(count, 256)?;
                watch.extension(kind, &body);
            }
        }
    }
    Ok(())
}

fn item(reader: &mut Reader<'_>) -> Result<Item, ScanError> {
    let at = reader.at();
    let first = reader.byte()?.ok_or(ScanError::Truncated(at))?;
    Ok(match first {
        0x80..=0x8f => Item::Items(u64::from(first & 15).saturating_mul(2)),
        0x90..=0x9f => Item::Items(u64::from(first & 15)),
        0xa0..=0xbf => Item::Bytes(u64::from(first & 31)),
        0xc1 => {
            return Err(ScanError::Malformed(
                &UNSCANNED_FORMAT,
                Location::Byte(at),
                "a byte that MessagePack never uses".into(),
            ));
        }
        0xc4 | 0xd9 => Item::Bytes(length(reader, 1)?),
        0xc5 | 0xda => Item::Bytes(length(reader, 2)?),
        0xc6 | 0xdb => Item::Bytes(length(reader, 4)?),
        0xc7..=0xc9 => {
            let count = length(reader, 1_usize << (first & 15).saturating_sub(7))?;
            Item::Extension(kind(reader)?, count)
        }
        0xcc | 0xd0 => Item::Bytes(1),
        0xcd | 0xd1 => Item::Bytes(2),
        0xca | 0xce | 0xd2 => Item::Bytes(4),
        0xcb | 0xcf | 0xd3 => Item::Bytes(8),
        0xd4..=0xd8 => Item::Extension(kind(reader)?, 1 << (first & 15).saturating_sub(4)),
        0xdc => Item::Items(length(reader, 2)?),
        0xdd => Item::Items(length(reader, 4)?),
        0xde => Item::Items(length(reader, 2)?.saturating_mul(2)),
        0xdf => Item::Items(length(reader, 4)?.saturating_mul(2)),
        _ => Item::Bytes(0),
    })
}

fn kind(reader: &mut Reader<'_>) -> Result<u8, ScanError> {
    let at = reader.at();
    reader.byte()?.ok_or(ScanError::Truncated(at))
}

/// A length of `bytes` bytes, the highest first.
fn length(reader: &mut Reader<'_>, bytes: usize) -> Result<u64, ScanError> {
    let mut value = 0_u64;
    for _ in 0..bytes {
        value = value << 8 | u64::from(kind(reader)?);
    }
    Ok(value)
}

/// Whether an extension begins as arrays do: a list of three, the shape, and the name of a type of numbers.
fn is_array(body: &[u8]) -> bool {
    const NUMBERS: &[&str] = &["float", "bfloat", "int", "uint", "bool", "complex"];
    let shape = match body {
        [0x93, first @ 0x90..=0x9f, rest @ ..] => numbers(rest, usize::from(first & 15)),
        _ => None,
    };
    let Some([first @ 0xa0..=0xbf, rest @ ..]) = shape else { return false };
    let name = rest.get(..usize::from(first & 31)).unwrap_or_default();
    let name = std::str::from_utf8(name).unwrap_or_default();
    NUMBERS.contains(&name.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default())
}

/// What follows `count` whole numbers.
fn numbers(mut rest: &[u8], count: usize) -> Option<&[u8]> {
    for _ in 0..count {
        let (first, behind) = rest.split_first()?;
        let width = match first {
            0..=0x7f => 0,
            0xcc => 1,
            0xcd => 2,
            0xce => 4,
            0xcf => 8,
            _ => return None,
        };
        rest = behind.get(width..)?;
    }
    Some(rest)
}
