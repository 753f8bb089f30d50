//! The code of entries, their own and that which `auto_map` leads to: whether it may run, and what stays out.
//!
//! An entry is certified for all of its code, wherever that is ([`Lockfile::code`]). Code of an entry that models.toml
//! asks for is installed if that entry is certified. Code that is locked only because others import it is installed if
//! every entry that imports it, over however many steps, has a certificate that covers it.

use crate::evaluator::{Evaluator, Message};
use crate::withheld::{Approvals, Withheld};
use modelpin_rules::policy::{CODE_CHANGED, CODE_WITHHELD};
use modelpin_schema::audits::{Audit, AuditStatus};
use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::lockfile::{Code, LockKey, Role};
use modelpin_schema::manifest::policy::RemoteCode;
use modelpin_schema::text::count;
use modelpin_schema::{Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Which entries have code, and whether it is certified.
pub(crate) struct Certifications<'a> {
    lock: &'a Lockfile,
    /// Whether the policy lets no code run, certified or not.
    never: bool,
    of: BTreeMap<&'a Name, (Code<'a>, AuditStatus<'a>)>,
    /// The entries that import code of an entry.
    importers: BTreeMap<&'a Name, BTreeSet<&'a Name>>,
}

impl<'a> Certifications<'a> {
    pub(crate) fn new(evaluator: &Evaluator<'a>, lock: &'a Lockfile) -> Self {
        let never = evaluator.policy.remote_code == RemoteCode::Never;
        let mut found = Self { lock, never, of: BTreeMap::new(), importers: BTreeMap::new() };
        for (name, pin) in &lock.pins {
            let code = lock.code(name);
            if let Some(status) = evaluator.decisions.audit_status(pin, &code) {
                found.of.insert(name, (code, status));
            }
            for (_, edge) in pin.dependencies.pinned.iter().filter(|(reference, _)| reference.role == Role::Code) {
                found.importers.entry(&edge.pin).or_default().insert(name);
            }
        }
        found
    }

    /// The entries all of whose code may run.
    pub(crate) fn certified(&self) -> BTreeSet<Name> {
        self.of.keys().filter(|name| self.is_certified(name)).map(|name| (*name).clone()).collect()
    }

    fn is_certified(&self, name: &Name) -> bool {
        !self.never && self.of.get(name).is_some_and(|(_, status)| matches!(status, AuditStatus::Certified(_)))
    }

    /// The last audit of other code of the entry, where its code is not certified and other code of it was.
    fn changed(&self, name: &Name) -> Option<&'a Audit> {
        match self.of.get(name) {
            Some((_, AuditStatus::Changed(last))) => Some(last),
            _ => None,
        }
    }

    /// The uncertified entries that keep the code of the entry `name` out: those that would run it, and itself where
    /// models.toml asks for it. Each way back along the imports ends at the first certified entry, which covers all
    /// code that it imports.
    fn blockers(&self, name: &'a Name) -> BTreeSet<&'a Name> {
        let mut blockers = BTreeSet::new();
        let mut is_covered = false;
        let mut visited = BTreeSet::from([name]);
        let mut queue = vec![name];
        while let Some(at) = queue.pop() {
            if self.is_certified(at) {
                is_covered = true;
            } else if self.lock.pins.get(at).is_none_or(is_for_itself) {
                blockers.insert(at);
            } else {
                let importers = self.importers.get(at).into_iter().flatten();
                queue.extend(importers.copied().filter(|importer| visited.insert(importer)));
            }
        }
        if blockers.is_empty() && !is_covered {
            blockers.insert(name);
        }
        blockers
    }

    /// Whether some file of the entry is code that stays out.
    fn is_blocked(&self, name: &'a Name, pin: &Pin) -> bool {
        pin.code_files().next().is_some() && !self.blockers(name).is_empty()
    }

    /// Whether the violation about uncertified code is reported at the entry `name`, and not at one that is read
    /// together with it. `blockers` are those of the entry, `changed` its last audit where its code changed.
    fn is_reported_at(
        &self,
        name: &'a Name,
        pin: &Pin,
        code: &Code<'a>,
        blockers: &BTreeSet<&Name>,
        changed: Option<&Audit>,
    ) -> bool {
        if is_for_itself(pin) {
            let is_foreign_blocked = || code.foreign.values().any(|(name, pin)| self.is_blocked(name, pin));
            return changed.is_some() || is_foreign_blocked() || self.is_blocked(name, pin);
        }
        changed.is_some() && !blockers.is_empty() && blockers.iter().all(|other| self.changed(other).is_none())
    }
}

/// Whether an entry is locked for more than the code that others import from it.
fn is_for_itself(pin: &Pin) -> bool {
    pin.dependencies.required_by.is_empty()
        || pin.dependencies.required_by.iter().any(|via| via.kind != DependencyKind::Reference(Role::Code))
}

