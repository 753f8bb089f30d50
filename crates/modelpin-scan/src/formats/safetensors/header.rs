//! The header: read as a stream, so that of a header with a million tensors only the places are kept.

use crate::engine::memory::MemoryPermit;
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::tensor::SAFETENSORS_MALFORMED;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::{HashSet, hash_map::RandomState};
use std::hash::BuildHasher;
use std::{fmt, io};

/// How many tensors a file may have.
const TENSORS: usize = 1_000_000;

/// How many shapes are kept as facts.
const SHAPES: usize = 100_000;

/// The longest name and the most dimensions that are kept as facts.
const NAME: usize = 1024;
const DIMENSIONS: usize = 16;

/// Size of an element in bits (`Dtype::bitsize` of the library).
fn bits(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" => 8,
        "I16" | "U16" | "F16" | "BF16" => 16,
        "I32" | "U32" | "F32" => 32,
        "I64" | "U64" | "F64" | "C64" => 64,
        _ => return None,
    })
}

/// Reads the header, and keeps what is needed to lay out the data.
pub(super) struct Header<'h, 'l> {
    scan: &'h mut Scan<'l>,
    places: Vec<(u64, u64)>,
    /// Hashes of the names, which tell whether one is given twice without keeping them all.
    names: HashSet<u64>,
    hasher: RandomState,
    error: Option<ScanError>,
}

/// One entry of the header.
#[derive(Debug, Default)]
struct Tensor {
    dtype: Option<String>,
    shape: Option<Vec<u64>>,
    /// Number of elements, nothing where it does not fit 64 bits.
    elements: Option<u64>,
    offsets: Option<(u64, u64)>,
}

impl<'h, 'l> Header<'h, 'l> {
    pub(super) fn new(scan: &'h mut Scan<'l>) -> Self {
        Self { scan, places: Vec::new(), names: HashSet::new(), hasher: RandomState::new(), error: None }
    }

    pub(super) fn read(&mut self, part: &ByteRange<'_>) -> Result<(), ScanError> {
        // Names are kept, to know those that are given twice.
        let _turn = MemoryPermit::of(usize::try_from(part.len()).unwrap_or(usize::MAX).saturating_mul(2));
        let mut stream = Stream { part, at: 0, error: None };
        let mut reader = serde_json::Deserializer::from_reader(io::BufReader::with_capacity(1 << 16, &mut stream));
        let outcome = Top(self).deserialize(&mut reader).and_then(|()| reader.end());
        drop(reader);
        if let Some(error) = self.error.take().or(stream.error) {
            return Err(error);
        }
        outcome.map_err(|error| ScanError::Malformed(&SAFETENSORS_MALFORMED, Location::Byte(8), error.to_string()))
    }

    fn malformed(&mut self, key: &str, what: impl AsRef<str>) {
        self.scan.report(&SAFETENSORS_MALFORMED, Location::Key(key.to_owned()), what);
    }

    /// Whether `name` comes for the first time; a finding where not.
    fn is_new(&mut self, place: &str, name: &str) {
        if !self.names.insert(self.hasher.hash_one((place, name))) {
            self.malformed(name, "given twice");
        }
    }

    /// Takes note of a tensor that was read, and holds its numbers against each other.
    fn tensor(&mut self, name: &str, tensor: Tensor) {
        let Tensor { dtype: Some(dtype), shape: Some(shape), elements, offsets: Some((start, end)) } = tensor else {
            return self.malformed(name, "dtype, shape or data_offsets is missing");
        };
        let size = end.checked_sub(start);
        match (bits(&dtype), elements) {
            (None, _) => self.malformed(name, format!("unknown dtype `{dtype}`")),
            (_, None) => self.malformed(name, "its number of elements overflows"),
            (Some(bits), Some(elements)) => {
                let needs = elements.checked_mul(bits).filter(|bits| bits % 8 == 0).map(|bits| bits / 8);
                if needs.is_none() || needs != size {
                    self.malformed(name, format!("{elements} elements of {dtype} do not match bytes {start} to {end}"));
                }
            }
        }
        self.places.push((start, end.max(start)));
        if self.scan.facts.tensors.len() < SHAPES && name.len() <= NAME {
            self.scan.facts.tensors.insert(name.to_owned(), shape);
        }
    }

