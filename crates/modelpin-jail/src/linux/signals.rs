//! Signals that are sent to the waiting process go to the command.

use crate::Error;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::process::{Pid, PidfdFlags, Signal as Sent, pidfd_open, pidfd_send_signal};
use std::path::Path;

/// What is passed on.
const FORWARDED: [(Signal, Sent); 6] = [
    (Signal::SIGHUP, Sent::HUP),
    (Signal::SIGINT, Sent::INT),
    (Signal::SIGQUIT, Sent::QUIT),
    (Signal::SIGTERM, Sent::TERM),
    (Signal::SIGUSR1, Sent::USR1),
    (Signal::SIGUSR2, Sent::USR2),
];

fn set() -> SigSet {
    FORWARDED.iter().map(|(signal, _)| *signal).collect()
}

/// Signals that wait to be passed on.
pub(super) struct Held(SignalFd);

/// Keeps the signals from ending this process, whose work it is to tidy up. A child inherits that: see [`release`].
///
/// # Errors
/// The system's.
pub(super) fn hold() -> Result<Held, Error> {
    let failed = |error: nix::Error| Error::io("hold signals with", Path::new("signalfd"))(error.into());
    set().thread_block().map_err(failed)?;
    SignalFd::with_flags(&set(), SfdFlags::SFD_CLOEXEC).map(Held).map_err(failed)
}

/// Lets the signals through again.
///
/// # Errors
/// The system's.
pub(super) fn release() -> Result<(), Error> {
    set().thread_unblock().map_err(|error| Error::io("release signals with", Path::new("sigprocmask"))(error.into()))
}

/// From now on, each signal goes to the process `to`.
///
/// # Errors
/// The system's.
pub(super) fn forward(held: Held, to: Pid) -> Result<(), Error> {
    let failed = |error: rustix::io::Errno| Error::io("watch the command with", Path::new("pidfd_open"))(error.into());
    let to = pidfd_open(to, PidfdFlags::empty()).map_err(failed)?;
    std::thread::spawn(move || {
        while let Ok(Some(info)) = held.0.read_signal() {
            let sent = FORWARDED.iter().find(|(signal, _)| *signal as u32 == info.ssi_signo);
            // A terminal's own go to the whole group, the command included (SI_KERNEL in sigaction(2)).
            if let (Some((_, sent)), true) = (sent, info.ssi_code <= 0) {
                let _ = pidfd_send_signal(&to, *sent);
            }
        }
    });
    Ok(())
}
