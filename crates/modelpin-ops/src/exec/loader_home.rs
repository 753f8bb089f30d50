//! The folder that a program is given for `HF_HOME`: made for one run, empty but for `hub`, so that nothing in it is of
//! the user's own, of another run, or of anybody who changed what an earlier run left.
//!
//! ```text
//! <home of the record>/modelpin-run-<boot>-<random>/      of one command, as long as it runs
//! <home of the record>/modelpin-shell-<random>/           of whoever evaluated `modelpin env`
//! ```
//!
//! A command replaces this process, so nobody is left to remove its folder when it ends. It inherits a lock instead,
//! and whoever makes the next folder removes those that nobody holds.

use crate::refusal::Failure;
use modelpin_store as store;
use modelpin_store::Record;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long the folder is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// As long as the command runs that takes the place of this process.
    Command,
    /// As long as a shell may be open.
    Shell,
}

/// The least age of a folder that is removed: its maker may not have locked it yet.
const YOUNG: Duration = Duration::from_secs(60);
/// The age at which a folder goes of which nobody here can know whether it is in use.
const OLD: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most folders that are looked at in one run.
const MANY: usize = 1000;
/// The first part of the names of folders of commands, and of shells.
const RUN: &str = "modelpin-run-";
const SHELL: &str = "modelpin-shell-";

/// A folder for `HF_HOME`.
#[derive(Debug)]
pub struct LoaderHome {
    path: PathBuf,
    _held: Option<File>,
}

