//! The cache that other tools share: added to, never changed.

use super::{Inspection, Layout, Plan, Trouble};
use crate::refusal::{ErrorClass, Failure, Refusal};
use std::io::ErrorKind;
use std::path::Path;

/// In a shared cache whatever is there stays, so what is there and wrong is a refusal.
pub(super) fn refuse_changes(found: &Inspection) -> Result<(), Failure> {
    let wrong =
        found.problems.iter().filter(|(_, problem)| !matches!(problem.trouble, Trouble::Missing | Trouble::Barred));
    let refusals = wrong.map(|(path, problem)| {
        let got = match &problem.trouble {
            Trouble::Digest { got, .. } => got.to_string(),
            Trouble::Size { got, .. } => format!("{got} bytes"),
            Trouble::Other { got, .. } => got.clone(),
            Trouble::Missing | Trouble::Stranger | Trouble::Barred => String::new(),
        };
        foreign(path, &got).entry(problem.name.as_ref())
    });
    crate::refusal::fail_if_any(refusals.collect())
}

/// The refusals to go on while files that are held back are in a shared cache, put there by another tool. In a
/// target of the project's own they are strangers, and there are none.
pub(crate) fn barred(plan: &Plan, found: &Inspection) -> Vec<Refusal> {
    let problems = found.problems.values().filter(|problem| problem.trouble == Trouble::Barred);
    let shared = problems.filter(|_| plan.layout == Layout::SharedHubCache);
    shared.map(|problem| lies_there(&problem.label).entry(problem.name.as_ref())).collect()
}

fn lies_there(path: &str) -> Refusal {
    Refusal::new(ErrorClass::Policy, "the shared Hugging Face cache has a file that may not come in").file(path).expected("nothing there: this file is held back").got("a file that another tool put there").why("a loader would run it, and modelpin removes nothing from a cache that other tools use").help("remove it from the cache (`hf cache rm`), or choose a target of the project's own with `[sync] target` in models.toml")
}

/// The refusal to change what is at `path`.
pub(super) fn foreign(path: &str, got: &str) -> Refusal {
    Refusal::new(ErrorClass::Integrity, "the shared Hugging Face cache holds something else than models.lock")
        .file(path)
        .expected("what the lock says, or nothing")
        .got(got)
        .why("other tools use this cache, so modelpin adds to it and changes nothing")
        .help("remove that file with the tool that made it (`hf cache`), or use a target of the project's own")
}

/// Renames `aside` to `place`, unless something is there: other tools work in the same cache at the same
/// time. Says whether it did.
pub(super) fn add(aside: &Path, place: &Path) -> Result<bool, Failure> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, aside, CWD, place, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(true),
            Err(Errno::EXIST) => return Ok(false),
            // A file system or kernel that has no such rename.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(Failure::io("rename", aside)(error.into())),
        }
    }
    match std::fs::symlink_metadata(place) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            std::fs::rename(aside, place).map(|()| true).map_err(Failure::io("rename", aside))
        }
        Err(error) => Err(Failure::io("look at", place)(error)),
    }
}
