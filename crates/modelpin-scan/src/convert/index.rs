//! The index of shards that were converted: which of them holds which tensor.
//!
//! What it says follows from the shards alone, as `save_pretrained` of transformers writes it (`modeling_utils.py`):
//! names in their order, two spaces of indentation, a line feed at the end. The index of the source only has to agree:
//! loaders would read other tensors by it than by this one where it does not.

use super::error::{ConvertError, Reason};
use super::limits::{HEADER, TENSORS};
use crate::engine::Source;
use modelpin_schema::Digest;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::{fmt, io};

/// The longest index of a source that is read, in bytes. Those of the largest models have about ten million.
pub const MAX_INDEX: u64 = 64 << 20;

/// A shard and its result. Names are those of files in the folder of the index.
#[derive(Clone, Copy)]
pub struct IndexedShard<'s> {
    /// What the index of the source calls it.
    pub from: &'s str,
    /// What the result is called.
    pub to: &'s str,
    /// The result.
    pub result: &'s dyn Source,
    /// Its SHA-256. Of results that are the same, the first is indexed.
    pub sha256: Digest,
}

/// An index that was made of converted shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    text: String,
    names: Names,
    /// What the index of the source calls the shards, and the place of the result of each.
    from: Vec<(String, usize)>,
}

/// Where a name is, by the place of its shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// A tensor is written under it.
    Tensor(usize),
    /// It is noted as another name of a tensor.
    Alias(usize),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Names {
    holders: BTreeMap<String, Holder>,
    /// Bytes of all tensors.
    size: u64,
    /// Bytes of all names.
    written: u64,
    tensors: usize,
}

/// Collects the shards of an index, one by one: no more than one of them is read at a time.
#[derive(Default)]
pub struct IndexBuilder {
    names: Names,
    from: Vec<(String, usize)>,
    to: BTreeMap<Digest, (usize, String)>,
}

impl IndexBuilder {
    /// Adds a shard.
    ///
    /// # Errors
    /// [`ConvertError`], where the result has no header of safetensors, where a name is in another shard as well, or
    /// beyond the limits of a single file.
    pub fn add(&mut self, shard: IndexedShard<'_>) -> Result<(), ConvertError> {
        let next = self.to.len();
        let place = match self.to.get(&shard.sha256) {
            Some((place, _)) => *place,
            None => {
                self.names.read(next, shard)?;
                self.to.insert(shard.sha256, (next, shard.to.to_owned()));
                next
            }
        };
        self.from.push((shard.from.to_owned(), place));
        Ok(())
    }

    /// The index of all shards.
    #[must_use]
    pub fn finish(self) -> Index {
        let Self { names, from, to } = self;
        let to: BTreeMap<usize, String> = to.into_values().collect();
        let mut text =
            format!("{{\n  \"metadata\": {{\n    \"total_size\": {}\n  }},\n  \"weight_map\": {{", names.size);
        let mut separator = "";
        for (name, holder) in &names.holders {
            let Holder::Tensor(place) = holder else { continue };
            let file = to.get(place).map(String::as_str).unwrap_or_default();
            let _ = write!(text, "{separator}\n    {}: {}", Value::from(name.as_str()), Value::from(file));
            separator = ",";
        }
        text.push_str("\n  }\n}\n");
        Index { text, names, from }
    }
}

impl Index {
    /// The index, as a file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many tensors it names.
    #[must_use]
    pub fn tensors(&self) -> u64 {
        self.names.tensors as u64
    }

    /// Holds the index of the source against this one: it may name only files that were converted, has to name each
    /// of them, and may not say that a tensor is in another one than it is. Returns the tensors that it names and that
    /// no shard has, under no name: no loader gets those by either index.
    ///
    /// # Errors
    /// [`ConvertError`], where it does not agree, cannot be read, or is longer than [`MAX_INDEX`].
    pub fn check(&self, source: &dyn Source) -> Result<BTreeSet<String>, ConvertError> {
        if source.size() > MAX_INDEX {
            return Err(mismatch(format!("it has {} bytes; at most {MAX_INDEX} are read", source.size())));
        }
        let mut check = Check { index: self, named: BTreeSet::new(), absent: BTreeSet::new(), maps: 0, error: None };
        let outcome = parse(source, 0, source.size(), Top(&mut check));
        if let Some(error) = check.error {
            return Err(error);
        }
        outcome.map_err(|error| mismatch(error.to_string()))?;
        if check.maps != 1 {
            return Err(mismatch(format!("it has {} `weight_map`, not one", check.maps)));
        }
        match self.from.iter().find(|(file, _)| !check.named.contains(file.as_str())) {
            Some((file, _)) => Err(mismatch(format!("it names no tensor of `{file}`"))),
            None => Ok(check.absent),
        }
    }
}

impl Names {
    /// Takes note of what is in the result of a shard.
    fn read(&mut self, place: usize, shard: IndexedShard<'_>) -> Result<(), ConvertError> {
        let broken = |what: String| ConvertError::new(Reason::Unreadable, format!("`{}`: {what}", shard.to));
        let mut length = [0_u8; 8];
        let read = shard.result.read_at(0, &mut length).map_err(|error| broken(error.to_string()))?;
        let length = u64::from_le_bytes(length);
        if read < 8 || length > HEADER.min(shard.result.size().saturating_sub(8)) {
            return Err(broken("it has no header of safetensors".to_owned()));
        }
        let mut reader = Header { names: self, place, error: None };
        let outcome = parse(shard.result, 8, length.saturating_add(8), &mut reader);
        match (reader.error, outcome) {
            (Some(error), _) => Err(error),
            (None, outcome) => outcome.map_err(|error| broken(error.to_string())),
        }
    }

