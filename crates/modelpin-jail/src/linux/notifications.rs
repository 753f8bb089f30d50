//! Calls that wait for an answer from outside of the jail: seccomp's user notifications (seccomp_unotify(2)), and the
//! one call about signals that no library has in full. The only place of this program that is not checked by the
//! compiler.

#![expect(unsafe_code, reason = "no library offers these calls; each has its proof beside it")]

use seccompiler::BpfProgram;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

/// A system call that waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    /// What the kernel calls it.
    id: u64,
    /// The thread that makes it.
    pub(super) thread: u32,
    /// Its number.
    pub(super) number: i64,
    /// Its arguments, as they are in the registers, where nobody can change them any more.
    pub(super) args: [u64; 6],
}

/// What a call is response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The kernel does it as asked.
    Go,
    /// It is done.
    Done,
    /// An error, by number.
    Refused(i32),
}

/// Where calls wait.
#[derive(Debug)]
pub(super) struct Listener(OwnedFd);

impl Listener {
    /// Sets a filter for this process and all that it starts from now on, of which what would be traced waits here.
    /// `no_new_privs` has to be set.
    ///
    /// # Errors
    /// A kernel without notifications (before Linux 5.5), or one that has given them already.
    pub(super) fn new(filter: &BpfProgram) -> io::Result<Self> {
        let mut lines: Vec<libc::sock_filter> = filter
            .iter()
            .map(|line| libc::sock_filter { code: line.code, jt: line.jt, jf: line.jf, k: answer(line.code, line.k) })
            .collect();
        let len = u16::try_from(lines.len()).map_err(io::Error::other)?;
        let program = libc::sock_fprog { len, filter: lines.as_mut_ptr() };
        // SAFETY: the kernel reads `program` and the `len` lines that it points to, both alive until the call is
        // over, and writes to neither (seccomp(2)). A filter that is not well formed is refused.
        let found = unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                libc::SECCOMP_SET_MODE_FILTER,
                libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
                std::ptr::from_ref(&program),
            )
        };
        let number = i32::try_from(checked(found)?).map_err(io::Error::other)?;
        // SAFETY: the number is a descriptor that the kernel has just made for this process, and nobody else has it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(number) }))
    }

    /// The next call, once a poll has result that there is one; `None` if it waits no more.
    pub(super) fn next(&self) -> Option<Call> {
        let data = libc::seccomp_data { nr: 0, arch: 0, instruction_pointer: 0, args: [0; 6] };
        let mut found = libc::seccomp_notif { id: 0, pid: 0, flags: 0, data };
        // SAFETY: the request is for a `seccomp_notif`, whose length is part of the request's number, and the kernel
        // writes no more than that to where `found` is, which is ours alone; it wants it all zero before, as it is.
        let result =
            unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, std::ptr::from_mut(&mut found)) };
        let args = found.data.args;
        (result == 0).then_some(Call { id: found.id, thread: found.pid, number: found.data.nr.into(), args })
    }

    /// Gives the answer; says whether the call still waited for it.
    pub(super) fn answer(&self, call: Call, answer: Answer) -> bool {
        let (error, flags) = match answer {
            Answer::Go => (0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE),
            Answer::Done => (0, 0),
            Answer::Refused(number) => (-number, 0),
        };
        let flags = u32::try_from(flags).unwrap_or_default();
        let mut response = libc::seccomp_notif_resp { id: call.id, val: 0, error, flags };
        // SAFETY: as above, for a `seccomp_notif_resp`, which the kernel reads.
        let result = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, std::ptr::from_mut(&mut response))
        };
        result == 0
    }

    /// To be polled.
    pub(super) fn descriptor(&self) -> &OwnedFd {
        &self.0
    }
}

/// The answer of a line of a filter: to wait, where it says to be traced.
fn answer(code: u16, k: u32) -> u32 {
    let returns = u32::from(code) == libc::BPF_RET | libc::BPF_K;
    if returns && k & libc::SECCOMP_RET_ACTION_FULL == libc::SECCOMP_RET_TRACE {
        libc::SECCOMP_RET_USER_NOTIF
    } else {
        k
    }
}

/// Sends a signal by its number to the process behind a descriptor; 0 only asks whether it can be done.
///
/// # Errors
/// The number of the error.
pub(super) fn send(process: &OwnedFd, signal: i32) -> Result<(), i32> {
    let none = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: the descriptor is open while `process` is borrowed; no information goes with the signal, so the kernel
    // reads and writes no memory of ours (pidfd_send_signal(2)).
    let result = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), signal, none, 0) };
    checked(result).map(|_| ()).map_err(|error| error.raw_os_error().unwrap_or(libc::EPERM))
}

fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
