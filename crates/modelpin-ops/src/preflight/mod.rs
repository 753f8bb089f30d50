//! Whether the trees may be used: everything in them verified to be what the lock says, and scanned on this machine to
//! be what the lock says that it is. `exec`, `env`, `verify` and the jail ask here; `sync` makes it so.
//!
//! Verified and scanned are two things, each remembered only by the run that did it: a file is verified by its hash,
//! content is scanned. What is not remembered is hashed and scanned there and then.
//!
//! - here: what has to hold, and for whom
//! - `rescan`: scanning content, and what speaks against the lock
//! - `undeclared`: files that stay out by what their bytes are, and would be let in by what the lock says of them

mod rescan;
mod undeclared;

pub(crate) use rescan::{compare_facts, scan_content};
pub(crate) use undeclared::one_a_file;

use crate::decisions;
use crate::exclusions::exclusions;
use crate::facts::{self, scan_cache};
use crate::refusal::{ErrorClass, Failure, Refusal, files};
use crate::workspace::Workspace;
use modelpin_policy::{Admission, Decisions, Violation};
use modelpin_schema::{Digest, Lockfile};
use modelpin_store::denied_in_shared_cache;
use modelpin_store::install::{Depth, Discrepancy, DiscrepancyKind, InspectedTree, Layout, Locations};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What the policy says of a lock, and by which decisions.
pub(crate) struct PolicyResult {
    pub(crate) decisions: Decisions,
    pub(crate) admission: Admission,
}

impl Workspace {
    /// What the policy says of `lock`.
    ///
    /// # Errors
    /// Decisions that cannot be read.
    pub(crate) fn evaluate_policy(&self, lock: &Lockfile) -> Result<PolicyResult, Failure> {
        let decisions = decisions::load(&self.project, &self.store)?;
        let admission = Admission::evaluate(self.project.project_policy(), lock, &decisions, self.today);
        Ok(PolicyResult { decisions, admission })
    }

    /// The same, if it lets everything in.
    ///
    /// # Errors
    /// Decisions that cannot be read; what the policy refuses.
    pub(crate) fn authorized(&self, lock: &Lockfile) -> Result<PolicyResult, Failure> {
        let policy = self.evaluate_policy(lock)?;
        policy.admission.authorize().map(|()| policy)
    }

    /// Where files are installed.
    pub(crate) fn install_locations(&self) -> Result<Locations<'_>, Failure> {
        self.project.install_locations(self.record.as_ref())
    }

    /// What `exec` and `env` need before a loader is started: a lock that is up to date, a policy that
    /// denies nothing of it, and a target that is as both say, verified and scanned.
    ///
    /// # Errors
    /// A stale lock; what the policy refuses; everything in the target that is not as locked, or not what the lock says
    /// that it is; I/O errors from reading the trees.
    pub fn ready(&self) -> Result<(), Failure> {
        let lock = self.project.locked()?;
        self.ready_target(lock, &self.authorized(lock)?).map(drop)
    }

    /// The target, if it may be used.
    pub(crate) fn ready_target(&self, lock: &Lockfile, authorized: &PolicyResult) -> Result<InspectedTree, Failure> {
        let mut target =
            InspectedTree::target(&self.install_locations()?, lock, &exclusions(&authorized.admission), Depth::Stamps)?;
        self.check(lock, authorized, &mut [&mut target])?;
        Ok(target)
    }

    /// The target and the quarantine, if they may be used.
    pub(crate) fn ready_trees(
        &self,
        lock: &Lockfile,
        authorized: &PolicyResult,
    ) -> Result<(InspectedTree, Option<InspectedTree>), Failure> {
        let mut target =
            InspectedTree::target(&self.install_locations()?, lock, &exclusions(&authorized.admission), Depth::Stamps)?;
        let mut quarantine = InspectedTree::quarantine(
            &self.install_locations()?,
            lock,
            &exclusions(&authorized.admission),
            Depth::Stamps,
        )?;
        let mut trees: Vec<&mut InspectedTree> = std::iter::once(&mut target).chain(&mut quarantine).collect();
        self.check(lock, authorized, &mut trees)?;
        Ok((target, quarantine))
    }

    fn check(
        &self,
        lock: &Lockfile,
        authorized: &PolicyResult,
        trees: &mut [&mut InspectedTree],
    ) -> Result<(), Failure> {
        let there: Vec<&InspectedTree> = trees.iter().map(|tree| &**tree).collect();
        check_trees(&there)?;
        let (found, mut refusals) = self.compare_content(lock, authorized, &there)?;
        refusals.extend(found.denied.iter().map(Violation::refusal));
        crate::refusal::fail_if_any(one_a_file(refusals))?;
        for tree in trees {
            // Only so that the next run hashes less; where it cannot be remembered, nothing is lost.
            let _ = tree.tree.save_stamps(&tree.plan);
        }
        Ok(())
    }

    /// What the policy says of the content of `trees`, all of which is verified, and what speaks against the lock.
    /// Content of which no scan is remembered is scanned.
    ///
    /// # Errors
    /// A scanner that broke; no thread for it.
    pub(crate) fn compare_content(
        &self,
        lock: &Lockfile,
        PolicyResult { decisions, admission }: &PolicyResult,
        trees: &[&InspectedTree],
    ) -> Result<(Admission, Vec<Refusal>), Failure> {
        let mut observed = scan_cache::load(self.record.as_ref(), lock);
        let unknown = scan_cache::unknown(lock, &observed);
        if !unknown.pins.is_empty() {
            let there: BTreeMap<Digest, PathBuf> =
                trees.iter().flat_map(|tree| tree.tree.verified_content(&tree.plan, &tree.inspection)).collect();
            let (found, _) = scan_content(&unknown, &|digest| there.get(digest).cloned(), self.jobs, &*self.reporter)?;
            observed.extend(found);
            if let Some(record) = &self.record {
                // As with stamps: nothing is lost where it cannot be remembered.
                let _ = scan_cache::save(record, lock, &observed);
            }
        }
        let as_observed = facts::merge(lock, &observed);
        Ok(compare_facts(self, lock, admission, (&observed, &as_observed), decisions))
    }
}

