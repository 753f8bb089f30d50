//! Reports of one folder, held against each other.

use crate::{Report, raw};
use std::collections::BTreeMap;

/// Adds what only the folder as a whole can tell.
pub fn relate(reports: &mut BTreeMap<String, Report>) {
    raw::explain(reports);
}
