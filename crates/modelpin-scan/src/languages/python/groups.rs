//! Functions that are called together, by whoever calls one of them.

use super::value::Set;
use std::collections::BTreeSet;

/// The methods of one name, whichever the class: who calls one on an object that nobody knows calls each.
#[derive(Default)]
pub(super) struct Named {
    pub(super) functions: BTreeSet<u32>,
    /// What they are called with, by position.
    pub(super) args: Vec<Set>,
}

/// What is called at once. It takes part in who calls whom as if it were a function.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Group {
    /// Methods of a class and its bases.
    Hooks(u32, Hooks),
    /// Methods of that name.
    Methods(String),
}

/// Methods of a class that Python calls by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Hooks {
    /// Whatever the class itself has: a method of a library may call any of it.
    Any,
    /// All of them.
    All,
    /// As an object is made, and later: all but its being called.
    Made,
    /// As an object is called.
    Call,
    /// As a class is subscribed.
    Item,
    /// As a class is made that has one of these in it.
    SetName,
    /// As a class is derived from it.
    Subclass,
}

impl Hooks {
    pub(super) fn has(self, name: &str) -> bool {
        let names: &[&str] = match self {
            Self::Any => return true,
            Self::All => return name.starts_with("__") && name.ends_with("__"),
            Self::Made => return name != "__call__" && Self::All.has(name),
            Self::Call => &["__call__"],
            Self::Item => &["__class_getitem__", "__getitem__"],
            Self::SetName => &["__set_name__"],
            Self::Subclass => &["__init_subclass__", "__mro_entries__", "__class_getitem__", "__set_name__"],
        };
        names.contains(&name)
    }
}
