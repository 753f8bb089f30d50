//! What a pickle builds: dictionaries, lists and tensors, for callers that need more than a verdict.
//!
//! This is the same run of the same machine that scans a pickle. Nothing here looks for attacks: it is for
//! pickles that were found safe, and refuses a value that is not exactly one of those it knows.

use super::log::Claim;
use super::machine::{End, Machine};
use super::value::{Id, Kind, Storage, Value};
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use crate::knowledge::pickle::Listed;
use modelpin_rules::pickle as rules;
use std::collections::BTreeMap;
use std::fmt;

/// A pickle that was run to its end.
pub(crate) struct Graph<'a> {
    machine: Machine<'a>,
    root: Id,
}

/// A value, as far as it can hold tensors.
pub(crate) enum Node<'g> {
    /// A dictionary: keys and values, as they were set one after the other.
    Map(&'g [(Id, Id)]),
    /// A list or a tuple.
    List(&'g [Id]),
    Tensor,
    Int(i64),
    /// Anything else, in words.
    Other(&'static str),
}

/// A view of a storage that old files see tensors through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View<'g> {
    pub(crate) key: &'g str,
    /// Where it begins in the storage, in elements.
    pub(crate) offset: u64,
    /// Elements.
    pub(crate) length: u64,
}

/// A storage as a tensor names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored<'g> {
    pub(crate) key: &'g str,
    /// The name of its class: `FloatStorage`.
    pub(crate) class: &'g str,
    /// Bytes of an element.
    pub(crate) item: u64,
    /// Elements of the whole storage.
    pub(crate) whole: u64,
    pub(crate) view: Option<View<'g>>,
}

/// A tensor: elements of a storage.
#[derive(Debug)]
pub(crate) struct Strided<'g> {
    pub(crate) storage: Stored<'g>,
    /// The name of its dtype, where it is another one than the storage's: `uint16`.
    pub(crate) dtype: Option<&'g str>,
    /// Where it begins, in elements of its own.
    pub(crate) offset: u64,
    pub(crate) size: Vec<u64>,
    /// Elements from one index to the next, for each side.
    pub(crate) stride: Vec<u64>,
}

/// Why a tensor is not plainly the elements of a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// Whole numbers with a scale.
    Quantised,
    /// Indices and values.
    Sparse,
    /// A shape without data.
    Meta,
    /// An object of another class than `Tensor`, or one with attributes.
    Subclass,
    /// Made of a NumPy array or of another device's tensor.
    Foreign,
    /// With attributes, or made from a state.
    State,
    /// Marked as conjugated or negated, so that its bytes are not its values.
    Marked,
    /// Rebuilt in a way that torch does not write.
    Unknown,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quantised => "it is quantised",
            Self::Sparse => "it is sparse",
            Self::Meta => "it has a shape and no data",
            Self::Subclass => "it is of a subclass of tensors or carries attributes",
            Self::Foreign => "it is built from an array or from a tensor of another device",
            Self::State => "it carries attributes or is built from a state",
            Self::Marked => "its metadata marks it as conjugated or negated",
            Self::Unknown => "it is rebuilt in a way that torch does not write",
        })
    }
}

/// Runs the pickle at `at` as torch does, to which joblib's arrays between the opcodes are opcodes like others. Says as
/// well where the next one begins. `torch` allows for storages.
pub(crate) fn read<'a>(
    part: &ByteRange<'a>,
    at: u64,
    torch: bool,
    scan: &mut Scan<'_>,
) -> Result<(Graph<'a>, u64), ScanError> {
    let mut machine = Machine::new(part, at, scan.limits);
    (machine.torch, machine.plain) = (torch, true);
    match machine.run(&mut scan.budget) {
        End::Stop(root) => {
            let next = machine.reader.at();
            Ok((Graph { machine, root }, next))
        }
        End::Broken(why) => Err(ScanError::Malformed(&rules::PICKLE_BROKEN, Location::Byte(machine.op_at), why)),
        End::Error(error) => Err(error),
    }
}

