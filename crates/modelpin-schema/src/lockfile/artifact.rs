//! One locked file, and the digest of a set of files.

use crate::{Digest, FileKind};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// One locked file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Artifact {
    /// Its sort: by its bytes, or by its name as long as nobody scanned them.
    pub kind: FileKind,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its content.
    pub sha256: Digest,
}

/// The SHA-256 of the lines `<sha256>  <path>` of files, in the given order.
#[must_use]
pub fn set_digest(files: impl Iterator<Item = (impl fmt::Display, Digest)>) -> Digest {
    let mut hasher = Sha256::new();
    for (path, sha256) in files {
        hasher.update(format!("{}  {path}\n", sha256.hex()));
    }
    Digest::new(hasher.finalize().into())
}
