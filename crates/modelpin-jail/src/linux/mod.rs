//! The jail on Linux.
//!
//! - [`launcher`]: the process that starts, waits and tidies
//! - [`mod@guard`]: the process between, which ends what is left when either of the others has ended
//! - [`confined`]: the process that gives everything up and becomes the command
//! - [`paths`], [`program`], [`variables`]: what the command may read, and what it is told
//! - [`files`]: Landlock; [`seccomp`]: system calls; [`privileges`], [`descriptors`]: what is inherited
//! - [`notifications`], [`signal_broker`]: signals, where Landlock does not know them
//! - [`cleanup`]: what is left when the command has ended

mod cleanup;
mod confined;
mod descriptors;
mod files;
mod guard;
mod launcher;
mod notifications;
mod paths;
mod privileges;
mod processes;
mod program;
mod seccomp;
mod signal_broker;
mod signals;
mod variables;

pub use confined::enter;
pub use guard::guard;
pub use launcher::run;

use crate::{Error, Inside};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// The variables that tell a process of ours what to do, each with its number. Not as arguments: whoever ends all
/// processes that have `modelpin` among theirs (`pkill -f`) would end the guard as well, and with it the end of the
/// rest.
const WORD: &str = "MODELPIN_JAIL_WORD_";

/// What the process that started this one has told it, after the words that lead here.
#[must_use]
pub fn words() -> Vec<OsString> {
    (0..).map_while(|number| std::env::var_os(format!("{WORD}{number}"))).collect()
}

/// Starts this program anew, with no variables but what it is told.
fn anew(inside: &Inside, enter: &[OsString]) -> Command {
    let mut command = Command::new(SELF);
    let words = inside.words().into_iter().enumerate();
    command.args(enter).env_clear().envs(words.map(|(number, word)| (format!("{WORD}{number}"), word)));
    command
}

/// A command that is told nothing of this.
fn plain(program: &Path) -> Command {
    let mut command = Command::new(program);
    for number in 0..words().len() {
        command.env_remove(format!("{WORD}{number}"));
    }
    command
}

impl Inside {
    /// The words for this.
    fn words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        words.extend([OsString::from("--parent"), self.parent.to_string().into()]);
        words.extend(["--landlock".into(), self.landlock.to_string().into()]);
        words.extend(["--private".into(), self.private.clone().into()]);
        let options = |name: &'static str, paths: &[PathBuf]| {
            paths.iter().flat_map(|path| [OsString::from(name), path.into()]).collect::<Vec<_>>()
        };
        words.extend(options("--read", &self.read));
        words.extend(options("--write", &self.write));
        for (is_set, word) in [(self.devices, "--devices"), (self.guarded, "--guarded")] {
            words.extend(is_set.then(|| word.into()));
        }
        words.extend(["--".into(), self.program.clone().into()]);
        words.extend(self.args.iter().cloned());
        words
    }
}

impl Error {
    /// The kernel does not hold `promise`, for the reason `detail`.
    fn lacks(promise: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Lacks { promise, detail: detail.to_string() }
    }

    /// For `map_err`: an I/O error about `path`.
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
