//! Landlock: which files can be opened, and which processes can be signalled.
//!
//! Each kernel holds what its ABI has, as a hard requirement: opening by path (1), links between folders (2),
//! truncation (3), TCP (4), requests to devices (5), signals and abstract sockets (6); see
//! <https://docs.kernel.org/userspace-api/landlock.html>. What an older one lacks, [`seccomp`](super::seccomp) and
//! the [`signal_broker`](super::signal_broker) hold, by allowing less. Where links between folders are not known they
//! are all refused.

use super::Level;
use crate::Error;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use std::path::{Path, PathBuf};

const PROMISE: &str = "files out of reach (Landlock, as of Linux 5.13)";

/// The newest that is used.
const NEWEST: u8 = 6;

/// How much of Landlock this kernel has, though no more than `most`.
///
/// # Errors
/// A kernel without Landlock.
pub(super) fn level(most: Option<u8>) -> Result<Level, Error> {
    let most = most.unwrap_or(NEWEST).min(NEWEST);
    // By trying: some distributions bring parts of newer kernels into older ones.
    let found = (1..=most).rev().find(|number| whole(Level(*number)).and_then(Ruleset::create).is_ok());
    found.map(Level).ok_or_else(|| lacks("no Landlock, or none that is switched on"))
}

fn lacks(detail: impl std::fmt::Display) -> Error {
    Error::lacks(PROMISE, detail)
}

/// Shuts this process and all that it starts out of every file but those below `read` and `write`.
///
/// # Errors
/// A kernel that does not hold all of `level`; a path that is not there.
pub(super) fn hold(level: Level, read: &[PathBuf], write: &[PathBuf]) -> Result<(), Error> {
    let mut rules = whole(level).and_then(Ruleset::create).map_err(lacks)?;
    let abi = abi(level);
    let devices = AccessFs::MakeBlock | AccessFs::MakeChar;
    for (paths, rights) in [(read, AccessFs::from_read(abi)), (write, AccessFs::from_all(abi) & !devices)] {
        for path in paths {
            rules = rules.add_rule(rule(abi, path, rights)?).map_err(lacks)?;
        }
    }
    let status = rules.restrict_self().map_err(lacks)?;
    if status.ruleset != RulesetStatus::FullyEnforced || !status.no_new_privs {
        return Err(lacks(format_args!("{:?}", status.ruleset)));
    }
    Ok(())
}

fn abi(level: Level) -> ABI {
    match level.0 {
        0 => ABI::Unsupported,
        1 => ABI::V1,
        2 => ABI::V2,
        3 => ABI::V3,
        4 => ABI::V4,
        5 => ABI::V5,
        _ => ABI::V6,
    }
}

/// Everything that Landlock holds at `level`, or nothing.
fn whole(level: Level) -> Result<Ruleset, RulesetError> {
    let abi = abi(level);
    let mut rules = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    rules = rules.handle_access(AccessFs::from_all(abi))?;
    if abi >= ABI::V4 {
        rules = rules.handle_access(AccessNet::from_all(abi))?;
    }
    if abi >= ABI::V6 { rules.scope(Scope::from_all(abi)) } else { Ok(rules) }
}

fn rule(abi: ABI, path: &Path, rights: BitFlags<AccessFs>) -> Result<PathBeneath<PathFd>, Error> {
    let failed = |error: std::io::Error| Error::Io { doing: "open", path: path.to_owned(), source: error };
    let open = PathFd::new(path).map_err(|error| failed(std::io::Error::other(error)))?;
    // A file has no rights of a folder, and the kernel refuses a rule that says otherwise.
    let rights = if path.metadata().map_err(failed)?.is_dir() { rights } else { rights & AccessFs::from_file(abi) };
    Ok(PathBeneath::new(open, rights))
}
