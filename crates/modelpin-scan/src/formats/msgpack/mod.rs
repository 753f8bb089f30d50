//! MessagePack, as Flax keeps its weights: names, numbers and arrays, nothing that runs
//! (<https://github.com/msgpack/msgpack/blob/master/spec.md>, `flax/serialization.py`). What some readers unpickle is
//! followed as a pickle.

mod array;
mod follow;
mod item;

use crate::engine::limits::Budget;
use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Limits, Location, Scan, ScanError, ScanResult};
use crate::formats::{pickle, trailing};
use follow::{Found, follow};
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
    if matches!(name.suffix.as_str(), "msgpack" | "mpk") {
        return Ok(true);
    }
    let limits = Limits { steps: MAX_VALUES_BY_CONTENT, ..Limits::default() };
    let mut reader = part.reader(0);
    let mut budget = Budget::new(&limits);
    match follow(&mut reader, &mut budget, &mut Vec::new()) {
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

/// Follows a document to its end.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut reader = part.reader(0);
    let mut found = Vec::new();
    let outcome = follow(&mut reader, &mut scan.budget, &mut found);
    for found in found {
        judge(part, found, scan)?;
    }
    outcome?;
    trailing::check(part, reader.at(), scan)?;
    Ok(FullyCovered)
}

fn judge(part: &ByteRange<'_>, found: Found, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    match found {
        Found::Objects { at, data } => {
            scan.report(&MSGPACK_PICKLED_ARRAY, Location::Byte(at), "an array of Python objects");
            for (at, length) in data {
                unpickle(&part.slice(at, length), "array of objects", scan)?;
            }
        }
        Found::Bytes { at, length, is_named } => {
            let bytes = part.slice(at, length);
            if pickle::probe(&bytes, is_named)? {
                scan.report(&MSGPACK_PICKLED_ARRAY, Location::Byte(at), "bytes that are a pickle");
                unpickle(&bytes, "bytes", scan)?;
            }
        }
        Found::Extension { at, length, kind } => {
            scan.report(
                &UNSCANNED_FORMAT,
                Location::Whole,
                format!("a MessagePack extension that is not an array (type {kind})"),
            );
            let bytes = part.slice(at, length);
            if pickle::probe(&bytes, true)? {
                unpickle(&bytes, "extension", scan)?;
            }
        }
        Found::Key(at) => scan.report(&UNSCANNED_FORMAT, Location::Byte(at), "a key that is a map"),
    }
    Ok(())
}

/// Follows bytes as a reader that unpickles them does.
fn unpickle(bytes: &ByteRange<'_>, what: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let outcome = scan.in_member(what, |scan| pickle::scan(bytes, scan));
    match outcome {
        Err(error @ (ScanError::LimitReached(_) | ScanError::NotRead(_))) => Err(error),
        outcome => {
            scan.record_result(outcome);
            Ok(())
        }
    }
}
