//! Reads the TOML that a lock is written in: one fact a line, and of TOML only what [`super::Lockfile::print`] writes.
//!
//! A general reader makes a tree of the whole text first, of up to 370 times its size (measured: dotted keys). This one
//! hands each fact on as it comes, so that reading takes the memory of what is read and time in proportion to the text.
//! Whatever it accepts is TOML, and means the same to every reader of TOML.

use super::scanner::Scanner;
use super::syntax::SyntaxError;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::ops::Range;

/// The bytes of the value of `key`, where it is the first thing that the text says.
pub(super) fn first(text: &str, key: &str) -> Result<Option<Range<usize>>, SyntaxError> {
    let mut reader = Reader::new(text);
    Ok(match reader.line()? {
        Some(Line::Pair(found)) if found == key => {
            let start = reader.at;
            reader.scanner().skip_value();
            Some(start..reader.at)
        }
        _ => None,
    })
}

/// Reads the whole of `text`.
pub(super) fn read<'a, T: de::Deserialize<'a>>(text: &'a str) -> Result<T, SyntaxError> {
    let mut reader = Reader::new(text);
    T::deserialize(Table { reader: &mut reader, path: Vec::new(), is_entered: true, next: Next::Value })
}

/// How much a lock may say, in pairs of tables that stand on one line. One of the largest size with ordinary files says
/// two million.
const MAX_PAIRS: usize = 3_500_000;
/// A line of its own, or an item of a list, takes some four times the memory of a pair.
const ITEM: usize = 4;

/// The lines of a text, as far as they were read.
struct Reader<'a> {
    text: &'a str,
    /// How many pairs may still follow.
    left: usize,
    /// Where to go on: at the start of a line, or at the value of a pair.
    at: usize,
    /// A line that was read and not yet used.
    ahead: Option<Line<'a>>,
}

/// A line that says something.
enum Line<'a> {
    /// `[model.chat.files]`, with its bytes.
    Header(Vec<&'a str>, Range<usize>),
    /// `key =`; the reader is at its value.
    Pair(Cow<'a, str>),
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, left: MAX_PAIRS, at: 0, ahead: None }
    }

    fn scanner(&mut self) -> Scanner<'a, '_> {
        Scanner { text: self.text, at: &mut self.at, left: &mut self.left }
    }

    /// The next line that says something.
    fn line(&mut self) -> Result<Option<Line<'a>>, SyntaxError> {
        loop {
            let mut scanner = self.scanner();
            scanner.skip_blanks();
            match scanner.peek() {
                None => return Ok(None),
                Some(b'\n' | b'\r' | b'#') => scanner.end_line()?,
                Some(b'[') => {
                    let start = *scanner.at;
                    let path = scanner.header()?;
                    let span = start..*scanner.at;
                    scanner.end_line()?;
                    return Ok(Some(Line::Header(path, span)));
                }
                Some(_) => {
                    let key = scanner.key()?;
                    scanner.skip_blanks();
                    scanner.take(b'=')?;
                    scanner.skip_blanks();
                    scanner.count(ITEM)?;
                    return Ok(Some(Line::Pair(key)));
                }
            }
        }
    }
}

/// A table whose keys stand on lines of their own, and whose tables follow it.
struct Table<'a, 'r> {
    reader: &'r mut Reader<'a>,
    path: Vec<&'a str>,
    /// Whether its own header was read, so that another one is a second.
    is_entered: bool,
    next: Next<'a>,
}

/// What stands under the key that was read.
enum Next<'a> {
    /// A value on the same line.
    Value,
    /// A table of that name, with the header that leads there.
    Table(&'a str, Range<usize>),
}

