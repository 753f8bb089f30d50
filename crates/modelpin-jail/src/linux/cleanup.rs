//! Cleaning up when the command has ended: the processes that it started, and its private folder.

use super::processes::{Process, children};
use rustix::process::{WaitOptions, getpid, set_child_subreaper, wait};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// From now on, a process whose parent ends becomes a child of this one.
pub(super) fn adopt_orphans() {
    // Linux has had it since 3.4.
    let _ = set_child_subreaper(Some(getpid()));
}

/// Ends what the command has left running, until nothing is left, also of what starts others meanwhile: the children of
/// what is ended become children of this process, and so their turn comes.
pub(super) fn end_descendants() {
    loop {
        for child in children() {
            // By descriptor, as `kill` may wait for an answer of this very process.
            if let Some(child) = Process::hold(child) {
                let _ = child.signal(libc::SIGKILL);
            }
        }
        // Everything that has ended is reaped before the next round: a command that starts more than one process a
        // round would win otherwise.
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                // No children are left.
                Err(_) => return,
            }
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// A folder of the command's own, for nobody else to look into.
///
/// # Errors
/// I/O errors from making the folder.
pub(super) fn private_folder() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("modelpin-jail-").permissions(PermissionsExt::from_mode(0o700)).tempdir()
}

/// Removes the folder with all that the command left there, if the guard has not; returns its path if that fails.
pub(super) fn remove_folder(folder: TempDir) -> Option<PathBuf> {
    let path = folder.path().to_owned();
    if !path.exists() || folder.close().is_ok() {
        return None;
    }
    remove_folder_at(&path).is_err().then_some(path)
}

/// Removes the folder at `path` and what is in it.
///
/// # Errors
/// I/O errors from listing or removing the folder.
pub(super) fn remove_folder_at(path: &Path) -> io::Result<()> {
    // Folders can be made so that not even their owner may list them.
    std::fs::remove_dir_all(path).or_else(|_| open_up(path).and_then(|()| std::fs::remove_dir_all(path)))
}

fn open_up(folder: &Path) -> io::Result<()> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700))?;
        for entry in folder.read_dir()? {
            let entry = entry?;
            // The type of the entry itself: a link to a folder is not one.
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            }
        }
    }
    Ok(())
}
