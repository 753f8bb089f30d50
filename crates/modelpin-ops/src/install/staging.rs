//! Where things are built before they are visible: a folder in the target, on its file system, under a name
//! that no loader looks for.
//!
//! Its owner holds a lock on a file in it, so that another process can tell what is being built from what a
//! dead process left. Such a leftover is a stranger in a target of the project's own; in a shared cache the
//! next run removes it.

use super::place::remove;
use crate::refusal::Failure;
use crate::store::{keeps_others_out, open_no_follow, try_lock_file};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const PREFIX: &str = ".modelpin-";
const LOCK: &str = "lock";

/// How long a folder may take to get its lock.
const GRACE: Duration = Duration::from_secs(60);

/// How long nothing may come into a folder before it counts as left, where no lock says whether its process lives.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// A folder to build in; it goes when this is dropped.
pub(super) struct Staging {
    folder: TempDir,
    _lock: File,
}

impl Staging {
    /// A new folder in `root`.
    pub(super) fn new(root: &Path) -> Result<Self, Failure> {
        loop {
            let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(root);
            let folder = made.map_err(Failure::io("make a folder in", root))?;
            let lock = folder.path().join(LOCK);
            match try_lock_file(&lock) {
                Ok(Some(held)) if lock.exists() => return Ok(Self { folder, _lock: held }),
                // Somebody who tidies was quicker.
                Ok(_) => {}
                Err(_) if !folder.path().exists() => {}
                Err(error) => return Err(super::io(error)),
            }
        }
    }

    /// A place in it.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Whether a process is building in the folder at `path`.
pub(super) fn is_alive(path: &Path) -> bool {
    is_ours(path) && matches!(state(path), State::Alive)
}

/// Removes the folder at `path`, unless a process is building in it. Says whether it is gone.
pub(super) fn remove_dead(path: &Path) -> Result<bool, Failure> {
    match state(path) {
        State::Alive => Ok(false),
        // The lock is held until the folder is gone, so that nobody begins to build in it meanwhile.
        State::Dead(_lock) => remove(path).map(|()| true),
    }
}

/// Removes what dead processes left in `root`.
pub(super) fn tidy(root: &Path) -> Result<(), Failure> {
    for entry in std::fs::read_dir(root).map_err(Failure::io("list", root))? {
        let path = entry.map_err(Failure::io("list", root))?.path();
        if is_ours(&path) {
            remove_dead(&path)?;
        }
    }
    Ok(())
}

/// Whether `path` has the name and form of such a folder.
pub(super) fn is_ours(path: &Path) -> bool {
    let named = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()));
    named && std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn is_young(path: &Path, age: Duration) -> bool {
    let changed = std::fs::symlink_metadata(path).and_then(|found| found.modified());
    changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|since| since < age))
}

enum State {
    Alive,
    /// With the lock, where there is one.
    Dead(Option<File>),
}

fn state(path: &Path) -> State {
    match open_no_follow(OpenOptions::new().write(true), &path.join(LOCK)) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) if keeps_others_out(&path.join(LOCK)) => State::Dead(Some(lock)),
            Err(TryLockError::WouldBlock) => State::Alive,
            // A file system that has no locks, or grants every one.
            Ok(()) | Err(TryLockError::Error(_)) if is_young(path, PATIENCE) => State::Alive,
            Ok(()) | Err(TryLockError::Error(_)) => State::Dead(Some(lock)),
        },
        Err(_) if is_young(path, GRACE) => State::Alive,
        Err(_) => State::Dead(None),
    }
}
