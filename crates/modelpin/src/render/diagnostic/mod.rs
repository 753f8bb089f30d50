//! Problems in every format: those of a failed command, of the policy (`check`) and of the scanner (`scan`).
//!
//! - `build`: makes a [`Diagnostic`](modelpin_schema::output::Diagnostic) of a refusal, a policy violation or a finding
//! - `words`: the parts of a sentence about one
//! - `text`, `github`, `markdown`, `sarif`: the formats; JSON is the envelope's own

mod build;
mod github;
mod markdown;
mod sarif;
mod text;
mod words;

pub(crate) use build::{failure, finding, refusals, shallow_clone, violation};
pub(crate) use github::annotations;
pub(crate) use markdown::{ROWS, table};
pub(crate) use sarif::document;
pub(crate) use text::{failed, problems};
pub(crate) use words::{place, subject};
