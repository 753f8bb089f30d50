//! Seccomp: which system calls there are in the jail.
//!
//! A list of what is allowed, and for what is not on it four answers, so that honest programs go on or fail cleanly:
//!
//! - `ENOSYS` to all that is on no list: programs take their older way (`clone3`, `io_uring`, `inotify`)
//! - `EPERM` to what is known and refused ([`calls::REFUSED`], and some arguments of allowed calls)
//! - `EOPNOTSUPP` to extended attributes, as a file system without them says ([`calls::UNSUPPORTED`])
//! - success, and nothing done, to changes of modes, owners and times ([`calls::PRETENDED`]): the filter does not see
//!   which file is meant, `shutil.copy` changes the mode of its copy and root's `tar` the owner of what it extracts,
//!   and in a private folder they matter to nobody; and to a signal that a process wants to get when its parent ends
//!
//! What Landlock does not hold yet on an older kernel is refused here as well ([`older`]), or waits for an answer of
//! the guard ([`signals`]).
//!
//! The filters check the architecture, so a 32-bit call ends the process; calls of the x32 ABI have other numbers and
//! are on no list. Where filters disagree the kernel takes the stricter answer, and of two errors the one of the
//! later filter (seccomp(2)).

mod calls;

use super::Level;
use crate::Error;
use libc::c_long;
use rustix::process::Pid;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;

/// `PR_SET_PDEATHSIG`, and the signal that this process has set there.
const PDEATHSIG: u64 = libc::PR_SET_PDEATHSIG.unsigned_abs() as u64;
const KILL: u64 = libc::SIGKILL.unsigned_abs() as u64;
/// As `F_SETOWN`, for a thread or a group (linux/fcntl.h).
const F_SETOWN_EX: i32 = 15;

const PROMISE: &str = "no network and no way round the rest (seccomp filters)";

/// Takes all other system calls from this process and all that it starts, and what Landlock does not hold at `level`.
/// With `devices`, requests to devices are allowed that are not known here.
///
/// # Errors
/// A kernel without seccomp filters.
pub(super) fn hold(level: Level, devices: bool, guard: Pid) -> Result<(), Error> {
    for filter in filters(level, devices, guard).map_err(lacks)? {
        seccompiler::apply_filter(&filter).map_err(lacks)?;
    }
    Ok(())
}

fn lacks(error: seccompiler::Error) -> Error {
    Error::lacks(PROMISE, error)
}

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// The filters, in the order in which they are to be set.
fn filters(level: Level, devices: bool, guard: Pid) -> seccompiler::Result<Vec<BpfProgram>> {
    let mut refused = always(calls::REFUSED);
    refused.extend(refused_arguments()?);
    let mut pretended = always(calls::PRETENDED);
    // To be told of one's parent's end is of no use where all ends with the command, but programs ask for it.
    let asks = [int(0, SeccompCmpOp::Eq, PDEATHSIG)?, int(1, SeccompCmpOp::Ne, 0)?, int(1, SeccompCmpOp::Ne, KILL)?];
    pretended.insert(libc::SYS_prctl, vec![rule(asks.to_vec())?]);
    let mut odd_requests = Rules::new();
    odd_requests.insert(libc::SYS_ioctl, requests(devices)?);
    let error = |number: i32| SeccompAction::Errno(number.unsigned_abs());
    let absent = if level.holds_signals() { Rules::new() } else { always(&[libc::SYS_pidfd_send_signal]) };
    let mut filters = vec![
        (always(calls::ALLOWED), error(libc::ENOSYS), SeccompAction::Allow),
        (refused, SeccompAction::Allow, error(libc::EPERM)),
        (odd_requests, SeccompAction::Allow, error(libc::ENOTTY)),
        (always(calls::UNSUPPORTED), SeccompAction::Allow, error(libc::EOPNOTSUPP)),
        (pretended, SeccompAction::Allow, error(0)),
        (older(level, guard)?, SeccompAction::Allow, error(libc::EPERM)),
        (absent, SeccompAction::Allow, error(libc::ENOSYS)),
    ];
    filters.retain(|(rules, ..)| !rules.is_empty());
    filters.into_iter().map(|(rules, otherwise, answer)| compiled(rules, otherwise, answer)).collect()
}

