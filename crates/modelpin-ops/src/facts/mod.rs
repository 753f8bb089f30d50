//! What the bytes of a lock are and do, told by the scan: recorded in the lock when they are first seen, and held
//! against it whenever they come again.
//!
//! - `see`: from bytes to facts; `kind`: what sort of file they are; `text`: hostile text in them, made harmless
//! - `owner`: whose tensors a file of raw bytes may be
//! - `record`: from facts to the lock
//! - `hidden`: what a lock hides, by the bytes or by the names alone
//! - [`memo`]: what was seen, remembered in the project's record

mod hidden;
mod kind;
pub mod memo;
mod owner;
mod record;
mod see;
mod text;
mod union;

pub(crate) use kind::kind;

pub use hidden::{hidden, unrecorded};
pub use record::{carry, record};
pub use see::see;
pub use union::union;

use modelpin_schema::lockfile::{Artifact, Facts, Identifier};
use modelpin_schema::{FileKind, Name, Pin, RepoPath};
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
    /// By file: rules of findings that are none if a model among the unseen files reads its tensors from it. They are
    /// neither said nor taken back before that model was seen.
    pub open: BTreeMap<RepoPath, BTreeSet<Identifier>>,
}

/// Where the bytes of a locked file are, if they are on this machine.
pub type Places<'a> = &'a (dyn Fn(&Name, &Pin, &RepoPath, &Artifact) -> Option<PathBuf> + Sync);

/// The largest file of configuration or text that is fetched to be looked at when a pin is made, in bytes. What is
/// larger is most often data under such a name: the rows of a dataset, a vocabulary.
const DOCUMENT: u64 = 4 << 20;

/// Whether the file at `path` is looked at whole when a pin is made, even where the Hub keeps it like weights: code,
/// and the configuration, texts and archives, in which code can be, that loaders and people read.
#[must_use]
pub fn is_seen_at_lock(path: &RepoPath, size: u64) -> bool {
    match FileKind::of(path) {
        FileKind::Code => true,
        FileKind::Config | FileKind::Doc | FileKind::Archive => size <= DOCUMENT,
        _ => false,
    }
}
