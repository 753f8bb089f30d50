//! `verify`: the target and the quarantine against the lock and the policy, without a network.

use crate::decisions::Decisions;
use crate::gate::Gate;
use crate::project::{OWN_FOLDER, Project};
use crate::refusal::{Class, Failure, Refusal, files};
use crate::store::Store;
use crate::target::{self, Depth, Layout, Problem, Trouble};
use crate::trees::{Ground, Tree};
use modelpin_schema::Lockfile;
use modelpin_schema::lockfile::Day;
use std::path::PathBuf;

/// What `verify` found to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Entries.
    pub entries: usize,
    /// Files with locked content.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// How many things the policy refuses: those files are not in the target.
    pub denied: usize,
}

/// The places and the day that decide.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The project.
    pub project: &'a Project,
    /// The store, which has decisions that are imported from an address.
    pub store: Store,
    /// This user's shared Hugging Face cache.
    pub hf_cache: PathBuf,
    /// The day.
    pub today: Day,
}

/// Checks every file of the target and the quarantine against the lock, and changes nothing. What the policy refuses
/// is no error here, as long as it is not there.
///
/// # Errors
/// No lock; a lock that hides code; everything that is not as locked; the system's.
pub fn run(case: &Case<'_>, depth: Depth) -> Result<Verified, Failure> {
    let lock = case.project.lock.as_ref().ok_or_else(files::no_lock)?;
    if lock.pins.is_empty() {
        return Err(files::nothing_declared().into());
    }
    let gate = case.gate(lock)?;
    crate::refusal::all(gate.disguised.clone())?;
    let target = Tree::target(&case.ground(), lock, &gate.held, depth)?;
    let quarantine = Tree::quarantine(&case.ground(), lock, &gate.held, depth)?;
    let problems = refusals(&target).into_iter().chain(quarantine.iter().flat_map(refusals));
    crate::refusal::all(problems.collect())?;
    let files = lock.pins.iter().map(|(name, pin)| target.plan.visible(name, pin).count()).sum();
    Ok(Verified { entries: lock.pins.len(), files, bytes: target.found.bytes, denied: gate.denied.len() })
}

impl Case<'_> {
    pub(super) fn gate(&self, lock: &Lockfile) -> Result<Gate, Failure> {
        let decisions = Decisions::load(self.project, &self.store)?;
        Ok(Gate::of(self.project, lock, &decisions, self.today))
    }

    fn ground(&self) -> Ground<'_> {
        let memory = self.project.dir.join(OWN_FOLDER);
        Ground { project: self.project, hf_cache: &self.hf_cache, memory }
    }

    /// What `exec` and `env` need before a loader is started: a lock that answers the manifest, a policy that
    /// refuses nothing of it, and a target that is as both say. Content that was proven and has not changed since is
    /// believed.
    ///
    /// # Errors
    /// A stale lock; what the policy refuses; everything in the target that is not as locked; the system's.
    pub fn ready(&self) -> Result<(), Failure> {
        let lock = self.project.locked()?;
        self.ready_in(lock, &self.passed(lock)?).map(drop)
    }

    /// The gate, if it lets everything in.
    pub(super) fn passed(&self, lock: &Lockfile) -> Result<Gate, Failure> {
        let gate = self.gate(lock)?;
        gate.pass().map(|()| gate)
    }

    /// The target, if it is as it should be.
    pub(super) fn ready_in(&self, lock: &Lockfile, gate: &Gate) -> Result<Tree, Failure> {
        self.checked(Tree::target(&self.ground(), lock, &gate.held, Depth::Stamps)?)
    }

    /// The quarantine, if it is as it should be.
    pub(super) fn ready_quarantine(&self, lock: &Lockfile, gate: &Gate) -> Result<Option<Tree>, Failure> {
        let tree = Tree::quarantine(&self.ground(), lock, &gate.held, Depth::Stamps)?;
        tree.map(|tree| self.checked(tree)).transpose()
    }

    fn checked(&self, mut tree: Tree) -> Result<Tree, Failure> {
        crate::refusal::all(refusals(&tree))?;
        if self.ground().memory.is_dir() {
            // Only so that the next time hashes less; where it cannot be remembered, all is said all the same.
            let _ = tree.target.save_stamps(&tree.plan);
        }
        Ok(tree)
    }
}

/// Everything in a tree that is not as it should be.
fn refusals(tree: &Tree) -> Vec<Refusal> {
    let barred = target::barred(&tree.plan, &tree.found);
    let wrong = tree
        .found
        .problems
        .iter()
        .filter(|(_, problem)| problem.trouble != Trouble::Barred || tree.plan.layout != Layout::SharedHubCache);
    barred.into_iter().chain(wrong.map(|(path, problem)| refusal(tree.plan.layout, path, problem))).collect()
}

fn refusal(layout: Layout, path: &str, problem: &Problem) -> Refusal {
    let tree = if layout == Layout::Quarantine { "quarantine" } else { "target" };
    let (what, expected, got) = match &problem.trouble {
        Trouble::Missing => (format!("it is not in the {tree}"), "the file".to_owned(), "nothing".to_owned()),
        Trouble::Other { expected, got } => {
            (format!("the {tree} has something else in its place"), expected.clone(), got.clone())
        }
        Trouble::Size { expected, got } => {
            let what = format!("the {tree} has another length than models.lock");
            (what, format!("{expected} bytes"), format!("{got} bytes"))
        }
        Trouble::Digest { expected, got } => {
            let what = format!("the {tree} has other bytes than models.lock");
            (what, expected.to_string(), got.to_string())
        }
        Trouble::Stranger => {
            ("the lock does not know it".to_owned(), "nothing here".to_owned(), "a file, link or folder".to_owned())
        }
        Trouble::Barred => {
            let what = format!("it is held back, and is in the {tree} all the same");
            (what, "nothing here".to_owned(), "a file, link or folder".to_owned())
        }
    };
    let why = match &problem.trouble {
        Trouble::Stranger | Trouble::Barred => "a loader may pick up what nobody reviewed",
        _ => "what would be loaded is not what was reviewed",
    };
    let from_top = if layout == Layout::Quarantine { format!(".modelpin/quarantine/{path}") } else { path.to_owned() };
    Refusal {
        class: Class::Integrity,
        rule: None,
        at: None,
        name: problem.name.clone(),
        path: Some(if problem.name.is_some() { problem.label.clone() } else { from_top }),
        what,
        expected,
        got,
        why: why.to_owned(),
        help: format!("`modelpin sync` makes the {tree} what the lock says; first find out who changed it"),
    }
}
