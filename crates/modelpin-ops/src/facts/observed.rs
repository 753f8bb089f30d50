//! What a scan found out about the files of an entry.

use modelpin_schema::lockfile::{Artifact, Facts, Identifier};
use modelpin_schema::{FileKind, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a scan of one entry's files found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The sort of each file that was scanned, by its bytes.
    pub kinds: BTreeMap<RepoPath, FileKind>,
    /// What they are and do.
    pub facts: Facts,
    /// Files that are not on this machine, and were not scanned.
    pub unavailable: BTreeSet<RepoPath>,
    /// Files that run something although the lock says otherwise, and of which what is looked at when a pin is made
    /// does not show it: whoever locked them could not know.
    pub late: BTreeSet<RepoPath>,
    /// By file: rules whose findings do not hold if one of the unavailable files is a model that reads its tensors from
    /// it. Until that model is scanned they are neither added to the lock nor removed from it.
    pub undecided: BTreeMap<RepoPath, BTreeSet<Identifier>>,
}

/// Where the bytes of a locked file are, if they are on this machine.
pub type Places<'a> = &'a (dyn Fn(&Name, &Pin, &RepoPath, &Artifact) -> Option<PathBuf> + Sync);

/// The largest file of configuration or text that is fetched to be scanned when a pin is made, in bytes. What is
/// larger is most often data under such a name: the rows of a dataset, a vocabulary.
const MAX_DOCUMENT: u64 = 4 << 20;

/// Whether the file at `path` is scanned as a whole when a pin is made, even where the Hub keeps it like weights: code,
/// and the configuration, texts and archives, in which code can be, that loaders and people read.
#[must_use]
pub fn is_scanned_at_lock(path: &RepoPath, size: u64) -> bool {
    match FileKind::of(path) {
        FileKind::Code => true,
        FileKind::Config | FileKind::Doc | FileKind::Archive => size <= MAX_DOCUMENT,
        _ => false,
    }
}
