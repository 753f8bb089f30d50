//! Content on its way into the store: hashed while it is written, visible only when it is proven.

use crate::blob::{Proof, Verified};
use crate::error::{Error, Mismatch};
use crate::files::{in_folder, read_only};
use crate::hash::ContentHasher;
use crate::lock::BlobLock;
use crate::stat::FileStat;
use crate::store::Store;
use crate::writer::Writer;
use bytes::Bytes;
use modelpin_schema::Digest;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// A file that is coming, whose hash is known. Dropping it keeps what has come, for a later run to go on from.
#[derive(Debug)]
pub struct Staged {
    store: Store,
    part: PathBuf,
    /// Removes the file, where no part of it is worth keeping.
    copy: Option<TempPath>,
    file: Writer,
    hashed: ContentHasher,
    size: u64,
    // Behind the file, which is written to its end before another process may go on with it.
    pub(crate) lock: BlobLock,
}

impl Store {
    /// Starts, or goes on with, the content that `lock` is about. What an earlier run left is hashed anew;
    /// [`Staged::offset`] says where to go on.
    ///
    /// # Errors
    /// The system's.
    pub fn stage(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        let begun = self.go_on(&lock, size)?;
        Ok(self.staged(begun, lock, size))
    }

    /// Starts the content that `lock` is about, whatever an earlier run left. What comes is kept as by [`Store::stage`].
    ///
    /// # Errors
    /// The system's.
    pub fn stage_from_nothing(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        let begun = self.begin(&lock.digest)?;
        Ok(self.staged(begun, lock, size))
    }

    /// Starts the content that `lock` is about, of which no part is worth keeping: it is copied or made here.
    ///
    /// # Errors
    /// The system's.
    pub fn stage_anew(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        let tmp = self.tmp();
        let mut builder = tempfile::Builder::new();
        let prefix = format!("{}.", lock.digest.hex());
        builder.prefix(&prefix).suffix(".copy");
        let made = in_folder("make a file in", &tmp.join(&prefix), || builder.tempfile_in(&tmp))?;
        let (file, copy) = made.into_parts();
        let staged = self.staged((copy.to_path_buf(), file, ContentHasher::default()), lock, size);
        Ok(Staged { copy: Some(copy), ..staged })
    }

    fn staged(&self, (part, file, hashed): (PathBuf, File, ContentHasher), lock: BlobLock, size: u64) -> Staged {
        Staged { store: self.clone(), part, copy: None, file: Writer::new(file), hashed, size, lock }
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
}

impl Staged {
    /// How many bytes are here already.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.hashed.size()
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
    pub(crate) fn settle(self) -> Result<(Verified, BlobLock), (Error, BlobLock)> {
        let Self { store, lock, part, copy, file, hashed, size } = self;
        let (expected, len) = (lock.digest, hashed.size());
        let settled = if len == size {
            match hashed.digest() {
                got if got == expected => publish(&store, file, &part, &expected, size),
                got => Err(Mismatch::Digest { expected, got }.into()),
            }
        } else {
            Err(Mismatch::Size { expected: size, got: len }.into())
        };
        // Under its new name, or of no use.
        drop(copy);
        match settled {
            Ok(verified) => {
                store.drop_parts(&lock);
                Ok((verified, lock))
            }
            Err(error) => {
                if matches!(error, Error::Mismatch(_)) {
                    let _ = std::fs::remove_file(&part);
                }
                Err((error, lock))
            }
        }
    }
}

/// Puts a proven file in its place: on the disk, read-only, then under its name. Whatever has that name then is what was
/// proven, or is proven itself: where locks keep nobody out, another process can put its own there.
pub(crate) fn publish(store: &Store, file: Writer, from: &Path, digest: &Digest, size: u64) -> Result<Verified, Error> {
    let path = store.blob_path(digest);
    let file = file.finish().map_err(Error::io("write", from))?;
    read_only(&file).map_err(Error::io("protect", from))?;
    let renamed = in_folder("rename", &path, || std::fs::rename(from, &path));
    let stat = file.metadata().map(|found| FileStat::of(&found)).map_err(Error::io("look at", &path))?;
    let there = std::fs::symlink_metadata(&path).map(|found| FileStat::of(&found));
    if renamed.is_ok() && there.is_ok_and(|there| there.identity() == stat.identity()) {
        return Ok(Verified { digest: *digest, size, path, stat });
    }
    match (store.prove(digest, size)?, renamed) {
        (Proof::Good(verified), _) => Ok(verified),
        (_, Err(error)) => Err(error),
        (_, Ok(())) => Err(Error::io("keep", &path)(ErrorKind::ResourceBusy.into())),
    }
}
