//! Why a folder could not be made what a lock says.

use super::discrepancy::Discrepancy;
use modelpin_schema::{Digest, Name};
use std::path::PathBuf;

/// Why a folder could not be made what a lock says.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An operation on a file or on the store failed.
    #[error(transparent)]
    Store(#[from] crate::Error),
    /// A file or a symbolic link is in the folder's place.
    #[error("`{}` is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// Something would have to be removed from a folder that modelpin did not create on this machine.
    #[error("`{path}` is in `{}`, which modelpin did not create", root.display())]
    NotOurs {
        /// The folder.
        root: PathBuf,
        /// The path in it of what would be removed.
        path: String,
    },
    /// Two entries of the lock cannot be installed in one folder.
    #[error("{}: {}", .0.path, .0.reason)]
    Conflict(Box<Conflict>),
    /// The shared Hugging Face cache holds other content than the lock.
    #[error("the shared Hugging Face cache differs from the lock in {} places", .0.len())]
    SharedCache(Vec<SharedConflict>),
    /// The shared Hugging Face cache holds files that are excluded.
    #[error("the shared Hugging Face cache has {} excluded files", .0.len())]
    ExcludedInSharedCache(Vec<Discrepancy>),
    /// The lock gives one hash two lengths.
    #[error("{digest} has {got} bytes, not {expected}")]
    SizeMismatch {
        /// The hash.
        digest: Digest,
        /// The length that the lock says, in bytes.
        expected: u64,
        /// The length of the content with this hash, in bytes.
        got: u64,
    },
    /// Content was to be installed that nobody verified.
    #[error("{0} was not verified")]
    NotVerified(Digest),
    /// A file changed between the inspection and its use.
    #[error("`{}` changed meanwhile", .0.display())]
    Changed(PathBuf),
}

impl Error {
    /// For `map_err`: the failed operation `doing` on `path`.
    pub(super) fn io(doing: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let error = crate::Error::io(doing, path);
        move |source| Self::Store(error(source))
    }
}

/// Two entries that cannot be installed in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// One of the entries, where one can be named.
    pub entry: Option<Name>,
    /// The path that they disagree about, from the folder.
    pub path: String,
    /// Why they disagree.
    pub reason: String,
}

/// Something in the shared Hugging Face cache that is not what the lock says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedConflict {
    /// The entry that it belongs to, where one can be named.
    pub entry: Option<Name>,
    /// Its path in the cache.
    pub path: String,
    /// What it is instead.
    pub got: String,
}
