//! The process that gives everything up and becomes the command.

use super::{descriptors, files, privileges, seccomp, signals};
use crate::{Error, Inside};
use rustix::process::{Signal, set_parent_process_death_signal};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// Puts this process into the jail and makes it the command; returns only if that fails. To be called before any other
/// thread is started.
#[must_use]
pub fn enter(inside: Inside) -> Error {
    if let Err(error) = hold(&inside) {
        return error;
    }
    let source = Command::new(&inside.program).args(&inside.args).exec();
    Error::Io { doing: "run", path: inside.program, source }
}

fn hold(inside: &Inside) -> Result<(), Error> {
    signals::release()?;
    descriptors::check_streams()?;
    descriptors::close_others()?;
    privileges::drop_all()?;
    let failed = |error: rustix::io::Errno| Error::io("set up", Path::new("PR_SET_PDEATHSIG"))(error.into());
    // Whoever kills the waiting process wants the command gone.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed)?;
    files::hold(&inside.read, &inside.write)?;
    seccomp::hold(inside.devices)
}
