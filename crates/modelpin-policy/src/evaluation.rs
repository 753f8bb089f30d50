//! Evaluating a whole lock.

use crate::code::Certifications;
use crate::evaluator::Evaluator;
use crate::{Decisions, ProjectPolicy, Violation, WithheldByName, dependencies, entry, files, unused};
use modelpin_schema::lockfile::Day;
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Lockfile, Name};
use std::collections::BTreeSet;

/// What the policy says of a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// What is denied, and what is only warned of.
    pub violations: Vec<Violation>,
    /// The files that stay out of the target, by entry.
    pub withheld: WithheldByName,
    /// The entries whose code, that of other repos included, is certified and may run.
    pub certified: BTreeSet<Name>,
}

impl Evaluation {
    /// What is denied.
    pub fn denied(&self) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(|violation| violation.level == Level::Deny)
    }

    /// What is only warned of.
    pub fn warned(&self) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(|violation| violation.level == Level::Warn)
    }
}

/// Evaluates `lock` on the day `today`.
#[must_use]
pub fn evaluate(project: ProjectPolicy<'_>, lock: &Lockfile, decisions: &Decisions, today: Day) -> Evaluation {
    evaluate_observed(project, lock, lock, decisions, today)
}

/// Evaluates `observed`: the lock `recorded` with what its bytes were found to be beyond that. Lines are those of
/// `recorded`, the file that people see.
#[must_use]
pub fn evaluate_observed(
    project: ProjectPolicy<'_>,
    recorded: &Lockfile,
    observed: &Lockfile,
    decisions: &Decisions,
    today: Day,
) -> Evaluation {
    let mut evaluator = Evaluator::new(project, recorded.line_index(), decisions, today);
    let certifications = Certifications::new(&evaluator, observed);
    let mut all = WithheldByName::new();
    for (name, pin) in &observed.pins {
        evaluator.name = Some(name.clone());
        entry::evaluate(&mut evaluator, pin);
        dependencies::evaluate(&mut evaluator, observed, pin);
        let withheld = files::withheld(&mut evaluator, &certifications, name, pin);
        if !withheld.is_empty() {
            all.insert(name.clone(), withheld);
        }
    }
    evaluator.name = None;
    unused::evaluate(&mut evaluator, observed, &all);
    Evaluation { violations: evaluator.violations, withheld: all, certified: certifications.certified() }
}
