//! Whether what is locked may come in: a pure function of the manifest, the lock, the decisions and the day.
//!
//! - [`rules`]: what can be said, one rule each, with its page
//! - [`held`](Held): which files stay out of the target, and why

mod held;
pub mod rules;

pub use held::{Held, executes};

use crate::decisions::Decisions;
use crate::refusal::{Class, Line, Refusal};
use modelpin_scan::rules::Rule;
use modelpin_schema::lockfile::Day;
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Lockfile, Manifest, Name, RepoPath};
use std::collections::BTreeMap;

/// One thing that the policy has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The rule.
    pub rule: &'static Rule,
    /// What the project wants done about it.
    pub level: Level,
    /// Whether a decision about these bytes would settle it (an audit, an exemption), so that they may be locked
    /// for somebody to decide. Otherwise they may not even be locked.
    pub can_be_decided: bool,
    /// The model or dataset.
    pub name: Option<Name>,
    /// The file.
    pub path: Option<RepoPath>,
    /// The line of models.toml, models.lock or models.audits.toml that it is about.
    pub at: Option<Line>,
    /// What happened, in one clause.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was got.
    pub got: String,
    /// What to type next; `NAME` stands for the entry.
    pub help: String,
}

impl Ruling {
    /// It as a refusal.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let refusal = Refusal {
            class: Class::Policy,
            rule: Some(self.rule.id),
            at: self.at.clone(),
            name: None,
            path: self.path.as_ref().map(ToString::to_string),
            what: self.what.clone(),
            expected: self.expected.clone(),
            got: self.got.clone(),
            why: self.rule.why.to_owned(),
            help: self.help.clone(),
        };
        match &self.name {
            Some(name) => refusal.of(name),
            None => refusal,
        }
    }
}

/// What the policy says of a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Everything that is not allowed, or is worth a word.
    pub rulings: Vec<Ruling>,
    /// Files that stay out of the target, by entry; an entry of which none does is not here.
    pub held: BTreeMap<Name, Held>,
}

impl Evaluation {
    /// The refusals.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        self.denied().map(Ruling::refusal).collect()
    }

    /// What is refused.
    pub fn denied(&self) -> impl Iterator<Item = &Ruling> {
        self.rulings.iter().filter(|ruling| ruling.level == Level::Deny)
    }

    /// What is only said.
    pub fn warned(&self) -> impl Iterator<Item = &Ruling> {
        self.rulings.iter().filter(|ruling| ruling.level == Level::Warn)
    }
}

/// Judges `lock` on the day `today`.
#[must_use]
pub fn evaluate(manifest: &Manifest, lock: &Lockfile, decisions: &Decisions, today: Day) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (name, pin) in &lock.pins {
        let held = held::held(&manifest.policy, name, pin, decisions, today, &mut evaluation.rulings);
        if !held.is_empty() {
            evaluation.held.insert(name.clone(), held);
        }
    }
    evaluation
}
