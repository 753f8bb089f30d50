//! Which files of an entry stay out of the target: uncertified code, and whatever the policy denies.

use crate::code::{self, Certifications};
use crate::evaluator::{Evaluator, Message};
use crate::location::{decision, in_audits};
use crate::remedies::{Remedy, needless};
use crate::withheld::Withheld;
use modelpin_rules::archive::ARCHIVE_CODE;
use modelpin_rules::policy::{EXEMPTION_EXPIRED, EXEMPTION_MISMATCH, FINDING_UNKNOWN, FORMAT_EXECUTES};
use modelpin_rules::{Category, Rule};
use modelpin_schema::audits::Exemption;
use modelpin_schema::lockfile::{Artifact, Identifier, LockKey};
use modelpin_schema::manifest::policy::{Formats, Level};
use modelpin_schema::text::list_up_to;
use modelpin_schema::{FileKind, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Whether the file at `path` can run code when it is loaded: a pickle, or a container with a pickle in it.
#[must_use]
pub fn executes(pin: &Pin, path: &RepoPath, file: &Artifact) -> bool {
    file.kind == FileKind::Pickle || pin.facts.globals.contains_key(path)
}

/// Whether the code file at `path` is evaluated as data as well: it has a pickle in it, or it is an archive, whose
/// other members no audit of code covers.
#[must_use]
pub fn is_more_than_code(pin: &Pin, path: &RepoPath, file: &Artifact) -> bool {
    if file.kind != FileKind::Code {
        return false;
    }
    let findings = pin.facts.findings.get(path);
    executes(pin, path, file) || findings.is_some_and(|found| found.iter().any(|id| id.as_str() == ARCHIVE_CODE.id))
}

/// The findings of the file at `path` that an exemption settles: all of a file of data, and of code those that an audit
/// does not settle.
pub fn findings<'a>(
    pin: &'a Pin,
    path: &RepoPath,
    file: &Artifact,
) -> impl Iterator<Item = (&'a Identifier, &'static Rule)> {
    let is_code = file.kind == FileKind::Code;
    let all = pin.facts.findings.get(path).into_iter().flatten().map(|id| (id, rule_of(id)));
    all.filter(move |(_, rule)| !(is_code && rule.about_code))
}

/// The rule of a recorded finding. One that this scanner does not have may stand for anything.
fn rule_of(id: &Identifier) -> &'static Rule {
    let known = modelpin_rules::find(id.as_str()).filter(|rule| rule.category == Category::Scan);
    known.unwrap_or(&FINDING_UNKNOWN)
}

/// Evaluates every file of the entry `name`.
pub(crate) fn withheld<'a>(
    evaluator: &mut Evaluator<'_>,
    certifications: &Certifications<'a>,
    name: &'a Name,
    pin: &Pin,
) -> Withheld {
    let mut withheld = Withheld::default();
    code::evaluate(evaluator, certifications, name, pin, &mut withheld);
    let mut executing = Vec::new();
    for (path, file) in pin.files() {
        if file.kind == FileKind::Code && !is_more_than_code(pin, path, file) {
            continue;
        }
        if pin.result_of(path).is_some() {
            replaced(evaluator, pin, path, file, &mut withheld);
        } else {
            executing.extend(data(evaluator, pin, path, file, &mut withheld));
        }
    }
    format_executes(evaluator, pin, &executing);
    withheld
}

/// A file that was converted. It reaches no loader, so nothing about its content is denied or reported.
fn replaced(evaluator: &Evaluator<'_>, pin: &Pin, path: &RepoPath, file: &Artifact, withheld: &mut Withheld) {
    let exemption = evaluator.decisions.exemption(&pin.source, path, &file.sha256);
    let is_exempt = exemption.is_some_and(|exemption| exemption.holds_on(evaluator.today));
    let set = if is_exempt { &mut withheld.quarantined } else { &mut withheld.replaced };
    set.insert(path.clone());
}

/// A finding that the lock records, and what the project wants done about it.
struct Found<'a> {
    id: &'a Identifier,
    rule: &'static Rule,
    level: Level,
}

/// A file that is refused since it can run code when it is loaded.
struct Executing<'a> {
    path: &'a RepoPath,
    file: &'a Artifact,
    found: Vec<Found<'a>>,
}

/// Evaluates a file of data. One that is refused since it runs code is returned, to be reported with those like it.
fn data<'a>(
    evaluator: &mut Evaluator<'_>,
    pin: &'a Pin,
    path: &'a RepoPath,
    file: &'a Artifact,
    withheld: &mut Withheld,
) -> Option<Executing<'a>> {
    let found: Vec<Found<'_>> =
        findings(pin, path, file).map(|(id, rule)| Found { id, rule, level: evaluator.project.level(rule) }).collect();
    let is_format_denied = evaluator.policy.formats == Formats::DataOnly || !found.is_empty();
    let runs = executes(pin, path, file) && is_format_denied;
    if runs || found.iter().any(|found| found.level == Level::Deny) {
        let exemption = evaluator.decisions.exemption(&pin.source, path, &file.sha256);
        if exemption.is_some_and(|exemption| exemption.holds_on(evaluator.today)) {
            withheld.quarantined.insert(path.clone());
            return None;
        }
        withheld.refused.insert(path.clone());
        if let Some(expired) = exemption {
            exemption_expired(evaluator, pin, path, expired);
            return None;
        }
        if let Some(other) = evaluator.decisions.exemption_of_any(&pin.source, path) {
            exemption_mismatch(evaluator, pin, path, file, other);
            return None;
        }
    }
    if runs {
        return Some(Executing { path, file, found });
    }
    for found in &found {
        finding(evaluator, pin, path, found);
    }
    None
}

