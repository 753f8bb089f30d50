//! Where things are built before they are visible: a folder in the install tree, on its file system, under a name that
//! no loader looks for.
//!
//! Its owner holds a lock on a file in it, so that another process can tell what is being built from what a dead
//! process left. Such a leftover is an untracked file in a folder of the project's own; in a shared cache the next run
//! removes it.

use super::error::Error;
use crate::files::{TEMP_PREFIX, open_no_follow, remove};
use crate::lock::{keeps_others_out, try_lock_file};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const LOCK: &str = "lock";

/// How long a new folder may take to get its lock.
const LOCK_GRACE: Duration = Duration::from_secs(60);

/// How long a folder may stay unchanged before it counts as abandoned, on file systems without working locks.
const ABANDONED_AFTER: Duration = Duration::from_secs(60 * 60);

/// A folder to build in; it is removed when this is dropped.
pub(super) struct Staging {
    folder: TempDir,
    _lock: File,
}

impl Staging {
    /// A new folder in `root`.
    pub(super) fn new(root: &Path) -> Result<Self, Error> {
        loop {
            let made = tempfile::Builder::new().prefix(TEMP_PREFIX).tempdir_in(root);
            let folder = made.map_err(Error::io("make a folder in", root))?;
            let lock = folder.path().join(LOCK);
            match try_lock_file(&lock) {
                Ok(Some(held)) if lock.exists() => return Ok(Self { folder, _lock: held }),
                // Another process removed the folder as abandoned before it was locked.
                Ok(_) => {}
                Err(_) if !folder.path().exists() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A path in it.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Whether a process is building in the folder at `path`.
pub(super) fn is_in_use(path: &Path) -> bool {
    is_staging(path) && matches!(state(path), State::StoreLock)
}

/// Removes the folder at `path`, unless a process is building in it. Returns whether it was removed.
pub(super) fn remove_abandoned(path: &Path) -> Result<bool, Error> {
    match state(path) {
        State::StoreLock => Ok(false),
        // The lock is held until the folder is gone, so that nobody begins to build in it meanwhile.
        State::Abandoned(_lock) => {
            remove(path)?;
            Ok(true)
        }
    }
}

/// Removes what dead processes left in `root`.
pub(super) fn clean_up(root: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(root).map_err(Error::io("list", root))? {
        let path = entry.map_err(Error::io("list", root))?.path();
        if is_staging(&path) {
            remove_abandoned(&path)?;
        }
    }
    Ok(())
}

/// Whether `path` has the name and form of such a folder.
pub(super) fn is_staging(path: &Path) -> bool {
    let named = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(TEMP_PREFIX.as_bytes()));
    named && std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn is_younger(path: &Path, age: Duration) -> bool {
    let changed = std::fs::symlink_metadata(path).and_then(|found| found.modified());
    changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|since| since < age))
}

enum State {
    StoreLock,
    /// With the lock, where there is one.
    Abandoned(Option<File>),
}

fn state(path: &Path) -> State {
    match open_no_follow(OpenOptions::new().write(true), &path.join(LOCK)) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) if keeps_others_out(&path.join(LOCK)) => State::Abandoned(Some(lock)),
            Err(TryLockError::WouldBlock) => State::StoreLock,
            // A file system that has no locks, or grants every one.
            Ok(()) | Err(TryLockError::Error(_)) if is_younger(path, ABANDONED_AFTER) => State::StoreLock,
            Ok(()) | Err(TryLockError::Error(_)) => State::Abandoned(Some(lock)),
        },
        Err(_) if is_younger(path, LOCK_GRACE) => State::StoreLock,
        Err(_) => State::Abandoned(None),
    }
}