impl Graph<'_> {
    /// What the pickle made.
    pub(crate) fn root(&self) -> Id {
        self.root
    }

    pub(crate) fn node(&self, id: Id) -> Node<'_> {
        Node::Other(match self.machine.get(id) {
            Value::Dict { items, .. } | Value::Map { items, .. } => return Node::Map(items),
            Value::List(items) => return Node::List(items),
            Value::Tuple(items) => return Node::List(items),
            Value::Tensor { .. } => return Node::Tensor,
            Value::Int(value) => return Node::Int(*value),
            Value::None => "None",
            Value::Bool => "a boolean",
            Value::Big | Value::Magic | Value::Float => "a number",
            Value::Text(_) => "a text",
            Value::Bytes(_) | Value::Object(Kind::Encoded(_)) => "bytes",
            Value::Set => "a set",
            Value::Global(_) => "a class or a dtype",
            Value::Storage(_) => "a storage without a tensor",
            Value::Object(Kind::Array) => "a NumPy array",
            Value::Object(_) | Value::Top => "an object",
        })
    }

    /// Whether this is the number that old torch files begin with.
    pub(crate) fn is_magic(&self) -> bool {
        matches!(self.machine.get(self.root), Value::Magic)
    }

    /// A text that is exactly known: whole, and written as Unicode or ASCII. The machine puts U+FFFD where no
    /// character is, and reads the strings of Python 2 as Latin-1.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        let Value::Text(text) = self.machine.get(id) else { return None };
        let is_exact = text.whole && (text.text.is_ascii() || text.text.len() as u64 == text.len);
        (is_exact && !text.text.contains(char::REPLACEMENT_CHARACTER)).then_some(&text.text)
    }

    /// Bytes of each storage and of its elements, by its key.
    pub(crate) fn claims(&self) -> &BTreeMap<String, Claim> {
        &self.machine.log.storages
    }

    /// Every storage that is named, also those of no tensor; nothing for one that is not named as torch does.
    pub(crate) fn storages(&self) -> impl Iterator<Item = Option<Stored<'_>>> {
        self.machine.values.iter().filter_map(|value| match value {
            Value::Storage(storage) => Some(self.stored(storage)),
            _ => None,
        })
    }

    fn stored(&self, storage: &Storage) -> Option<Stored<'_>> {
        let view = match storage.view.map(|view| self.machine.get(view)) {
            None => None,
            Some(Value::Tuple(parts)) => {
                let [key, offset, _] = **parts else { return None };
                Some(View { key: self.text(key)?, offset: self.number(offset)?, length: storage.count })
            }
            Some(_) => return None,
        };
        let class = self.last_name(storage.class)?;
        Some(Stored { key: self.text(storage.key)?, class, item: storage.item, whole: storage.whole, view })
    }

    /// The tensor `id`, which has to be one.
    pub(crate) fn tensor(&self, id: Id) -> Result<Strided<'_>, Unsupported> {
        let mut id = id;
        // A parameter wraps a tensor; one that wraps a parameter is nothing that torch writes.
        for _ in 0..2 {
            let Value::Tensor { by, args } = self.machine.get(id) else { return Err(Unsupported::Unknown) };
            let (storage, offset, size, stride, dtype, metadata) = match (by, &**args) {
                (Listed::RebuildTensor, [storage, offset, size, stride]) => {
                    (*storage, *offset, *size, *stride, None, None)
                }
                (Listed::RebuildTensorV2, [storage, offset, size, stride, _, _, rest @ ..]) => {
                    (*storage, *offset, *size, *stride, None, rest.first())
                }
                (Listed::RebuildTensorV3, [storage, offset, size, stride, _, _, dtype, rest @ ..]) => {
                    (*storage, *offset, *size, *stride, Some(*dtype), rest.first())
                }
                (Listed::RebuildParameter, [data, ..]) => {
                    id = *data;
                    continue;
                }
                (Listed::RebuildParameterState, [data, _, _, state]) if self.is_empty(*state) => {
                    id = *data;
                    continue;
                }
                (by, _) => return Err(unsupported(*by)),
            };
            if metadata.is_some_and(|metadata| !self.is_empty(*metadata)) {
                return Err(Unsupported::Marked);
            }
            return self.strided(storage, offset, size, stride, dtype).ok_or(Unsupported::Unknown);
        }
        Err(Unsupported::Unknown)
    }

    fn strided(&self, storage: Id, offset: Id, size: Id, stride: Id, dtype: Option<Id>) -> Option<Strided<'_>> {
        let Value::Storage(storage) = self.machine.get(storage) else { return None };
        let dtype = dtype.map_or(Some(None), |dtype| self.last_name(dtype).map(Some))?;
        let size = self.numbers(size)?;
        let stride = self.numbers(stride)?;
        let offset = self.number(offset)?;
        (size.len() == stride.len()).then_some(Strided { storage: self.stored(storage)?, dtype, offset, size, stride })
    }

    /// Nothing, or a dictionary with nothing in it.
    fn is_empty(&self, id: Id) -> bool {
        match self.machine.get(id) {
            Value::None => true,
            Value::Dict { items, .. } => items.is_empty(),
            _ => false,
        }
    }

    fn number(&self, id: Id) -> Option<u64> {
        self.machine.int(id).and_then(|value| u64::try_from(value).ok())
    }

    /// The numbers of a tuple. A list could have grown since the tensor was made.
    fn numbers(&self, id: Id) -> Option<Vec<u64>> {
        let Value::Tuple(items) = self.machine.get(id) else { return None };
        if items.len() > 64 {
            return None;
        }
        items.iter().map(|item| self.number(*item)).collect()
    }

    /// The last part of the name of an import: `torch.cuda.FloatStorage` is the `FloatStorage` of another device.
    fn last_name(&self, id: Id) -> Option<&str> {
        self.machine.global_of(id)?.shown.rsplit('.').next()
    }
}

fn unsupported(by: Listed) -> Unsupported {
    match by {
        Listed::RebuildQtensor => Unsupported::Quantised,
        Listed::RebuildSparse => Unsupported::Sparse,
        Listed::RebuildMeta => Unsupported::Meta,
        Listed::RebuildWrapper | Listed::RebuildFromType => Unsupported::Subclass,
        Listed::RebuildFromNumpy | Listed::RebuildFromCpu => Unsupported::Foreign,
        Listed::Tensor | Listed::Parameter | Listed::RebuildParameterState => Unsupported::State,
        _ => Unsupported::Unknown,
    }
}
