//! What a lock leaves out: kinds that say less than the bytes do, and facts that are not recorded.

use super::observed::{Observed, is_scanned_at_lock};
use crate::file_names::LOCK;
use crate::refusal::{ErrorClass, Line, Refusal};
use modelpin_rules::file::{NOT_READ, OVER_BUDGET, UNREADABLE};
use modelpin_schema::lockfile::{LineIndex, LockKey, Missing};
use modelpin_schema::text::{code, list_up_to};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath, file_word};
use std::collections::{BTreeMap, BTreeSet};

/// Facts that a refusal names one by one.
const NAMED: usize = 5;

/// Everything that was found and that `lock` leaves out: a refusal each. A lock that records more leaves nothing out.
///
/// A kind under which a file that runs would pass for data is of [`ErrorClass::Integrity`], for what is looked at when a
/// pin is made shows it; where it does not, whoever locked the file could not know, and it is of
/// [`ErrorClass::Policy`]: somebody has to decide about it. Any other fact that is missing is of [`ErrorClass::Stale`]. Files that are not scanned when a pin is made may have no facts at all: those
/// are [`unrecorded`].
#[must_use]
pub fn undeclared(lock: &Lockfile, observed: &BTreeMap<Name, Observed>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let lines = lock.line_index();
    for (name, observed) in observed {
        if let Some(pin) = lock.pins.get(name) {
            let entry = Entry { lines: &lines, name, pin };
            entry.compare_kinds(observed, &mut refusals);
            entry.compare_facts(observed, &mut refusals);
        }
    }
    refusals
}

/// Files with facts of which `lock` has none, since their bytes are not fetched when a pin is made.
#[must_use]
pub fn unrecorded(lock: &Lockfile, observed: &BTreeMap<Name, Observed>) -> BTreeMap<Name, BTreeSet<RepoPath>> {
    let mut all = BTreeMap::new();
    for (name, observed) in observed {
        let Some(pin) = lock.pins.get(name) else { continue };
        let files = observed.facts.files().into_iter();
        let paths: BTreeSet<RepoPath> = files.filter(|path| is_unrecorded(pin, path)).cloned().collect();
        if !paths.is_empty() {
            all.insert(name.clone(), paths);
        }
    }
    all
}

/// Whether the lock has no fact of a file that is not scanned when a pin is made, or those of a part of it.
fn is_unrecorded(pin: &Pin, path: &RepoPath) -> bool {
    let is_late = || pin.files().get(path).is_some_and(|file| !is_scanned_at_lock(path, file.size));
    let in_part =
        || pin.facts.findings.get(path).is_some_and(|found| found.iter().any(|id| id.as_str() == NOT_READ.id));
    (!pin.facts.has_file(path) || in_part()) && is_late()
}

/// An entry that is compared with what was found in its files.
struct Entry<'a> {
    lines: &'a LineIndex<'a>,
    name: &'a Name,
    pin: &'a Pin,
}

impl Entry<'_> {
    fn compare_kinds(&self, observed: &Observed, refusals: &mut Vec<Refusal>) {
        for (path, kind) in &observed.kinds {
            let recorded = self.pin.files().get(path).map(|file| file.kind);
            let runs = matches!(kind, FileKind::Code | FileKind::Pickle);
            if let Some(recorded) = recorded.filter(|recorded| runs && recorded != kind) {
                let is_late = observed.late.contains(path);
                refusals.push(if is_late {
                    self.late(path, *kind, recorded)
                } else {
                    self.wrong_kind(path, *kind, recorded)
                });
            }
        }
    }

    fn compare_facts(&self, observed: &Observed, refusals: &mut Vec<Refusal>) {
        let mut found = observed.facts.clone();
        found.retain_files(|path| !is_unrecorded(self.pin, path));
        // How much is scanned within the time limit differs between machines; the policy evaluates these findings
        // anyway.
        let is_stable = |rule: &str| rule != OVER_BUDGET.id && rule != UNREADABLE.id;
        found.findings.values_mut().for_each(|rules| rules.retain(|rule| is_stable(rule.as_str())));
        // What a file is comes first; its facts are recorded with it.
        found.retain_files(|path| !observed.late.contains(path));
        for missing in found.missing_from(&self.pin.facts) {
            refusals.push(self.missing_facts(&missing));
        }
    }

    fn line(&self, key: LockKey<'_>) -> Option<Line> {
        self.lines.line(self.name, key).map(|line| Line { file: LOCK.to_owned(), line })
    }

    fn wrong_kind(&self, path: &RepoPath, kind: FileKind, recorded: FileKind) -> Refusal {
        let what = format!("models.lock says that the file is {recorded}, but by its content it is {kind}");
        Refusal::new(ErrorClass::Integrity, what)
            .expected(format!("`kind = \"{kind}\"`"))
            .got(format!("`kind = \"{recorded}\"`"))
            .why("code under another name would bypass those who review code")
            .help("run `git checkout models.lock` to restore the reviewed lock")
            .help("if the reviewed lock says so, run `modelpin sync` to record what the file is, then decide about it")
            .entry(self.name)
            .file(path)
            .at(self.line(LockKey::File(path)))
    }

    /// A file that turned out to run something when its bytes came.
    fn late(&self, path: &RepoPath, kind: FileKind, recorded: FileKind) -> Refusal {
        let file = file_word(path.as_str());
        let name = self.name;
        let decide = match kind {
            FileKind::Code => format!("then review the code with `modelpin review {name}`"),
            _ => format!(
                "then let exactly these bytes into the quarantine with `modelpin exempt {name} {file} --reason WHY \
                 --owner WHO --ticket TICKET --expires 90d`"
            ),
        };
        let what = format!("the file runs code: it is {kind}, which was not seen before its bytes were here");
        Refusal::new(ErrorClass::Policy, what)
            .expected("a file that holds data only, or a decision about exactly these bytes")
            .got(format!("{kind}; models.lock says {recorded}"))
            .why("nobody who reviewed models.lock could know that it runs code")
            .help("run `modelpin sync` to record in models.lock what the file is")
            .help(decide)
            .help(format!("or leave it out with `modelpin exclude {name} {file}`"))
            .entry(self.name)
            .file(path)
            .at(self.line(LockKey::File(path)))
    }

    fn missing_facts(&self, missing: &Missing) -> Refusal {
        let refusal =
            Refusal::new(ErrorClass::Stale, "models.lock does not record everything that was found in its files")
                .at(self.line(missing.lock_key()))
                .expected(format!("all facts about them in `{}`", missing.key))
                .got(format!("not recorded: {}", list_up_to(NAMED, missing.facts.iter().map(code))))
                .why("whoever reviewed models.lock did not see it")
                .help("run `modelpin sync` to record it, then review and commit models.lock")
                .entry(self.name);
        match &missing.file {
            Some(path) => refusal.file(path),
            None => refusal,
        }
    }
}
