//! The jail of `modelpin exec --jail`: one command without network, home, credentials, other processes or a way to
//! change the models.
//!
//! The program starts itself again ([`run`]) as a guard, which waits ([`guard`]), and that starts itself once more,
//! gives up everything ([`enter`]) and becomes the command. Landlock decides which files can be opened and, where it
//! can, which processes can be signalled; seccomp decides which system calls there are; capabilities go; descriptors
//! and variables are the few that are listed. If one of these cannot be had, nothing is started. Nothing here needs a
//! privilege, and nothing here is undone.
//!
//! Linux on x86-64 and aarch64 only; elsewhere the functions answer [`Error::NotHere`].

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub use linux::{enter, guard, run, words};

use std::ffi::OsString;
use std::path::PathBuf;

/// What is wanted of a jail.
#[derive(Debug, Default)]
pub struct Jail {
    /// The command: a path, or a name to be looked for in `PATH`.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The words that make this program call [`guard`] or [`enter`] with what [`words`] says: options and the command.
    pub enter: Vec<OsString>,
    /// Variables that the command gets, besides the documented few of this process that are kept.
    pub variables: Vec<(OsString, OsString)>,
    /// Folders of models: to be read, and never written to. One that is not there is passed over.
    pub models: Vec<PathBuf>,
    /// Links to folders of models, by name, in the private folder that `HF_HUB_CACHE` names.
    pub hub: Vec<(OsString, PathBuf)>,
    /// Other files and folders that no `write` may cover. They need not be there.
    pub protected: Vec<PathBuf>,
    /// Folders that must not lie within what every jail can read, such as the project and the home folder.
    pub hidden: Vec<PathBuf>,
    /// Folders in which people's tools keep secrets; no part of the program's own installation may cover one.
    pub secret: Vec<PathBuf>,
    /// Files and folders to be read as well.
    pub read: Vec<PathBuf>,
    /// Files and folders to be read and written as well.
    pub write: Vec<PathBuf>,
    /// The newest ABI of Landlock that may be used: what it lacks is held as on a kernel that has no more.
    pub landlock: Option<u8>,
}

/// What the guard and the process that becomes the command are told: everything is decided already.
#[derive(Debug, Default, Clone)]
pub struct Inside {
    /// The command's file.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Everything below these can be read and run.
    pub read: Vec<PathBuf>,
    /// Everything below these can be changed as well.
    pub write: Vec<PathBuf>,
    /// Whether a device is among `write`, whose driver's requests cannot be told apart from here.
    pub devices: bool,
    /// The private folder, which is also in `write`.
    pub private: PathBuf,
    /// The ABI of Landlock that is used.
    pub landlock: u8,
    /// The number of the process that this is told by.
    pub parent: u32,
    /// Whether that process is the guard, so that this is the one to become the command.
    pub guarded: bool,
}

/// How the command ended, and what was left to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The command's exit code, or 128 and the number of the signal that ended it.
    pub code: i32,
    /// The private folder, where it could not be removed.
    pub left: Option<PathBuf>,
}

/// Why there is no jail, or no command in it.
#[derive(Debug)]
pub enum Error {
    /// Another system than Linux, or another processor.
    NotHere,
    /// The kernel does not hold one of the promises.
    Lacks {
        /// The promise and what it rests on.
        promise: &'static str,
        /// What the kernel reported.
        detail: String,
    },
    /// A standard stream is a socket, through which the command could reach the network, or a folder that it could
    /// list.
    Stream {
        /// 0, 1 or 2.
        number: i32,
        /// What it is.
        kind: &'static str,
    },
    /// No such command.
    NoProgram(OsString),
    /// A launcher of a version manager, which starts another program from the home folder.
    Shim(PathBuf),
    /// A path that is the whole system.
    Whole(PathBuf),
    /// A path to be written to that covers, or is within, something that must not change.
    Covers {
        /// The path to be written to.
        write: PathBuf,
        /// What must not change.
        protected: PathBuf,
    },
    /// A folder that must be hidden lies within one that every jail can read.
    Exposed {
        /// The folder that must be hidden.
        hidden: PathBuf,
        /// The one that can be read.
        within: PathBuf,
    },
    /// Whoever waits for the command has ended before it was started.
    Alone,
    /// A device to be read beside one to be written to, where Landlock cannot hold requests to the first.
    Devices(PathBuf),
    /// An I/O error.
    Io {
        /// What was being done, as in `read`.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// There is no jail on this system.
///
/// # Errors
/// [`Error::NotHere`], always.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub fn run(_: &Jail, _: &dyn Fn(&std::path::Path)) -> Result<Ended, Error> {
    Err(Error::NotHere)
}

/// There is no jail on this system.
///
/// # Errors
/// [`Error::NotHere`], always.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub fn guard(_: &Inside, _: &[OsString]) -> Result<i32, Error> {
    Err(Error::NotHere)
}

/// There is no jail on this system.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[must_use]
pub fn words() -> Vec<OsString> {
    Vec::new()
}

/// There is no jail on this system.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[must_use]
pub fn enter(_: Inside) -> Error {
    Error::NotHere
}
