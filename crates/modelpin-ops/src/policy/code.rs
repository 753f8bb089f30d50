//! The code of entries, their own and that which `auto_map` leads to: who may run it, and what stays out.
//!
//! What is certified of an entry is all of its code, wherever it is ([`Lockfile::code`]). Code that an entry is asked
//! for itself with comes in if that entry is certified. Code that is locked only because others import it comes in if
//! every entry that imports it, over however many steps, has a certificate that covers it, its own included.

use super::{Held, Judge, Words};
use modelpin_rules::Rule;
use modelpin_rules::policy;
use modelpin_schema::audits::{Audit, AuditStatus};
use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::lockfile::{Code, LockKey, Role};
use modelpin_schema::manifest::policy::RemoteCode;
use modelpin_schema::text::count;
use modelpin_schema::{Lockfile, Name, Pin};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a finding under `rule` is about code, so that an audit of that code settles it.
pub(super) fn is_about(rule: &Rule) -> bool {
    rule.about_code
}

/// How the code of every entry stands.
pub(super) struct Standings<'a> {
    lock: &'a Lockfile,
    never: bool,
    of: BTreeMap<&'a Name, (Code<'a>, AuditStatus<'a>)>,
    /// By entry: those that import its code.
    importers: BTreeMap<&'a Name, BTreeSet<&'a Name>>,
}

impl<'a> Standings<'a> {
    pub(super) fn new(judge: &Judge<'a>, lock: &'a Lockfile) -> Self {
        let never = judge.policy.remote_code == RemoteCode::Never;
        let mut standings = Self { lock, never, of: BTreeMap::new(), importers: BTreeMap::new() };
        for (name, pin) in &lock.pins {
            let code = lock.code(name);
            if let Some(standing) = judge.decisions.standing(pin, &code) {
                standings.of.insert(name, (code, standing));
            }
            for (_, edge) in pin.dependencies.pinned.iter().filter(|(reference, _)| reference.role == Role::Code) {
                standings.importers.entry(&edge.pin).or_default().insert(name);
            }
        }
        standings
    }

    /// The entries all of whose code may run.
    pub(super) fn certified(&self) -> BTreeSet<Name> {
        self.of.keys().filter(|name| self.is_certified(name)).map(|name| (*name).clone()).collect()
    }

    fn is_certified(&self, name: &Name) -> bool {
        !self.never && self.of.get(name).is_some_and(|(_, standing)| matches!(standing, AuditStatus::Certified(_)))
    }

    fn changed(&self, name: &Name) -> Option<&'a Audit> {
        match self.of.get(name) {
            Some((_, AuditStatus::Changed(last))) => Some(last),
            _ => None,
        }
    }

    /// Who keeps the code of the entry `name` out: the entries that it is run for and that nobody certified, itself
    /// among them where somebody asked for it. Each way back along the edges ends at the first certificate, which
    /// covers all that lies before it.
    fn barring(&self, name: &'a Name) -> BTreeSet<&'a Name> {
        let (mut barring, mut is_covered) = (BTreeSet::new(), false);
        let (mut seen, mut queue) = (BTreeSet::from([name]), vec![name]);
        while let Some(at) = queue.pop() {
            if self.is_certified(at) {
                is_covered = true;
            } else if self.lock.pins.get(at).is_none_or(is_for_itself) {
                barring.insert(at);
            } else {
                let importers = self.importers.get(at).into_iter().flatten();
                queue.extend(importers.copied().filter(|importer| seen.insert(importer)));
            }
        }
        if barring.is_empty() && !is_covered {
            barring.insert(name);
        }
        barring
    }
}

/// Whether an entry is locked for more than the code that others import from it.
fn is_for_itself(pin: &Pin) -> bool {
    pin.dependencies.required_by.is_empty()
        || pin.dependencies.required_by.iter().any(|via| via.kind != DependencyKind::Reference(Role::Code))
}

