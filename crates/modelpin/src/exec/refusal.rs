//! Refusals of a jail that cannot be set up as asked.

use modelpin_jail::Error;
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::visible;
use std::path::Path;

/// Why there is no jail, as a refusal.
pub(crate) fn of(error: Error) -> Failure {
    match error {
        Error::NotHere => no_jail("this system".to_owned(), std::env::consts::OS, "Linux on x86-64 or aarch64"),
        Error::Lacks { promise, detail } => no_jail(kernel(), &visible(&detail), promise),
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
    Refusal::new(ErrorClass::Internal, format!("{place} cannot hold the jail"))
        .expected(expected)
        .got(got)
        .why("a jail with a gap does not protect; the command was not started")
        .help(
            "use Linux 5.13 or later, with `landlock` in `/sys/kernel/security/lsm` (boot parameter `lsm=landlock,…`)",
        )
        .help("in a container, allow `landlock_restrict_self` and `seccomp`")
        .help("or run `modelpin exec -- CMD` without a jail: the command can then reach everything that you can")
        .into()
}

/// A jail that cannot be as it was asked for.
fn misuse(error: Error) -> Refusal {
    let shown = |path: &Path| format!("`{}`", visible(&path.to_string_lossy()));
    let usage = |what: String| Refusal::new(ErrorClass::Usage, what);
    match error {
        Error::NoProgram(program) => usage(format!("command {} not found", shown(Path::new(&program))))
            .expected("a program file, or the name of one in a folder of `PATH`")
            .help("run `command -v CMD` to see what a shell would run"),
        Error::Shim(path) => usage(format!("{} is a version manager's launcher", shown(&path)))
            .expected("the program itself")
            .got("a launcher that looks for it in your home folder")
            .why("the home folder cannot be read in the jail")
            .help("name the program by its path, as `pyenv which python3` prints it")
            .help("or make a virtual environment: `python3 -m venv .venv`"),
        Error::Whole(path) => usage("the jail would include the whole system".to_owned())
            .expected("a file or folder that the command needs")
            .got(shown(&path))
            .why("nothing would be out of the command's reach")
            .help("name a folder further down: `modelpin exec --jail --allow-read PATH -- CMD`"),
        Error::Covers { write, protected } => {
            usage(format!("`--allow-write` would let the command change {}", shown(&protected)))
                .expected("a file or folder apart from the models, the cache, and modelpin's own files")
                .got(shown(&write))
                .why("the command could change what was pinned and reviewed")
                .help("give it a folder of its own to write to: `modelpin exec --jail --allow-write OUT -- CMD`")
        }
        Error::Exposed { hidden, within } => usage(format!("the command could read {}", shown(&hidden)))
            .expected("a project and a home folder outside of the operating system's own folders")
            .got(format!("one below {}, which every jail can read", shown(&within)))
            .why("it could read tokens and `.env` files there")
            .help("move the project, or set `HOME` to a folder elsewhere")
            .help("then run `modelpin exec --jail -- CMD` again"),
        Error::Stream { number, kind } => usage(format!("standard stream {number} is a {kind}"))
            .expected("a file, a pipe, a terminal, or one end of a local socket pair")
            .got(format!("a {kind}"))
            .why("the jail cannot close off what is already open: a connection, or the files of a folder")
            .help("put a pipe between: `cat | modelpin exec --jail -- CMD | cat`"),
        Error::Devices(device) => {
            usage(format!("the device {} cannot be read-only while another is writable", shown(&device)))
                .expected("Landlock ABI 5 (Linux 6.10), or only one of the two")
                .got("an older ABI, which allows requests to all devices or to none")
                .why("the command could change the state of a device that it may only read")
                .help("leave it out")
                .help("or let the command write to it: `modelpin exec --jail --allow-write DEVICE -- CMD`")
        }
        Error::Alone => usage("the modelpin that waits for the command has ended".to_owned())
            .why("nothing in the jail outlives it")
            .help("run the same command again"),
        Error::NotHere | Error::Lacks { .. } | Error::Io { .. } => {
            usage("the jail failed".to_owned()).why("nothing was started").help("run the same command again")
        }
    }
}
