//! Locks between processes: on one blob, on one project, and on the store as a whole, which is not pruned while it is
//! used.
//!
//! Locks save work; correctness does not depend on them. Some network file systems have no `flock`, and some grant
//! every lock: so incomplete files have names of their own ([`crate::parts`]), and are renamed into place when they are
//! whole.

use crate::error::Error;
use crate::files::{in_folder, open_no_follow, read_small};
use crate::store::Store;
use modelpin_schema::Digest;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Held while a process fetches or verifies a blob; dropping it releases the lock.
#[derive(Debug)]
pub struct BlobLock {
    pub(crate) digest: Digest,
    _file: File,
}

/// A lock on the store: shared while a process uses it, exclusive while one prunes it.
#[derive(Debug)]
pub struct StoreLock {
    /// `None` in a store where no lock file can be created, which cannot be pruned either.
    file: Option<File>,
    path: PathBuf,
}

impl StoreLock {
    /// Whether the lock really excludes other processes.
    pub(crate) fn keeps_others_out(&self) -> bool {
        self.file.is_some() && keeps_others_out(&self.path)
    }
}

impl Store {
    /// Locks the blob of `digest` between processes, calling `waiting` once if another process holds the lock.
    ///
    /// # Errors
    /// I/O errors from the lock file.
    pub fn lock(&self, digest: &Digest, waiting: &dyn Fn()) -> Result<BlobLock, Error> {
        let file = lock_file(&self.lock_path(digest), waiting)?;
        Ok(BlobLock { digest: *digest, _file: file })
    }

    /// As [`Store::lock`], but returns `None` where another process holds the lock.
    pub(crate) fn try_lock(&self, digest: &Digest) -> Result<Option<BlobLock>, Error> {
        let file = try_lock_file(&self.lock_path(digest))?;
        Ok(file.map(|file| BlobLock { digest: *digest, _file: file }))
    }

    /// Whether `lock` really excludes other processes.
    pub(crate) fn keeps_others_out(&self, lock: &BlobLock) -> bool {
        keeps_others_out(&self.lock_path(&lock.digest))
    }

    /// Whether a process holds the lock on the blob of `digest` now, without writing anything.
    pub(crate) fn is_locked(&self, digest: &Digest) -> bool {
        let file = open_no_follow(OpenOptions::new().write(true), &self.lock_path(digest));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Keeps the store from being pruned until the result is dropped. If another process is pruning it, `waiting` is
    /// called once, with that process where it is known.
    #[must_use]
    pub fn lock_shared(&self, waiting: &dyn Fn(Option<u32>)) -> StoreLock {
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
        // A store that cannot be locked may still be read; whoever writes to it reports the error.
        StoreLock { file: shared().ok(), path: path.clone() }
    }

    /// Waits until no other process uses the store, and keeps it so until the result is dropped. If another process
    /// uses it, `waiting` is called once, with that process where it is known.
    ///
    /// # Errors
    /// I/O errors from the lock file.
    pub fn lock_exclusively(&self, waiting: &dyn Fn(Option<u32>)) -> Result<StoreLock, Error> {
        let path = self.locks().join("store.lock");
        let file = lock_file(&path, &|| waiting(holder(&path)))?;
        Ok(StoreLock { file: Some(file), path })
    }

    /// The id of the process that holds the lock on the blob of `digest`, for messages. Only meaningful inside
    /// `waiting` of [`Store::lock`].
    #[must_use]
    pub fn holder(&self, digest: &Digest) -> Option<u32> {
        holder(&self.lock_path(digest))
    }

    fn lock_path(&self, digest: &Digest) -> PathBuf {
        self.locks().join(format!("{}.lock", digest.hex()))
    }
}

/// Opens and locks the file at `path`. It is never removed while someone could wait for it: a lock on a file without a
/// name would exclude nobody.
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

/// As [`lock_file`], but returns `None` where another process holds the lock.
pub(crate) fn try_lock_file(path: &Path) -> Result<Option<File>, Error> {
    let file = open(path)?;
    let ours = granted(file.try_lock()).map_err(Error::io("lock", path))?;
    if ours {
        sign(&file);
    }
    Ok(ours.then_some(file))
}

/// Whether the lock on the file at `path`, which this process holds, really excludes others: a second attempt has to
/// fail, even in this process.
pub(crate) fn keeps_others_out(path: &Path) -> bool {
    let file = open_no_follow(OpenOptions::new().write(true), path);
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Whether a lock was granted; a file system without locks grants it.
fn granted(tried: Result<(), TryLockError>) -> std::io::Result<bool> {
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => without_locks(Err(error)).map(|()| true),
    }
}

/// The result of taking a lock; a file system without locks grants it.
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

/// The id of the process that holds the lock at `path`, if it can be read. A process that gets the lock writes its id
/// at once, so this retries for 20 ms.
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

/// Writes this process's id into a lock file that it holds, for messages of waiting processes. Errors do not matter.
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