/// Holds the code of the entry `name` back, all of it or none. Of code that is to be read together, one ruling speaks:
/// that of the entry which it is run for.
pub(super) fn code<'a>(judge: &mut Judge<'_>, standings: &Standings<'a>, name: &'a Name, pin: &Pin, held: &mut Held) {
    let Some((code, _)) = standings.of.get(name) else { return };
    let barring = standings.barring(name);
    if !barring.is_empty() {
        held.withheld.extend(pin.code_files().map(|(path, _)| path.clone()));
        held.needed_by = barring.iter().filter(|other| **other != name).map(|name| (*name).clone()).collect();
        held.people = people(judge, pin, code).filter(|_| held.needed_by.is_empty());
    }
    if standings.is_certified(name) {
        return;
    }
    let changed = standings.changed(name).filter(|_| !standings.never);
    let speaks = if is_for_itself(pin) {
        let mut places = code.foreign.values().copied().chain([(name, pin)]);
        let is_held =
            |(name, pin): (&'a Name, &Pin)| pin.code_files().next().is_some() && !standings.barring(name).is_empty();
        changed.is_some() || places.any(is_held)
    } else {
        changed.is_some() && !barring.is_empty() && barring.iter().all(|other| standings.changed(other).is_none())
    };
    if speaks {
        say(judge, pin, code, changed, held);
    }
}

/// How many people certified `code`, and how many have to, where more than one has to.
fn people(judge: &Judge<'_>, pin: &Pin, code: &Code<'_>) -> Option<(usize, u32)> {
    let required = judge.decisions.required.get();
    let people = || code.digest().map_or(0, |digest| judge.decisions.chain(&pin.source).people(&digest).len());
    (required > 1).then(|| (people(), required))
}

fn say(judge: &mut Judge<'_>, pin: &Pin, code: &Code<'_>, changed: Option<&Audit>, held: &Held) {
    let name = judge.name();
    let needed_by: Vec<String> = held.needed_by.iter().map(|name| format!("`{name}`")).collect();
    let its_code = match needed_by.as_slice() {
        [] => "its code".to_owned(),
        _ => format!("its code, which runs for {},", needed_by.join(", ")),
    };
    let digest = code.digest();
    let shown = digest.map_or_else(String::new, |digest| digest.to_string());
    let people = people(judge, pin, code);
    let people = people.map_or_else(String::new, |(some, all)| format!(", certified by {some} of {all} people"));
    let got = format!("{} with the digest {shown}{people}", files(code));
    let (rule, what, expected, help) = match changed {
        Some(last) => (
            &policy::CODE_CHANGED,
            format!("{its_code} is not the code that was certified"),
            format!("{}, which {} certified", last.digest, last.who),
            format!(
                "`modelpin review {name} --since` shows what changed; `modelpin certify {name} --criteria safe-to-run --delta` vouches for it"
            ),
        ),
        None if judge.policy.remote_code == RemoteCode::Never => (
            &policy::CODE_WITHHELD,
            format!("{its_code} is withheld"),
            format!("no code, since `remote-code` is `never`{}", judge.wish("remote-code")),
            format!("`modelpin review {name}` shows it; {} in models.toml leaves it out", left_out_by(code)),
        ),
        None => (
            &policy::CODE_WITHHELD,
            format!("{its_code} is withheld"),
            "code that somebody certified".to_owned(),
            format!("`modelpin review {name}` shows it; `modelpin certify {name} --criteria safe-to-run` lets it in"),
        ),
    };
    judge.say(rule, None, LockKey::InTable("code", "digest"), Words { what, expected, got, help });
}

/// The key of models.toml that does without the code.
fn left_out_by(code: &Code<'_>) -> &'static str {
    if code.files.keys().any(|place| place.origin.is_none()) {
        "`exclude`"
    } else {
        "`ignored-dependencies` below `[policy]`"
    }
}

/// `2 code files`, `1 code file of acme/code`, or `2 code files, and 1 of acme/code`.
fn files(code: &Code<'_>) -> String {
    let many = |files: usize| count(files, "code file");
    let foreign = code.files.keys().filter(|place| place.origin.is_some()).count();
    let own = code.files.len().saturating_sub(foreign);
    let repos: Vec<String> = code.foreign.keys().map(|origin| format!("`{}`", origin.source.repo)).collect();
    match (own, foreign) {
        (_, 0) => many(own),
        (0, _) => format!("{} of {}", many(foreign), repos.join(", ")),
        _ => format!("{}, and {foreign} of {},", many(own), repos.join(", ")),
    }
}
