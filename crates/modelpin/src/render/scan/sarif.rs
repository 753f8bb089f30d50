//! Findings as SARIF 2.1.0 (OASIS), for code scanning and editors.
//!
//! A locked file is no part of the repository, so its finding is at its line of models.lock, and the file itself
//! is a related location. Bytes and lines inside archives are no places of the outer file: they are logical
//! locations, and stand in the message. What people decided about is suppressed, with the decision as the reason.

use super::{called, decided, place, sentence};
use crate::out::spelled;
use crate::render::sarif::{Rules, level, message, physical};
use modelpin_ops::verbs::scan::{Finding, Location, Scanned, ScannedFile, ScannedItem};
use modelpin_rules::{Category, Severity};
use serde_json::{Map, Value, json};

pub(super) fn render(scanned: &Scanned) -> String {
    let rules = Rules::new(modelpin_rules::of(Category::Scan));
    let results: Vec<Map<String, Value>> = scanned
        .files()
        .flat_map(|(subject, file)| file.report.findings.iter().map(move |finding| (subject, file, finding)))
        .map(|(subject, file, finding)| result(subject, file, finding, &rules))
        .collect();
    rules.document(&results)
}

fn result(subject: &ScannedItem, file: &ScannedFile, finding: &Finding, rules: &Rules) -> Map<String, Value> {
    let here = place(finding);
    let here = if here.is_empty() { here } else { format!(" ({here})") };
    let decided = decided(file, finding);
    let called = called(subject, file);
    let text = format!("{called}{here}: {}: {}{decided}", finding.evidence, sentence(finding));
    let itself = physical(&subject.path_of(file), region(finding));
    let mut location = match &file.line {
        Some(line) => json!({ "physicalLocation": physical(&line.file, Some(json!({ "startLine": line.line }))) }),
        None => json!({ "physicalLocation": itself.clone() }),
    };
    let logical = logical(subject, file, finding);
    if let Some(location) = location.as_object_mut().filter(|_| !logical.is_empty()) {
        location.insert("logicalLocations".to_owned(), logical.into());
    }
    let severity = if decided.is_empty() { finding.rule.severity } else { Severity::Note };
    let fingerprint = subject.fingerprint(file, finding);
    let mut result = rules.result(finding.rule, level(severity), &text, &location, &fingerprint);
    // The standard wants it with all results or with none.
    let suppressions = if decided.is_empty() {
        json!([])
    } else {
        json!([{ "kind": "external", "status": "accepted", "justification": decided.trim().trim_matches(['(', ')']) }])
    };
    result.insert("suppressions".to_owned(), suppressions);
    if file.line.is_some() {
        let related = json!([{ "id": 1, "message": message(&called), "physicalLocation": itself }]);
        result.insert("relatedLocations".to_owned(), related);
    }
    result
}

/// The place in the file itself, where there is one.
fn region(finding: &Finding) -> Option<Value> {
    match finding.at {
        Location::Line(line) if finding.member.is_empty() && line > 0 => Some(json!({ "startLine": line })),
        Location::Byte(byte) if finding.member.is_empty() => Some(json!({ "byteOffset": byte, "byteLength": 1 })),
        _ => None,
    }
}

/// The entry, the members of archives, and the key of a document that lead to a finding.
fn logical(subject: &ScannedItem, file: &ScannedFile, finding: &Finding) -> Vec<Value> {
    let mut logical = Vec::new();
    let mut path = Vec::new();
    if let Some(name) = subject.name() {
        path.push(format!("{name}/{}", spelled(&file.path)));
        logical.push(json!({ "name": name.as_str(), "fullyQualifiedName": path.join(" > "), "kind": "resource" }));
    }
    for member in &finding.member {
        path.push(spelled(member));
        logical.push(json!({ "name": spelled(member), "fullyQualifiedName": path.join(" > "), "kind": "member" }));
    }
    if let Location::Key(key) = &finding.at {
        path.push(spelled(key));
        logical.push(json!({ "name": spelled(key), "fullyQualifiedName": path.join(" > "), "kind": "property" }));
    }
    logical
}
