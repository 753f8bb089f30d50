//! One process at a time works on one blob, or on one project; and none prunes the store while others use it.
//!
//! A lock saves work; what is right does not hang on it. Some network file systems have no `flock`, and some grant every one:
//! files on their way have names of their own ([`crate::parts`]), and come into their place whole.

use crate::error::Error;
use crate::files::{in_folder, open_no_follow, read_small};
use crate::store::Store;
use modelpin_schema::Digest;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Held while a process fetches or checks a blob; dropping it lets the next one in.
#[derive(Debug)]
pub struct BlobLock {
    pub(crate) digest: Digest,
    _file: File,
}

/// Held while a process uses the store, so that nothing is pruned under its hands; or while one prunes it.
#[derive(Debug)]
pub struct InUse {
    /// None in a store where no lock can be made, which nobody can prune from here either.
    file: Option<File>,
    path: PathBuf,
}

impl InUse {
    /// Whether the lock is one that keeps other processes out.
    pub(crate) fn keeps_others_out(&self) -> bool {
        self.file.is_some() && keeps_others_out(&self.path)
    }
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
    pub(crate) fn try_lock(&self, digest: &Digest) -> Result<Option<BlobLock>, Error> {
        let file = try_lock_file(&self.lock_path(digest))?;
        Ok(file.map(|file| BlobLock { digest: *digest, _file: file }))
    }

    /// Whether `lock` is one that keeps other processes out.
    pub(crate) fn keeps_others_out(&self, lock: &BlobLock) -> bool {
        keeps_others_out(&self.lock_path(&lock.digest))
    }

    /// Whether a process holds the lock on the blob of `digest` now. Nothing is written to find out.
    pub(crate) fn is_locked(&self, digest: &Digest) -> bool {
        let file = open_no_follow(OpenOptions::new().write(true), &self.lock_path(digest));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Keeps the store from being pruned until the result is dropped. `waiting` is called once, with the process that
    /// prunes it where that is known, if there is one.
    #[must_use]
    pub fn in_use(&self, waiting: &dyn Fn(Option<u32>)) -> InUse {
        let path = self.locks().join("store.lock");
        let shared = || -> std::io::Result<File> {
            let file = open(&path).map_err(std::io::Error::other)?;
            if !granted(file.try_lock_shared())? {
                waiting(holder(&path));
                without_locks(file.lock_shared())?;
            }
            sign(&file);
            Ok(file)
        };
        // Whatever is wrong with a store that has to be written is told by whoever writes to it.
        InUse { file: shared().ok(), path: path.clone() }
    }

    /// Waits until nobody uses the store, and keeps it so until the result is dropped. `waiting` is called once, with a
    /// process that uses it where that is known, if there is one.
    ///
    /// # Errors
    /// The system's.
    pub fn alone(&self, waiting: &dyn Fn(Option<u32>)) -> Result<InUse, Error> {
        let path = self.locks().join("store.lock");
        let file = lock_file(&path, &|| waiting(holder(&path)))?;
        Ok(InUse { file: Some(file), path })
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
    without_locks(file.lock()).map_err(Error::io("lock", path))?;
    sign(&file);
    Ok(file)
}

/// As [`lock_file`], but none where another process holds the lock.
pub(crate) fn try_lock_file(path: &Path) -> Result<Option<File>, Error> {
    let file = open(path)?;
    let ours = granted(file.try_lock()).map_err(Error::io("lock", path))?;
    if ours {
        sign(&file);
    }
    Ok(ours.then_some(file))
}

/// Whether the lock on the file at `path`, which this process holds, keeps others out: a second try has to fail, even in
/// this process.
pub(crate) fn keeps_others_out(path: &Path) -> bool {
    let file = open_no_follow(OpenOptions::new().write(true), path);
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Whether a lock was granted, as far as the file system has locks.
fn granted(tried: Result<(), TryLockError>) -> std::io::Result<bool> {
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => without_locks(Err(error)).map(|()| true),
    }
}

/// The outcome of taking a lock; a file system that has none grants it.
fn without_locks(outcome: std::io::Result<()>) -> std::io::Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::Unsupported || has_no_locks(&error) => Ok(()),
        other => other,
    }
}

#[cfg(unix)]
fn has_no_locks(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let missing = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::INVAL];
    error.raw_os_error().is_some_and(|code| missing.iter().any(|errno| errno.raw_os_error() == code))
}

#[cfg(not(unix))]
fn has_no_locks(_: &std::io::Error) -> bool {
    false
}

/// The process that signed the lock at `path`, if its file can be read. Whoever has just got the lock signs it at once.
pub(crate) fn holder(path: &Path) -> Option<u32> {
    let signed = || String::from_utf8(read_small(path, 16).ok()?).ok()?.strip_suffix('\n')?.parse().ok();
    (0..20).find_map(|_| {
        signed().or_else(|| {
            std::thread::sleep(Duration::from_millis(1));
            None
        })
    })
}

fn open(path: &Path) -> Result<File, Error> {
    let opened =
        in_folder("open", path, || open_no_follow(OpenOptions::new().create(true).truncate(false).write(true), path));
    let file = opened?;
    match file.metadata() {
        Ok(found) if found.is_file() => Ok(file),
        Ok(_) => Err(Error::io("lock", path)(ErrorKind::InvalidInput.into())),
        Err(error) => Err(Error::io("look at", path)(error)),
    }
}

/// Leaves this process's id in a lock file that it holds, for whoever waits. The lock counts without it.
fn sign(mut file: &File) {
    let text = format!("{}\n", std::process::id());
    let _ = file.write_all(text.as_bytes()).and_then(|()| file.set_len(text.len() as u64));
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
