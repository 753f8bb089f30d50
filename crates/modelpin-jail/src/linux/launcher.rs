//! The process that starts the guard, waits, and tidies up.

use super::paths::Reach;
use super::{SELF, anew, cleanup, files, processes, program, signals, variables};
use crate::{Ended, Error, Inside, Jail};
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Child;

/// Runs the command of `jail` and waits for it. Each of its arguments that is a file it cannot read is told to
/// `unreadable`. To be called while this process has one thread.
///
/// # Errors
/// What [`Error`] lists. What fails inside of the jail is printed there, and has its own exit code.
pub fn run(jail: &Jail, unreadable: &dyn Fn(&Path)) -> Result<Ended, Error> {
    let search = std::env::var_os("PATH").unwrap_or_default();
    let level = files::level(jail.landlock)?;
    let hidden = [jail.hidden.as_slice(), &jail.secret].concat();
    let program = program::find(&jail.program, &search, &hidden)?;
    let mut reach = Reach::new(jail, program.own, level)?;
    for path in jail.args.iter().map(Path::new) {
        if path.is_file() && path.canonicalize().is_ok_and(|real| !reach.reads(&real)) {
            unreadable(path);
        }
    }
    let folder = cleanup::private_folder().map_err(Error::io("make a private folder in", &std::env::temp_dir()))?;
    let private = folder.path().canonicalize().map_err(Error::io("find", folder.path()))?;
    let all = variables::all(&private, &reach, &jail.variables)?;
    for (name, place) in &jail.hub {
        let link = private.join(variables::HUB).join(name);
        std::os::unix::fs::symlink(place, &link).map_err(Error::io("link", &link))?;
    }
    reach.write.push(private.clone());

    // Files of /proc are made anew when the kernel forgets them, and the rules of Landlock are about files: what is
    // open is not forgotten.
    let _known: Vec<File> = reach.read.iter().filter(|path| path.starts_with("/proc")).flat_map(File::open).collect();
    let blocked = signals::block()?;
    cleanup::adopt_orphans();
    let inside = Inside {
        program: program.path,
        args: jail.args.clone(),
        read: reach.read.clone(),
        write: reach.write,
        devices: reach.devices,
        private,
        landlock: level.0,
        parent: std::process::id(),
        guarded: false,
    };
    let mut command = anew(&inside, &jail.enter);
    command.envs(all);
    let child = command.spawn().map_err(Error::io("start", Path::new(SELF)))?;
    let ended = wait(child, blocked);
    cleanup::end_descendants();
    let left = cleanup::remove_folder(folder);
    Ok(Ended { code: ended?, left })
}

fn wait(mut child: Child, blocked: signals::BlockedSignals) -> Result<i32, Error> {
    let forwarded = processes::number(child.id()).and_then(|number| signals::forward(blocked, number));
    let status = child.wait().map_err(Error::io("wait for", Path::new(SELF)))?;
    forwarded?;
    // As a shell reports it; the guard reports the command in the same way.
    Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1))
}
