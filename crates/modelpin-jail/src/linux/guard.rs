//! The process between the one that waits and the command: when either has ended it ends all that was started, so that
//! nothing in the jail outlives modelpin, however modelpin ends.
//!
//! It is the parent of whatever loses its own (`PR_SET_CHILD_SUBREAPER`), and in a group of its own, so that what
//! ends the group of modelpin does not end it. Should it be killed itself, the command ends with it, and the one that
//! waits does its work.

use super::notifications::Listener;
use super::processes::{self, Process};
use super::signals::{BlockedSignals, Received};
use super::{Level, SELF, WORD, anew, cleanup, signal_broker, signals};
use crate::{Error, Inside};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, WaitOptions, WaitStatus, getppid, pidfd_open, setpgid, wait};
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Starts the command in the jail and waits until it has ended, or whoever waits for it; `enter` are the words that
/// lead here. To be called while this process has one thread.
///
/// # Errors
/// A kernel that lacks what the guard needs; I/O errors from starting and watching the command.
pub fn guard(inside: &Inside, enter: &[OsString]) -> Result<i32, Error> {
    let waiting = waiting(inside)?;
    cleanup::adopt_orphans();
    // BlockedSignals before: what was sent to the one that waits was passed on from the beginning.
    let blocked = signals::block()?;
    let listener = if Level(inside.landlock).holds_signals() { None } else { Some(signal_broker::listen()?) };
    let next = Inside { parent: std::process::id(), guarded: true, ..inside.clone() };
    let child = anew(&next, enter).envs(own()).spawn().map_err(Error::io("start", Path::new(SELF)))?;
    let number = processes::number(child.id())?;
    let command = Process::hold(number).ok_or(Error::Alone)?;
    // The command stays in the group that the terminal knows.
    let _ = setpgid(None, None);
    let _known = File::open(format!("/proc/{number}"));
    let ended = watch(&Watched {
        waiting: &waiting,
        blocked: &blocked,
        listener: listener.as_ref(),
        number,
        command: &command,
    });
    cleanup::end_descendants();
    // Here and not only where it was made: the one that waits may have ended, or end at this moment.
    let _ = cleanup::remove_folder_at(&inside.private);
    // Nobody is left to be told, where nobody waits.
    Ok(ended.unwrap_or(128 + libc::SIGKILL))
}

/// The command's variables, which this process has for it.
fn own() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| !name.as_bytes().starts_with(WORD.as_bytes()))
}

/// The process that waits, unless it has ended.
fn waiting(inside: &Inside) -> Result<OwnedFd, Error> {
    let number = processes::number(inside.parent)?;
    let failed = |error: rustix::io::Errno| Error::io("watch modelpin with", Path::new("pidfd_open"))(error.into());
    let found = pidfd_open(number, PidfdFlags::empty()).map_err(failed)?;
    // Still the parent, so the descriptor is not another's that has got its number.
    if getppid() == Some(number) { Ok(found) } else { Err(Error::Alone) }
}

struct Watched<'a> {
    waiting: &'a OwnedFd,
    blocked: &'a BlockedSignals,
    listener: Option<&'a Listener>,
    number: Pid,
    command: &'a Process,
}

/// Waits for the command's end and says how it ended; `None` if the one that waits has ended before.
fn watch(watched: &Watched<'_>) -> Option<i32> {
    loop {
        let mut polled = vec![
            PollFd::new(watched.waiting, PollFlags::IN),
            PollFd::from_borrowed_fd(watched.blocked.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(watched.command.descriptor().as_fd(), PollFlags::IN),
        ];
        polled.extend(watched.listener.map(|listener| PollFd::new(listener.descriptor(), PollFlags::IN)));
        if poll(&mut polled, None).is_err() {
            // Interrupted: nothing is known yet.
            continue;
        }
        let ready: Vec<bool> = polled.iter().map(|polled| !polled.revents().is_empty()).collect();
        drop(polled);
        if ready.first() == Some(&true) {
            return None;
        }
        if let Some(true) = ready.get(1)
            && let Some(Received::Sent(signal)) = watched.blocked.next()
        {
            let _ = watched.command.signal(signal);
        }
        if let (Some(listener), Some(true)) = (watched.listener, ready.get(3)) {
            signal_broker::answer(listener);
        }
        // Whatever woke this: of what the command left, each has to be heard of.
        if let Some(code) = reap(watched.number) {
            return Some(code);
        }
    }
}

/// Hears of all that have ended; says how the command did.
fn reap(command: Pid) -> Option<i32> {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((number, status))) if number == command => return Some(code(status)),
            Ok(Some(_)) => {}
            Ok(None) => return None,
            // Nobody is left, though the command was not heard of: whoever started modelpin ignores the end of
            // children.
            Err(_) => return Some(1),
        }
    }
}

/// As a shell tells it.
fn code(status: WaitStatus) -> i32 {
    status.exit_status().or_else(|| Some(128 + status.terminating_signal()?)).unwrap_or(1)
}
