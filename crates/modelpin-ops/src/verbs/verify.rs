//! `verify`: the target and the quarantine against the lock and the policy, without a network.

use crate::exclusions::exclusions;
use crate::preflight::check_trees;
use crate::refusal::{Failure, files};
use crate::workspace::Workspace;
use modelpin_policy::Disguised;
use modelpin_store::install::{Depth, InspectedTree};

/// What `verify` found to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries were verified.
    pub entries: usize,
    /// Files with locked content.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// How many things the policy refuses: those files are not in the target.
    pub denied: usize,
}

/// Checks every file of the target and the quarantine against the lock, and changes nothing in them. What the policy
/// refuses is no error here, as long as it is not there. Unless only lengths are looked at, the content has to be what
/// the lock says that it is as well, by what the scan says of it on this machine.
///
/// # Errors
/// No lock; a lock that disguises what runs; every file that is not as locked; I/O errors from reading the trees.
pub fn run(workspace: &Workspace, depth: Depth) -> Result<Verified, Failure> {
    let lock = workspace.project.lock.as_ref().ok_or_else(files::no_lock)?;
    if lock.pins.is_empty() {
        return Err(files::nothing_declared().into());
    }
    let policy = workspace.evaluate_policy(lock)?;
    let admission = &policy.admission;
    crate::refusal::fail_if_any(admission.disguised.iter().map(Disguised::refusal).collect())?;
    let locations = workspace.install_locations()?;
    let exclusions = exclusions(admission);
    let target = InspectedTree::target(&locations, lock, &exclusions, depth)?;
    let quarantine = InspectedTree::quarantine(&locations, lock, &exclusions, depth)?;
    let trees: Vec<&InspectedTree> = std::iter::once(&target).chain(&quarantine).collect();
    check_trees(&trees)?;
    if depth != Depth::Fast {
        let (_, refusals) = workspace.compare_content(lock, &policy, &trees)?;
        crate::refusal::fail_if_any(refusals)?;
    }
    let files = lock.pins.iter().map(|(name, pin)| target.plan.visible(name, pin).count()).sum();
    Ok(Verified { entries: lock.pins.len(), files, bytes: target.inspection.bytes, denied: admission.denied.len() })
}
