//! Blobs that are there, and the proof that they are what their names say.

use crate::error::{Error, Mismatch};
use crate::files::open_no_follow;
use crate::hash::hash_file;
use crate::stat::FileStat;
use crate::store::Store;
use modelpin_schema::Digest;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is at a blob's place, by a look at the folder alone: no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nothing, or no ordinary file.
    Absent,
    /// A file of another length.
    WrongSize(u64),
    /// A file of the right length.
    Present,
}

/// What hashing a blob showed.
#[derive(Debug)]
pub enum Proof {
    /// There is none.
    Absent,
    /// It is what it has to be.
    Good(Verified),
    /// It is not.
    Bad(Mismatch),
}

/// Content that was hashed, and is what it has to be. Only the store makes one.
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

    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where it is in the store.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file looked like when it was proven: while it looks the same, it is.
    #[must_use]
    pub fn stat(&self) -> FileStat {
        self.stat
    }
}

impl Store {
    /// What is at the place of `digest`, without reading it.
    ///
    /// # Errors
    /// The system's.
    pub fn held(&self, digest: &Digest, size: u64) -> Result<Held, Error> {
        let path = self.blob_path(digest);
        match std::fs::symlink_metadata(&path) {
            Ok(found) if !found.is_file() => Ok(Held::Absent),
            Ok(found) if found.len() != size => Ok(Held::WrongSize(found.len())),
            Ok(_) => Ok(Held::Present),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Held::Absent),
            Err(error) => Err(Error::io("look at", &path)(error)),
        }
    }

    /// Hashes the blob of `digest`.
    ///
    /// # Errors
    /// The system's.
    pub fn prove(&self, digest: &Digest, size: u64) -> Result<Proof, Error> {
        match self.held(digest, size)? {
            Held::Absent => return Ok(Proof::Absent),
            Held::WrongSize(got) => {
                return Ok(Proof::Bad(Mismatch::Size { expected: size, got }));
            }
            Held::Present => {}
        }
        let path = self.blob_path(digest);
        let mut file = match open_no_follow(OpenOptions::new().read(true), &path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Proof::Absent),
            Err(error) => return Err(Error::io("open", &path)(error)),
        };
        let stat = FileStat::of(&file.metadata().map_err(Error::io("look at", &path))?);
        let hashed = hash_file(&mut file, size).map_err(Error::io("read", &path))?;
        if hashed.size() != size {
            return Ok(Proof::Bad(Mismatch::Size { expected: size, got: hashed.size() }));
        }
        let got = hashed.digest();
        if got == *digest {
            return Ok(Proof::Good(Verified { digest: got, size, path, stat }));
        }
        Ok(Proof::Bad(Mismatch::Digest { expected: *digest, got }))
    }

    /// Removes the blob of `digest`, unless it is what its name says after all. Says whether it was removed: a blob that stays
    /// has another length than somebody expected, who is wrong.
    ///
    /// # Errors
    /// The system's.
    pub fn set_aside(&self, digest: &Digest) -> Result<bool, Error> {
        let len = std::fs::symlink_metadata(self.blob_path(digest)).map_or(0, |found| found.len());
        if matches!(self.prove(digest, len)?, Proof::Good(_)) {
            return Ok(false);
        }
        self.discard(digest).map(|()| true)
    }

    /// Removes a blob that is not what it has to be.
    ///
    /// # Errors
    /// The system's.
    pub fn discard(&self, digest: &Digest) -> Result<(), Error> {
        let path = self.blob_path(digest);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }
}
