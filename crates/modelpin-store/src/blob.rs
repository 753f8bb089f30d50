//! Blobs in the store, and verifying that they are what their names say.

use crate::error::{Error, Mismatch};
use crate::files::open_no_follow;
use crate::hash::hash_file;
use crate::stat::FileStat;
use crate::store::Store;
use modelpin_schema::Digest;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is at a blob's path, by its metadata alone: it proves nothing about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobState {
    /// Nothing, or no regular file.
    Absent,
    /// A file of another length, in bytes.
    WrongSize(u64),
    /// A file of the right length.
    Present,
}

/// What hashing a blob showed.
#[derive(Debug)]
pub enum Verification {
    /// There is no such blob.
    Absent,
    /// It is what its name says.
    Good(Verified),
    /// It is not what its name says.
    Bad(Mismatch),
}

/// Content that was hashed and is what its name says. Only the store creates one.
#[derive(Debug, Clone)]
pub struct Verified {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    pub(crate) path: PathBuf,
    pub(crate) stat: FileStat,
}

impl Verified {
    /// Its hash.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its path in the store.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's times and inode when it was verified: while they are the same, so is the content.
    #[must_use]
    pub fn stat(&self) -> FileStat {
        self.stat
    }
}

impl Store {
    /// What is at the path of the blob `digest`, without reading it.
    ///
    /// # Errors
    /// I/O errors from looking at the blob.
    pub fn blob_state(&self, digest: &Digest, size: u64) -> Result<BlobState, Error> {
        let path = self.blob_path(digest);
        match std::fs::symlink_metadata(&path) {
            Ok(found) if !found.is_file() => Ok(BlobState::Absent),
            Ok(found) if found.len() != size => Ok(BlobState::WrongSize(found.len())),
            Ok(_) => Ok(BlobState::Present),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(BlobState::Absent),
            Err(error) => Err(Error::io("look at", &path)(error)),
        }
    }

    /// Hashes the blob of `digest`, which should have `size` bytes.
    ///
    /// # Errors
    /// I/O errors from reading the blob.
    pub fn verify(&self, digest: &Digest, size: u64) -> Result<Verification, Error> {
        match self.blob_state(digest, size)? {
            BlobState::Absent => return Ok(Verification::Absent),
            BlobState::WrongSize(got) => {
                return Ok(Verification::Bad(Mismatch::Size { expected: size, got }));
            }
            BlobState::Present => {}
        }
        let path = self.blob_path(digest);
        let mut file = match open_no_follow(OpenOptions::new().read(true), &path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Verification::Absent),
            Err(error) => return Err(Error::io("open", &path)(error)),
        };
        let stat = FileStat::of(&file.metadata().map_err(Error::io("look at", &path))?);
        let hashed = hash_file(&mut file, size).map_err(Error::io("read", &path))?;
        if hashed.size() != size {
            return Ok(Verification::Bad(Mismatch::Size { expected: size, got: hashed.size() }));
        }
        let got = hashed.digest();
        if got == *digest {
            return Ok(Verification::Good(Verified { digest: got, size, path, stat }));
        }
        Ok(Verification::Bad(Mismatch::Digest { expected: *digest, got }))
    }

    /// Removes the blob of `digest`, unless it is what its name says. Returns whether it was removed: if not, the
    /// length that the caller expected is wrong.
    ///
    /// # Errors
    /// I/O errors from reading or removing the blob.
    pub fn remove_if_damaged(&self, digest: &Digest) -> Result<bool, Error> {
        let len = std::fs::symlink_metadata(self.blob_path(digest)).map_or(0, |found| found.len());
        if matches!(self.verify(digest, len)?, Verification::Good(_)) {
            return Ok(false);
        }
        self.remove_blob(digest).map(|()| true)
    }

    /// Removes the blob of `digest`, if there is one.
    ///
    /// # Errors
    /// I/O errors from removing the blob.
    pub fn remove_blob(&self, digest: &Digest) -> Result<(), Error> {
        let path = self.blob_path(digest);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }
}
