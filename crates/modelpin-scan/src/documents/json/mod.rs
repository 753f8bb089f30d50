//! JSON as it is written: keys in their order, and every one of them, also those given twice; in what encoding Python's
//! reader takes it, and with what that takes beyond JSON.

mod python;

use crate::engine::encoding;
use crate::engine::memory::MemoryPermit;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::config::{JSON_DUPLICATE_KEY, JSON_MALFORMED};
use modelpin_schema::visible;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;

/// A JSON value. It is never nested deeper than 128 levels, so that walking and dropping it may recurse.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(Box<str>),
    List(Vec<Self>),
    Object(Vec<(Box<str>, Self)>),
}

/// A document that was read, and the turn to hold so much memory.
pub(crate) struct Document {
    json: Json,
    _turn: MemoryPermit,
}

impl Deref for Document {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.json
    }
}

/// The most memory that the values of a document may take, in bytes, as [`cost`] estimates it. The largest honest ones
/// are vocabularies: one of 256,000 words and 580,000 merges takes 165 MiB.
const MAX_COST: usize = 320 << 20;

/// At most how much memory the values of a document take: measured with values of every kind in lists and objects.
fn cost(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count().saturating_mul(72)
}

/// Whether it is UTF-8, or would be if halves of surrogate pairs were characters: `json.loads` takes those
/// (`surrogatepass`).
fn is_text_to_python(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut text = Vec::with_capacity(bytes.len());
    while let Some((first, behind)) = rest.split_first() {
        if let [0xed, 0xa0..=0xbf, 0x80..=0xbf, behind @ ..] = rest {
            rest = behind;
        } else {
            text.push(*first);
            rest = behind;
        }
    }
    std::str::from_utf8(&text).is_ok()
}

impl Json {
    /// Reads a document that was found at `key` (empty: the whole file); keys given twice are findings.
    pub(crate) fn read(bytes: &[u8], key: &str, scan: &mut Scan<'_>) -> Result<Document, ScanError> {
        let cost = cost(bytes);
        if cost > MAX_COST {
            return Err(ScanError::LimitReached("values of a document"));
        }
        let turn = MemoryPermit::of(cost.saturating_add(bytes.len()));
        let place = if key.is_empty() { Location::Whole } else { Location::Key(key.to_owned()) };
        let bytes = encoding::document(bytes);
        let value: Self = match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            // Python takes more for JSON than there is in JSON.
            Err(error) => {
                let text = String::from_utf8_lossy(&bytes);
                let value = serde_json::from_slice(&python::plain(text.as_bytes()));
                let malformed = ScanError::Malformed(&JSON_MALFORMED, place, error.to_string());
                match value {
                    Ok(value) if is_text_to_python(&bytes) => value,
                    // Some readers drop what is no character.
                    Ok(value) => {
                        scan.record_error(malformed);
                        value
                    }
                    Err(_) => return Err(malformed),
                }
            }
        };
        let above = if key.is_empty() { Vec::new() } else { vec![key] };
        value.keys_given_twice(&above, scan)?;
        Ok(Document { json: value, _turn: turn })
    }

    fn keys_given_twice(&self, above: &[&str], scan: &mut Scan<'_>) -> Result<(), ScanError> {
        scan.budget.step()?;
        match self {
            Self::Object(entries) => {
                let mut seen = HashSet::new();
                let mut path = above.to_vec();
                for (name, value) in entries {
                    path.push(name);
                    if !seen.insert(name) {
                        scan.report(&JSON_DUPLICATE_KEY, Location::Key(visible(&path.join("."))), &**name);
                    }
                    if matches!(value, Self::Object(_) | Self::List(_)) {
                        value.keys_given_twice(&path, scan)?;
                    }
                    path.pop();
                }
            }
            Self::List(items) => {
                for item in items.iter().filter(|item| matches!(item, Self::Object(_) | Self::List(_))) {
                    item.keys_given_twice(above, scan)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The value of `key` in an object; where it is given twice, the last one, as Python takes it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().rev().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }

    /// The entries of an object; empty for other values.
    pub(crate) fn entries(&self) -> &[(Box<str>, Self)] {
        if let Self::Object(entries) = self { entries } else { &[] }
    }

    /// The items of a list; empty for other values.
    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self) -> Option<u64> {
        if let Self::Number(number) = self { number.as_u64() } else { None }
    }
}

/// The path of `key` below `above`.
pub(crate) fn join(above: &str, key: &str) -> String {
    if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        list.shrink_to_fit();
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some((name, value)) = entries.next_entry::<Box<str>, Json>()? {
            object.push((name, value));
        }
        object.shrink_to_fit();
        Ok(Json::Object(object))
    }
}
