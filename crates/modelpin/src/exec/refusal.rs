//! Refusals of a jail that cannot be set up as asked.

use modelpin_jail::Error;
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
    Refusal::new(ErrorClass::Internal, format!("{place} cannot hold the jail"))
        .expected(expected)
        .got(got)
        .why(why)
        .help(help)
        .into()
}

/// An invalid request.
fn misuse(error: Error) -> Refusal {
    let shown = |path: &Path| format!("`{}`", visible(&path.to_string_lossy()));
    match error {
        Error::NoProgram(program) => Refusal::new(ErrorClass::Usage, format!("there is no command {}", shown(Path::new(&program)))).expected("a program file, or the name of one in a folder of `PATH`").got("none").why("nothing was started").help("`command -v CMD` shows what a shell would run"),
        Error::Shim(path) => Refusal::new(ErrorClass::Usage, format!("{} is a version manager's launcher", shown(&path))).expected("the program itself").got("a launcher that looks for it in your home folder").why("the home folder cannot be read in the jail").help("name the program by its path, as `pyenv which python3` prints it, or make a virtual environment: `python3 -m venv .venv`"),
        Error::Whole(path) => Refusal::new(ErrorClass::Usage, "the whole system would be let into the jail").expected("a file or folder that the command needs").got(shown(&path)).why("a jail without walls holds nothing").help("`modelpin exec --jail --allow-read PATH -- CMD` with a folder further down"),
        Error::Covers { write, protected } => Refusal::new(ErrorClass::Usage, format!("`--allow-write` would let the command change {}", shown(&protected))).expected("a file or folder apart from the models, the store, and modelpin's own files").got(shown(&write)).why("what was pinned and reviewed must not change under the command's hands").help("`modelpin exec --jail --allow-write OUT -- CMD` with a folder of its own for what it writes"),
        Error::Exposed { hidden, within } => Refusal::new(ErrorClass::Usage, format!("{} would be open to the command", shown(&hidden))).expected("a project and a home outside of the system's own folders").got(format!("one below {}, which every jail can read", shown(&within))).why("`.env` files and tokens would be read").help("move the project, or set `HOME` to a folder elsewhere; then `modelpin exec --jail -- CMD`"),
        Error::Stream { number, kind } => Refusal::new(ErrorClass::Usage, format!("standard stream {number} is a {kind}")).expected("a file, a pipe, a terminal, or the end of a local pair").got(format!("a {kind}")).why("what is open already cannot be taken away: a connection, or the names in a folder").help("put a pipe between: `cat | modelpin exec --jail -- CMD | cat`"),
        Error::Devices(device) => Refusal::new(ErrorClass::Usage, format!("{} is a device to be read only, beside another to be written to", shown(&device))).expected("Landlock ABI 5, as of Linux 6.10, or one of the two").got("an older one, which lets requests to every device through, or to none").why("the command could change the state of a device that it may only read").help("leave it out, or let it in with `modelpin exec --jail --allow-write DEVICE -- CMD`"),
        Error::Alone => Refusal::new(ErrorClass::Usage, "the one who waits for the command has ended").expected("modelpin, until the command has ended").got("none").why("nothing in the jail outlives modelpin").help("run it again"),
        Error::NotHere | Error::Lacks { .. } | Error::Io { .. } => Refusal::new(ErrorClass::Usage, "the jail failed").expected("a command in the jail").got("none").why("nothing was started").help("run it again"),
    }
}
