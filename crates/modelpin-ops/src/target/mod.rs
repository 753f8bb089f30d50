//! The target: the tree that loaders see, exactly what the lock says.
//!
//! - [`plan`]: what the tree should be, from the lock alone
//! - `look`: what it is
//! - [`inspect`]: the difference, file by file
//! - `place`: making the one the other: blobs, then snapshots, then refs, each visible at once or not at all
//! - `stamps`: what was proven, so that a warm run reads no content

pub mod inspect;
mod look;
mod place;
pub mod plan;
mod stamps;

pub use inspect::{Depth, Inspection, Problem, Trouble};
pub use plan::{Plan, folder_of};

use crate::refusal::{Failure, wish};
use crate::store;
use modelpin_schema::manifest::SyncTarget;
use stamps::Stamps;
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
            Self::SharedHubCache => None,
        }
    }
}

/// A target on disk.
#[derive(Debug)]
pub struct Target {
    layout: Layout,
    root: PathBuf,
    stamps: Stamps,
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
        let stamps = Stamps::read(memory.join("stamps"), &root);
        Ok(Self { layout, root, stamps })
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Keeps other processes away from the target of this project until the result is dropped.
    ///
    /// # Errors
    /// The system's.
    pub fn lock(memory: &Path, waiting: &dyn Fn()) -> Result<File, Failure> {
        store::lock_file(&memory.join("lock"), waiting).map_err(io)
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
    let refuse = |got: String| {
        let expected = "an empty folder, or one that modelpin made";
        let why = "whatever the lock does not know is removed from a target";
        let help = "choose another folder with `[sync] target` in models.toml, or empty this one";
        Err(wish::other(format!("`{}` is not modelpin's to tidy", root.display()), expected, got, why, help).into())
    };
    match std::fs::symlink_metadata(root) {
        Err(_) => return Ok(()),
        Ok(found) if !found.is_dir() => return refuse("a file or a symbolic link".to_owned()),
        Ok(_) => {}
    }
    let mut listed = std::fs::read_dir(root).map_err(Failure::io("list", root))?;
    if listed.next().is_none() || std::fs::read(root.join(mark)).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    refuse("a folder with other things in it".to_owned())
}
