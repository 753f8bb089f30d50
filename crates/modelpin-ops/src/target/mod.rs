//! The target: the tree that loaders see, exactly what the lock says.
//!
//! - [`plan`]: what the tree should be, from the lock alone
//! - `look`: what it is
//! - [`inspect`]: the difference, file by file
//! - `place`: making the one the other: blobs, then snapshots, then refs, each visible at once or not at all;
//!   `bring` fetches from the store, `staging` is where things are built, `shared` holds the rules of a cache
//!   that is not ours
//! - `sweep`: removing what must not be there
//! - `stamps`: what was proven, so that a warm run reads no content; `hash` reads the rest

mod bring;
mod hash;
pub mod inspect;
mod look;
mod place;
pub mod plan;
mod shared;
mod staging;
mod stamps;
mod sweep;

pub use inspect::{Depth, Inspection, Problem, Trouble};
pub use plan::{Plan, folder_of};
pub(crate) use shared::barred;

use crate::refusal::{Failure, wish};
use crate::store::{self, Trace};
use modelpin_schema::Digest;
use modelpin_schema::manifest::SyncTarget;
use plan::Content;
use stamps::Stamps;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// How a target is laid out, and to whom it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A Hugging Face cache of the project's own.
    HubCache,
    /// The Hugging Face cache that other tools share: things are added to it, never changed or removed.
    SharedHubCache,
    /// A folder of plain files for each entry.
    Flat,
    /// A Hugging Face cache of files that can run code and were let in by an exemption; see [`crate::quarantine`].
    Quarantine,
}

impl From<&SyncTarget> for Layout {
    fn from(target: &SyncTarget) -> Self {
        match target {
            SyncTarget::Own(_) => Self::HubCache,
            SyncTarget::HfCache => Self::SharedHubCache,
            SyncTarget::Flat(_) => Self::Flat,
        }
    }
}

impl Layout {
    /// The file that says that a folder is modelpin's to tidy, and its text.
    fn mark(self) -> Option<(&'static str, &'static str)> {
        match self {
            // Backup tools skip a folder with this tag (bford.info/cachedir), which suits a cache.
            Self::HubCache => Some((
                "CACHEDIR.TAG",
                "Signature: 8a477f597d28d172789f06886806bc55\n# A Hugging Face cache that modelpin keeps exactly as models.lock says; strangers are removed.\n",
            )),
            Self::Flat => Some((
                ".modelpin-target",
                "modelpin keeps this folder exactly as models.lock says; strangers are removed.\n",
            )),
            Self::Quarantine => Some((
                "CACHEDIR.TAG",
                "Signature: 8a477f597d28d172789f06886806bc55\n# Models with files that can run code, let in by exemptions for `modelpin exec --jail` alone.\n",
            )),
            Self::SharedHubCache => None,
        }
    }

    /// The file, in the project's own folder, of what was proven.
    fn stamps(self) -> &'static str {
        match self {
            Self::Quarantine => "stamps-quarantine",
            Self::HubCache | Self::SharedHubCache | Self::Flat => "stamps",
        }
    }
}

/// A target on disk.
#[derive(Debug)]
pub struct Target {
    layout: Layout,
    root: PathBuf,
    stamps: Stamps,
    /// Content that was placed, and what it looked like.
    placed: BTreeMap<String, Trace>,
    /// The files of which names came or went.
    touched: BTreeSet<(u64, u64)>,
}

impl Target {
    /// The target at `root`; `memory` is the project's folder for what modelpin remembers of it.
    ///
    /// # Errors
    /// A folder that has something in it and no mark of being modelpin's.
    pub fn open(layout: Layout, root: PathBuf, memory: &Path) -> Result<Self, Failure> {
        if let Some((mark, text)) = layout.mark() {
            check_owned(&root, mark, text)?;
        }
        let stamps = Stamps::read(memory.join(layout.stamps()), &root);
        Ok(Self { layout, root, stamps, placed: BTreeMap::new(), touched: BTreeSet::new() })
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where content is that `found` shows to be as planned.
    #[must_use]
    pub fn proven(&self, plan: &Plan, found: &Inspection) -> BTreeMap<Digest, PathBuf> {
        let fine = |path: &str| !found.problems.contains_key(path);
        let whole = plan.nodes.iter().filter(|(path, node)| match &node.content {
            Content::Link { blob, .. } => fine(path) && fine(blob),
            Content::Blob { .. } | Content::Text(_) => fine(path),
        });
        let content = whole.filter_map(|(path, node)| plan.content(&node.content).map(|(digest, _)| (digest, path)));
        // In a shared cache links lead to wherever other tools keep the bytes.
        content.filter_map(|(digest, path)| Some((digest, self.root.join(path).canonicalize().ok()?))).collect()
    }

    /// Keeps other processes away from the target of this project until the result is dropped.
    ///
    /// # Errors
    /// The system's.
    pub fn lock(memory: &Path, waiting: &dyn Fn()) -> Result<File, Failure> {
        store::lock_file(&memory.join("lock"), waiting).map_err(io)
    }

    /// The process that holds the lock on the target of this project, for a person who waits for it. Only
    /// `waiting` of [`Target::lock`] can know that there is one.
    #[must_use]
    pub fn holder(memory: &Path) -> Option<u32> {
        store::holder(&memory.join("lock"))
    }
}

/// The system's trouble, from the store's words.
pub(crate) fn io(error: store::Error) -> Failure {
    match error {
        store::Error::Io { doing, path, source } => Failure::Io { doing, path, source },
        store::Error::Mismatch(mismatch) => Failure::Tool { program: "the store", message: mismatch.to_string() },
    }
}

/// Strangers are removed from a target, so a folder that was somebody else's before must not become one.
fn check_owned(root: &Path, mark: &str, text: &str) -> Result<(), Failure> {
    match std::fs::symlink_metadata(root) {
        Err(_) => return Ok(()),
        Ok(found) if !found.is_dir() => return Err(refuse(root, "a file or a symbolic link")),
        Ok(_) => {}
    }
    let is_marked = || std::fs::read(root.join(mark)).is_ok_and(|found| found == text.as_bytes());
    if is_marked() {
        return Ok(());
    }
    for entry in std::fs::read_dir(root).map_err(Failure::io("list", root))? {
        let path = entry.map_err(Failure::io("list", root))?.path();
        // A run that died before it could leave the mark; or one of another project, which has left it by now.
        if !staging::is_ours(&path) && !is_marked() {
            return Err(refuse(root, "a folder with other things in it"));
        }
    }
    Ok(())
}

fn refuse(folder: &Path, got: &str) -> Failure {
    let expected = "an empty folder, or one that modelpin made";
    let why = "whatever the lock does not know is removed from a target";
    let help = "choose another folder with `[sync] target` in models.toml, or empty this one";
    wish::other(format!("`{}` is not modelpin's to tidy", folder.display()), expected, got.to_owned(), why, help).into()
}

#[cfg(test)]
mod tests;
