//! Signals that are sent to the waiting process go to the command.

use super::processes::Process;
use crate::Error;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::process::Pid;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// What is passed on.
const FORWARDED: [Signal; 6] =
    [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGUSR1, Signal::SIGUSR2];

/// All that is kept: also the word that a child has ended, which wakes the guard.
fn set() -> SigSet {
    FORWARDED.into_iter().chain([Signal::SIGCHLD]).collect()
}

/// Signals that wait to be passed on.
pub(super) struct BlockedSignals(SignalFd);

/// A signal that came.
pub(super) enum Received {
    /// One to be passed on, by its number.
    Sent(i32),
    /// One that is not: a child's end, or a terminal's own, which go to the whole group, the command included
    /// (`SI_KERNEL` in sigaction(2)).
    Other,
}

impl BlockedSignals {
    /// The next one; waits for it.
    pub(super) fn next(&self) -> Option<Received> {
        let info = self.0.read_signal().ok()??;
        let known = FORWARDED.into_iter().find(|signal| *signal as u32 == info.ssi_signo);
        Some(known.filter(|_| info.ssi_code <= 0).map_or(Received::Other, |signal| Received::Sent(signal as i32)))
    }
}

impl AsFd for BlockedSignals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Keeps the signals from ending this process, whose work it is to tidy up. A child inherits that: see [`unblock`].
///
/// # Errors
/// I/O errors from `signalfd` and from blocking the signals.
pub(super) fn block() -> Result<BlockedSignals, Error> {
    let failed = |error: nix::Error| Error::io("hold signals with", Path::new("signalfd"))(error.into());
    set().thread_block().map_err(failed)?;
    SignalFd::with_flags(&set(), SfdFlags::SFD_CLOEXEC).map(BlockedSignals).map_err(failed)
}

/// Lets the signals through again.
///
/// # Errors
/// I/O errors from unblocking the signals.
pub(super) fn unblock() -> Result<(), Error> {
    set().thread_unblock().map_err(|error| Error::io("release signals with", Path::new("sigprocmask"))(error.into()))
}

/// From now on, each signal goes to the process `to`.
///
/// # Errors
/// No process `to`; I/O errors from starting a thread.
pub(super) fn forward(blocked: BlockedSignals, to: Pid) -> Result<(), Error> {
    let gone = || Error::io("watch the guard with", Path::new("pidfd_open"))(std::io::ErrorKind::NotFound.into());
    let to = Process::hold(to).ok_or_else(gone)?;
    let passes = move || {
        while let Some(got) = blocked.next() {
            if let Received::Sent(signal) = got {
                let _ = to.signal(signal);
            }
        }
    };
    let started = std::thread::Builder::new().spawn(passes);
    started.map(drop).map_err(Error::io("watch the guard with", Path::new("a thread")))
}
