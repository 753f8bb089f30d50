//! What is left when the command has ended: processes that it started, and its private folder.

use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long processes that start others are hunted.
const PATIENCE: Duration = Duration::from_secs(5);

/// From now on, a process whose parent ends becomes a child of this one.
pub(super) fn adopt() {
    // Linux has had it since 3.4; without it, what the command leaves behind stays in the jail and goes on.
    let _ = set_child_subreaper(Some(getpid()));
}

/// Ends what the command has left running.
pub(super) fn end() {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let children = children();
        for child in &children {
            let _ = kill_process(*child, Signal::KILL);
        }
        match waitpid(None, WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) if !children.is_empty() => std::thread::sleep(Duration::from_millis(1)),
            // None left, or none that can be seen.
            Ok(None) | Err(_) => return,
        }
    }
}

fn children() -> Vec<Pid> {
    let mut found = Vec::new();
    for task in Path::new("/proc/self/task").read_dir().into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(text.split_whitespace().filter_map(|word| Pid::from_raw(word.parse().ok()?)));
    }
    found
}

/// A folder of the command's own, for nobody else to look into.
///
/// # Errors
/// The system's.
pub(super) fn private() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("modelpin-jail-").permissions(PermissionsExt::from_mode(0o700)).tempdir()
}

/// Removes the folder with all that the command left there; says where it is if that fails.
pub(super) fn remove(folder: TempDir) -> Option<PathBuf> {
    let path = folder.path().to_owned();
    if folder.close().is_ok() {
        return None;
    }
    // Folders can be made so that not even their owner may list them.
    let removed = open_up(&path).and_then(|()| std::fs::remove_dir_all(&path));
    removed.is_err().then_some(path)
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
