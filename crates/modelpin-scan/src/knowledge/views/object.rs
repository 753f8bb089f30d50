//! The view of objects in YAML, skops and Keras: what a dotted path to a Python object leads to,
//! as far as the path says: data, a library of machine learning,
//! someone's own code, or something that runs or loads what it is given.

use super::{View, is_harmless_in_files, row, row_or_module};
use crate::knowledge::names::{Does, acts_by_name, is_old};
use crate::knowledge::stdlib::{is_stdlib, top};

/// What a dotted path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Classification {
    /// A type of the standard library that holds data and nothing else.
    Data,
    /// Something of a library that models are built with.
    Library,
    /// Anything else outside the standard library.
    Foreign,
    /// The standard library, or a part of a library that runs, loads or fetches; or no path at all.
    Dangerous,
}

impl Classification {
    pub(crate) fn is_dangerous(self) -> bool {
        self == Self::Dangerous
    }
}

/// Scans a dotted path, part by part and never by a prefix of a part.
pub(crate) fn classify(path: &str) -> Classification {
    let root = top(path);
    if !is_path(path) || path.split('.').any(|part| part.starts_with("__")) {
        return Classification::Dangerous;
    }
    let by_name = |otherwise| if acts_by_name(path) { Classification::Dangerous } else { otherwise };
    match row_or_module(View::Object, path).map(|row| row.does) {
        Some(Does::Acts(_) | Does::Reaches | Does::Calls) => Classification::Dangerous,
        Some(_) if !is_harmless_in_files(View::Object, path) => Classification::Dangerous,
        Some(Does::State) if is_stdlib(root) => Classification::Dangerous,
        Some(Does::Value) => Classification::Data,
        Some(Does::Plain | Does::Model) => Classification::Library,
        Some(Does::State | Does::Unknown) => by_name(Classification::Library),
        None if is_stdlib(root) || is_old(root) => Classification::Dangerous,
        // A bare name is looked up among the builtins, or is a module.
        None if !path.contains('.') && is_builtin(path) => Classification::Dangerous,
        None if !path.contains('.') => Classification::Foreign,
        None => by_name(Classification::Foreign),
    }
}

/// Whether `path` is a dotted path of identifiers (any script, as Python allows).
pub(crate) fn is_path(path: &str) -> bool {
    path.split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Whether Python's builtins have a function of that name that does more than compute.
pub(crate) fn is_builtin(name: &str) -> bool {
    let row = row(View::Object, &format!("builtins.{name}"));
    row.is_some_and(|row| matches!(row.does, Does::Acts(_) | Does::Reaches | Does::Calls | Does::State))
}
