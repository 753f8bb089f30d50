//! The view of configurations: what importing a module or a class that one of them names comes to.

use super::{View, row_or_module};
use crate::knowledge::names::Does;
use crate::knowledge::stdlib::is_stdlib;

/// Why importing `name` and calling it acts, if it does. Nothing of the standard library is a model.
pub(crate) fn acts(name: &str) -> Option<&'static str> {
    match row_or_module(View::Configuration, name)?.does {
        Does::Acts(_) | Does::Reaches | Does::Calls if is_stdlib(name) => {
            Some("it is a module of Python's standard library")
        }
        Does::Acts(_) | Does::Reaches | Does::Calls => Some("it is a module that downloads, unpickles or executes"),
        Does::State | Does::Value | Does::Plain | Does::Model | Does::Unknown => None,
    }
}
