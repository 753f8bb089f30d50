//! One process at a time works on one blob, or on one target.

use super::{Error, Store};
use modelpin_schema::Digest;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Held while a process fetches or checks a blob; dropping it lets the next one in.
#[derive(Debug)]
pub struct BlobLock {
    pub(super) digest: Digest,
    _file: File,
}

impl Store {
    /// Locks the blob of `digest` between processes, calling `waiting` once if another holds it.
    ///
    /// # Errors
    /// The system's.
    pub fn lock(&self, digest: &Digest, waiting: &dyn Fn()) -> Result<BlobLock, Error> {
        let folder = self.locks();
        std::fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
        let file = lock_file(&folder.join(format!("{}.lock", digest.hex())), waiting)?;
        Ok(BlobLock { digest: *digest, _file: file })
    }
}

/// Opens and locks the file at `path`. It is never removed while someone could wait for it: a lock on a file
/// that has no name any more would keep nobody out.
pub(crate) fn lock_file(path: &Path, waiting: &dyn Fn()) -> Result<File, Error> {
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(Error::io("open", path))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => waiting(),
        Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
    }
    file.lock().map_err(Error::io("lock", path))?;
    Ok(file)
}
