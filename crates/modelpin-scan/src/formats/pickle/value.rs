//! The values that the machine computes with: what a pickle would build, as far as scanning needs it.
//!
//! Values are in an arena and refer to each other by number, so that no nesting makes anything recurse, not
//! even when they are dropped.

use crate::formats::item::ItemType;
use crate::knowledge::pickle::{Level, Listed};
use std::rc::Rc;

/// The place of a value in the arena.
pub(crate) type Id = u32;

/// Text of the pickle. Long text is cut; `at` and `len` say where its bytes are in the file.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) whole: bool,
    pub(super) at: u64,
    pub(super) len: u64,
}

/// Bytes of the pickle: their place in the file.
#[derive(Debug)]
pub(super) struct Blob {
    pub(super) at: u64,
    pub(super) len: u64,
}

/// A storage that a tensor is in: what torch's persistent ids name.
#[derive(Debug)]
pub(super) struct Storage {
    /// Its class: an import.
    pub(super) class: Id,
    /// Its key: a text.
    pub(super) key: Id,
    /// Bytes of one element; 1 for untyped storages.
    pub(super) item: u64,
    /// Elements; of a view, those that it shows.
    pub(super) count: u64,
    /// Elements of the whole storage.
    pub(super) whole: u64,
    /// The view that it is seen through, as old files have them: its key, where it begins, how long it is.
    pub(super) view: Option<Id>,
}

/// What a call made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A NumPy array.
    Array,
    /// A NumPy dtype.
    Dtype(ItemType),
    /// A `NumpyArrayWrapper` of joblib.
    Joblib,
    /// A layout of torch.
    Layout,
    /// A device of torch.
    Device,
    /// A value of the allowlist that takes no state: a size, a set, a complex number.
    Plain,
    /// A pattern of regular expressions.
    Pattern,
    /// `zoneinfo.ZoneInfo._unpickle`, which reads a time zone by its name.
    ZoneReader,
    /// Bytes that were decoded from text.
    Encoded(Id),
    /// An object of a foreign class.
    Foreign,
}

/// One value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    None,
    Bool,
    Int(i64),
    /// A whole number of more than 64 bits.
    Big,
    /// The number that files of the old torch format begin with.
    Magic,
    Float,
    Text(Rc<Text>),
    Bytes(Rc<Blob>),
    Tuple(Rc<[Id]>),
    List(Vec<Id>),
    Dict {
        items: Vec<(Id, Id)>,
        sealed: bool,
    },
    /// An `OrderedDict`, a `Counter`: its items, whether it may have any, and whether it serves as a tensor's table
    /// of hooks, which stays empty.
    Map {
        items: Vec<(Id, Id)>,
        filled: bool,
        sealed: bool,
    },
    Set,
    /// A tensor or a parameter: what made it, and of what.
    Tensor {
        by: Listed,
        args: Rc<[Id]>,
    },
    /// An import, by its number in the table of imports.
    Global(u32),
    /// What a call made.
    Object(Kind),
    Storage(Rc<Storage>),
    /// Nothing is known about it: what a call to something unknown returned.
    Top,
}

/// An import.
#[derive(Debug, Clone)]
pub(super) struct Global {
    /// Module and name, as the unpickler uses them.
    pub(super) shown: Rc<str>,
    pub(super) level: Level,
    /// Where it is in the file.
    pub(super) at: u64,
    /// Whether it was called in a way that is known to be harmless.
    pub(super) excused: bool,
}
