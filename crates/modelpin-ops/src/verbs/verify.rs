//! `verify`: the target against the lock, without a network.

use crate::project::Project;
use crate::refusal::{Class, Failure, Refusal, files};
use crate::target::{Depth, Layout, Plan, Problem, Target, Trouble};
use modelpin_schema::Lockfile;
use std::collections::BTreeMap;
use std::path::Path;

/// What `verify` found to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries.
    pub entries: usize,
    /// Files with locked content.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
}

/// Checks every file of the target against the lock, and changes nothing.
///
/// # Errors
/// No lock; everything in the target that is not as locked; the system's.
pub fn run(project: &Project, hf_cache: &Path, depth: Depth) -> Result<Verified, Failure> {
    let lock = project.lock.as_ref().ok_or_else(files::no_lock)?;
    if lock.pins.is_empty() {
        return Err(files::nothing_declared().into());
    }
    check(project, lock, hf_cache, depth)
}

/// As [`run`], for a target that has to answer the manifest as well: what `exec` needs before it starts
/// anything. Content that was proven and has not changed since is believed.
///
/// # Errors
/// A stale lock; everything in the target that is not as locked; the system's.
pub fn ready(project: &Project, hf_cache: &Path) -> Result<Verified, Failure> {
    check(project, project.locked()?, hf_cache, Depth::Stamps)
}

fn check(project: &Project, lock: &Lockfile, hf_cache: &Path, depth: Depth) -> Result<Verified, Failure> {
    let layout = Layout::from(&project.manifest.target);
    let plan = Plan::new(lock, layout, &BTreeMap::new())?;
    let memory = project.dir.join(crate::project::OWN_FOLDER);
    let mut target = Target::open(layout, project.target_root(hf_cache)?, &memory)?;
    let found = target.inspect(&plan, depth)?;
    let refusals = found.problems.iter().map(|(path, problem)| refusal(path, problem)).collect();
    crate::refusal::all(refusals)?;
    if depth == Depth::Stamps && memory.is_dir() {
        // Only so that the next time hashes less; where it cannot be remembered, all is said all the same.
        let _ = target.save_stamps(&plan);
    }
    let files = lock.pins.values().map(|pin| pin.files().len()).sum();
    Ok(Verified { entries: lock.pins.len(), files, bytes: found.bytes })
}

fn refusal(path: &str, problem: &Problem) -> Refusal {
    let (what, expected, got) = match &problem.trouble {
        Trouble::Missing => ("it is not in the target".to_owned(), "the file".to_owned(), "nothing".to_owned()),
        Trouble::Other { expected, got } => {
            ("the target has something else in its place".to_owned(), expected.clone(), got.clone())
        }
        Trouble::Size { expected, got } => {
            let what = "the target has another length than models.lock".to_owned();
            (what, format!("{expected} bytes"), format!("{got} bytes"))
        }
        Trouble::Digest { expected, got } => {
            let what = "the target has other bytes than models.lock".to_owned();
            (what, expected.to_string(), got.to_string())
        }
        Trouble::Stranger => {
            ("the lock does not know it".to_owned(), "nothing here".to_owned(), "a file, link or folder".to_owned())
        }
    };
    let why = match &problem.trouble {
        Trouble::Stranger => "a loader may pick up what nobody reviewed",
        _ => "what would be loaded is not what was reviewed",
    };
    Refusal {
        class: Class::Integrity,
        rule: None,
        at: None,
        name: problem.name.clone(),
        path: Some(if problem.name.is_some() { problem.label.clone() } else { path.to_owned() }),
        what,
        expected,
        got,
        why: why.to_owned(),
        help: "`modelpin sync` makes the target what the lock says; first find out who changed it".to_owned(),
    }
}
