//! The store: content that is proven, by its SHA-256, shared by all projects of a user.
//!
//! ```text
//! <root>/blobs/sha256/ab/<64 hex>   0444, whole, renamed into place after hashing
//! <root>/tmp/<64 hex>.<run>.part    what has come of a file so far; a later run goes on from it
//! <root>/tmp/<64 hex>.*.copy, git-* what comes too fast to be gone on with
//! <root>/locks/<64 hex>.lock        held while a process fetches or checks that file
//! <root>/locks/store.lock           shared by whoever uses the store, held alone by whoever prunes it
//! <root>/projects/                  what is known of each project; see [`crate::record`]
//! ```
//!
//! The name of a blob proves nothing by itself: a blob is hashed each time before it is used, since a disk, a
//! person or another program may have changed it. Only hashing makes a [`Verified`].

mod adopt;
mod blob;
mod files;
mod git;
mod hash;
mod keep;
mod lock;
mod parts;
mod room;
mod stage;
mod trace;
mod writer;

pub use blob::{Held, Proof, Verified, blob_in};
pub(crate) use files::{is_ours, open_no_follow, read_only, read_small};
pub use git::StagedGit;
pub use hash::{GitHasher, hashed_bytes};
pub(crate) use hash::{Hashed, hash_file, in_pieces, on_all_cores};
pub use keep::{Blob, Pruned};
pub use lock::{BlobLock, InUse};
pub(crate) use lock::{holder, keeps_others_out, lock_file, try_lock_file};
pub(crate) use parts::boot;
pub use stage::Staged;
pub(crate) use trace::Trace;

use modelpin_schema::Digest;
use std::io;
use std::path::{Path, PathBuf};

/// The store at a folder. Nothing is created before something is written.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The store at `root`, which need not be there yet.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Links among its own folders, the first of them: a store may lie where a clone brought it along, and what is written
    /// and removed in it must not be elsewhere.
    #[must_use]
    pub fn linked(&self) -> Option<PathBuf> {
        let own = ["blobs", "blobs/sha256", "tmp", "locks", "projects", "xet"].map(|name| self.root.join(name));
        if let Some(link) = own.iter().find(|folder| folder.is_symlink()) {
            return Some(link.clone());
        }
        let mut entries = self.root.join("blobs/sha256").read_dir().into_iter().flatten().filter_map(Result::ok);
        entries.find(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink())).map(|entry| entry.path())
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the content of `digest` is, if it is there.
    #[must_use]
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        blob_in(&self.root, digest)
    }

    /// Where the chunks of files are that came through Xet. Nothing here believes them: what is made of them is hashed.
    #[must_use]
    pub fn chunks(&self) -> PathBuf {
        self.root.join("xet")
    }

    fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }
}

/// Content that is not what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It has another length.
    #[error("{got} bytes")]
    Size {
        /// Bytes that it should have.
        expected: u64,
        /// Bytes that it has, or that were there when the limit was passed.
        got: u64,
    },
    /// It has another hash.
    #[error("{got}")]
    Digest {
        /// What it should have.
        expected: Digest,
        /// What it has.
        got: Digest,
    },
    /// It is another git blob.
    #[error("git blob {got}")]
    GitBlob {
        /// What it should be.
        expected: modelpin_schema::BlobId,
        /// What it is.
        got: modelpin_schema::BlobId,
    },
}

/// Why content could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not what it has to be.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The system's trouble.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Whether there is no room for more.
    pub(crate) fn is_full(&self) -> bool {
        let full = |kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        matches!(self, Self::Io { source, .. } if full(source.kind()))
    }

    /// For `map_err`.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

#[cfg(test)]
mod tests;