impl<'a> MapAccess<'a> for Table<'a, '_> {
    type Error = SyntaxError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, SyntaxError> {
        loop {
            let line = match self.reader.ahead.take() {
                Some(line) => Some(line),
                None => self.reader.line()?,
            };
            match line {
                None => return Ok(None),
                Some(Line::Pair(key)) => {
                    self.next = Next::Value;
                    let at = self.reader.at;
                    return key_of(key, seed).map(Some).map_err(|error| error.within(at..at));
                }
                Some(Line::Header(path, span)) if path == self.path => {
                    if self.is_entered {
                        return Err(SyntaxError::at(span, "this table is there twice"));
                    }
                    self.is_entered = true;
                }
                Some(Line::Header(path, span)) => {
                    let below = path.strip_prefix(self.path.as_slice()).and_then(|below| below.first()).copied();
                    self.reader.ahead = Some(Line::Header(path, span.clone()));
                    let Some(name) = below else { return Ok(None) };
                    self.next = Next::Table(name, span.clone());
                    return key_of(Cow::Borrowed(name), seed).map(Some).map_err(|error| error.within(span));
                }
            }
        }
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, SyntaxError> {
        match std::mem::replace(&mut self.next, Next::Value) {
            Next::Value => {
                let start = self.reader.at;
                let value = seed.deserialize(self.reader.scanner());
                let value = value.map_err(|error| error.within(start..self.reader.at))?;
                self.reader.scanner().end_line()?;
                Ok(value)
            }
            Next::Table(name, header) => {
                let path = self.path.iter().copied().chain([name]).collect();
                let table = Table { reader: self.reader, path, is_entered: false, next: Next::Value };
                seed.deserialize(table).map_err(|error| error.within(header))
            }
        }
    }
}

fn key_of<'a, K: DeserializeSeed<'a>>(key: Cow<'a, str>, seed: K) -> Result<K::Value, SyntaxError> {
    match key {
        Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
        Cow::Owned(key) => seed.deserialize(key.into_deserializer()),
    }
}

impl<'a> Deserializer<'a> for Table<'a, '_> {
    type Error = SyntaxError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, SyntaxError> {
        visitor.visit_map(self)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, SyntaxError> {
        visitor.visit_some(self)
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The value at this place.
impl<'a> Deserializer<'a> for Scanner<'a, '_> {
    type Error = SyntaxError;

    fn deserialize_any<V: Visitor<'a>>(mut self, visitor: V) -> Result<V::Value, SyntaxError> {
        match self.peek() {
            Some(b'"') => match self.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(b'-' | b'0'..=b'9') => match self.number()? {
                number @ 0.. => visitor.visit_u64(number.unsigned_abs()),
                number => visitor.visit_i64(number),
            },
            Some(b'[') => visitor.visit_seq(Items { scanner: self, open: b'[', close: b']', is_first: true }),
            Some(b'{') => visitor.visit_map(Items { scanner: self, open: b'{', close: b'}', is_first: true }),
            _ if self.rest().starts_with("true") => {
                *self.at += 4;
                visitor.visit_bool(true)
            }
            _ if self.rest().starts_with("false") => {
                *self.at += 5;
                visitor.visit_bool(false)
            }
            _ => self.wrong("a text, a number, a list or a table should stand here"),
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, SyntaxError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, SyntaxError> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// What stands between brackets or braces.
struct Items<'a, 'r> {
    scanner: Scanner<'a, 'r>,
    open: u8,
    close: u8,
    is_first: bool,
}

impl Items<'_, '_> {
    /// Whether another one follows; past what stands before it, or past the end.
    fn goes_on(&mut self) -> Result<bool, SyntaxError> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if is_first {
            self.scanner.take(self.open)?;
        }
        self.scanner.count(if self.open == b'[' { ITEM } else { 1 })?;
        self.scanner.skip_blanks();
        let ends = self.scanner.peek() == Some(self.close);
        if ends {
            self.scanner.take(self.close)?;
        } else if !is_first {
            self.scanner.take(b',')?;
            self.scanner.skip_blanks();
        }
        Ok(!ends)
    }

    fn item<'a, S: DeserializeSeed<'a>>(scanner: &mut Scanner<'a, '_>, seed: S) -> Result<S::Value, SyntaxError> {
        let start = *scanner.at;
        let item = seed.deserialize(scanner.again());
        item.map_err(|error| error.within(start..*scanner.at))
    }
}

impl<'a> SeqAccess<'a> for Items<'a, '_> {
    type Error = SyntaxError;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, SyntaxError> {
        if self.goes_on()? { Self::item(&mut self.scanner, seed).map(Some) } else { Ok(None) }
    }
}

impl<'a> MapAccess<'a> for Items<'a, '_> {
    type Error = SyntaxError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, SyntaxError> {
        if !self.goes_on()? {
            return Ok(None);
        }
        let start = *self.scanner.at;
        let key = self.scanner.key()?;
        key_of(key, seed).map(Some).map_err(|error| error.within(start..*self.scanner.at))
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, SyntaxError> {
        self.scanner.skip_blanks();
        self.scanner.take(b'=')?;
        self.scanner.skip_blanks();
        Self::item(&mut self.scanner, seed)
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::lockfile::sample::sample;
    use proptest::prelude::*;
    use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
    use std::collections::BTreeMap;
    use std::fmt;

    /// Whatever a text says; a key that is there twice is an error, as to a reader of TOML.
    #[derive(Debug, PartialEq)]
    enum Any {
        Text(String),
        Number(i64),
        Truth(bool),
        List(Vec<Self>),
        Table(BTreeMap<String, Self>),
    }

    impl<'de> Deserialize<'de> for Any {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            struct Seen;
            impl<'de> Visitor<'de> for Seen {
                type Value = Any;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("anything")
                }
                fn visit_str<E>(self, text: &str) -> Result<Any, E> {
                    Ok(Any::Text(text.to_owned()))
                }
                fn visit_bool<E>(self, truth: bool) -> Result<Any, E> {
                    Ok(Any::Truth(truth))
                }
                fn visit_i64<E>(self, number: i64) -> Result<Any, E> {
                    Ok(Any::Number(number))
                }
                fn visit_u64<E>(self, number: u64) -> Result<Any, E> {
                    Ok(Any::Number(number.cast_signed()))
                }
                fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Any, A::Error> {
                    let mut list = Vec::new();
                    while let Some(item) = items.next_element()? {
                        list.push(item);
                    }
                    Ok(Any::List(list))
                }
                fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Any, A::Error> {
                    let mut table = BTreeMap::new();
                    while let Some((key, value)) = entries.next_entry()? {
                        if table.insert(key, value).is_some() {
                            return Err(de::Error::custom("twice"));
                        }
                    }
                    Ok(Any::Table(table))
                }
            }
            from.deserialize_any(Seen)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        /// A lock with slips in it says to this reader what it says to any reader of TOML, or nothing.
        #[test]
        fn what_is_accepted_is_toml_and_means_the_same(
            slips in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, r#"[\[\]{}=.,"\\# \t\r\n\x01a0_+-]{0,3}"#), 0..4)
        ) {
            let mut text: Vec<char> = sample().print().chars().collect();
            for (at, gone, new) in slips {
                let at = at.index(text.len());
                text.splice(at..(at + gone).min(text.len()), new.chars());
            }
            let text: String = text.into_iter().collect();
            if let Ok(ours) = read::<Any>(&text) {
                prop_assert_eq!(Some(ours), toml::from_str(&text).ok(), "{}", text);
            }
        }
    }

    #[test]
    fn a_lock_is_read_by_the_line_and_nothing_else_is() {
        let accepted = "version = 1 # one\r\n\n[model.a]\n  \"k\\u00e4\\n\" = [\"x\", \"y\"]\t\nn = { a = -3, b = true }\n[model.a.files]\n";
        assert_eq!(read::<Any>(accepted).ok(), toml::from_str(accepted).ok());
        for other in [
            "a = [\n1]",
            "a = 'x'",
            "a = \"\"\"x\"\"\"",
            "a.b = 1",
            "[[a]]",
            "[\"a\"]",
            "a = 01",
            "a = 1_0",
            "a = +1",
            "a = 1.0",
            "a = [1,]",
            "a = {b = 1,}",
            "a = 1 b = 2",
            "a = 1]",
            "a",
            "a =",
            "a = \"x",
            "a = \"\\q\"",
            "a = \"\\ud800\"",
            "= 1",
            "[a",
            "[a.]",
            "[a]\n[a]",
            "[a]\n[b]\n[a.c]",
            "a = 9223372036854775808",
            "a = \"\u{1}\"",
            "# \u{1}",
        ] {
            assert!(read::<Any>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn an_error_is_where_it_was_made() {
        let text = "version = 1\n[model.a]\nx = [\"y\", \"z\"\n";
        let fault = read::<Any>(text).unwrap_err().fault("models.lock", text);
        let place = fault.place.unwrap();
        assert_eq!((fault.message.as_str(), place.line, place.column), ("`,` should stand here", 3, 14));
    }
}
