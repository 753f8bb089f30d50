//! From bytes to facts.

use super::kind::kind;
use super::owner::may_own;
use super::text::{MOST, digest, fact, facts};
use super::{Places, Seen};
use crate::refusal::Failure;
use crate::reporter::Reporter;
use crate::scanning::{Place, ScanTask, scan_files};
use modelpin_rules::Severity;
use modelpin_scan::{Format, LazyFacts, Report, Usage, take_provisional_findings};
use modelpin_schema::lockfile::{DeclaredBase, PrintableText};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Looks at every file of `lock` that `places` knows, at most `jobs` at once. What is seen depends on the bytes
/// and on which files are there, on nothing else. A file in whose place the result of a conversion is reaches no loader,
/// and is not looked at.
///
/// # Errors
/// A scanner that broke; the system's.
pub fn see(
    lock: &Lockfile,
    places: Places<'_>,
    jobs: usize,
    reporter: &dyn Reporter,
) -> Result<BTreeMap<Name, Seen>, Failure> {
    let mut tasks = Vec::new();
    let mut of: Vec<(&Name, &Pin, Vec<&RepoPath>)> = Vec::new();
    for (name, pin) in &lock.pins {
        let mut there = Vec::new();
        for (path, file) in pin.unconverted() {
            if let Some(place @ Place::File(..)) = places(name, pin, path, file).map(Place::at) {
                tasks.push(ScanTask { path: path.to_string(), place });
                there.push(path);
            }
        }
        of.push((name, pin, there));
    }
    let mut reports = if tasks.is_empty() { Vec::new() } else { scan_files(&tasks, jobs, reporter)? }.into_iter();
    let seen = of.into_iter().map(|(name, pin, there)| {
        let reports: BTreeMap<String, Report> = there.iter().map(ToString::to_string).zip(&mut reports).collect();
        (name.clone(), told(pin, reports))
    });
    Ok(seen.collect())
}

/// What the reports of a pin's files say together.
pub(super) fn told(pin: &Pin, mut reports: BTreeMap<String, Report>) -> Seen {
    let standing = || pin.unconverted().map(|(path, _)| path);
    let unseen: BTreeSet<RepoPath> = standing().filter(|path| !reports.contains_key(path.as_str())).cloned().collect();
    // Whether a file is there is known of all of them, whoever has their bytes, and whatever stands in their place.
    for (path, _) in pin.content() {
        reports.entry(path.to_string()).or_insert_with(nothing);
    }
    modelpin_scan::cross_check(&mut reports);
    let open = open(&mut reports, &unseen);
    let mut seen = Seen { unseen, open, ..Seen::default() };
    let (mut loads, mut requires) = (BTreeSet::new(), BTreeMap::<&str, BTreeSet<&str>>::new());
    let mut bases = BTreeSet::new();
    for path in standing().filter(|path| !seen.unseen.contains(*path)) {
        let Some(report) = reports.get(path.as_str()) else { continue };
        let kind = kind(path, report);
        seen.kinds.insert(path.clone(), kind);
        one(path, kind, report, &mut seen.facts);
        seen.facts.references.extend(report.facts.references.iter().cloned());
        bases.extend(report.facts.base.iter().map(|base| (path.parts().count(), base)));
        loads.extend(report.facts.auto_map.iter().map(String::as_str));
        for (name, how) in &report.facts.requires {
            requires.entry(name).or_default().insert(how);
        }
    }
    // What a repo says of itself leads nowhere else.
    seen.facts.references.retain(|reference| reference.repo != pin.source.repo);
    seen.facts.base = base(&bases);
    seen.facts.auto_map = facts(loads.into_iter());
    seen.facts.requires = asked(requires);
    seen
}

/// Takes from the reports of files what a model among the `unseen` ones may explain.
fn open(
    reports: &mut BTreeMap<String, Report>,
    unseen: &BTreeSet<RepoPath>,
) -> BTreeMap<RepoPath, BTreeSet<modelpin_schema::lockfile::Identifier>> {
    let mut open = BTreeMap::new();
    for (path, report) in reports {
        let Ok(path) = path.parse::<RepoPath>() else { continue };
        if unseen.contains(&path) || !unseen.iter().any(|owner| may_own(owner, &path)) {
            continue;
        }
        let rules: BTreeSet<_> = take_provisional_findings(report).into_iter().filter_map(|rule| rule.parse().ok()).collect();
        if !rules.is_empty() {
            open.insert(path, rules);
        }
    }
    open
}

/// The base of an adapter, of which configurations say so in folders so deep: the one at the top decides. Where there is none
/// and several folders differ, it is none that could be pinned.
fn base(bases: &BTreeSet<(usize, &DeclaredBase)>) -> Option<DeclaredBase> {
    let (top, first) = bases.first()?;
    let all: BTreeSet<&DeclaredBase> = bases.iter().filter(|(depth, _)| depth == top).map(|(_, base)| *base).collect();
    if all.len() == 1 {
        return Some((*first).clone());
    }
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    Some(fact(&all.join(" | ")).map_or(DeclaredBase::Nothing, DeclaredBase::Other))
}

/// What is asked for, as facts: several ways to ask for one name stand together, and where there are too many names, the
/// last fact is the digest of all that are left out.
fn asked(requires: BTreeMap<&str, BTreeSet<&str>>) -> BTreeMap<PrintableText, PrintableText> {
    let mut all = requires.into_iter().map(|(name, how)| (name, how.into_iter().collect::<Vec<_>>().join(" | ")));
    let mut facts: BTreeMap<PrintableText, PrintableText> =
        all.by_ref().take(MOST).filter_map(|(name, how)| Some((fact(name)?, fact(&how)?))).collect();
    let rest: Vec<String> = all.map(|(name, how)| format!("{name} {how}")).collect();
    if !rest.is_empty() {
        let more =
            fact(&format!("… and {} more", rest.len())).zip(fact(&digest(rest.join("\n").as_bytes()).to_string()));
        facts.extend(more);
    }
    facts
}

/// What one file adds.
fn one(path: &RepoPath, kind: FileKind, report: &Report, into: &mut modelpin_schema::lockfile::Facts) {
    if kind == FileKind::Code {
        into.capabilities.extend(report.facts.capabilities.keys().filter_map(|found| found.word().parse().ok()));
    }
    let weighty = report.findings.iter().filter(|finding| finding.rule.severity >= Severity::Review);
    let findings: BTreeSet<_> = weighty.filter_map(|finding| finding.rule.id.parse().ok()).collect();
    let globals = facts(report.facts.globals.iter().map(String::as_str));
    let templates: BTreeSet<_> = report.facts.templates.iter().map(|text| digest(text.as_bytes())).collect();
    if !findings.is_empty() {
        into.findings.insert(path.clone(), findings);
    }
    if !globals.is_empty() {
        into.globals.insert(path.clone(), globals);
    }
    if !templates.is_empty() {
        into.templates.insert(path.clone(), templates);
    }
}

/// The report of a file of which nothing is known but that it is there.
fn nothing() -> Report {
    Report {
        format: Format::Binary,
        findings: Vec::new(),
        dropped: 0,
        facts: LazyFacts::default(),
        spent: Usage::default(),
    }
}
