//! The store: verified content by its SHA-256, shared by all projects of a user.
//!
//! ```text
//! <root>/blobs/sha256/ab/<64 hex>   mode 0444, complete: renamed into place after hashing
//! <root>/tmp/<64 hex>.<run>.part    an incomplete download, which a later run resumes
//! <root>/tmp/<64 hex>.*.copy, git-* short-lived files, never resumed
//! <root>/locks/<64 hex>.lock        held while a process fetches or verifies that blob
//! <root>/locks/store.lock           shared by every user of the store, exclusive for whoever prunes it
//! <root>/projects/                  what this machine knows of each project; see [`crate::Record`]
//! ```
//!
//! A blob's name proves nothing: it is hashed each time before it is used, since a disk, a person or another program
//! may have changed it. Only hashing makes a [`crate::Verified`].

use crate::error::Error;
use modelpin_schema::Digest;
use std::path::{Path, PathBuf};

/// The store at a folder. Nothing is created before something is written.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store at `root`, which need not exist yet.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Makes sure that none of its folders is a symbolic link: a store may be where a clone brought it along, and what
    /// is written and removed in it must not be elsewhere.
    ///
    /// # Errors
    /// The first folder that is a symbolic link.
    pub fn check_folders(&self) -> Result<(), Error> {
        for name in ["blobs", "blobs/sha256", "tmp", "locks", "projects", "xet"] {
            let folder = self.root.join(name);
            if folder.is_symlink() {
                return Err(Error::LinkedFolder(folder));
            }
        }
        for entry in self.root.join("blobs/sha256").read_dir().into_iter().flatten().filter_map(Result::ok) {
            if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                return Err(Error::LinkedFolder(entry.path()));
            }
        }
        Ok(())
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the content of `digest` is, if the store has it.
    #[must_use]
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        blob_in(&self.root, digest)
    }

    /// The cache of Xet chunks. They are not trusted: the files assembled from them are hashed.
    #[must_use]
    pub fn chunks(&self) -> PathBuf {
        self.root.join("xet")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub(crate) fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }
}

/// Where the content of `digest` is below `root`, in a store and in a mirror directory alike.
#[must_use]
pub fn blob_in(root: &Path, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    let first: String = hex.chars().take(2).collect();
    root.join("blobs").join("sha256").join(first).join(hex)
}
