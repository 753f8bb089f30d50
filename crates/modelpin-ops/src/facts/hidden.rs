//! What a lock hides: kinds that say less than a name or the bytes do, and facts that are not recorded.

use super::{Seen, is_seen_at_lock};
use crate::file_names::LOCK;
use crate::refusal::{ErrorClass, Line, Refusal};
use modelpin_rules::file::{OVER_BUDGET, UNREADABLE};
use modelpin_schema::lockfile::{Identifier, LineIndex, LockKey};
use modelpin_schema::text::{code, list_up_to};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Facts that a refusal names one by one.
const NAMED: usize = 5;

/// Everything that `lock` hides of what was seen: a refusal each. A lock that says more than was seen hides nothing.
///
/// A kind that hides what runs is of [`ErrorClass::Integrity`]; any other fact that is missing of [`ErrorClass::Stale`].
/// Files that are not looked at when a pin is made may have no facts at all: those are [`unrecorded`].
#[must_use]
pub fn hidden(lock: &Lockfile, seen: &BTreeMap<Name, Seen>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let lines = lock.line_index();
    for (name, seen) in seen {
        if let Some(pin) = lock.pins.get(name) {
            let judged = Judged { lines: &lines, name, pin, seen };
            judged.kinds(&mut refusals);
            judged.facts(&mut refusals);
        }
    }
    refusals
}

/// Files that have facts of which `lock` has none, since their bytes do not come when a pin is made.
#[must_use]
pub fn unrecorded(lock: &Lockfile, seen: &BTreeMap<Name, Seen>) -> BTreeMap<Name, BTreeSet<RepoPath>> {
    let mut all = BTreeMap::new();
    for (name, seen) in seen {
        let Some(pin) = lock.pins.get(name) else { continue };
        let facts = &seen.facts;
        let told = facts.globals.keys().chain(facts.templates.keys()).chain(facts.findings.keys());
        let paths: BTreeSet<RepoPath> = told.filter(|path| is_unrecorded(pin, path)).cloned().collect();
        if !paths.is_empty() {
            all.insert(name.clone(), paths);
        }
    }
    all
}

/// Whether the lock has no fact of a file that is not looked at when a pin is made.
fn is_unrecorded(pin: &Pin, path: &RepoPath) -> bool {
    let facts = &pin.facts;
    let bare =
        !facts.globals.contains_key(path) && !facts.templates.contains_key(path) && !facts.findings.contains_key(path);
    bare && pin.files().get(path).is_some_and(|file| !is_seen_at_lock(path, file.size))
}

struct Judged<'a> {
    lines: &'a LineIndex<'a>,
    name: &'a Name,
    pin: &'a Pin,
    seen: &'a Seen,
}

