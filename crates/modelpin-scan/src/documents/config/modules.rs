//! What a dotted name imports: a class of a known library, a foreign one, or something that acts.

use super::paths::{Reach, reach};
use crate::knowledge::views::configuration::acts;

/// What importing a name comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Import {
    /// A name of a foreign library, or of a module of the repository.
    Foreign,
    /// Nothing that can be imported under that name alone; with the reason.
    Unsupported(&'static str),
    /// Something that acts, or a way round; with the reason.
    Acts(&'static str),
}

/// What importing the dotted name `name` comes to.
pub(crate) fn import(name: &str) -> Import {
    if let Reach::Outside(why) = reach(name)
        && !name.is_empty()
    {
        return Import::Acts(why);
    }
    let parts: Vec<&str> = name.split('.').collect();
    let root = parts.first().copied().unwrap_or_default();
    if parts.iter().any(|part| part.starts_with("__")) && name != "__main__" {
        return Import::Acts("it refers to Python internals");
    }
    if !parts.iter().all(|part| is_identifier(part)) {
        return Import::Unsupported("it is not a dotted name");
    }
    if root.starts_with('_') && root != "__main__" {
        return Import::Acts("it is a private module");
    }
    acts(name).map_or(Import::Foreign, Import::Acts)
}

/// Whether `name` is `module` or something in it.
pub(crate) fn below(name: &str, module: &str) -> bool {
    name.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether Python takes `text` for an identifier, as far as ASCII goes.
pub(crate) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether `text` names a public class.
pub(crate) fn is_class(text: &str) -> bool {
    is_identifier(text) && text.starts_with(|c: char| c.is_ascii_uppercase())
}
