//! Git files at lock time: their git blob id is known, their SHA-256 is not.

use crate::blob::Verified;
use crate::error::{Error, Mismatch};
use crate::files::open_no_follow;
use crate::hash::{ContentHasher, GitHasher};
use crate::stage::publish;
use crate::store::Store;
use crate::writer::Writer;
use modelpin_schema::{BlobId, Digest};
use std::fs::OpenOptions;
use std::io::Read as _;
use tempfile::TempPath;

/// A git file that is being downloaded. Dropping it discards what was received: such files are small.
pub struct StagedGit {
    store: Store,
    file: Writer,
    path: TempPath,
    blob: BlobId,
    git: GitHasher,
    hashed: ContentHasher,
    size: u64,
}

impl Store {
    /// Starts a git file of `size` bytes of which only the blob id is known.
    ///
    /// # Errors
    /// I/O errors from creating a temporary file.
    pub fn stage_git(&self, blob: BlobId, size: u64) -> Result<StagedGit, Error> {
        let tmp = self.tmp();
        std::fs::create_dir_all(&tmp).map_err(Error::io("make the folder", &tmp))?;
        let made = tempfile::Builder::new().prefix("git-").tempfile_in(&tmp);
        let (file, path) = made.map_err(Error::io("make a file in", &tmp))?.into_parts();
        Ok(StagedGit {
            store: self.clone(),
            file: Writer::new(file),
            path,
            blob,
            git: GitHasher::new(size),
            hashed: ContentHasher::default(),
            size,
        })
    }
}

impl Store {
    /// The git blob id of the content with this SHA-256; `None` where the store lacks it or it is damaged.
    #[must_use]
    pub fn git_blob(&self, digest: &Digest, size: u64) -> Option<BlobId> {
        let mut file = open_no_follow(OpenOptions::new().read(true), &self.blob_path(digest)).ok()?;
        let mut git = GitHasher::new(size);
        let mut hashed = ContentHasher::default();
        let mut buffer = [0; 64 << 10];
        loop {
            let count = file.read(&mut buffer).ok()?;
            let read = buffer.get(..count)?;
            if read.is_empty() {
                break;
            }
            git.update(read);
            hashed.update(read);
        }
        (hashed.size() == size && hashed.digest() == *digest).then(|| git.finish())
    }
}

impl StagedGit {
    /// Appends to the content.
    ///
    /// # Errors
    /// More bytes than expected; I/O errors from writing them.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let got = self.hashed.size().saturating_add(bytes.len() as u64);
        if got > self.size {
            return Err(Mismatch::Size { expected: self.size, got }.into());
        }
        self.file.copy(bytes).map_err(Error::io("write", &self.path))?;
        self.git.update(bytes);
        self.hashed.update(bytes);
        Ok(())
    }

    /// Publishes the content under its SHA-256, if it is the expected git blob.
    ///
    /// # Errors
    /// Other content; I/O errors from writing it.
    pub fn finish(self) -> Result<Verified, Error> {
        if self.hashed.size() != self.size {
            return Err(Mismatch::Size { expected: self.size, got: self.hashed.size() }.into());
        }
        let got = self.git.finish();
        if got != self.blob {
            return Err(Mismatch::GitBlob { expected: self.blob, got }.into());
        }
        let digest = self.hashed.digest();
        publish(&self.store, self.file, &self.path, &digest, self.size)
    }
}
