//! Which processes there are, who started them, and how they are reached without ever reaching another of the same
//! number.

use super::notifications::send;
use crate::Error;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::os::fd::OwnedFd;
use std::path::Path;

/// How often a process is looked at, and how many there may be above it.
const AGAIN: usize = 3;
const DEPTH: usize = 10_000;

/// The number as one of a process.
///
/// # Errors
/// None that the kernel gives.
pub(super) fn number(number: u32) -> Result<Pid, Error> {
    let none = || Error::io("find process", Path::new("/proc"))(std::io::ErrorKind::NotFound.into());
    i32::try_from(number).ok().and_then(Pid::from_raw).ok_or_else(none)
}

/// A process that is held: while it is not known to have gone, its number is no other's.
pub(super) struct Process {
    number: Pid,
    descriptor: OwnedFd,
}

impl Process {
    /// The process of this number, as it is now.
    pub(super) fn hold(number: Pid) -> Option<Self> {
        Some(Self { number, descriptor: pidfd_open(number, PidfdFlags::empty()).ok()? })
    }

    /// Sends it a signal by number, where 0 only asks.
    ///
    /// # Errors
    /// The number of the error.
    pub(super) fn signal(&self, signal: i32) -> Result<(), i32> {
        send(&self.descriptor, signal)
    }

    /// To be polled: ready when it has ended.
    pub(super) fn descriptor(&self) -> &OwnedFd {
        &self.descriptor
    }

    /// Whether nobody has heard of its end yet.
    fn is_there(&self) -> bool {
        self.signal(0) != Err(libc::ESRCH)
    }

    /// Its parent, held as well.
    fn parent(&self) -> Option<Self> {
        let parent = Self::hold(status(self.number)?.parent)?;
        // Still the parent, so it was there all the time: its number has not passed to another.
        let same = status(self.number)?.parent == parent.number && self.is_there();
        same.then_some(parent)
    }

    /// Whether it was started below the process `top`.
    pub(super) fn is_below(&self, top: Pid) -> bool {
        // One whose parent ends while it is looked at has another parent then.
        (0..AGAIN).any(|_| {
            let above = std::iter::successors(self.parent(), Self::parent).take(DEPTH);
            above.into_iter().any(|above| above.number == top)
        })
    }
}

/// What `/proc` says of a process.
struct Status {
    parent: Pid,
    group: i32,
}

fn status(number: Pid) -> Option<Status> {
    let text = std::fs::read(format!("/proc/{number}/stat")).ok()?;
    // The name before it may hold anything, brackets and line ends too.
    let end = text.iter().rposition(|byte| *byte == b')')?;
    let text = String::from_utf8_lossy(text.get(end..)?);
    let mut words = text.split_ascii_whitespace().skip(2);
    let parent = Pid::from_raw(words.next()?.parse().ok()?)?;
    Some(Status { parent, group: words.next()?.parse().ok()? })
}

/// The group of a process.
pub(super) fn group(number: Pid) -> Option<i32> {
    status(number).map(|found| found.group)
}

/// The process that a thread belongs to.
pub(super) fn of_thread(number: Pid) -> Option<Pid> {
    let text = std::fs::read(format!("/proc/{number}/status")).ok()?;
    let text = String::from_utf8_lossy(&text);
    // The first line holds the name, with line ends written as `\n`.
    Pid::from_raw(text.lines().find_map(|line| line.strip_prefix("Tgid:"))?.trim().parse().ok()?)
}

/// All processes that can be seen.
pub(super) fn all() -> Vec<Pid> {
    let entries = Path::new("/proc").read_dir().into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)).collect()
}

/// The children of this process, which stay its own until it asks for their end.
pub(super) fn children() -> Vec<Pid> {
    let mut found = Vec::new();
    for task in Path::new("/proc/self/task").read_dir().into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(text.split_whitespace().filter_map(|word| Pid::from_raw(word.parse().ok()?)));
    }
    if found.is_empty() {
        // Not every kernel has that list.
        let own = rustix::process::getpid();
        found.extend(all().into_iter().filter(|number| status(*number).is_some_and(|status| status.parent == own)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Process, all, children, group, number, of_thread};
    use rustix::process::{Pid, getpid, getppid};
    use std::process::{Command, Stdio};

    #[test]
    fn a_grandchild_is_below_and_a_stranger_is_not() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 100 & echo $!; read line; kill $!"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = shell.spawn().unwrap_or_else(|error| unreachable!("{error}"));
        let mut line = String::new();
        let mut out = std::io::BufReader::new(shell.stdout.take().unwrap_or_else(|| unreachable!()));
        std::io::BufRead::read_line(&mut out, &mut line).unwrap_or_default();
        let sleeping = line.trim().parse().ok().and_then(Pid::from_raw);
        let below = sleeping.and_then(Process::hold).is_some_and(|process| process.is_below(getpid()));
        let parent = getppid().and_then(Process::hold).is_some_and(|process| process.is_below(getpid()));
        assert!(children().contains(&number(shell.id()).unwrap_or_else(|_| unreachable!())));
        drop(shell.stdin.take());
        shell.wait().map(|_| ()).unwrap_or_default();
        assert!(below && !parent);
        assert!(!Process::hold(Pid::INIT).is_some_and(|process| process.is_below(getpid())));
    }

    #[test]
    fn of_itself_a_process_knows_all() {
        assert_eq!(of_thread(getpid()), Some(getpid()));
        assert_eq!(of_thread(rustix::thread::gettid()), Some(getpid()));
        assert!(group(getpid()).is_some() && all().contains(&getpid()));
    }
}
