//! The one reader of YAML: tags, pairs and items, with what each is under. Aliases of scalars are resolved, those of
//! collections are not expanded, and nothing is built. It reads as PyYAML does; `tests/it/yaml.rs` compares the two.

mod cursor;
mod scanner;

pub(super) use scanner::{Found, Item, Pair, read};

/// What the tags of YAML's own types begin with.
pub(super) const STANDARD: &str = "tag:yaml.org,2002:";
