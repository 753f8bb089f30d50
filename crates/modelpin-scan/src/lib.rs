//! Scans model files without running them.
//!
//! Bytes go in, findings come out. Nothing here executes, imports or unpickles anything, opens a file or a
//! socket, or trusts a name: [`scan`] inspects the content, follows every byte that a loader could execute
//! or interpret, and calls a file [`Verdict::Safe`] only where all of it was followed to its end and found on an
//! allowlist. Whatever cannot be followed is a finding; a finding is of a [`Rule`](modelpin_rules::Rule).
//!
//! [`scan`] recognizes the format of the content (`dispatch`) and calls the scanner of that format (`formats`,
//! `languages`, `documents`), which may pass parts of what it reads back to the dispatcher (archives, embedded pickles,
//! templates). [`cross_check`] then compares the reports of one folder with each other (`package`). `engine` is what
//! all of them work with: the bytes, the limits, the findings; `knowledge` has the tables of names.
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub mod convert;
mod dispatch;
mod documents;
mod engine;
mod formats;
mod knowledge;
mod languages;
mod package;

/// Repos that configurations name: what is followed, as a table, and what is not.
pub mod followed {
    pub use crate::documents::config::followed::{Condition, FOLLOWED, Followed, Form, NOT_FOLLOWED, Place};
}
pub use dispatch::{scan, scan_inside};
pub use engine::{
    Adapter, Capability, CodeMember, CodeSink, Facts, FileReference, Finding, Format, LazyFacts, Limits, Location,
    NotRead, Occurrence, Report, Source, Usage, Verdict,
};
pub use package::{cross_check, may_be_provisional, take_provisional_findings};