    fn add(&mut self, name: String, holder: Holder, bytes: u64) -> Result<(), ConvertError> {
        self.written = self.written.saturating_add(name.len() as u64).saturating_add(16);
        self.size = self.size.saturating_add(bytes);
        if matches!(holder, Holder::Tensor(_)) {
            self.tensors = self.tensors.saturating_add(1);
        }
        if self.written > HEADER || self.tensors > TENSORS {
            return Err(ConvertError::new(Reason::Header, "the shards have too many names, or they are too long"));
        }
        if self.holders.contains_key(&name) {
            return Err(ConvertError::new(Reason::Clash, format!("`{name}`, in more than one shard")));
        }
        self.holders.insert(name, holder);
        Ok(())
    }
}

fn mismatch(what: impl AsRef<str>) -> ConvertError {
    ConvertError::new(Reason::Index, what)
}

/// Parses the JSON between two places of `source`.
fn parse<'s, T>(source: &'s dyn Source, at: u64, end: u64, seed: T) -> Result<(), serde_json::Error>
where
    T: for<'de> DeserializeSeed<'de, Value = ()>,
{
    let stream = io::BufReader::with_capacity(1 << 16, Stream { source, at, end });
    let mut reader = serde_json::Deserializer::from_reader(stream);
    seed.deserialize(&mut reader)?;
    reader.end()
}

/// The bytes between two places of a source.
struct Stream<'s> {
    source: &'s dyn Source,
    at: u64,
    end: u64,
}

impl io::Read for Stream<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = left.min(into.len());
        let read = self.source.read_at(self.at, into.split_at_mut(count).0)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// The header of a result.
struct Header<'n> {
    names: &'n mut Names,
    place: usize,
    error: Option<ConvertError>,
}

impl<'de> DeserializeSeed<'de> for &mut Header<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Header<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = entries.next_key::<String>()? {
            let added = if name == "__metadata__" {
                let metadata: BTreeMap<String, String> = entries.next_value()?;
                let mut aliases = metadata.into_keys().filter(|name| name != "format");
                aliases.try_for_each(|name| self.names.add(name, Holder::Alias(self.place), 0))
            } else {
                let Span(start, end) = entries.next_value()?;
                self.names.add(name, Holder::Tensor(self.place), end.saturating_sub(start))
            };
            if let Err(error) = added {
                self.error = Some(error);
                return Err(A::Error::custom("it cannot be indexed"));
            }
        }
        Ok(())
    }
}

/// The `data_offsets` of a tensor.
struct Span(u64, u64);

impl<'de> serde::Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Span;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with data_offsets")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Span, A::Error> {
                let mut found = None;
                while let Some(key) = fields.next_key::<String>()? {
                    if key == "data_offsets" {
                        found = Some(fields.next_value::<(u64, u64)>()?);
                    } else {
                        fields.next_value::<IgnoredAny>()?;
                    }
                }
                let (start, end) = found.ok_or_else(|| A::Error::missing_field("data_offsets"))?;
                Ok(Span(start, end))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// An index of a source that is held against one that was made.
struct Check<'i> {
    index: &'i Index,
    /// The shards that it names.
    named: BTreeSet<&'i str>,
    /// Tensors that it names and that no shard has.
    absent: BTreeSet<String>,
    /// How many maps of tensors it has.
    maps: usize,
    error: Option<ConvertError>,
}

impl Check<'_> {
    fn tensor(&mut self, name: &str, file: &str) -> Result<(), ConvertError> {
        let shard = self.index.from.iter().find(|(from, _)| from == file);
        let (from, place) = shard.ok_or_else(|| {
            mismatch(format!("it says that `{name}` is in `{file}`, which is not one of the shards beside it"))
        })?;
        self.named.insert(from);
        match self.index.names.holders.get(name) {
            Some(Holder::Tensor(holder) | Holder::Alias(holder)) if holder == place => {}
            Some(_) => {
                return Err(mismatch(format!("it says that `{name}` is in `{file}`, and it is in another shard")));
            }
            None => drop(self.absent.insert(name.to_owned())),
        }
        Ok(())
    }
}

/// The object of the whole index.
struct Top<'c, 'i>(&'c mut Check<'i>);

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a `weight_map`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            if key == "weight_map" {
                self.0.maps = self.0.maps.saturating_add(1);
                entries.next_value_seed(WeightMap(&mut *self.0))?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The names of all tensors, each with its file.
struct WeightMap<'c, 'i>(&'c mut Check<'i>);

impl<'de> DeserializeSeed<'de> for WeightMap<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for WeightMap<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensor names, each with a file name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some((name, file)) = entries.next_entry::<String, String>()? {
            if let Err(error) = self.0.tensor(&name, &file) {
                self.0.error = Some(error);
                return Err(A::Error::custom("it does not match"));
            }
        }
        Ok(())
    }
}
