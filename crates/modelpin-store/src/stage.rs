//! Content on its way into the store: hashed while it is written, visible only once it is verified.

use crate::blob::{Verification, Verified};
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

/// A file that is being received, whose hash is known. Dropping it keeps what was received, for a later run to resume.
#[derive(Debug)]
pub struct Staged {
    store: Store,
    part: PathBuf,
    /// Removes the file when dropped, where it is not resumable.
    copy: Option<TempPath>,
    file: Writer,
    hashed: ContentHasher,
    size: u64,
    // Dropped after the file, so that everything is written before another process may resume it.
    pub(crate) lock: BlobLock,
}

impl Store {
    /// Starts or resumes the content that `lock` is for. What an interrupted run left is hashed again;
    /// [`Staged::offset`] says where to resume.
    ///
    /// # Errors
    /// I/O errors from opening or reading the incomplete file.
    pub fn stage(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        let begun = self.resume(&lock, size)?;
        Ok(self.staged(begun, lock, size))
    }

    /// Starts the content that `lock` is for and ignores what an interrupted run left. It is resumable as with
    /// [`Store::stage`].
    ///
    /// # Errors
    /// I/O errors from creating the file.
    pub fn stage_from_scratch(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        let begun = self.start(&lock.digest)?;
        Ok(self.staged(begun, lock, size))
    }

    /// Starts the content that `lock` is for as a temporary file that is never resumed, since it is copied or generated
    /// on this machine.
    ///
    /// # Errors
    /// I/O errors from creating the file.
    pub fn stage_temporary(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
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

    /// Stores `bytes`, if they are what `lock` is for.
    ///
    /// # Errors
    /// Other content; I/O errors from writing it.
    pub fn put(&self, lock: BlobLock, bytes: &[u8]) -> Result<Verified, Error> {
        let mut staged = self.stage_temporary(lock, bytes.len() as u64)?;
        staged.write(bytes)?;
        staged.finish()
    }
}

impl Staged {
    /// How many bytes were received so far.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.hashed.size()
    }

    /// Appends to the content.
    ///
    /// # Errors
    /// More bytes than expected, which discards everything received; I/O errors from writing, which keep it.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.fits(bytes)?;
        self.file.copy(bytes).map_err(Error::io("write", &self.part))?;
        self.hashed.update(bytes);
        Ok(())
    }

    /// As [`Staged::write`], without copying the bytes.
    ///
    /// # Errors
    /// As for [`Staged::write`].
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

    /// Publishes the content if it is what its name says; discards it otherwise.
    ///
    /// # Errors
    /// Other content; I/O errors from writing it.
    pub fn finish(self) -> Result<Verified, Error> {
        self.finish_with_lock().map(|(verified, _)| verified).map_err(|(error, _)| error)
    }

    /// As [`Staged::finish`], and returns the lock in both cases.
    pub(crate) fn finish_with_lock(self) -> Result<(Verified, BlobLock), (Error, BlobLock)> {
        let Self { store, lock, part, copy, file, hashed, size } = self;
        let expected = lock.digest;
        let len = hashed.size();
        let settled = if len == size {
            match hashed.digest() {
                got if got == expected => publish(&store, file, &part, &expected, size),
                got => Err(Mismatch::Digest { expected, got }.into()),
            }
        } else {
            Err(Mismatch::Size { expected: size, got: len }.into())
        };
        // It is renamed, or of no use.
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

/// Publishes a verified file: synced to the disk, made read-only, then renamed to its name. If another process
/// published its own file under that name at the same time, which is possible where locks do not work, that file is
/// verified.
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
    match (store.verify(digest, size)?, renamed) {
        (Verification::Good(verified), _) => Ok(verified),
        (_, Err(error)) => Err(error),
        (_, Ok(())) => Err(Error::io("keep", &path)(ErrorKind::ResourceBusy.into())),
    }
}
