//! Whether what is locked may come in: a pure function of the manifest, the lock, the decisions and the day.
//!
//! - [`levels`]: what a project wants done about a rule
//! - `held`: the files of an entry: which stay out of the target, and why
//! - `code`: whose code may come in, and for whom it is run
//! - `entry`: what is judged of an entry as a whole
//! - `edges`: what an entry leads to
//! - `idle`: decisions that decide nothing
//! - [`moved`](moved()): edges that an update brought or redirected
//! - `place`: the line that a ruling is about
//! - [`lapsing`]: exemptions that will lapse
//! - [`union`](union()): what a lock says and what its bytes are

mod code;
mod edges;
mod entry;
mod held;
mod idle;
mod lapse;
pub mod levels;
mod moved;
mod place;
mod union;

pub use held::{Held, executes, findings, is_more_than_code};
pub use lapse::{Lapse, lapsing};
pub use moved::moved;
pub use union::union;

use crate::decisions::Decisions;
use crate::file_names::LOCK;
use crate::refusal::{ErrorClass, Line, Refusal};
use code::Standings;
use modelpin_rules::Rule;
use modelpin_schema::lockfile::{Day, LineIndex, LockKey};
use modelpin_schema::manifest::Policy;
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Digest, Lockfile, Manifest, Name, RepoPath};
use place::{decision, wished};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that the policy has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The rule.
    pub rule: &'static Rule,
    /// What the project wants done about it; never [`Level::Allow`].
    pub level: Level,
    /// The model or dataset.
    pub name: Option<Name>,
    /// The file.
    pub path: Option<RepoPath>,
    /// The line of models.lock or models.audits.toml that it is about, the file named from the project's folder.
    pub at: Option<Line>,
    /// What happened, in one clause.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was got.
    pub got: String,
    /// What to type next.
    pub help: String,
}

impl Ruling {
    /// What stays the same of it from check to check, though lines and bytes move: hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let name = self.name.as_ref().map_or("", Name::as_str);
        let path = self.path.as_ref().map_or("", RepoPath::as_str);
        let parts = [self.rule.id, name, path, &self.what].join("\0");
        Digest::new(Sha256::digest(parts).into()).hex()
    }

    /// It as a refusal about a lock that is not written: a line of that would lead nowhere, so it points at the key of
    /// the policy that says so, where there is one.
    #[must_use]
    pub fn of_no_lock(&self, policy: &Policy) -> Refusal {
        let place = policy.place(&self.rule.key());
        let at = self.at.clone().filter(|at| at.file != LOCK);
        self.refusal().at(at.or_else(|| place.map(wished)))
    }

    /// It as a refusal.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let refusal = Refusal::new(ErrorClass::Policy, &self.what)
            .rule(self.rule.id)
            .at(self.at.clone())
            .entry(self.name.as_ref())
            .expected(&self.expected)
            .got(&self.got)
            .why(self.rule.why)
            .help(&self.help);
        match &self.path {
            Some(path) => refusal.file(path),
            None => refusal,
        }
    }
}

/// Files that stay out of the target, by entry.
pub type HeldByName = BTreeMap<Name, Held>;

/// What the policy says of a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Everything that is refused, or is worth a word.
    pub rulings: Vec<Ruling>,
    /// Files that stay out of the target, by entry; an entry of which none does is not here.
    pub held: HeldByName,
    /// The entries all of whose code, that of other repos included, somebody certified and the policy lets run.
    pub certified: BTreeSet<Name>,
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

/// What is wanted, and whether it will lie in plain folders, where people may work.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// Whether the target is plain folders, whoever says so.
    pub is_flat: bool,
}

/// Whether the policy lets every file in of which `rule` says something.
#[must_use]
pub fn allows(wanted: Wanted<'_>, rule: &Rule) -> bool {
    !(wanted.is_flat && rule.about_folder) && levels::level(wanted.manifest, rule) == Level::Allow
}

/// Judges `lock` on the day `today`.
#[must_use]
pub fn evaluate(wanted: Wanted<'_>, lock: &Lockfile, decisions: &Decisions, today: Day) -> Evaluation {
    evaluate_seen(wanted, lock, lock, decisions, today)
}

/// Judges `seen`, which is `recorded` and what its bytes were seen to be and do beyond it. Lines are those of
/// `recorded`, which is the lock that people see.
#[must_use]
pub fn evaluate_seen(
    wanted: Wanted<'_>,
    recorded: &Lockfile,
    seen: &Lockfile,
    decisions: &Decisions,
    today: Day,
) -> Evaluation {
    let lines = recorded.line_index();
    let Wanted { manifest, is_flat } = wanted;
    let policy = &manifest.policy;
    let mut judge = Judge { manifest, is_flat, policy, decisions, today, lines, name: None, rulings: Vec::new() };
    let standings = Standings::new(&judge, seen);
    let mut all = HeldByName::new();
    for (name, pin) in &seen.pins {
        judge.name = Some(name.clone());
        entry::entry(&mut judge, pin);
        edges::edges(&mut judge, seen, pin);
        let held = held::held(&mut judge, &standings, name, pin);
        if !held.is_empty() {
            all.insert(name.clone(), held);
        }
    }
    judge.name = None;
    idle::idle(&mut judge, seen, &all);
    Evaluation { rulings: judge.rulings, held: all, certified: standings.certified() }
}

/// The four parts of a ruling that its rule does not say.
struct Words {
    what: String,
    expected: String,
    got: String,
    help: String,
}

/// An evaluation under way.
struct Judge<'a> {
    manifest: &'a Manifest,
    is_flat: bool,
    policy: &'a Policy,
    decisions: &'a Decisions,
    today: Day,
    lines: LineIndex<'a>,
    /// The entry that is judged.
    name: Option<Name>,
    rulings: Vec<Ruling>,
}

impl Judge<'_> {
    /// What is done about a rule.
    fn level(&self, rule: &Rule) -> Level {
        if self.is_flat && rule.about_folder { Level::Deny } else { levels::level(self.manifest, rule) }
    }

    /// Says something of the entry that is judged, at a line of the lock.
    fn say(&mut self, rule: &'static Rule, path: Option<&RepoPath>, spot: LockKey<'_>, words: Words) {
        let line = self.name.as_ref().and_then(|name| self.lines.line(name, spot));
        let at = line.map(|line| Line { file: LOCK.to_owned(), line });
        self.say_at(rule, path, at, words);
    }

    fn say_at(&mut self, rule: &'static Rule, path: Option<&RepoPath>, at: Option<Line>, words: Words) {
        let level = self.level(rule);
        if level == Level::Allow {
            return;
        }
        let Words { what, expected, got, help } = words;
        let (name, path) = (self.name.clone(), path.cloned());
        self.rulings.push(Ruling { rule, level, name, path, at, what, expected, got, help });
    }

    fn name(&self) -> String {
        self.name.as_ref().map_or_else(|| "NAME".to_owned(), ToString::to_string)
    }
}
