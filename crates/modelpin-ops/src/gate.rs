//! The gate in front of the target: which files of a lock stay out, and whether any may come in at all.

use crate::decisions::Decisions;
use crate::facts;
use crate::policy::{self, Held};
use crate::project::Project;
use crate::refusal::{Failure, Refusal};
use modelpin_schema::lockfile::Day;
use modelpin_schema::{FileKind, Lockfile, Name};
use modelpin_store::install::Exclusions;
use std::collections::{BTreeMap, BTreeSet};

/// What the policy and people's decisions mean for a lock.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    /// Files that stay out of the target, by entry.
    pub held: BTreeMap<Name, Held>,
    /// Files of which the lock says that they are less than they are.
    pub disguised: Vec<Refusal>,
    /// What the policy refuses.
    pub denied: Vec<Refusal>,
    /// How many things the policy only warns of.
    pub warnings: usize,
    /// The entries all of whose code may run.
    pub certified: BTreeSet<Name>,
}

impl Gate {
    /// The gate for `lock` of `project` on the day `today`.
    #[must_use]
    pub fn of(project: &Project, lock: &Lockfile, decisions: &Decisions, today: Day) -> Self {
        Self::seen(project, lock, lock, decisions, today)
    }

    /// The gate for what the bytes of `lock` were seen to be and do. Refusals point at the lines of `lock`.
    #[must_use]
    pub fn seen(project: &Project, lock: &Lockfile, seen: &Lockfile, decisions: &Decisions, today: Day) -> Self {
        let disguised = facts::disguised(seen);
        let evaluate = |seen| policy::evaluate_seen(project.wanted(), lock, seen, decisions, today);
        let evaluation = if disguised.is_empty() { evaluate(seen) } else { evaluate(&undisguised(seen)) };
        let (denied, warnings) = (evaluation.refusals(), evaluation.warned().count());
        Self { held: evaluation.held, disguised, denied, warnings, certified: evaluation.certified }
    }

    /// The files that are kept out of the target, and those that are installed in the quarantine only.
    #[must_use]
    pub fn exclusions(&self) -> Exclusions {
        let mut exclusions = Exclusions::default();
        for (name, held) in &self.held {
            let denied = held.withheld.iter().chain(&held.refused).chain(&held.replaced);
            exclusions.denied.insert(name.clone(), denied.cloned().collect());
            exclusions.quarantined.insert(name.clone(), held.quarantined.clone());
        }
        exclusions
    }

    /// Refuses whatever may not come in.
    ///
    /// # Errors
    /// All of it.
    pub fn pass(&self) -> Result<(), Failure> {
        crate::refusal::fail_if_any(self.disguised.iter().chain(&self.denied).cloned().collect())
    }
}

/// `lock` with every file that has a name of code as code: what is refused for its disguise is held back as well.
fn undisguised(lock: &Lockfile) -> Lockfile {
    let mut lock = lock.clone();
    for pin in lock.pins.values_mut() {
        let code: Vec<_> = pin.files().keys().filter(|path| FileKind::of(path) == FileKind::Code).cloned().collect();
        code.iter().for_each(|path| pin.set_kind(path, FileKind::Code));
    }
    lock
}
