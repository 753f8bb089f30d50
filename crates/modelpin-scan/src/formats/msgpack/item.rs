//! Values of MessagePack: what a first byte says.

use crate::engine::source::Reader;
use crate::engine::{Location, ScanError};
use modelpin_rules::file::UNSCANNED_FORMAT;

/// What follows a first byte.
pub(super) enum Item {
    /// A list of so many.
    List(u64),
    /// A map of so many keys, each with a value.
    Map(u64),
    /// A text, or bytes.
    Bytes(u64),
    /// So many bytes of a number; none of what has no more than its first byte.
    Number(u64),
    /// An extension: its type, and the number of its bytes.
    Extension(u8, u64),
}

pub(super) fn item(reader: &mut Reader<'_>) -> Result<Item, ScanError> {
    let at = reader.at();
    let first = reader.byte()?.ok_or(ScanError::Truncated(at))?;
    Ok(match first {
        0x80..=0x8f => Item::Map(u64::from(first & 15)),
        0x90..=0x9f => Item::List(u64::from(first & 15)),
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
        0xcc | 0xd0 => Item::Number(1),
        0xcd | 0xd1 => Item::Number(2),
        0xca | 0xce | 0xd2 => Item::Number(4),
        0xcb | 0xcf | 0xd3 => Item::Number(8),
        0xd4..=0xd8 => Item::Extension(kind(reader)?, 1 << (first & 15).saturating_sub(4)),
        0xdc => Item::List(length(reader, 2)?),
        0xdd => Item::List(length(reader, 4)?),
        0xde => Item::Map(length(reader, 2)?),
        0xdf => Item::Map(length(reader, 4)?),
        _ => Item::Number(0),
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
