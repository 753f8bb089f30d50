//! Scans model files without running them.
//!
//! Bytes go in, findings come out. Nothing here executes, imports or unpickles anything, opens a file or a
//! socket, or believes a name: [`scan`] inspects the content, follows every byte that a loader could execute
//! or interpret, and calls a file [`Verdict::Safe`] only where all of it was followed to its end and found on an
//! allowlist. Whatever cannot be followed is a finding; a finding is of a [`Rule`].
//!
//! A call goes [`scan`] → `sniff` (what the content is) → `dispatch` → the scanner of that format, which may
//! hand parts of what it reads back to `dispatch` (archives, embedded pickles, templates). [`relate()`] then holds
//! the reports of one folder against each other.
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub mod convert;
mod dispatch;
mod documents;
mod engine;
mod formats;
mod knowledge;
mod languages;
mod package;

pub use dispatch::{scan, scan_inside};
pub use engine::{
    Adapter, Capability, CodeMember, CodeSink, Facts, FileReference, Finding, Format, LazyFacts, Limits, Location,
    Occurrence, Report, Source, Usage, Verdict,
};
pub use package::{can_be_open, open_questions, relate};
