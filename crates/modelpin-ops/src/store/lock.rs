//! One process at a time works on one blob, or on one target.

use super::files::{in_folder, open_no_follow};
use super::{Error, Store};
use modelpin_schema::Digest;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

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
        let file = lock_file(&self.lock_path(digest), waiting)?;
        Ok(BlobLock { digest: *digest, _file: file })
    }

    /// As [`Store::lock`], but none where another holds it.
    pub(super) fn try_lock(&self, digest: &Digest) -> Result<Option<BlobLock>, Error> {
        let file = try_lock_file(&self.lock_path(digest))?;
        Ok(file.map(|file| BlobLock { digest: *digest, _file: file }))
    }

    /// Whether a process holds the lock on the blob of `digest` now. Nothing is written to find out.
    pub(super) fn is_locked(&self, digest: &Digest) -> bool {
        open_no_follow(OpenOptions::new().write(true), &self.lock_path(digest))
            .is_ok_and(|file| file.try_lock().is_err())
    }

    /// The process that holds the lock on the blob of `digest`, for a person who waits for it. Only `waiting`
    /// of [`Store::lock`] can know that there is one.
    #[must_use]
    pub fn holder(&self, digest: &Digest) -> Option<u32> {
        holder(&self.lock_path(digest))
    }

    fn lock_path(&self, digest: &Digest) -> PathBuf {
        self.locks().join(format!("{}.lock", digest.hex()))
    }
}

/// Opens and locks the file at `path`. It is never removed while someone could wait for it: a lock on a file
/// that has no name any more would keep nobody out.
pub(crate) fn lock_file(path: &Path, waiting: &dyn Fn()) -> Result<File, Error> {
    if let Some(file) = try_lock_file(path)? {
        return Ok(file);
    }
    waiting();
    let file = open(path)?;
    file.lock().map_err(Error::io("lock", path))?;
    sign(&file);
    Ok(file)
}

/// As [`lock_file`], but none where another process holds the lock.
pub(crate) fn try_lock_file(path: &Path) -> Result<Option<File>, Error> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => {
            sign(&file);
            Ok(Some(file))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}

/// The process that signed the lock at `path`, if its file can be read.
pub(crate) fn holder(path: &Path) -> Option<u32> {
    let mut text = String::new();
    let file = open_no_follow(OpenOptions::new().read(true), path).ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim_end().parse().ok()
}

fn open(path: &Path) -> Result<File, Error> {
    in_folder("open", path, || open_no_follow(OpenOptions::new().create(true).truncate(false).write(true), path))
}

/// Leaves this process's id in a lock file that it holds, for whoever waits. The lock counts without it.
fn sign(mut file: &File) {
    let _ = file.set_len(0).and_then(|()| file.write_all(format!("{}\n", std::process::id()).as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::{holder, lock_file, try_lock_file};
    use std::cell::Cell;

    #[test]
    fn whoever_waits_knows_for_whom() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = lock_file(&path, &|| panic!("nobody holds it")).unwrap();
        assert_eq!(holder(&path), Some(std::process::id()));
        assert!(try_lock_file(&path).unwrap().is_none());
        let calls = Cell::new(0);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(std::time::Duration::from_millis(50));
                drop(held);
            });
            lock_file(&path, &|| calls.set(calls.get() + 1)).unwrap();
        });
        assert_eq!(calls.get(), 1);
        assert!(try_lock_file(&path).unwrap().is_some(), "it was dropped");
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_is_not_signed_through_a_planted_link() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        std::fs::write(&precious, "mine").unwrap();
        let path = folder.path().join("lock");
        std::os::unix::fs::symlink(&precious, &path).unwrap();
        assert!(lock_file(&path, &|| {}).is_err());
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine");
    }
}
