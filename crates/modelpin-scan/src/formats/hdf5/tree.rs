//! The objects of a file that are still to be followed.

use crate::engine::ScanError;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many groups, datasets and named types one file may have.
const OBJECTS: usize = 200_000;

/// How much of a path is kept, in bytes.
const PATH: usize = 256;

/// The objects that are still to be followed, and those that were: groups may contain each other.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) to_do: Vec<(u64, Rc<str>)>,
    seen: BTreeSet<u64>,
    /// Bytes that datasets declare far beyond what is stored of them.
    pub(super) declared: u64,
}

impl Tree {
    pub(super) fn add(&mut self, address: u64, path: Rc<str>) -> Result<(), ScanError> {
        if self.seen.insert(address) {
            if self.seen.len() > OBJECTS {
                return Err(ScanError::LimitReached("objects of an HDF5 file"));
            }
            self.to_do.push((address, path));
        }
        Ok(())
    }
}

/// The path of `name` below `path`, cut where it gets long.
pub(super) fn below(path: &str, name: &[u8]) -> Rc<str> {
    let mut path = if path == "/" { String::from("/") } else { format!("{path}/") };
    path.push_str(&String::from_utf8_lossy(name));
    while path.len() > PATH {
        path.pop();
    }
    path.into()
}