fn exemption_expired(evaluator: &mut Evaluator<'_>, pin: &Pin, path: &RepoPath, exemption: &Exemption) {
    let message = Message {
        what: "its exemption has expired".to_owned(),
        expected: format!("an exemption that is valid on {}", evaluator.today),
        got: format!("one until {}, owner {}, ticket {}", exemption.expires, exemption.owner, exemption.ticket),
        help: exempt_or_exclude(evaluator, pin, path),
    };
    evaluator.report_at(&EXEMPTION_EXPIRED, Some(path), decision(exemption.place.as_ref()), message);
}

fn exemption_mismatch(evaluator: &mut Evaluator<'_>, pin: &Pin, path: &RepoPath, file: &Artifact, other: &Exemption) {
    let place = in_audits(other.place.as_ref());
    let message = Message {
        what: "its exemption is for other bytes".to_owned(),
        expected: format!("{}, owner {}{place}", other.sha256, other.owner),
        got: file.sha256.to_string(),
        help: exempt_or_exclude(evaluator, pin, path),
    };
    evaluator.report(&EXEMPTION_MISMATCH, Some(path), LockKey::File(path), message);
}

/// Reports the files that can run code. Where the same is to be done about several of them, the first says how for all.
fn format_executes(evaluator: &mut Evaluator<'_>, pin: &Pin, executing: &[Executing<'_>]) {
    if executing.is_empty() {
        return;
    }
    let needless = needless(pin);
    let mut groups: BTreeMap<Remedy, BTreeSet<&RepoPath>> = BTreeMap::new();
    let mut remedies = Vec::new();
    for Executing { path, file, found } in executing {
        let rules: Vec<&Rule> = found.iter().map(|found| found.rule).collect();
        let remedy = Remedy::of(pin, path, file, &rules, &needless);
        groups.entry(remedy).or_default().insert(path);
        remedies.push(remedy);
    }
    for (Executing { path, file, found }, remedy) in executing.iter().zip(remedies) {
        let (alone, none) = (BTreeSet::from([*path]), BTreeSet::new());
        let group = groups.get(&remedy).filter(|files| files.first() == Some(path));
        let (files, needless) = group.map_or((&alone, &none), |group| (group, &needless));
        let format = if file.kind == FileKind::Pickle {
            "a pickle".to_owned()
        } else {
            format!("{} with a pickle in it", file.kind)
        };
        let message = Message {
            what: "it can run code when it is loaded".to_owned(),
            expected: remedy.expected(evaluator.policy.formats).to_owned(),
            got: if found.is_empty() { format } else { format!("{format}, with {}", listed(found)) },
            help: evaluator.remedies(pin, files, needless, remedy),
        };
        evaluator.report(&FORMAT_EXECUTES, Some(path), LockKey::File(path), message);
    }
}

/// The first rules, and how many more there are.
fn listed(found: &[Found<'_>]) -> String {
    list_up_to(3, found.iter().map(|found| format!("`{}`", found.id)))
}

fn finding(evaluator: &mut Evaluator<'_>, pin: &Pin, path: &RepoPath, found: &Found<'_>) {
    let id = found.id;
    let mut help = vec![format!("to see where, run `modelpin scan {}`", evaluator.name())];
    let only = BTreeSet::from([path]);
    let expected = match found.level {
        Level::Deny if evaluator.project.is_denied_in_folders(found.rule) => {
            help.push(evaluator.exclude(pin, &only, &BTreeSet::new()));
            help.extend(evaluator.exempt(&only));
            "no such finding in a `flat:` target, whose folders people work in"
        }
        Level::Deny => {
            help.push(evaluator.exclude(pin, &only, &BTreeSet::new()));
            help.extend(evaluator.exempt(&only));
            "no such finding, or an exemption for exactly these bytes"
        }
        Level::Warn | Level::Allow => {
            help.push(format!("to settle it, set `{id}` to `deny` or `allow` in `[policy.rules]` of models.toml"));
            "no such finding"
        }
    };
    let message =
        Message { what: found.rule.says.to_owned(), expected: expected.to_owned(), got: format!("`{id}`"), help };
    evaluator.report(found.rule, Some(path), LockKey::InTable("findings", path.as_str()), message);
}

/// How to let exactly these bytes in, or do without them.
fn exempt_or_exclude(evaluator: &Evaluator<'_>, pin: &Pin, path: &RepoPath) -> Vec<String> {
    let only = BTreeSet::from([path]);
    evaluator.exempt(&only).into_iter().chain([evaluator.exclude(pin, &only, &BTreeSet::new())]).collect()
}
