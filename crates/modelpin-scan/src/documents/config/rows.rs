//! Data sets that are one JSON array of any length: its items are scanned one by one, and none is held longer than
//! that.

use crate::documents::json::Json;
use crate::engine::name::Name;
use crate::engine::source::{ByteRange, Reader};
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::config::JSON_MALFORMED;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use std::cell::Cell;
use std::{fmt, io};

/// The longest item, in bytes.
const ITEM: u64 = 1 << 20;

/// Parts of names under which loaders and tools look for what they are to do.
const CONFIGURATION: &[&str] = &[
    "config",
    "index",
    "modules",
    "tokenizer",
    "processor",
    "manifest",
    "model",
    "adapter",
    "template",
    "special_tokens",
    "package",
    "settings",
    "schema",
    "metadata",
    "hooks",
    "tasks",
    "launch",
    "vocab",
    "params",
    "args",
    "devcontainer",
    "keras",
    "pipeline",
    "scheduler",
];

/// What is done with each item, which is in a list of its own.
type Visit<'v> = &'v mut dyn FnMut(&Json, &mut Scan<'_>) -> Result<(), ScanError>;

/// Whether it is an array under a name by which no loader looks for configuration.
pub(super) fn is_data(part: &ByteRange<'_>, name: &Name) -> Result<bool, ScanError> {
    let head = part.bytes(0, 1024)?;
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    Ok(head.starts_with(b"[") && name.suffix != "ipynb" && !CONFIGURATION.iter().any(|word| name.base.contains(word)))
}

/// Hands every item to `visit`. What is not read to its end for its length alone is data, as in tables and lines.
pub(super) fn each(part: &ByteRange<'_>, scan: &mut Scan<'_>, visit: Visit<'_>) -> ScanResult {
    let start: u64 = if part.bytes(0, 3)? == b"\xef\xbb\xbf" { 3 } else { 0 };
    let at = Cell::new(start);
    let limit = Cell::new(start.saturating_add(ITEM));
    let error = Cell::new(None);
    let mut bytes = Bytes { reader: part.reader(start), at: &at, limit: &limit, error: &error };
    let mut reader = serde_json::Deserializer::from_reader(&mut bytes);
    let items = Items { scan, visit, at: &at, limit: &limit, error: &error };
    let read = items.deserialize(&mut reader).and_then(|()| reader.end());
    match (read, error.take()) {
        (Ok(()), _) | (Err(_), Some(ScanError::LimitReached("steps"))) => Ok(FullyCovered),
        (Err(_), Some(error)) => Err(error),
        (Err(error), None) => Err(ScanError::Malformed(&JSON_MALFORMED, Location::Whole, error.to_string())),
    }
}

/// The bytes of the document, as far as the item at hand may reach.
struct Bytes<'r, 'a> {
    reader: Reader<'a>,
    at: &'r Cell<u64>,
    limit: &'r Cell<u64>,
    error: &'r Cell<Option<ScanError>>,
}

impl io::Read for Bytes<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at.get() > self.limit.get() {
            self.error.set(Some(ScanError::LimitReached("bytes of an item")));
            return Err(io::Error::other("an item is too long"));
        }
        let Some(first) = into.first_mut() else { return Ok(0) };
        match self.reader.byte() {
            Ok(Some(byte)) => {
                *first = byte;
                self.at.set(self.at.get().saturating_add(1));
                Ok(1)
            }
            Ok(None) => Ok(0),
            Err(error) => {
                self.error.set(Some(error));
                Err(io::Error::other("it cannot be read"))
            }
        }
    }
}

/// What is done with the items of the array.
struct Items<'i, 'l, 'v> {
    scan: &'i mut Scan<'l>,
    visit: Visit<'v>,
    at: &'i Cell<u64>,
    limit: &'i Cell<u64>,
    error: &'i Cell<Option<ScanError>>,
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut from = self.at.get();
        while let Some(item) = items.next_element::<Json>()? {
            let length = self.at.get().saturating_sub(from);
            from = self.at.get();
            self.limit.set(from.saturating_add(ITEM));
            let looked = self.scan.budget.charge_bytes(usize::try_from(length).unwrap_or(usize::MAX));
            let seen = looked.and_then(|()| (self.visit)(&Json::List(vec![item]), self.scan));
            if let Err(error) = seen {
                self.error.set(Some(error));
                return Err(A::Error::custom("the document ends here"));
            }
        }
        Ok(())
    }
}
