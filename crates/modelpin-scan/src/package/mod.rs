//! Reports of one folder, compared with each other.

mod adapter;
mod code;
mod data;
mod git;
mod name;
mod raw;

pub use raw::{may_be_provisional, take_provisional_findings};

use crate::engine::Report;
use std::collections::BTreeMap;

/// Adds findings that need the whole folder: which code a configuration reaches, which files are missing, whether
/// an adapter's tensors are those of its configuration, which names collide, which folders are repositories to git.
pub fn cross_check(reports: &mut BTreeMap<String, Report>) {
    code::follow(reports);
    data::follow(reports);
    adapter::compare(reports);
    name::collide(reports);
    git::mark(reports);
    raw::explain(reports);
}
