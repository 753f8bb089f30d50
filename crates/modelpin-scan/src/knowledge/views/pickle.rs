//! The view of pickles: the level of an import.
//!
//! What the machine that runs pickles knows is on its allowlist. What is not is foreign, unless it is of the standard
//! library, a loader, or reaches for internals.

use super::{View, is_harmless_in_files, row};
use crate::knowledge::names::{Does, acts_by_name, begins_like_a_loader};
use crate::knowledge::pickle::{Level, listed, names};
use crate::knowledge::stdlib::{is_stdlib, top};

/// What the import of `name` from `module` is worth. Unpicklers translate names of Python 2 or they do not, so
/// that the worse of both readings counts.
pub(crate) fn level(module: &str, name: &str) -> Level {
    let (new_module, new_name) = names::translated(module, name);
    let translated = plain_level(new_module, new_name);
    if (new_module, new_name) == (module, name) || matches!(module, "__builtin__" | "copy_reg" | "exceptions") {
        return translated;
    }
    match (plain_level(module, name), translated) {
        (Level::Dangerous(why), _) | (_, Level::Dangerous(why)) => Level::Dangerous(why),
        (Level::Foreign, _) | (_, Level::Foreign) => Level::Foreign,
        (listed, _) => listed,
    }
}

fn plain_level(module: &str, name: &str) -> Level {
    if let Some(listed) = listed(module, name) {
        return Level::Listed(listed);
    }
    if let Some(why) = hostile_spelling(module, name) {
        return Level::Dangerous(why);
    }
    // What Cython generates makes an object of the class that it is named after.
    let path = format!("{module}.{}", name.strip_prefix("__pyx_unpickle_").unwrap_or(name));
    let loads = Level::Dangerous("loads or runs code or files");
    let of_name = if foreign_runs(module, name) { loads } else { Level::Foreign };
    match row(View::Pickle, &path).map(|row| row.does) {
        Some(Does::Acts(_) | Does::Reaches | Does::Calls) => loads,
        Some(_) if !is_harmless_in_files(View::Pickle, &path) => Level::Dangerous("of the standard library"),
        Some(Does::State) if is_stdlib(module) => Level::Dangerous("of the standard library"),
        Some(Does::Value | Does::Plain | Does::Model) => Level::Foreign,
        None if is_stdlib(module) => Level::Dangerous("of the standard library"),
        Some(Does::State | Does::Unknown) | None => of_name,
    }
}

/// Whether a global of a library that nothing is known about runs, loads or fetches things, going by its name.
fn foreign_runs(module: &str, name: &str) -> bool {
    let own = matches!(module, "__main__" | "__mp_main__");
    acts_by_name(name) || (!own && begins_like_a_loader(name))
}

/// Dots and dunders lead from any module to any other.
fn hostile_spelling(module: &str, name: &str) -> Option<&'static str> {
    let is_script = matches!(module, "__main__" | "__mp_main__") || top(module) == "__torch__";
    if !is_script && module.split('.').any(|part| part.starts_with("__") && part != "__init__") {
        return Some("a module of Python's internals");
    }
    if module.is_empty() || name.is_empty() || module.split('.').any(str::is_empty) {
        return Some("an empty name");
    }
    let generated = name.starts_with("__pyx_unpickle_") && !name.contains('.');
    let numpy = top(module) == "numpy"
        && matches!(name, "__RandomState_ctor" | "__randomstate_ctor" | "__generator_ctor" | "__bit_generator_ctor");
    if name.contains("__") && !generated && !numpy && (name.starts_with("__") || name.contains(".__")) {
        return Some("a name of Python's internals");
    }
    if name.contains('.') {
        let nested = name.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
        if !nested || is_stdlib(module) {
            return Some("an attribute of an attribute");
        }
    }
    None
}
