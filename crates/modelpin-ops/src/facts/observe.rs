//! From bytes to facts.

use super::kind::kind;
use super::look::{look, looked_at};
use super::observed::{Observed, Places, is_scanned_at_lock};
use super::tensor_owner::may_own;
use super::text::{MOST, digest, fact, facts};
use crate::ranges::LocalFile;
use crate::refusal::Failure;
use crate::reporter::Reporter;
use crate::scanning::{Opened, ScanInput, ScanTask, on_scanner_thread, scan_files};
use modelpin_rules::Severity;
use modelpin_scan::{Format, LazyFacts, Report, Usage, take_provisional_findings};
use modelpin_schema::lockfile::{DeclaredBase, Facts, Identifier, PrintableText};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Reports of files that are not on this machine, by entry and path: of what was read of them.
pub type Seen = BTreeMap<Name, BTreeMap<RepoPath, Report>>;

/// Scans every file of `lock` that `places` knows, at most `jobs` at once, and takes what was `seen` of others. The result depends on the bytes and on which
/// files are available, on nothing else. A file that the result of a conversion replaces reaches no loader, and is not
/// scanned.
///
/// # Errors
/// A scan that ended abnormally; I/O errors from reading the files.
pub fn observe(
    lock: &Lockfile,
    places: Places<'_>,
    mut seen: Seen,
    jobs: usize,
    reporter: &dyn Reporter,
) -> Result<BTreeMap<Name, Observed>, Failure> {
    let mut tasks = Vec::new();
    let mut of: Vec<(&Name, &Pin, Vec<&RepoPath>)> = Vec::new();
    for (name, pin) in &lock.pins {
        let mut there = Vec::new();
        for (path, file) in pin.unconverted() {
            if let Some(place @ ScanInput::File(..)) = places(name, pin, path, file).map(ScanInput::at) {
                tasks.push(ScanTask { path: path.to_string(), input: place });
                there.push(path);
            }
        }
        of.push((name, pin, there));
    }
    let mut reports = if tasks.is_empty() { Vec::new() } else { scan_files(&tasks, jobs, reporter)? }.into_iter();
    let observed = of.into_iter().map(|(name, pin, there)| {
        let mut reports: BTreeMap<String, Report> = there.iter().map(ToString::to_string).zip(&mut reports).collect();
        let seen = seen.remove(name).unwrap_or_default();
        reports.extend(seen.into_iter().map(|(path, report)| (path.to_string(), report)));
        (name.clone(), combine(pin, reports))
    });
    let mut observed: BTreeMap<Name, Observed> = observed.collect();
    for (name, observed) in &mut observed {
        if let Some(pin) = lock.pins.get(name) {
            observed.late = late(name, pin, observed, places)?;
        }
    }
    Ok(observed)
}

/// The files that run something although `pin` says otherwise, and that would not have been seen to when it was made.
fn late(name: &Name, pin: &Pin, observed: &Observed, places: Places<'_>) -> Result<BTreeSet<RepoPath>, Failure> {
    let mut late = BTreeSet::new();
    let looked_at = looked_at(pin);
    for (path, found) in &observed.kinds {
        let Some(file) = pin.files().get(path).filter(|file| runs(*found) && file.kind != *found) else { continue };
        // Git files and documents were scanned as a whole.
        if is_scanned_at_lock(path, file.size) {
            continue;
        }
        let seen = match places(name, pin, path, file).zip(looked_at.get(path)) {
            Some((place, effort)) => {
                let opened = Opened::new(&place).map_err(Failure::io("read", &place))?;
                on_scanner_thread(|| kind(path, &look(path, *effort, LocalFile(opened))))?
            }
            None => None,
        };
        if !seen.is_some_and(runs) {
            late.insert(path.clone());
        }
    }
    Ok(late)
}

fn runs(kind: FileKind) -> bool {
    matches!(kind, FileKind::Code | FileKind::Pickle)
}

