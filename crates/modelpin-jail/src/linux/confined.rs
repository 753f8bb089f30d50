//! The process that gives everything up and becomes the command.

use super::{Level, descriptors, files, plain, privileges, processes, seccomp, signals};
use crate::{Error, Inside};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

/// Puts this process into the jail and makes it the command; returns only if that fails. To be called before any other
/// thread is started.
#[must_use]
pub fn enter(inside: Inside) -> Error {
    if let Err(error) = hold(&inside) {
        return error;
    }
    let source = plain(&inside.program).args(&inside.args).exec();
    Error::Io { doing: "run", path: inside.program, source }
}

fn hold(inside: &Inside) -> Result<(), Error> {
    signals::unblock()?;
    descriptors::check_streams()?;
    descriptors::close_others()?;
    privileges::drop_all()?;
    let failed = |error: rustix::io::Errno| Error::io("set up", Path::new("PR_SET_PDEATHSIG"))(error.into());
    // Should the guard be killed, it can end nothing any more; the filters keep this from being undone.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed)?;
    let parent = processes::number(inside.parent)?;
    if getppid() != Some(parent) {
        return Err(Error::Alone);
    }
    let level = Level(inside.landlock);
    files::hold(level, &inside.read, &inside.write)?;
    seccomp::hold(level, inside.devices, parent)
}
