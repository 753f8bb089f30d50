//! From bytes to facts.

use super::kind::kind;
use super::text::{digest, fact, facts};
use super::{Places, Seen};
use crate::refusal::Failure;
use crate::reporter::Reporter;
use crate::scanning::{Place, Task, judge};
use modelpin_scan::{Facts, Format, Report, Severity, Spent};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Looks at every file of `lock` that `places` knows, at most `jobs` at once. What is seen depends on the bytes
/// and on which files are there, on nothing else.
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
        for (path, file) in pin.files() {
            if let Some(place @ Place::File(..)) = places(name, pin, path, file).map(Place::at) {
                tasks.push(Task { path: path.to_string(), place });
                there.push(path);
            }
        }
        of.push((name, pin, there));
    }
    let mut reports = if tasks.is_empty() { Vec::new() } else { judge(&tasks, jobs, reporter)? }.into_iter();
    let seen = of.into_iter().map(|(name, pin, there)| {
        let reports: BTreeMap<String, Report> = there.iter().map(ToString::to_string).zip(&mut reports).collect();
        (name.clone(), told(pin, reports))
    });
    Ok(seen.collect())
}

/// What the reports of a pin's files say together.
pub(super) fn told(pin: &Pin, mut reports: BTreeMap<String, Report>) -> Seen {
    let unseen: BTreeSet<RepoPath> =
        pin.files().keys().filter(|path| !reports.contains_key(path.as_str())).cloned().collect();
    // Whether a file is there is known of all of them, whoever has their bytes.
    reports.extend(unseen.iter().map(|path| (path.to_string(), nothing())));
    modelpin_scan::relate(&mut reports);
    let mut seen = Seen { unseen, ..Seen::default() };
    let (mut loads, mut requires) = (BTreeSet::new(), BTreeMap::<&str, Vec<&str>>::new());
    for path in pin.files().keys().filter(|path| !seen.unseen.contains(*path)) {
        let Some(report) = reports.get(path.as_str()) else { continue };
        let kind = kind(path, report);
        seen.kinds.insert(path.clone(), kind);
        one(path, kind, report, &mut seen.facts);
        loads.extend(report.facts.auto_map.iter().map(String::as_str));
        for (name, how) in &report.facts.requires {
            requires.entry(name).or_default().push(how);
        }
    }
    seen.facts.auto_map = facts(loads.into_iter());
    seen.facts.requires = requires
        .into_iter()
        .filter_map(|(name, mut how)| {
            how.sort_unstable();
            how.dedup();
            Some((fact(name)?, fact(&how.join(" | "))?))
        })
        .collect();
    seen
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
        facts: Facts::default(),
        spent: Spent::default(),
    }
}
