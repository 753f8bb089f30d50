//! UBJSON, as XGBoost keeps its models: JSON in bytes (<https://ubjson.org/>).

use crate::engine::source::{ByteRange, Reader};
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::UNSCANNED_FORMAT;

/// The deepest nesting that is followed.
const DEPTH: usize = 512;

/// Whether the head is an object with a key of a length that is given in bytes, which JSON never has.
pub(crate) fn is_ubjson(head: &[u8]) -> bool {
    let (width, rest) = match head {
        [b'{', b'i' | b'U', rest @ ..] => (1, rest),
        [b'{', b'I', rest @ ..] => (2, rest),
        [b'{', b'l', rest @ ..] => (4, rest),
        [b'{', b'L', rest @ ..] => (8, rest),
        _ => return false,
    };
    let Some((length, key)) = rest.split_at_checked(width) else { return false };
    let length = length.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)));
    let key = length.filter(|length| (1..=64).contains(length)).and_then(|length| key.get(..length));
    key.is_some_and(|key| key.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'))
}

/// What is open.
struct Level {
    is_object: bool,
    /// How many values are left, where the count was declared.
    left: Option<u64>,
    /// The type of all values, where it was declared.
    kind: Option<u8>,
}

/// Follows a document to its end.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut reader = part.reader(0);
    let mut levels: Vec<Level> = Vec::new();
    loop {
        scan.budget.step()?;
        let kind = match levels.last_mut() {
            None => byte(&mut reader)?,
            Some(level) => match next(level, &mut reader)? {
                Some(kind) => kind,
                None => {
                    levels.pop();
                    if levels.is_empty() {
                        break;
                    }
                    continue;
                }
            },
        };
        if matches!(kind, b'{' | b'[') {
            if levels.len() >= DEPTH {
                return Err(ScanError::LimitReached("nesting of UBJSON"));
            }
            levels.push(open(kind, &mut reader)?);
        } else {
            value(kind, &mut reader)?;
        }
        if levels.is_empty() {
            break;
        }
    }
    trailing::check(part, reader.at(), scan)?;
    Ok(FullyCovered)
}

/// The start of an object or a list: its type and its length, where they are declared.
fn open(kind: u8, reader: &mut Reader<'_>) -> Result<Level, ScanError> {
    let mut level = Level { is_object: kind == b'{', left: None, kind: None };
    let at = reader.at();
    let mut mark = byte(reader)?;
    if mark == b'$' {
        level.kind = Some(byte(reader)?);
        mark = byte(reader)?;
        if mark != b'#' {
            return broken(at, "a type without a length");
        }
    }
    if mark == b'#' {
        level.left = Some(length(reader)?);
        // Numbers of one type are close together.
        if let (Some(kind), Some(count), false) = (level.kind, level.left, level.is_object)
            && let Some(width) = width(kind)
        {
            reader.skip(count.checked_mul(width).ok_or(ScanError::Truncated(at))?)?;
            level.left = Some(0);
        }
    } else {
        reader.go(at);
    }
    Ok(level)
}

/// The type of the next value of what is open, or nothing at its end.
fn next(level: &mut Level, reader: &mut Reader<'_>) -> Result<Option<u8>, ScanError> {
    let at = reader.at();
    match &mut level.left {
        Some(0) => return Ok(None),
        Some(left) => *left = left.saturating_sub(1),
        None => match (byte(reader)?, level.is_object) {
            (b'}', true) | (b']', false) => return Ok(None),
            _ => reader.go(at),
        },
    }
    if level.is_object {
        let length = length(reader)?;
        reader.skip(length)?;
    }
    match level.kind {
        Some(kind) => Ok(Some(kind)),
        None => byte(reader).map(Some),
    }
}

fn value(kind: u8, reader: &mut Reader<'_>) -> Result<(), ScanError> {
    let at = reader.at();
    match (kind, width(kind)) {
        (_, Some(width)) => reader.skip(width),
        (b'S' | b'H', _) => {
            let length = length(reader)?;
            reader.skip(length)
        }
        _ => broken(at, "an unknown UBJSON type"),
    }
}

/// How many bytes a value takes, where all of its type take as many.
fn width(kind: u8) -> Option<u64> {
    Some(match kind {
        b'Z' | b'N' | b'T' | b'F' => 0,
        b'i' | b'U' | b'C' => 1,
        b'I' => 2,
        b'l' | b'd' => 4,
        b'L' | b'D' => 8,
        _ => return None,
    })
}

fn length(reader: &mut Reader<'_>) -> Result<u64, ScanError> {
    let at = reader.at();
    let count = match byte(reader)? {
        b'i' | b'U' => 1,
        b'I' => 2,
        b'l' => 4,
        b'L' => 8,
        _ => return broken(at, "a length that is not a number"),
    };
    let mut value = 0_u64;
    for _ in 0..count {
        value = value << 8 | u64::from(byte(reader)?);
    }
    Ok(value)
}

fn byte(reader: &mut Reader<'_>) -> Result<u8, ScanError> {
    let at = reader.at();
    reader.byte()?.ok_or(ScanError::Truncated(at))
}

fn broken<T>(at: u64, what: &str) -> Result<T, ScanError> {
    Err(ScanError::Malformed(&UNSCANNED_FORMAT, Location::Byte(at), what.to_owned()))
}
