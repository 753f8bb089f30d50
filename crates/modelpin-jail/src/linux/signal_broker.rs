//! Signals, where Landlock does not know them (before ABI 6): each call that sends one waits until the guard has looked
//! whom it would reach.
//!
//! - To itself: the kernel does it. A process that waits here is there, so the number is its own.
//! - To another in the jail: the guard sends it, through a descriptor, after it has found it below itself. The sender
//!   is told first that it is done: a signal that came back to it while it waits would make it ask again.
//! - To a group, or to all: to those in the jail.
//! - With a value (`sigqueue`), or to a thread of another process: refused.
//!
//! The numbers are in registers, which nobody can change while the call waits: tracing is refused.

use super::notifications::{Answer, Call, Listener};
use super::processes::{self, Process, group, of_thread};
use super::seccomp;
use crate::Error;
use rustix::process::{Pid, getpid};

const PROMISE: &str =
    "no signal to another process (seccomp notifications, as of Linux 5.5, or Landlock ABI 6, as of Linux 6.12)";
/// The highest number of a signal.
const LAST: i32 = 64;

/// Makes every signal of what this process starts wait.
///
/// # Errors
/// A kernel without notifications; a jail around this one that uses them already.
pub(super) fn listen() -> Result<Listener, Error> {
    rustix::thread::set_no_new_privs(true).map_err(|error| Error::lacks(PROMISE, error))?;
    let filter = seccomp::signals(getpid()).map_err(|error| Error::lacks(PROMISE, error))?;
    Listener::new(&filter).map_err(|error| Error::lacks(PROMISE, error))
}

/// Answers the call that waits, if one does, and sends what it asked for.
pub(super) fn answer(listener: &Listener) {
    let Some(call) = listener.next() else { return };
    let (answer, reached) = decide(call);
    if listener.answer(call, answer) {
        for process in reached {
            let _ = process.signal(signal(call));
        }
    }
}

/// The signal of a call that is answered here.
fn signal(call: Call) -> i32 {
    argument(call, 1)
}

/// An argument that is an `int`: the kernel looks at the lower half.
fn argument(call: Call, index: usize) -> i32 {
    let [a, b, c, d, ..] = call.args[index].to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

/// The answer to a call, and whom its signal goes to then.
fn decide(call: Call) -> (Answer, Vec<Process>) {
    let own = processes::number(call.thread).ok().and_then(|thread| Some((thread, of_thread(thread)?)));
    let Some((thread, own)) = own else { return refused(libc::ESRCH) };
    let to = argument(call, 0);
    // Of threads: one's own, and of another process none. `tkill` names no process, so the number of a thread that has
    // ended meanwhile could be anyone's.
    let itself = if call.number == libc::SYS_tkill { thread } else { own };
    if to == itself.as_raw_pid() {
        return (Answer::Go, Vec::new());
    }
    if call.number != libc::SYS_kill {
        return refused(libc::EPERM);
    }
    if !(0..=LAST).contains(&signal(call)) {
        return refused(libc::EINVAL);
    }
    match to {
        1.. => one(to, signal(call)),
        i32::MIN => refused(libc::ESRCH),
        _ => many(to, own),
    }
}

fn refused(error: i32) -> (Answer, Vec<Process>) {
    (Answer::Refused(error), Vec::new())
}

fn one(to: i32, signal: i32) -> (Answer, Vec<Process>) {
    let Some(process) = Pid::from_raw(to).and_then(Process::hold) else { return refused(libc::ESRCH) };
    if !process.is_below(getpid()) {
        return refused(libc::EPERM);
    }
    match process.signal(0) {
        Err(error) => refused(error),
        Ok(()) if signal == 0 => (Answer::Done, Vec::new()),
        Ok(()) => (Answer::Done, vec![process]),
    }
}

/// A group, the sender's own (0), or all but the sender (-1).
fn many(to: i32, own: Pid) -> (Answer, Vec<Process>) {
    let wanted = if to == 0 { group(own) } else { Some(-to) };
    let meant = |number: &Pid| if to == -1 { *number != own } else { group(*number) == wanted };
    let all = processes::all().into_iter().filter(meant).filter_map(Process::hold);
    let reached: Vec<Process> = all.filter(|process| process.is_below(getpid())).collect();
    if reached.is_empty() { (Answer::Refused(libc::EPERM), reached) } else { (Answer::Done, reached) }
}