/// Nothing, if `trees` are as they should be: the target, and perhaps the quarantine.
///
/// # Errors
/// A target of which nothing is there; else everything that is not as it should be.
pub(crate) fn check_trees(trees: &[&InspectedTree]) -> Result<(), Failure> {
    if let Some(target) = trees.first().filter(|tree| is_absent(tree)) {
        return Err(files::not_synced(target.tree.root()).into());
    }
    crate::refusal::fail_if_any(trees.iter().flat_map(|tree| wrong(tree)).collect())
}

/// Whether nothing of the tree is there.
fn is_absent(tree: &InspectedTree) -> bool {
    let planned = &tree.plan.nodes;
    let discrepancies = &tree.inspection.discrepancies;
    let is_missing = |path| discrepancies.get(path).is_some_and(|found| found.kind == DiscrepancyKind::Missing);
    discrepancies.len() == planned.len() && planned.keys().all(is_missing)
}

/// Everything in a tree that is not as it should be.
fn wrong(tree: &InspectedTree) -> Vec<Refusal> {
    let denied = tree.inspection.denied_in_shared_cache(&tree.plan).map(denied_in_shared_cache);
    // A file of the Hub's layout is a link and a blob: where both are missing, one file is.
    let mut missing = BTreeSet::new();
    let wrong = tree.inspection.discrepancies.iter().filter(|(_, problem)| match problem.kind {
        DiscrepancyKind::Denied => tree.plan.layout != Layout::SharedHubCache,
        DiscrepancyKind::Missing => missing.insert((&problem.name, &problem.label)),
        _ => true,
    });
    denied.chain(wrong.map(|(path, problem)| refusal(tree.plan.layout, path, problem))).collect()
}

fn refusal(layout: Layout, path: &str, problem: &Discrepancy) -> Refusal {
    let tree = if layout == Layout::Quarantine { "quarantine" } else { "target" };
    let (what, expected, got) = match &problem.kind {
        DiscrepancyKind::Missing => {
            (format!("the file is missing from the {tree}"), "the file".to_owned(), "nothing".to_owned())
        }
        DiscrepancyKind::Other { expected, got } => {
            (format!("the {tree} has something else in its place"), expected.clone(), got.clone())
        }
        DiscrepancyKind::Size { expected, got } => {
            let what = format!("the length of the file in the {tree} does not match models.lock");
            (what, format!("{expected} bytes"), format!("{got} bytes"))
        }
        DiscrepancyKind::Digest { expected, got } => {
            let what = format!("the {tree} has other bytes than models.lock");
            (what, expected.to_string(), got.to_string())
        }
        DiscrepancyKind::Untracked => {
            ("it is not in models.lock".to_owned(), "nothing here".to_owned(), "a file, link or folder".to_owned())
        }
        DiscrepancyKind::Denied => {
            let what = format!("it is withheld, but it is in the {tree}");
            (what, "nothing here".to_owned(), "a file, link or folder".to_owned())
        }
    };
    let why = match &problem.kind {
        DiscrepancyKind::Untracked | DiscrepancyKind::Denied => "a loader may pick up what nobody reviewed",
        _ => "what would be loaded is not what was reviewed",
    };
    let from_top = if layout == Layout::Quarantine { format!(".modelpin/quarantine/{path}") } else { path.to_owned() };
    Refusal::new(ErrorClass::Integrity, what)
        .entry(problem.name.as_ref())
        .file(if problem.name.is_some() { problem.label.clone() } else { from_top })
        .expected(expected)
        .got(got)
        .why(why)
        .help("find out what changed it")
        .help(format_args!("run `modelpin sync` to restore the {tree}"))
}
