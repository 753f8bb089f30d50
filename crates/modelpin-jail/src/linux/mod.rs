//! The jail on Linux.
//!
//! - [`outside`]: the process that starts, waits and tidies
//! - [`guard`]: the process between, which ends what is left when either of the others has ended
//! - [`inside`]: the process that gives everything up and becomes the command
//! - [`paths`], [`program`], [`variables`]: what the command may read, and what it is told
//! - [`files`]: Landlock; [`seccomp`]: system calls; [`privileges`], [`descriptors`]: what is inherited
//! - [`listener`], [`referee`]: signals, where Landlock does not know them
//! - [`rest`]: what is left when the command has ended

mod descriptors;
mod files;
mod guard;
mod inside;
mod listener;
mod outside;
mod paths;
mod privileges;
mod processes;
mod program;
mod referee;
mod rest;
mod seccomp;
mod signals;
mod variables;

pub use guard::guard;
pub use inside::enter;
pub use outside::run;

use crate::{Error, Inside};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// This program, whatever has become of its file.
const SELF: &str = "/proc/self/exe";

/// How much of Landlock is used: its ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level(u8);

impl Level {
    /// Whether files that are not opened for writing cannot be cut short.
    fn holds_truncation(self) -> bool {
        self.0 >= 3
    }

    /// Whether requests go only to the devices that may be written to.
    fn holds_devices(self) -> bool {
        self.0 >= 5
    }

    /// Whether signals reach only what is in the jail.
    fn holds_signals(self) -> bool {
        self.0 >= 6
    }
}

impl Inside {
    /// The words that make this program do this, after those of `enter`.
    fn words(&self, enter: &[OsString]) -> Vec<OsString> {
        let mut words = enter.to_vec();
        words.extend(["--parent".into(), self.parent.to_string().into()]);
        words.extend(["--landlock".into(), self.landlock.to_string().into()]);
        words.extend(["--private".into(), self.private.clone().into()]);
        let options = |name: &'static str, paths: &[PathBuf]| {
            paths.iter().flat_map(|path| [OsString::from(name), path.into()]).collect::<Vec<_>>()
        };
        words.extend(options("--read", &self.read));
        words.extend(options("--write", &self.write));
        for (said, word) in [(self.devices, "--devices"), (self.guarded, "--guarded")] {
            words.extend(said.then(|| word.into()));
        }
        words.extend(["--".into(), self.program.clone().into()]);
        words.extend(self.args.iter().cloned());
        words
    }
}

impl Error {
    /// For `map_err`: the system's word about `path`.
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
