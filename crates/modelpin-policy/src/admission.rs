//! What the policy and people's decisions mean for installing a lock: which files stay out, and what is denied.

use crate::{Decisions, ProjectPolicy, Violation, WithheldByName, evaluate_observed};
use modelpin_schema::lockfile::{Day, LockKey};
use modelpin_schema::refusal::{ErrorClass, Failure, Line, Refusal, fail_if_any};
use modelpin_schema::{FileKind, LOCK, Lockfile, Name, RepoPath};
use std::collections::BTreeSet;

/// Which files of a lock may be installed.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// The files that stay out of the target, by entry.
    pub withheld: WithheldByName,
    /// Code files that the lock lists as something else.
    pub disguised: Vec<Disguised>,
    /// What the policy denies.
    pub denied: Vec<Violation>,
    /// How many things the policy only warns of.
    pub warnings: usize,
    /// The entries whose code may run.
    pub certified: BTreeSet<Name>,
}

/// A file with a name of code that the lock lists as something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disguised {
    /// The entry.
    pub name: Name,
    /// The file.
    pub path: RepoPath,
    /// The kind that the lock lists.
    pub recorded: FileKind,
    /// The line of the lock that lists it.
    pub at: Option<Line>,
}

impl Disguised {
    /// It as an error.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        Refusal::new(
            ErrorClass::Integrity,
            format!("models.lock lists it as {}, but its name is a name of code", self.recorded),
        )
        .entry(&self.name)
        .file(&self.path)
        .at(self.at.clone())
        .expected(format!("`kind = \"{}\"`", FileKind::Code))
        .got(format!("`kind = \"{}\"`", self.recorded))
        .why("code listed as data would be installed without being certified")
        .help("to restore the reviewed lock, run `git checkout models.lock`")
        .help("to analyse the files again, run `modelpin update NAME`")
    }
}

impl Admission {
    /// Evaluates `lock` on the day `today`.
    #[must_use]
    pub fn evaluate(project: ProjectPolicy<'_>, lock: &Lockfile, decisions: &Decisions, today: Day) -> Self {
        Self::evaluate_observed(project, lock, lock, decisions, today)
    }

    /// Evaluates `observed`, which is `lock` with what its bytes were found to be. Violations are at lines of `lock`.
    #[must_use]
    pub fn evaluate_observed(
        project: ProjectPolicy<'_>,
        lock: &Lockfile,
        observed: &Lockfile,
        decisions: &Decisions,
        today: Day,
    ) -> Self {
        let disguised = disguised(observed);
        let evaluation = if disguised.is_empty() {
            evaluate_observed(project, lock, observed, decisions, today)
        } else {
            evaluate_observed(project, lock, &as_code(observed, &disguised), decisions, today)
        };
        let denied = evaluation.denied().cloned().collect();
        let warnings = evaluation.warned().count();
        Self { withheld: evaluation.withheld, disguised, denied, warnings, certified: evaluation.certified }
    }

    /// Fails with everything that is denied.
    ///
    /// # Errors
    /// Disguised files and denied violations, as refusals.
    pub fn authorize(&self) -> Result<(), Failure> {
        let disguised = self.disguised.iter().map(Disguised::refusal);
        fail_if_any(disguised.chain(self.denied.iter().map(Violation::refusal)).collect())
    }

    /// Whether nothing is denied.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        self.disguised.is_empty() && self.denied.is_empty()
    }
}

/// The files of `lock` with a name of code that it lists as something else. No bytes are needed.
#[must_use]
pub fn disguised(lock: &Lockfile) -> Vec<Disguised> {
    let lines = lock.line_index();
    let mut found = Vec::new();
    for (name, pin) in &lock.pins {
        for (path, file) in pin.files() {
            if FileKind::of(path) == FileKind::Code && file.kind != FileKind::Code {
                let line = lines.line(name, LockKey::File(path));
                let at = line.map(|line| Line { file: LOCK.to_owned(), line });
                found.push(Disguised { name: name.clone(), path: path.clone(), recorded: file.kind, at });
            }
        }
    }
    found
}

/// `lock` with the disguised files as code, so that they are withheld as well as refused.
fn as_code(lock: &Lockfile, disguised: &[Disguised]) -> Lockfile {
    let mut lock = lock.clone();
    for file in disguised {
        if let Some(pin) = lock.pins.get_mut(&file.name) {
            pin.set_kind(&file.path, FileKind::Code);
        }
    }
    lock
}