/// What the reports of an entry's files say together.
pub(super) fn combine(pin: &Pin, mut reports: BTreeMap<String, Report>) -> Observed {
    let unconverted = || pin.unconverted().map(|(path, _)| path);
    let unavailable: BTreeSet<RepoPath> =
        unconverted().filter(|path| !reports.contains_key(path.as_str())).cloned().collect();
    // Relations between files need all paths, also those of files that are not available or that are converted.
    for (path, _) in pin.content() {
        reports.entry(path.to_string()).or_insert_with(empty_report);
    }
    modelpin_scan::cross_check(&mut reports);
    let undecided = take_undecided(&mut reports, &unavailable);
    let mut observed = Observed { unavailable, undecided, ..Observed::default() };
    let mut loads = BTreeSet::new();
    let mut requires = BTreeMap::<&str, BTreeSet<&str>>::new();
    let mut bases = BTreeSet::new();
    for path in unconverted().filter(|path| !observed.unavailable.contains(*path)) {
        let Some(report) = reports.get(path.as_str()) else { continue };
        let kind = kind(path, report);
        observed.kinds.insert(path.clone(), kind);
        add_file(path, kind, report, &mut observed.facts);
        observed.facts.references.extend(report.facts.references.iter().cloned());
        bases.extend(report.facts.base.iter().map(|base| (path.parts().count(), base)));
        loads.extend(report.facts.auto_map.iter().map(String::as_str));
        for (name, how) in &report.facts.requires {
            requires.entry(name).or_default().insert(how);
        }
    }
    // A repo that refers to itself depends on nothing.
    observed.facts.references.retain(|reference| reference.repo != pin.source.repo);
    observed.facts.base = base(&bases);
    observed.facts.auto_map = facts(loads.into_iter());
    observed.facts.requires = requirements(requires);
    observed
}

/// Takes from the reports the findings that a model among the `unavailable` files may explain.
fn take_undecided(
    reports: &mut BTreeMap<String, Report>,
    unavailable: &BTreeSet<RepoPath>,
) -> BTreeMap<RepoPath, BTreeSet<Identifier>> {
    let mut undecided = BTreeMap::new();
    for (path, report) in reports {
        let Ok(path) = path.parse::<RepoPath>() else { continue };
        if unavailable.contains(&path) || !unavailable.iter().any(|owner| may_own(owner, &path)) {
            continue;
        }
        let rules: BTreeSet<_> =
            take_provisional_findings(report).into_iter().filter_map(|rule| rule.parse().ok()).collect();
        if !rules.is_empty() {
            undecided.insert(path, rules);
        }
    }
    undecided
}

/// The base of an adapter, from the bases that configurations declare, each with the depth of its folder: the topmost
/// folder decides. Where several folders of that depth differ, the base cannot be pinned.
fn base(bases: &BTreeSet<(usize, &DeclaredBase)>) -> Option<DeclaredBase> {
    let (top, first) = bases.first()?;
    let all: BTreeSet<&DeclaredBase> = bases.iter().filter(|(depth, _)| depth == top).map(|(_, base)| *base).collect();
    if all.len() == 1 {
        return Some((*first).clone());
    }
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    Some(fact(&all.join(" | ")).map_or(DeclaredBase::Nothing, DeclaredBase::Other))
}

/// Requirements as facts: several versions of one name are one fact, and where there are too many names, the last
/// fact is the digest of all that are left out.
fn requirements(requires: BTreeMap<&str, BTreeSet<&str>>) -> BTreeMap<PrintableText, PrintableText> {
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

/// Adds the facts of one file.
fn add_file(path: &RepoPath, kind: FileKind, report: &Report, into: &mut Facts) {
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

/// The report of a file of which only the path is known.
fn empty_report() -> Report {
    Report {
        format: Format::Binary,
        findings: Vec::new(),
        dropped: 0,
        facts: LazyFacts::default(),
        spent: Usage::default(),
    }
}
