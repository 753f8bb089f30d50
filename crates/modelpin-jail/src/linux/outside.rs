//! The process that starts the jail, waits, and tidies up.

use super::paths::Reach;
use super::{program, rest, signals, variables};
use crate::{Ended, Error, Jail};
use rustix::process::Pid;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// This program, whatever has become of its file.
const SELF: &str = "/proc/self/exe";

/// Runs the command of `jail` and waits for it. Each of its arguments that is a file it cannot read is told to
/// `unreadable`. To be called while this process has one thread.
///
/// # Errors
/// What [`Error`] lists. What only shows inside of the jail is said there, and ends with its own exit code.
pub fn run(jail: &Jail, unreadable: &dyn Fn(&Path)) -> Result<Ended, Error> {
    let search = std::env::var_os("PATH").unwrap_or_default();
    let program = program::find(&jail.program, &search)?;
    let mut reach = Reach::new(jail, program.own)?;
    for path in jail.args.iter().map(Path::new) {
        if path.is_file() && path.canonicalize().is_ok_and(|real| !reach.reads(&real)) {
            unreadable(path);
        }
    }
    let folder = rest::private().map_err(Error::io("make a private folder in", &std::env::temp_dir()))?;
    let private = folder.path().canonicalize().map_err(Error::io("find", folder.path()))?;
    let all = variables::all(&private, &reach, &jail.variables)?;
    for (name, place) in &jail.hub {
        let link = private.join(variables::HUB).join(name);
        std::os::unix::fs::symlink(place, &link).map_err(Error::io("link", &link))?;
    }
    reach.write.push(private);

    // Files of /proc are made anew when the kernel forgets them, and the rules of Landlock are about files: what is
    // open is not forgotten.
    let _known: Vec<File> = reach.read.iter().filter(|path| path.starts_with("/proc")).flat_map(File::open).collect();
    let held = signals::hold()?;
    rest::adopt();
    let mut command = Command::new(SELF);
    command.args(words(jail, &program.path, &reach)).env_clear().envs(all);
    let child = command.spawn().map_err(Error::io("start", Path::new(SELF)))?;
    let ended = wait(child, held);
    rest::end();
    let left = rest::remove(folder);
    Ok(Ended { code: ended?, left })
}

fn words(jail: &Jail, program: &Path, reach: &Reach) -> Vec<OsString> {
    let mut words = jail.enter.clone();
    let options = |name: &'static str, paths: &[PathBuf]| {
        paths.iter().flat_map(|path| [OsString::from(name), path.into()]).collect::<Vec<_>>()
    };
    words.extend(options("--read", &reach.read));
    words.extend(options("--write", &reach.write));
    if reach.devices {
        words.push("--devices".into());
    }
    words.extend(["--".into(), program.into()]);
    words.extend(jail.args.iter().cloned());
    words
}

fn wait(mut child: Child, held: signals::Held) -> Result<i32, Error> {
    let _known = File::open(format!("/proc/{}", child.id()));
    let number = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let forwarded = number.map_or(Ok(()), |number| signals::forward(held, number));
    let status = child.wait().map_err(Error::io("wait for", Path::new(SELF)))?;
    forwarded?;
    // As a shell tells it.
    Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1))
}
