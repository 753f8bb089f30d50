//! `modelpin __jail`: the guard that `exec --jail` starts, and the process that the guard starts, which gives everything up
//! and becomes the command. It is nothing to be typed, so it is in no help and no completion. And the words for a jail that
//! cannot be had.

use clap::Parser;
use modelpin_jail::{Error, Inside};
use modelpin_ops::refusal::usage;
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::visible;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The word that leads here.
pub(crate) const WORD: &str = "__jail";

#[derive(Debug, Parser)]
struct Args {
    #[arg(long)]
    read: Vec<PathBuf>,
    #[arg(long)]
    write: Vec<PathBuf>,
    #[arg(long)]
    devices: bool,
    #[arg(long)]
    private: PathBuf,
    #[arg(long)]
    landlock: u8,
    #[arg(long)]
    parent: u32,
    #[arg(long)]
    guarded: bool,
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Guards the command, or becomes it in the jail, if that is what this process was started for: how the command ended, or
/// what kept it from that.
pub(crate) fn inside() -> Option<Result<i32, Failure>> {
    if std::env::args_os().nth(1)? != WORD {
        return None;
    }
    let args = match Args::try_parse_from([OsString::from(WORD)].into_iter().chain(modelpin_jail::words())) {
        Ok(args) => args,
        Err(error) => return Some(Err(Failure::Tool { program: "the jail", message: error.to_string() })),
    };
    let mut words = args.command.into_iter();
    let inside = Inside {
        program: words.next().unwrap_or_default().into(),
        args: words.collect(),
        read: args.read,
        write: args.write,
        devices: args.devices,
        private: args.private,
        landlock: args.landlock,
        parent: args.parent,
        guarded: args.guarded,
    };
    Some(if inside.guarded {
        Err(refused(modelpin_jail::enter(inside)))
    } else {
        modelpin_jail::guard(&inside, &[WORD.into()]).map_err(refused)
    })
}

/// What could not be done, in five parts.
pub(crate) fn refused(error: Error) -> Failure {
    match error {
        Error::NotHere => no_jail("this system".to_owned(), std::env::consts::OS, "Linux on x86-64 or aarch64"),
        Error::Lacks { promise, said } => no_jail(kernel(), &visible(&said), promise),
        Error::Io { doing, path, source } => Failure::Io { doing, path, source },
        other => misuse(other).into(),
    }
}

/// The kernel, for people.
fn kernel() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("the kernel (Linux {})", visible(release.trim()))
}

fn no_jail(place: String, got: &str, expected: &str) -> Failure {
    let why = "a jail with a gap holds nothing; the command was not started";
    let help = "run it on Linux 5.13 or later with `landlock` among its security modules (`cat /sys/kernel/security/lsm`; the \
                boot parameter `lsm=landlock,…` adds it), and in a container that allows `landlock_restrict_self` and `seccomp`; \
                `modelpin exec -- CMD` runs it without a jail, with everything that you can reach";
    Refusal {
        class: ErrorClass::Internal,
        rule: None,
        at: None,
        name: None,
        path: None,
        what: format!("{place} cannot hold the jail"),
        expected: expected.to_owned(),
        got: got.to_owned(),
        why: why.to_owned(),
        help: help.to_owned(),
    }
    .into()
}

/// What was asked for and cannot be meant.
fn misuse(error: Error) -> Refusal {
    let shown = |path: &Path| format!("`{}`", visible(&path.to_string_lossy()));
    match error {
        Error::NoProgram(program) => usage::other(
            format!("there is no command {}", shown(Path::new(&program))),
            "a program file, or the name of one in a folder of `PATH`",
            "none".to_owned(),
            "nothing was started",
            "`command -v CMD` shows what a shell would run",
        ),
        Error::Shim(path) => usage::other(
            format!("{} is a version manager's launcher", shown(&path)),
            "the program itself",
            "a launcher that looks for it in your home folder".to_owned(),
            "the home folder cannot be read in the jail",
            "name the program by its path, as `pyenv which python3` prints it, or make a virtual environment: `python3 -m venv .venv`",
        ),
        Error::Whole(path) => usage::other(
            "the whole system would be let into the jail".to_owned(),
            "a file or folder that the command needs",
            shown(&path),
            "a jail without walls holds nothing",
            "`modelpin exec --jail --allow-read PATH -- CMD` with a folder further down",
        ),
        Error::Covers { write, protected } => usage::other(
            format!("`--allow-write` would let the command change {}", shown(&protected)),
            "a file or folder apart from the models, the store, and modelpin's own files",
            shown(&write),
            "what was pinned and reviewed must not change under the command's hands",
            "`modelpin exec --jail --allow-write OUT -- CMD` with a folder of its own for what it writes",
        ),
        Error::Exposed { hidden, within } => usage::other(
            format!("{} would be open to the command", shown(&hidden)),
            "a project and a home outside of the system's own folders",
            format!("one below {}, which every jail can read", shown(&within)),
            "`.env` files and tokens would be read",
            "move the project, or set `HOME` to a folder elsewhere; then `modelpin exec --jail -- CMD`",
        ),
        Error::Stream { number, kind } => usage::other(
            format!("standard stream {number} is a {kind}"),
            "a file, a pipe, a terminal, or the end of a local pair",
            format!("a {kind}"),
            "what is open already cannot be taken away: a connection, or the names in a folder",
            "put a pipe between: `cat | modelpin exec --jail -- CMD | cat`",
        ),
        Error::Devices(device) => usage::other(
            format!("{} is a device to be read only, beside another to be written to", shown(&device)),
            "Landlock ABI 5, as of Linux 6.10, or one of the two",
            "an older one, which lets requests to every device through, or to none".to_owned(),
            "the command could change the state of a device that it may only read",
            "leave it out, or let it in with `modelpin exec --jail --allow-write DEVICE -- CMD`",
        ),
        Error::Alone => usage::other(
            "the one who waits for the command has ended".to_owned(),
            "modelpin, until the command has ended",
            "none".to_owned(),
            "nothing in the jail outlives modelpin",
            "run it again",
        ),
        Error::NotHere | Error::Lacks { .. } | Error::Io { .. } => usage::other(
            "the jail failed".to_owned(),
            "a command in the jail",
            "none".to_owned(),
            "nothing was started",
            "run it again",
        ),
    }
}
