//! Refusals of a jail that cannot be set up as asked.

use modelpin_jail::Error;
use modelpin_ops::refusal::usage;
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::visible;
use std::path::Path;

/// Why there is no jail, as a refusal.
pub(crate) fn of(error: Error) -> Failure {
    match error {
        Error::NotHere => no_jail("this system".to_owned(), std::env::consts::OS, "Linux on x86-64 or aarch64"),
        Error::Lacks { promise, said } => no_jail(kernel(), &visible(&said), promise),
        Error::Io { doing, path, source } => Failure::Io { doing, path, source },
        other => misuse(other).into(),
    }
}

/// The kernel and its release.
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

/// An invalid request.
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
