//! Landlock: which files can be opened, and which processes can be signalled.
//!
//! ABI 6 (Linux 6.12) is the first that holds all that is relied on: opening by path (1), links between folders (2),
//! truncation (3), TCP (4), requests to devices (5), signals and abstract sockets (6); see
//! <https://docs.kernel.org/userspace-api/landlock.html>. Every right is a hard requirement.

use crate::Error;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use std::path::{Path, PathBuf};

const NEEDED: ABI = ABI::V6;
const PROMISE: &str = "files, signals and other processes out of reach (Landlock ABI 6, as of Linux 6.12)";

/// Shuts this process and all that it starts out of every file but those below `read` and `write`.
///
/// # Errors
/// A kernel without all of it; a path that is not there.
pub(super) fn hold(read: &[PathBuf], write: &[PathBuf]) -> Result<(), Error> {
    let lacks = |said: String| Error::Lacks { promise: PROMISE, said };
    let failed = |error: RulesetError| lacks(error.to_string());
    let whole = all(NEEDED).map_err(|_| lacks(found()))?;
    let mut rules = whole.create().map_err(failed)?;
    let devices = AccessFs::MakeBlock | AccessFs::MakeChar;
    for (paths, rights) in [(read, AccessFs::from_read(NEEDED)), (write, AccessFs::from_all(NEEDED) & !devices)] {
        for path in paths {
            rules = rules.add_rule(rule(path, rights)?).map_err(failed)?;
        }
    }
    let status = rules.restrict_self().map_err(failed)?;
    if status.ruleset != RulesetStatus::FullyEnforced || !status.no_new_privs {
        return Err(lacks(format!("{:?}", status.ruleset)));
    }
    Ok(())
}

/// Everything that Landlock holds as of `abi`, or nothing.
fn all(abi: ABI) -> Result<Ruleset, RulesetError> {
    let mut rules = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    rules = rules.handle_access(AccessFs::from_all(abi))?;
    if abi >= ABI::V4 {
        rules = rules.handle_access(AccessNet::from_all(abi))?;
    }
    if abi >= ABI::V6 { rules.scope(Scope::from_all(abi)) } else { Ok(rules) }
}

/// What this kernel has, for people.
fn found() -> String {
    let older = [(ABI::V5, 5), (ABI::V4, 4), (ABI::V3, 3), (ABI::V2, 2), (ABI::V1, 1)];
    let newest = older.into_iter().find(|(abi, _)| all(*abi).is_ok());
    newest.map_or_else(|| "no Landlock, or none that is switched on".to_owned(), |(_, number)| format!("ABI {number}"))
}

fn rule(path: &Path, rights: BitFlags<AccessFs>) -> Result<PathBeneath<PathFd>, Error> {
    let failed = |error: std::io::Error| Error::Io { doing: "open", path: path.to_owned(), source: error };
    let open = PathFd::new(path).map_err(|error| failed(std::io::Error::other(error)))?;
    // A file has no rights of a folder, and the kernel refuses a rule that says otherwise.
    let rights = if path.metadata().map_err(failed)?.is_dir() { rights } else { rights & AccessFs::from_file(NEEDED) };
    Ok(PathBeneath::new(open, rights))
}
