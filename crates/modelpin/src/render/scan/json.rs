//! Findings for programs.

use crate::out;
use crate::render::SCHEMA_VERSION;
use modelpin_ops::verbs::scan::{
    Decision, Facts, Finding, ItemKind, Location, Scanned, ScannedFile, ScannedItem, Verdict,
};
use serde_json::{Map, Value, json};

pub(super) fn render(scanned: &Scanned) -> String {
    let document = json!({
        "schema-version": SCHEMA_VERSION,
        "kind": "scan",
        "verdict": scanned.verdict().word(),
        "counts": {
            "files": scanned.files().count(),
            "safe": scanned.count(Verdict::Safe),
            "review": scanned.count(Verdict::Review),
            "dangerous": scanned.count(Verdict::Dangerous),
            "certified": scanned.decided("certified"),
            "exempted": scanned.decided("exempted"),
            "allowed": scanned.decided("allowed"),
        },
        "entries": scanned.subjects.iter().map(subject).collect::<Vec<_>>(),
        "skipped": scanned.skipped,
    });
    out::json(&document)
}

fn subject(subject: &ScannedItem) -> Value {
    let (kind, key, name) = match &subject.what {
        ItemKind::Entry(kind, name) => (kind.word(), "name", name.as_str()),
        ItemKind::Folder(shown) => ("folder", "path", if shown.is_empty() { "." } else { shown }),
        ItemKind::File(shown) => ("file", "path", shown.as_str()),
    };
    let verdict = subject.files.iter().map(ScannedFile::open).max().unwrap_or(Verdict::Review);
    let files: Vec<Value> = subject.files.iter().map(file).collect();
    json!({ "kind": kind, key: name, "verdict": verdict.word(), "files": files })
}

fn file(file: &ScannedFile) -> Value {
    let report = &file.report;
    json!({
        "path": file.path,
        "lock-line": file.line.as_ref().map(|line| line.line),
        "format": report.format.word(),
        "verdict": report.verdict().word(),
        "decided": file.decision().map(decided),
        "findings": report.findings.iter().map(|found| finding(file, found)).collect::<Vec<_>>(),
        "dropped": report.dropped,
        "facts": facts(&report.facts, file),
        "spent": {
            "steps": report.spent.steps,
            "archive-members": report.spent.entries,
            "inflated-bytes": report.spent.inflated,
        },
    })
}

fn decided(decision: &Decision) -> Value {
    json!({ "how": decision.word(), "by": decision.by() })
}

fn finding(file: &ScannedFile, finding: &Finding) -> Value {
    let at = match &finding.at {
        Location::Whole => Value::Null,
        Location::Byte(byte) => json!({ "byte": byte }),
        Location::Line(line) => json!({ "line": line }),
        Location::Key(key) => json!({ "key": key }),
    };
    json!({
        "rule": finding.rule.id,
        "severity": finding.rule.severity.word(),
        "decided": file.decision_about(finding).map(decided),
        "property": finding.rule.property.word(),
        "member": finding.member,
        "at": at,
        "evidence": finding.evidence,
        "says": finding.rule.says,
        "why": finding.rule.why,
    })
}

fn facts(facts: &Facts, file: &ScannedFile) -> Value {
    let capabilities: Map<String, Value> = facts
        .capabilities
        .iter()
        .map(|(capability, places)| {
            let places = places.iter().map(|place| json!({ "line": place.line, "on-import": place.on_import }));
            (capability.word().to_owned(), places.collect())
        })
        .collect();
    let templates: Vec<String> = file.templates().iter().map(ToString::to_string).collect();
    json!({ "globals": facts.globals, "capabilities": capabilities, "templates": templates })
}
