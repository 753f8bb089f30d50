//! The JSON documents that commands print with `--format json`: one envelope ([`Document`]), one type of result a
//! command.
//!
//! Keys are in kebab case. Within a [`VERSION`], keys, values of `rule` and results of further commands may be added;
//! nothing is removed, renamed or given another type or meaning.

pub mod cache;
pub mod changes;
pub mod check;
pub mod decisions;
mod diagnostic;
mod document;
pub mod files;
pub mod loaders;
pub mod pins;
pub mod review;
pub mod scan;
#[cfg(feature = "json-schema")]
mod schemas;

pub use diagnostic::{Decision, Diagnostic, Level, Location, Place, Severity};
pub use document::{Document, Status, VERSION};
#[cfg(feature = "json-schema")]
pub use schemas::json_schemas;