impl Judged<'_> {
    fn kinds(&self, refusals: &mut Vec<Refusal>) {
        for (path, kind) in &self.seen.kinds {
            let recorded = self.pin.files().get(path).map(|file| file.kind);
            let runs = matches!(kind, FileKind::Code | FileKind::Pickle);
            if let Some(recorded) = recorded.filter(|recorded| runs && recorded != kind) {
                refusals.push(by_content(self.lines, self.name, path, *kind, recorded));
            }
        }
    }

    fn facts(&self, refusals: &mut Vec<Refusal>) {
        let (recorded, seen) = (&self.pin.facts, &self.seen.facts);
        self.whole(
            "code.auto-map",
            LockKey::InTable("code", "auto-map"),
            seen.auto_map.difference(&recorded.auto_map),
            refusals,
        );
        self.whole(
            "code.capabilities",
            LockKey::InTable("code", "capabilities"),
            seen.capabilities.difference(&recorded.capabilities),
            refusals,
        );
        let references = seen.references.difference(&recorded.references);
        self.whole("dependencies", LockKey::Entry, references, refusals);
        let base = seen.base.iter().filter(|base| recorded.base.as_ref() != Some(*base));
        self.whole("adapter.base-declared", LockKey::InTable("adapter", "base-declared"), base, refusals);
        let requires = seen.requires.iter().filter(|(name, how)| recorded.requires.get(name) != Some(how));
        let first =
            requires.clone().next().map_or(LockKey::Entry, |(name, _)| LockKey::InTable("requires", name.as_str()));
        self.whole("requires", first, requires.map(|(name, how)| format!("{name} {how}")), refusals);
        self.by_file("globals", &seen.globals, &recorded.globals, |_| true, refusals);
        self.by_file("templates", &seen.templates, &recorded.templates, |_| true, refusals);
        // How much can be followed in the time there is differs between machines; the policy hears of it anyway.
        let lasting = |rule: &Identifier| rule.as_str() != OVER_BUDGET.id && rule.as_str() != UNREADABLE.id;
        self.by_file("findings", &seen.findings, &recorded.findings, lasting, refusals);
    }

    fn whole(
        &self,
        table: &str,
        spot: LockKey<'_>,
        missing: impl Iterator<Item = impl Display>,
        refusals: &mut Vec<Refusal>,
    ) {
        if let Some(got) = listed(missing) {
            let at = line(self.lines, self.name, spot);
            refusals.push(stale(table, got, at).entry(self.name));
        }
    }

    fn by_file<T: Ord + Display>(
        &self,
        table: &str,
        seen: &BTreeMap<RepoPath, BTreeSet<T>>,
        recorded: &BTreeMap<RepoPath, BTreeSet<T>>,
        counts: impl Fn(&T) -> bool,
        refusals: &mut Vec<Refusal>,
    ) {
        let none = BTreeSet::new();
        for (path, facts) in seen.iter().filter(|(path, _)| !is_unrecorded(self.pin, path)) {
            let known = recorded.get(path).unwrap_or(&none);
            let missing = facts.difference(known).filter(|fact| counts(fact));
            if let Some(got) = listed(missing) {
                let at = line(self.lines, self.name, LockKey::InTable(table, path.as_str()));
                refusals.push(stale(table, got, at).entry(self.name).file(path));
            }
        }
    }
}

/// The first of some facts, and how many more there are; none where there is none.
fn listed(facts: impl Iterator<Item = impl Display>) -> Option<String> {
    let listed = list_up_to(NAMED, facts.map(code));
    if listed.is_empty() { None } else { Some(listed) }
}

fn line(lines: &LineIndex<'_>, name: &Name, spot: LockKey<'_>) -> Option<Line> {
    lines.line(name, spot).map(|line| Line { file: LOCK.to_owned(), line })
}

fn by_content(lines: &LineIndex<'_>, name: &Name, path: &RepoPath, kind: FileKind, recorded: FileKind) -> Refusal {
    let help = "`git checkout models.lock` takes the reviewed lock back; if it is that one, `modelpin sync` records what \
        the file is, for somebody to decide";
    located(disguise(kind, recorded, "its content", help), lines, name, path)
}

/// The refusal, of the file at `path` of the entry `name`, with the line of the lock about that.
fn located(refusal: Refusal, lines: &LineIndex<'_>, name: &Name, path: &RepoPath) -> Refusal {
    refusal.entry(name).file(path).at(line(lines, name, LockKey::File(path)))
}

fn disguise(kind: FileKind, recorded: FileKind, by: &str, help: &str) -> Refusal {
    Refusal::new(
        ErrorClass::Integrity,
        format_args!("models.lock says that the file is {recorded}, but by {by} it is {kind}"),
    )
    .expected(format!("`kind = \"{kind}\"`"))
    .got(format!("`kind = \"{recorded}\"`"))
    .why("code under another name would bypass those who review code")
    .help(help)
}

fn stale(table: &str, got: String, at: Option<Line>) -> Refusal {
    Refusal::new(ErrorClass::Stale, "models.lock does not record everything that was found in its files")
        .at(at)
        .expected(format_args!("all facts about them in `{table}`"))
        .got(format!("not recorded: {got}"))
        .why("whoever reviewed models.lock did not see it")
        .help("run `modelpin sync` to record it, then review and commit models.lock")
}