impl LoaderHome {
    /// Makes one whose `hub` leads to `hub`, or is an empty folder. It is made in the folder of `record`; where there
    /// is none that can be written to, in the system's folder for what is temporary.
    ///
    /// # Errors
    /// I/O errors, where neither folder can be written to.
    pub(crate) fn make(record: Option<&Record>, span: Lifetime, hub: Option<&Path>) -> Result<Self, Failure> {
        let kept = record.and_then(|record| {
            record.create().ok()?;
            let folder = record.home();
            std::fs::create_dir_all(&folder).ok()?;
            // A store that came from elsewhere may hold links, and something is removed here.
            let is_real = |folder: &Path| folder.symlink_metadata().is_ok_and(|found| found.is_dir());
            [record.folder(), &folder].into_iter().all(is_real).then(|| Self::make_in(&folder, span))?.ok()
        });
        let temporary = std::env::temp_dir();
        let home = match kept {
            Some(home) => home,
            None => Self::make_in(&temporary, span).map_err(Failure::io("make a folder for loaders in", &temporary))?,
        };
        let link = home.path.join("hub");
        match hub {
            // Without links, loaders that know nothing but the home find nothing, which is better than something else.
            Some(hub) if link_to(hub, &link).is_ok() => {}
            _ => std::fs::create_dir(&link).map_err(Failure::io("make the folder", &link))?,
        }
        Ok(home)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn make_in(parent: &Path, span: Lifetime) -> std::io::Result<Self> {
        tidy(parent);
        let prefix = match span {
            Lifetime::Command => format!("{RUN}{}-", store::boot_id()),
            Lifetime::Shell => SHELL.to_owned(),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let path = builder.tempdir_in(parent)?.keep();
        let held = if span == Lifetime::Command { hold(&path) } else { None };
        Ok(Self { path, _held: held })
    }
}

/// Removes the folders of commands and shells that are over. What cannot be removed stays.
fn tidy(parent: &Path) {
    let here = format!("{RUN}{}-", store::boot_id());
    for entry in parent.read_dir().into_iter().flatten().take(MANY).flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(RUN) && !name.starts_with(SHELL) {
            continue;
        }
        let made = entry.metadata().and_then(|found| found.modified()).ok();
        let age = made.and_then(|made| SystemTime::now().duration_since(made).ok()).unwrap_or_default();
        let path = entry.path();
        // A lock that a program on another machine holds may not be seen from here.
        let is_over = name.starts_with(&here) && age > YOUNG && is_free(&path);
        if is_over || age > OLD {
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// Whether no process of this machine holds the folder. Where locks keep nobody out, none can tell.
fn is_free(folder: &Path) -> bool {
    let (Some(mine), Some(other)) = (open(folder), open(folder)) else { return false };
    mine.try_lock().is_ok() && other.try_lock().is_err()
}

#[cfg(unix)]
fn open(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    // Not through a link, and not a pipe, which would keep us waiting.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    rustix::fs::open(folder, flags, Mode::empty()).ok().map(Into::into)
}

#[cfg(not(unix))]
fn open(folder: &Path) -> Option<File> {
    File::open(folder).ok()
}

/// Locks the folder for this process and for the command that it becomes, with whatever that starts.
#[cfg(unix)]
fn hold(folder: &Path) -> Option<File> {
    use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
    let file = open(folder)?;
    file.try_lock_shared().ok()?;
    // A number that no script uses for a file of its own.
    let inherited = fcntl_dupfd_cloexec(&file, 100).ok()?;
    fcntl_setfd(&inherited, FdFlags::empty()).ok()?;
    Some(inherited.into())
}

#[cfg(not(unix))]
fn hold(folder: &Path) -> Option<File> {
    open(folder).filter(|file| file.try_lock_shared().is_ok())
}

#[cfg(unix)]
fn link_to(hub: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(hub, link)
}

#[cfg(not(unix))]
fn link_to(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::{Lifetime, LoaderHome, OLD, YOUNG, tidy};
    use modelpin_store::boot_id;
    use std::fs::File;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    /// Makes the folder as old as that.
    fn age(folder: &Path, age: Duration) {
        File::open(folder).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn what_is_over_goes_and_what_is_in_use_or_somebody_s_stays() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str, old: Duration| {
            let path = parent.path().join(name);
            std::fs::create_dir_all(path.join("datasets")).unwrap();
            age(&path, old);
            path
        };
        let boot = boot_id();
        let day = Duration::from_secs(24 * 60 * 60);
        let over = [
            make(&format!("modelpin-run-{boot}-a"), 2 * YOUNG),
            make("modelpin-run-else-a", OLD + day),
            make("modelpin-shell-a", OLD + day),
        ];
        let kept = [
            make(&format!("modelpin-run-{boot}-b"), YOUNG / 2),
            make("modelpin-run-else-b", day),
            make("modelpin-shell-b", day),
            make("mine", OLD + day),
            make("run-a", OLD + day),
        ];
        let busy = LoaderHome::make_in(parent.path(), Lifetime::Command).unwrap();
        age(busy.path(), 2 * YOUNG);
        #[cfg(unix)]
        std::os::unix::fs::symlink(parent.path().join("mine"), parent.path().join(format!("modelpin-run-{boot}-link")))
            .unwrap();
        tidy(parent.path());
        assert!(over.iter().all(|path| !path.exists()), "{over:?}");
        assert!(kept.iter().all(|path| path.join("datasets").is_dir()), "{kept:?}");
        assert!(busy.path().is_dir());
        let path = busy.path().to_owned();
        drop(busy);
        // What other tests start meanwhile has inherited it.
        while path.exists() {
            tidy(parent.path());
            std::thread::yield_now();
        }
    }

    #[cfg(unix)]
    #[test]
    fn it_is_nobody_else_s_and_leads_to_the_target() {
        use std::os::unix::fs::PermissionsExt as _;
        let hub = tempfile::tempdir().unwrap();
        let home = LoaderHome::make(None, Lifetime::Shell, Some(hub.path())).unwrap();
        assert_eq!(home.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(home.path().join("hub").read_link().unwrap(), hub.path());
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
        std::fs::remove_dir_all(home.path()).unwrap();
        let home = LoaderHome::make(None, Lifetime::Command, None).unwrap();
        assert_eq!(home.path().join("hub").read_dir().unwrap().count(), 0);
        std::fs::remove_dir_all(home.path()).unwrap();
    }
}