/// Withholds the code of the entry `name`, all of it or none. Of code that is read together, only the entry that runs
/// it reports a violation.
pub(crate) fn evaluate<'a>(
    evaluator: &mut Evaluator<'_>,
    certifications: &Certifications<'a>,
    name: &'a Name,
    pin: &Pin,
    withheld: &mut Withheld,
) {
    let Some((code, _)) = certifications.of.get(name) else { return };
    let blockers = certifications.blockers(name);
    if !blockers.is_empty() {
        withheld.uncertified.extend(pin.code_files().map(|(path, _)| path.clone()));
        withheld.needed_by = blockers.iter().filter(|other| **other != name).map(|name| (*name).clone()).collect();
        withheld.approvals = approvals(evaluator, pin, code).filter(|_| withheld.needed_by.is_empty());
    }
    if certifications.is_certified(name) {
        return;
    }
    let changed = certifications.changed(name).filter(|_| !certifications.never);
    if certifications.is_reported_at(name, pin, code, &blockers, changed) {
        report(evaluator, pin, code, changed, withheld);
    }
}

/// How many people certified `code`, where more than one has to.
fn approvals(evaluator: &Evaluator<'_>, pin: &Pin, code: &Code<'_>) -> Option<Approvals> {
    let required = evaluator.decisions.required.get();
    if required <= 1 {
        return None;
    }
    let chain = evaluator.decisions.chain(&pin.source);
    let given = code.digest().map_or(0, |digest| chain.people(&digest).len());
    Some(Approvals { given, required })
}

fn report(evaluator: &mut Evaluator<'_>, pin: &Pin, code: &Code<'_>, changed: Option<&Audit>, withheld: &Withheld) {
    let name = evaluator.name();
    let needed_by: Vec<String> = withheld.needed_by.iter().map(|name| format!("`{name}`")).collect();
    let its_code = match needed_by.as_slice() {
        [] => "its code".to_owned(),
        _ => format!("its code, which {} would run,", needed_by.join(", ")),
    };
    let digest = code.digest().map_or_else(String::new, |digest| digest.to_string());
    let approvals = match approvals(evaluator, pin, code) {
        Some(Approvals { given, required }) => format!(", certified by {given} of {required} people"),
        None => String::new(),
    };
    let got = format!("{} with the digest {digest}{approvals}", files(code));
    let (rule, message) = match changed {
        Some(last) => {
            let message = Message {
                what: format!("{its_code} is not the code that was certified"),
                expected: format!("{}, which {} certified", last.digest, last.who),
                got,
                help: vec![
                    format!("to see what changed, run `modelpin review {name} --since`"),
                    format!("to accept it, run `modelpin certify {name} --criteria safe-to-run --delta`"),
                ],
            };
            (&CODE_CHANGED, message)
        }
        None if evaluator.policy.remote_code == RemoteCode::Never => {
            let message = Message {
                what: format!("{its_code} is withheld"),
                expected: format!("no code, since `remote-code` is `never`{}", evaluator.set_by("remote-code")),
                got,
                help: vec![format!("to read it, run `modelpin review {name}`"), left_out(evaluator, pin, code)],
            };
            (&CODE_WITHHELD, message)
        }
        None => {
            let message = Message {
                what: format!("{its_code} is withheld"),
                expected: "certified code".to_owned(),
                got,
                help: vec![
                    format!("to read it, run `modelpin review {name}`"),
                    format!("to let it run, run `modelpin certify {name} --criteria safe-to-run`"),
                ],
            };
            (&CODE_WITHHELD, message)
        }
    };
    evaluator.report(rule, None, LockKey::InTable("code", "digest"), message);
}

/// How to lock the entry without the code: its own files, or the repos that it takes code from.
fn left_out(evaluator: &Evaluator<'_>, pin: &Pin, code: &Code<'_>) -> String {
    if code.files.keys().any(|place| place.origin.is_none()) {
        let own: BTreeSet<&RepoPath> = pin.code_files().map(|(path, _)| path).collect();
        return evaluator.exclude(pin, &own, &BTreeSet::new());
    }
    let repos: BTreeSet<String> = code.foreign.keys().map(|origin| format!("\"{}\"", origin.source.repo)).collect();
    let repos = repos.into_iter().collect::<Vec<_>>().join(", ");
    format!(
        "to leave it out, set `ignored-dependencies = [{repos}]` in `[policy]` of models.toml, then run `modelpin lock`"
    )
}

/// `2 code files`, `1 code file of acme/code`, or `2 code files, and 1 of acme/code`.
fn files(code: &Code<'_>) -> String {
    let foreign = code.files.keys().filter(|place| place.origin.is_some()).count();
    let own = code.files.len().saturating_sub(foreign);
    let repos: Vec<String> = code.foreign.keys().map(|origin| format!("`{}`", origin.source.repo)).collect();
    match (own, foreign) {
        (_, 0) => count(own, "code file"),
        (0, _) => format!("{} of {}", count(foreign, "code file"), repos.join(", ")),
        _ => format!("{}, and {foreign} of {},", count(own, "code file"), repos.join(", ")),
    }
}
