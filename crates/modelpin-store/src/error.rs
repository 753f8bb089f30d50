//! Why content could not be stored or read.

use modelpin_schema::{BlobId, Digest};
use std::io;
use std::path::{Path, PathBuf};

/// Content that is not what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It has another length.
    #[error("{got} bytes")]
    Size {
        /// The length it should have, in bytes.
        expected: u64,
        /// The length it has, in bytes, or what had been received when it exceeded the limit.
        got: u64,
    },
    /// It has another hash.
    #[error("{got}")]
    Digest {
        /// The hash it should have.
        expected: Digest,
        /// The hash it has.
        got: Digest,
    },
    /// It is another git blob.
    #[error("git blob {got}")]
    GitBlob {
        /// The git blob it should be.
        expected: BlobId,
        /// The git blob it is.
        got: BlobId,
    },
}

/// Why content could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The content is not what it has to be.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// An operation on a file failed.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// The operation, as in `write`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A folder of the store is a symbolic link: what is written and removed below it would be elsewhere.
    #[error("`{}` is a symbolic link", .0.display())]
    LinkedFolder(PathBuf),
}

impl Error {
    /// Whether the disk or the user's quota is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    /// For `map_err`: the failed operation `doing` on `path`.
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
