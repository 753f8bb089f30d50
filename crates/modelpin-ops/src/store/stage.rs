//! Content on its way into the store: hashed while it is written, visible only when it is proven.

use super::blob::Verified;
use super::files::{in_folder, open_no_follow, read_only, reclaim};
use super::writer::Writer;
use super::{BlobLock, Error, Hashed, Mismatch, Store, Trace, hash_file};
use bytes::Bytes;
use std::fs::OpenOptions;
use std::io::Seek as _;
use std::path::{Path, PathBuf};

/// A file that is coming, whose hash is known. Dropping it keeps what has come, for a later run to go on from.
#[derive(Debug)]
pub struct Staged {
    part: PathBuf,
    file: Writer,
    hashed: Hashed,
    size: u64,
    place: PathBuf,
    // Behind the file, which is written to its end before another process may go on with it.
    pub(super) lock: BlobLock,
}

/// Whether to go on with what an earlier run left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    GoOn,
    Anew,
}

impl Store {
    /// Starts, or goes on with, the content that `lock` is about. What an earlier run left is hashed anew;
    /// [`Staged::offset`] says where to go on.
    ///
    /// # Errors
    /// The system's.
    pub fn stage(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        self.stage_as("part", lock, size, Start::GoOn)
    }

    /// Starts the content that `lock` is about, whatever an earlier run left: for content that is made here.
    ///
    /// # Errors
    /// The system's.
    pub fn stage_anew(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        self.stage_as("copy", lock, size, Start::Anew)
    }

    /// Keeps content that is here as a whole, if it is what `lock` says.
    ///
    /// # Errors
    /// A mismatch; the system's.
    pub fn put(&self, lock: BlobLock, bytes: &[u8]) -> Result<Verified, Error> {
        let mut staged = self.stage_anew(lock, bytes.len() as u64)?;
        staged.write(bytes)?;
        staged.finish()
    }

    pub(super) fn stage_as(&self, extension: &str, lock: BlobLock, size: u64, start: Start) -> Result<Staged, Error> {
        let part = self.unfinished(&lock.digest, extension);
        reclaim(&part)?;
        let mut file = in_folder("open", &part, || {
            let mut options = OpenOptions::new();
            options.create(true).truncate(start == Start::Anew).read(true).write(true);
            open_no_follow(&mut options, &part)
        })?;
        let mut hashed = hash_file(&mut file, size).map_err(Error::io("read", &part))?;
        if hashed.len() > size {
            file.set_len(0).map_err(Error::io("truncate", &part))?;
            file.rewind().map_err(Error::io("rewind", &part))?;
            hashed = Hashed::default();
        }
        let place = self.blob_path(&lock.digest);
        Ok(Staged { part, file: Writer::new(file), hashed, size, place, lock })
    }
}

impl Staged {
    /// How many bytes are here already.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.hashed.len()
    }

    /// More of the content.
    ///
    /// # Errors
    /// More than there should be: what came is dropped. The system's: what came is kept.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.fits(bytes)?;
        self.file.copy(bytes).map_err(Error::io("write", &self.part))?;
        self.hashed.update(bytes);
        Ok(())
    }

    /// As [`Staged::write`], without a copy.
    ///
    /// # Errors
    /// As there.
    pub fn push(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.fits(&bytes)?;
        // Written by another thread while this one hashes.
        self.file.push(bytes.clone()).map_err(Error::io("write", &self.part))?;
        self.hashed.update(&bytes);
        Ok(())
    }

    fn fits(&self, bytes: &[u8]) -> Result<(), Error> {
        let got = self.offset().saturating_add(bytes.len() as u64);
        if got > self.size {
            let _ = std::fs::remove_file(&self.part);
            return Err(Mismatch::Size { expected: self.size, got }.into());
        }
        Ok(())
    }

    /// Makes the content visible, if it is what it has to be; if it is not, what came is dropped.
    ///
    /// # Errors
    /// A mismatch; the system's.
    pub fn finish(self) -> Result<Verified, Error> {
        self.settle().map(|(verified, _)| verified).map_err(|(error, _)| error)
    }

    /// As [`Staged::finish`]; the lock comes back either way.
    pub(super) fn settle(self) -> Result<(Verified, BlobLock), (Error, BlobLock)> {
        let Self { lock, part, file, hashed, size, place } = self;
        let (expected, len) = (lock.digest, hashed.len());
        let settled = if len == size {
            match hashed.digest() {
                got if got == expected => {
                    publish(file, &part, &place).map(|seal| Verified { digest: expected, size, path: place, seal })
                }
                got => Err(Mismatch::Digest { expected, got }.into()),
            }
        } else {
            Err(Mismatch::Size { expected: size, got: len }.into())
        };
        match settled {
            Ok(verified) => Ok((verified, lock)),
            Err(error) => {
                if matches!(error, Error::Mismatch(_)) {
                    let _ = std::fs::remove_file(&part);
                }
                Err((error, lock))
            }
        }
    }
}

/// Puts a proven file in its place: on the disk, read-only, then under its name. Returns what it looks like
/// there.
pub(super) fn publish(file: Writer, from: &Path, place: &Path) -> Result<Trace, Error> {
    let file = file.finish().map_err(Error::io("write", from))?;
    read_only(&file).map_err(Error::io("protect", from))?;
    in_folder("rename", place, || std::fs::rename(from, place))?;
    // Of the open file: whatever takes its name from here on is not what was proven.
    file.metadata().map(|found| Trace::of(&found)).map_err(Error::io("look at", place))
}
