//! `models.lock`: what a project gets, written by modelpin only.
//!
//! The format's rules, each with its reason:
//! - TOML with LF, one fact a line, nothing aligned: a change of one fact is a change of one line.
//! - Models, then datasets, each sorted by name; files keyed by path and sorted by bytes: the order carries
//!   no news, and the parser itself refuses a name or path that stands twice.
//! - Nothing volatile: no time of locking, tool version, address or cache path.
//! - `version` is read before anything else; another number, and any unknown key, is refused, since a key
//!   that is skipped could be one that protects.
//! - `tree` repeats the files as one digest that `sha256sum` can redo; a lock whose files do not give it was
//!   edited by hand, and is refused.
//! - Printing is canonical: what [`Lockfile::print`] wrote reads and prints as the same bytes.
//!
//! History: version 1 is the only one. A new key is a row of `keys`, which feeds the reader, the printer, the change
//! report and the JSON Schema. It needs a new version number and a fixture of the old one.

mod artifact;
mod auto_map;
pub mod code;
mod conversion_target;
mod converted;
mod convertible;
mod day;
pub mod dependencies;
mod dependency;
mod error;
mod facts;
pub(crate) mod keys;
mod line_index;
mod lock;
mod pin;
mod print;
mod read;
mod reference;
mod role;
#[cfg(test)]
pub(crate) mod sample;
mod staleness;
mod words;

pub use artifact::{Artifact, set_digest};
pub use auto_map::AutoMapClass;
pub use code::{Code, CodePath, Origin};
pub use conversion_target::{ConversionTarget, Finder, Shard, conversion_target, family, is_index, result_path, shard};
pub use converted::Converted;
pub use convertible::Obstacle;
pub use day::Day;
pub use dependencies::{DependencyGraph, Unpinned};
pub use dependency::{Adapter, Dependencies, Dependency, DependencyKind, RequiredBy};
pub use error::LockError;
pub use facts::{CompleteFacts, Facts, Missing};
pub use line_index::{LineIndex, LockKey};
pub use lock::{Lockfile, MAX_BYTES, VERSION};
pub use pin::{HubMetadata, MAX_LEFT_OUT_CODE, Pin};
#[cfg(feature = "json-schema")]
pub use read::json_schema;
pub use reference::{DeclaredBase, Reference};
pub use role::Role;
pub use staleness::Stale;
pub use words::{Identifier, License, PrintableText};