fn compiled(rules: Rules, otherwise: SeccompAction, answer: SeccompAction) -> seccompiler::Result<BpfProgram> {
    let target = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules, otherwise, answer, target)?.try_into()?)
}

/// What is refused because Landlock does not hold it at `level`.
fn older(level: Level, guard: Pid) -> seccompiler::Result<Rules> {
    let mut rules = Rules::new();
    if !level.holds_truncation() {
        // By its path, any file at all; by a descriptor, only what could be opened for writing.
        rules.insert(libc::SYS_truncate, Vec::new());
        // Cut short while it is opened for reading only, which Landlock allows.
        let mode = u64::from(libc::O_ACCMODE.unsigned_abs());
        let cuts = u64::from(libc::O_TRUNC.unsigned_abs());
        for (call, flags) in calls::OPENS {
            let condition = int(*flags, SeccompCmpOp::MaskedEq(mode | cuts), cuts)?;
            rules.insert(*call, vec![rule(vec![condition])?]);
        }
    }
    if !level.holds_signals() {
        // Which the guard's own filter lets through: see [`signals`].
        let guard = int(0, SeccompCmpOp::Eq, u64::from(guard.as_raw_pid().unsigned_abs()))?;
        rules.insert(libc::SYS_tgkill, vec![rule(vec![guard])?]);
    }
    Ok(rules)
}

/// The filter of the guard and all that it starts, by which every signal is to wait for an answer ("traced"), but for
/// those of the guard to its own threads: it would wait for itself.
///
/// # Errors
/// None that a program of this size can have.
pub(super) fn signals(guard: Pid) -> seccompiler::Result<BpfProgram> {
    let mut rules = always(calls::SIGNALS);
    let others = int(0, SeccompCmpOp::Ne, u64::from(guard.as_raw_pid().unsigned_abs()))?;
    rules.insert(libc::SYS_tgkill, vec![rule(vec![others])?]);
    compiled(rules, SeccompAction::Allow, SeccompAction::Trace(0))
}

fn always(calls: &[c_long]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// A condition on an argument, of which the kernel looks at the lower 32 bits.
fn int(argument: u8, operator: SeccompCmpOp, value: u64) -> seccompiler::Result<SeccompCondition> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?)
}

fn rule(conditions: Vec<SeccompCondition>) -> seccompiler::Result<SeccompRule> {
    Ok(SeccompRule::new(conditions)?)
}

/// What is refused of calls that are allowed otherwise.
fn refused_arguments() -> seccompiler::Result<Rules> {
    let not = |argument, value| rule(vec![int(argument, SeccompCmpOp::Ne, value)?]);
    let mut rules = Rules::new();
    for call in calls::OF_ANY_PROCESS {
        rules.insert(*call, vec![not(0, 0)?]);
    }
    // Not the group's or the user's: which 0, who 0 is this process. The numbers of `ioprio_set` begin at 1.
    rules.insert(libc::SYS_setpriority, vec![not(0, 0)?, not(1, 0)?]);
    rules.insert(libc::SYS_ioprio_set, vec![not(0, 1)?, not(1, 0)?]);
    // Sent to an address: a pair has none.
    let address = SeccompCondition::new(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_sendto, vec![rule(vec![address])?]);
    // The question, and the persona that a process has anyway.
    let asks = int(0, SeccompCmpOp::Ne, u64::from(u32::MAX))?;
    rules.insert(libc::SYS_personality, vec![rule(vec![int(0, SeccompCmpOp::Ne, 0)?, asks])?]);
    // Who gets the signals of a descriptor: others could.
    let owners = [libc::F_SETOWN, F_SETOWN_EX].map(|number| int(1, SeccompCmpOp::Eq, number.unsigned_abs().into()));
    rules.insert(libc::SYS_fcntl, owners.into_iter().map(|owner| rule(vec![owner?])).collect::<Result<_, _>>()?);
    // To outlive the guard.
    let forgets = vec![int(0, SeccompCmpOp::Eq, PDEATHSIG)?, int(1, SeccompCmpOp::Eq, 0)?];
    rules.insert(libc::SYS_prctl, vec![rule(forgets)?]);
    // Neither for reading nor for writing, which Landlock does not ask about, and which is enough for requests.
    for (call, flags) in calls::OPENS {
        let mode = libc::O_ACCMODE.unsigned_abs().into();
        rules.insert(*call, vec![rule(vec![int(*flags, SeccompCmpOp::MaskedEq(mode), mode)?])?]);
    }
    let namespaces = calls::NAMESPACES.iter().map(|flag| rule(vec![int(0, SeccompCmpOp::MaskedEq(*flag), *flag)?]));
    rules.insert(libc::SYS_clone, namespaces.collect::<Result<_, _>>()?);
    rules.insert(libc::SYS_socketpair, pairs()?);
    Ok(rules)
}

