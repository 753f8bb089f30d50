//! Files of a lock that are kept out of the folders that loaders read.
//!
//! The quarantine is a Hugging Face cache of its own for repos of which an exemption allows a file that can run code.
//! It holds their whole snapshots, so that a loader in the jail finds all of a model in one place; the target never
//! holds the exempted file.

use modelpin_schema::{Lockfile, Name, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Files of a lock by the entry they belong to.
pub type PathsByEntry = BTreeMap<Name, BTreeSet<RepoPath>>;

/// Files of a lock that are kept out of the folders that loaders read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exclusions {
    /// Files that are installed nowhere.
    pub denied: PathsByEntry,
    /// Files that are installed in the quarantine only.
    pub quarantined: PathsByEntry,
}

impl Exclusions {
    /// The files that are kept out of the target.
    #[must_use]
    pub fn from_target(&self) -> PathsByEntry {
        let mut excluded = self.denied.clone();
        for (name, paths) in &self.quarantined {
            excluded.entry(name.clone()).or_default().extend(paths.iter().cloned());
        }
        excluded
    }

    /// The entries of `lock` that are installed in the quarantine: all of a repo that has a quarantined file.
    #[must_use]
    pub fn quarantined_entries(&self, lock: &Lockfile) -> Lockfile {
        let mut repos = BTreeSet::new();
        for (name, pin) in &lock.pins {
            if self.quarantined.get(name).is_some_and(|paths| !paths.is_empty()) {
                repos.insert(pin.source.cache_folder());
            }
        }
        let pins = lock.pins.iter().filter(|(_, pin)| repos.contains(&pin.source.cache_folder()));
        Lockfile { pins: pins.map(|(name, pin)| (name.clone(), pin.clone())).collect() }
    }
}