    /// Holds all places against the data, and says how many bytes of it belong to tensors.
    pub(super) fn layout(&mut self, data: u64) -> u64 {
        self.places.sort_unstable();
        let mut used = 0_u64;
        for (start, end) in std::mem::take(&mut self.places) {
            let what = match start.cmp(&used) {
                _ if end > data => Some("extend past the end of the file"),
                std::cmp::Ordering::Less => Some("overlap others"),
                std::cmp::Ordering::Greater => Some("leave a gap before them"),
                std::cmp::Ordering::Equal => None,
            };
            if let Some(what) = what {
                self.scan.report(
                    &SAFETENSORS_MALFORMED,
                    Location::Whole,
                    format!("bytes {start} to {end} of the data {what}"),
                );
            }
            used = used.max(end);
        }
        used.min(data)
    }
}

/// The bytes of the header for the parser; remembers what went wrong.
struct Stream<'s, 'a> {
    part: &'s ByteRange<'a>,
    at: u64,
    error: Option<ScanError>,
}

impl io::Read for &mut Stream<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.part.bytes(self.at, into.len()) {
            Ok(bytes) => {
                let count = bytes.len();
                if let Some(to) = into.get_mut(..count) {
                    to.copy_from_slice(&bytes);
                }
                self.at = self.at.saturating_add(count as u64);
                Ok(count)
            }
            Err(error) => {
                self.error = Some(error);
                Err(io::Error::other("unreadable"))
            }
        }
    }
}

/// The object of all tensors.
struct Top<'t, 'h, 'l>(&'t mut Header<'h, 'l>);

impl<'de> DeserializeSeed<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let header = self.0;
        while let Some(name) = entries.next_key::<String>()? {
            let room = if header.places.len() < TENSORS { Ok(()) } else { Err(ScanError::LimitReached("tensors")) };
            if let Err(error) = room.and_then(|()| header.scan.budget.step()) {
                header.error = Some(error);
                return Err(A::Error::custom("a limit was reached"));
            }
            header.is_new("", &name);
            if name == "__metadata__" {
                entries.next_value_seed(Metadata(header))?;
            } else {
                let tensor = entries.next_value_seed(Entry { header, name: &name })?;
                header.tensor(&name, tensor);
            }
        }
        Ok(())
    }
}

/// The free texts about the file.
struct Metadata<'t, 'h, 'l>(&'t mut Header<'h, 'l>);

impl<'de> DeserializeSeed<'de> for Metadata<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Metadata<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some((key, _)) = entries.next_entry::<String, String>()? {
            self.0.is_new("__metadata__", &key);
        }
        Ok(())
    }
}

/// The entry of one tensor.
struct Entry<'t, 'h, 'l> {
    header: &'t mut Header<'h, 'l>,
    name: &'t str,
}

impl<'de> DeserializeSeed<'de> for Entry<'_, '_, '_> {
    type Value = Tensor;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tensor, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_, '_, '_> {
    type Value = Tensor;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with dtype, shape and data_offsets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tensor, A::Error> {
        let mut tensor = Tensor::default();
        while let Some(key) = entries.next_key::<String>()? {
            let is_twice = match key.as_str() {
                "dtype" => tensor.dtype.replace(entries.next_value()?).is_some(),
                "shape" => {
                    let Counted { kept, product } = entries.next_value_seed(Counted::default())?;
                    tensor.elements = product;
                    tensor.shape.replace(kept).is_some()
                }
                "data_offsets" => tensor.offsets.replace(entries.next_value()?).is_some(),
                _ => {
                    self.header.malformed(self.name, format!("unknown field `{key}` of a tensor"));
                    entries.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if is_twice {
                self.header.malformed(self.name, format!("`{key}` occurs twice"));
            }
        }
        Ok(tensor)
    }
}

/// The shape: its first dimensions, and the product of all.
struct Counted {
    kept: Vec<u64>,
    product: Option<u64>,
}

impl Default for Counted {
    fn default() -> Self {
        Self { kept: Vec::new(), product: Some(1) }
    }
}

impl<'de> DeserializeSeed<'de> for Counted {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Counted {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of sizes")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self, A::Error> {
        while let Some(size) = items.next_element::<u64>()? {
            self.product = self.product.and_then(|product| product.checked_mul(size));
            if self.kept.len() < DIMENSIONS {
                self.kept.push(size);
            }
        }
        Ok(self)
    }
}
