//! Content on its way into the store: hashed while it is written, visible only when it is proven.

use super::blob::Verified;
use super::{BlobLock, Error, GitHasher, Hashed, Mismatch, Proof, Store, hash_file};
use modelpin_schema::BlobId;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// A file that is coming, whose hash is known. Dropping it keeps what has come, for a later run to go on from.
#[derive(Debug)]
pub struct Staged {
    lock: BlobLock,
    part: PathBuf,
    file: File,
    hashed: Hashed,
    size: u64,
    place: PathBuf,
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hashed({} bytes)", self.len())
    }
}

impl Store {
    /// Starts, or goes on with, the content that `lock` is about. What an earlier run left is hashed anew;
    /// [`Staged::offset`] says where to go on.
    ///
    /// # Errors
    /// The system's.
    pub fn stage(&self, lock: BlobLock, size: u64) -> Result<Staged, Error> {
        let tmp = self.tmp();
        std::fs::create_dir_all(&tmp).map_err(Error::io("make the folder", &tmp))?;
        let part = tmp.join(format!("{}.part", lock.digest.hex()));
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&part)
            .map_err(Error::io("open", &part))?;
        let mut hashed = hash_file(&mut file, size).map_err(Error::io("read", &part))?;
        if hashed.len() > size {
            file.set_len(0).map_err(Error::io("truncate", &part))?;
            std::io::Seek::rewind(&mut file).map_err(Error::io("rewind", &part))?;
            hashed = Hashed::default();
        }
        let place = self.blob_path(&lock.digest);
        Ok(Staged { lock, part, file, hashed, size, place })
    }

    /// Copies the content that `lock` is about from a mirror's file, hashing it on the way. The lock comes
    /// back, for the next source to be tried where this one was absent or wrong.
    ///
    /// # Errors
    /// The system's.
    pub fn adopt(&self, lock: BlobLock, size: u64, from: &Path) -> Result<(Proof, BlobLock), Error> {
        let mut source = match File::open(from) {
            Ok(source) => source,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Proof::Absent, lock)),
            Err(error) => return Err(Error::io("open", from)(error)),
        };
        let mut staged = self.stage(lock, size)?;
        staged.restart()?;
        let mut buffer = vec![0; 256 << 10];
        loop {
            let read = source.read(&mut buffer).map_err(Error::io("read", from))?;
            if read == 0 {
                break;
            }
            match staged.write(buffer.get(..read).unwrap_or_default()) {
                Ok(()) => {}
                Err(Error::Mismatch(mismatch)) => return Ok((Proof::Bad(mismatch), staged.lock)),
                Err(error) => return Err(error),
            }
        }
        match staged.settle() {
            Ok((verified, lock)) => Ok((Proof::Good(verified), lock)),
            Err((Error::Mismatch(mismatch), lock)) => Ok((Proof::Bad(mismatch), lock)),
            Err((error, _)) => Err(error),
        }
    }

    /// Starts a git file of which only the blob id is known.
    ///
    /// # Errors
    /// The system's.
    pub fn stage_git(&self, blob: BlobId, size: u64) -> Result<StagedGit, Error> {
        let tmp = self.tmp();
        std::fs::create_dir_all(&tmp).map_err(Error::io("make the folder", &tmp))?;
        let file =
            tempfile::Builder::new().prefix("git-").tempfile_in(&tmp).map_err(Error::io("make a file in", &tmp))?;
        Ok(StagedGit { store: self.clone(), file, blob, git: GitHasher::new(size), hashed: Hashed::default(), size })
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
        let got = self.offset().saturating_add(bytes.len() as u64);
        if got > self.size {
            let _ = std::fs::remove_file(&self.part);
            return Err(Mismatch::Size { expected: self.size, got }.into());
        }
        self.file.write_all(bytes).map_err(Error::io("write", &self.part))?;
        self.hashed.update(bytes);
        Ok(())
    }

    /// Forgets what has come.
    fn restart(&mut self) -> Result<(), Error> {
        self.file.set_len(0).map_err(Error::io("truncate", &self.part))?;
        std::io::Seek::rewind(&mut self.file).map_err(Error::io("rewind", &self.part))?;
        self.hashed = Hashed::default();
        Ok(())
    }

    /// Makes the content visible, if it is what it has to be; if it is not, what came is dropped.
    ///
    /// # Errors
    /// A mismatch; the system's.
    pub fn finish(self) -> Result<Verified, Error> {
        self.settle().map(|(verified, _)| verified).map_err(|(error, _)| error)
    }

    fn settle(self) -> Result<(Verified, BlobLock), (Error, BlobLock)> {
        let Self { lock, part, file, hashed, size, place } = self;
        let expected = lock.digest;
        let len = hashed.len();
        let settled = if len == size {
            match hashed.digest() {
                got if got == expected => {
                    publish(&file, &part, &place).map(|()| Verified { digest: expected, size, path: place })
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

/// Puts a proven file in its place: on the disk, read-only, then under its name.
fn publish(file: &File, from: &Path, place: &Path) -> Result<(), Error> {
    file.sync_data().map_err(Error::io("write", from))?;
    read_only(file).map_err(Error::io("protect", from))?;
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    }
    std::fs::rename(from, place).map_err(Error::io("rename", from))
}

/// Takes the permission to write from everyone.
pub(crate) fn read_only(file: &File) -> std::io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o444);
    #[cfg(not(unix))]
    permissions.set_readonly(true);
    file.set_permissions(permissions)
}

/// A git file that is coming. Dropping it drops what has come: such files are small.
pub struct StagedGit {
    store: Store,
    file: tempfile::NamedTempFile,
    blob: BlobId,
    git: GitHasher,
    hashed: Hashed,
    size: u64,
}

impl StagedGit {
    /// More of the content.
    ///
    /// # Errors
    /// More than there should be; the system's.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let got = self.hashed.len().saturating_add(bytes.len() as u64);
        if got > self.size {
            return Err(Mismatch::Size { expected: self.size, got }.into());
        }
        self.file.write_all(bytes).map_err(Error::io("write", self.file.path()))?;
        self.git.update(bytes);
        self.hashed.update(bytes);
        Ok(())
    }

    /// Makes the content visible under its SHA-256, if it is the git blob that was announced.
    ///
    /// # Errors
    /// A mismatch; the system's.
    pub fn finish(self) -> Result<Verified, Error> {
        if self.hashed.len() != self.size {
            return Err(Mismatch::Size { expected: self.size, got: self.hashed.len() }.into());
        }
        let got = self.git.finish();
        if got != self.blob {
            return Err(Mismatch::GitBlob { expected: self.blob, got }.into());
        }
        let digest = self.hashed.digest();
        let place = self.store.blob_path(&digest);
        publish(self.file.as_file(), self.file.path(), &place)?;
        // It has its new name already; the temporary file has nothing left to remove.
        let _ = self.file.into_temp_path().keep();
        Ok(Verified { digest, size: self.size, path: place })
    }
}
