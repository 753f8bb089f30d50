//! What the bytes of a lock are and do, told by the scan: recorded in the lock when they are first seen, and held
//! against it whenever they come again.

use crate::refusal::{Failure, Refusal};
use modelpin_schema::lockfile::{Artifact, Facts};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What was seen of one pin's bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The sort of each file that was seen, by its bytes.
    pub kinds: BTreeMap<RepoPath, FileKind>,
    /// What they are and do.
    pub facts: Facts,
    /// Files that are not on this machine, so that nothing was seen of them.
    pub unseen: BTreeSet<RepoPath>,
}

/// Where the bytes of a locked file are, if they are on this machine.
pub type Places<'a> = &'a (dyn Fn(&Name, &Pin, &RepoPath, &Artifact) -> Option<PathBuf> + Sync);

/// Looks at every file of `lock` that `places` knows.
///
/// # Errors
/// A scanner that broke; the system's.
pub fn see(
    _lock: &Lockfile,
    _places: Places<'_>,
    _jobs: usize,
    _reporter: &dyn crate::reporter::Reporter,
) -> Result<BTreeMap<Name, Seen>, Failure> {
    Ok(BTreeMap::new())
}

/// Records in `lock` what was seen. What was not seen stays as it is recorded.
pub fn record(_lock: &mut Lockfile, _seen: &BTreeMap<Name, Seen>) {}

/// Everything that `lock` hides of what was seen: a refusal each. A lock that says more than was seen hides nothing.
#[must_use]
pub fn hidden(_lock: &Lockfile, _seen: &BTreeMap<Name, Seen>) -> Vec<Refusal> {
    Vec::new()
}

/// Every file of `lock` whose name says that it is code and whose kind says something else: a refusal each.
#[must_use]
pub fn disguised(lock: &Lockfile) -> Vec<Refusal> {
    let _ = lock;
    Vec::new()
}

/// Stub.
pub mod memo {
    use super::{BTreeMap, Failure, Lockfile, Name, Seen};
    use std::path::Path;
    /// Stub.
    #[must_use]
    pub fn read(_memory: &Path, _lock: &Lockfile) -> BTreeMap<Name, Seen> {
        BTreeMap::new()
    }
    /// Stub.
    ///
    /// # Errors
    /// None.
    pub fn write(_memory: &Path, _lock: &Lockfile, _seen: &BTreeMap<Name, Seen>) -> Result<(), Failure> {
        Ok(())
    }
}
