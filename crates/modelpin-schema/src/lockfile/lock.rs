//! A lock: its entries by name.

use super::Pin;
use crate::Name;
use std::collections::BTreeMap;

/// The version of the format that is written.
pub const VERSION: i64 = 1;

/// The largest lock that is read or written, in bytes: some 250 models of 1000 files.
pub const MAX_BYTES: u64 = 40 << 20;

/// The locked models and datasets of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lockfile {
    /// By name.
    pub pins: BTreeMap<Name, Pin>,
}