/// All pairs of sockets but the connected ones of this machine: one of datagrams can be sent elsewhere.
fn pairs() -> seccompiler::Result<Vec<SeccompRule>> {
    // The lower four bits; the others are flags (socket(2)).
    let kinds = (0..16).filter(|kind| ![libc::SOCK_STREAM, libc::SOCK_SEQPACKET].contains(kind));
    let kinds = kinds.map(|kind| rule(vec![int(1, SeccompCmpOp::MaskedEq(0xf), u64::from(kind.unsigned_abs()))?]));
    let family = rule(vec![int(0, SeccompCmpOp::Ne, u64::from(libc::AF_UNIX.unsigned_abs()))?]);
    kinds.chain([family]).collect()
}

/// The requests to devices and files that are refused: all but the known, or, for the sake of devices, those of
/// terminals and file systems but the known.
fn requests(devices: bool) -> seccompiler::Result<Vec<SeccompRule>> {
    let unknown = || calls::REQUESTS.iter().map(|request| int(1, SeccompCmpOp::Ne, *request));
    if !devices {
        return Ok(vec![rule(unknown().collect::<Result<_, _>>()?)?]);
    }
    let families = calls::REQUEST_FAMILIES.iter().map(|family| {
        let family = int(1, SeccompCmpOp::MaskedEq(0xff00), u64::from(*family) << 8);
        rule(unknown().chain([family]).collect::<Result<_, _>>()?)
    });
    families.collect()
}

#[cfg(test)]
mod tests {
    use super::{Level, calls, filters};
    use rustix::process::Pid;
    use std::collections::BTreeSet;

    #[test]
    fn every_call_has_one_answer() {
        let lists = [calls::ALLOWED, calls::REFUSED, calls::UNSUPPORTED, calls::PRETENDED];
        let all: BTreeSet<_> = lists.iter().flat_map(|list| list.iter()).collect();
        assert_eq!(all.len(), lists.iter().map(|list| list.len()).sum::<usize>());
    }

    #[test]
    fn arguments_are_looked_at_only_where_the_call_is_allowed() {
        let rules = super::refused_arguments().unwrap_or_else(|error| unreachable!("{error}"));
        for call in rules.keys() {
            assert!(calls::ALLOWED.contains(call), "{call}");
        }
    }

    #[test]
    fn the_filters_fit_the_kernel() {
        for (devices, level, number) in [(false, 6, 5), (true, 6, 5), (false, 3, 7), (true, 1, 7)] {
            let filters = filters(Level(level), devices, Pid::INIT).unwrap_or_else(|error| unreachable!("{error}"));
            assert_eq!(filters.len(), number);
            assert!(super::signals(Pid::INIT).is_ok());
        }
    }
}
