//! The report for programs, and the findings as problems.

use crate::render::diagnostic;
use modelpin_ops::verbs::scan::{self, ItemKind, Scanned, ScannedFile, ScannedItem, Verdict};
use modelpin_schema::output::scan::{Capability, Counts, Entry, Facts, File, Remote, Scan, Spent};
use modelpin_schema::output::{Decision, Diagnostic};

/// Every finding, those of the worst files first: GitHub shows ten of a kind and drops the rest.
#[must_use]
pub fn problems(scanned: &Scanned) -> Vec<Diagnostic> {
    scanned.worst_first().into_iter().flat_map(|(subject, file)| of_file(subject, file)).collect()
}

/// The findings of a file.
pub(super) fn of_file(subject: &ScannedItem, file: &ScannedFile) -> Vec<Diagnostic> {
    file.report.findings.iter().map(|finding| diagnostic::finding(subject, file, finding)).collect()
}

/// The result, whose findings are among the problems.
#[must_use]
pub fn data(scanned: &Scanned) -> Scan {
    Scan {
        verdict: scanned.verdict().word().to_owned(),
        counts: Counts {
            files: scanned.files().count(),
            safe: scanned.count(Verdict::Safe),
            review: scanned.count(Verdict::Review),
            dangerous: scanned.count(Verdict::Dangerous),
            certified: scanned.decided("certified"),
            exempted: scanned.decided("exempted"),
            allowed: scanned.decided("allowed"),
        },
        entries: scanned.subjects.iter().map(entry).collect(),
        skipped: scanned.skipped.clone(),
    }
}

fn entry(subject: &ScannedItem) -> Entry {
    let (kind, name) = match &subject.what {
        ItemKind::Entry(kind, name) => (kind.word(), name.as_str()),
        ItemKind::Folder(shown) => ("folder", if shown.is_empty() { "." } else { shown }),
        ItemKind::File(shown) => ("file", shown.as_str()),
        ItemKind::Repo { source, .. } => ("repo", source.repo.as_str()),
    };
    let remote = match &subject.what {
        ItemKind::Repo { source, commit, read } => Some(Remote {
            source: source.to_string(),
            revision: commit.hex(),
            requests: read.requests,
            read_bytes: read.bytes,
            total_bytes: read.of,
            left_out: read.left_out,
        }),
        _ => None,
    };
    let verdict = subject.files.iter().map(ScannedFile::open).max().unwrap_or(Verdict::Review);
    Entry {
        kind: kind.to_owned(),
        name: name.to_owned(),
        verdict: verdict.word().to_owned(),
        remote,
        files: subject.files.iter().map(|file| self::file(subject, file)).collect(),
    }
}

fn file(subject: &ScannedItem, file: &ScannedFile) -> File {
    let report = &file.report;
    File {
        path: subject.path_of(file),
        lock_line: file.line.as_ref().map(|line| line.line),
        format: report.format.word().to_owned(),
        verdict: report.verdict().word().to_owned(),
        decision: file
            .decision()
            .map(|decision| Decision { kind: decision.word().to_owned(), by: decision.by().to_owned() }),
        findings: report.findings.len(),
        dropped: report.dropped,
        facts: facts(&report.facts, file),
        spent: Spent {
            steps: report.spent.steps,
            archive_members: report.spent.entries,
            inflated_bytes: report.spent.inflated,
        },
    }
}

fn facts(facts: &scan::Facts, file: &ScannedFile) -> Facts {
    let capabilities = facts.capabilities.iter().map(|(capability, places)| {
        let places = places.iter().map(|place| Capability { line: place.line, on_import: place.on_import });
        (capability.word().to_owned(), places.collect())
    });
    Facts {
        globals: facts.globals.iter().map(ToString::to_string).collect(),
        capabilities: capabilities.collect(),
        templates: file.templates().iter().map(ToString::to_string).collect(),
    }
}
