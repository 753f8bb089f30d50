//! Findings as SARIF 2.1.0 (OASIS), for code scanning and editors.
//!
//! A locked file is no part of the repository, so its finding is at its line of models.lock, and the file itself
//! is a related location. Bytes and lines inside archives are no places of the outer file: they are logical
//! locations, and stand in the message.

use super::{called, harmless, place, rule, sentence};
use modelpin_ops::verbs::scan::{At, Finding, Judged, Rule, Scanned, Severity, Subject, rules};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(scanned: &Scanned) -> String {
    let all: Vec<(&str, &Rule)> = rules::all().collect();
    let index: BTreeMap<&str, usize> = all.iter().enumerate().map(|(at, (_, rule))| (rule.id, at)).collect();
    let results: Vec<Value> = scanned
        .files()
        .flat_map(|(subject, file)| file.report.findings.iter().map(move |finding| (subject, file, finding)))
        .map(|(subject, file, finding)| result(subject, file, finding, &index))
        .collect();
    let run = json!({
        "tool": { "driver": {
            "name": "modelpin",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": all.iter().map(|(family, rule)| descriptor(family, rule)).collect::<Vec<_>>(),
        } },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    format!("{:#}\n", json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
}

fn descriptor(family: &str, rule: &Rule) -> Value {
    // What GitHub sorts security alerts by: 0 to 10.
    let score = match rule.severity {
        Severity::Dangerous => "9.0",
        Severity::Review => "5.0",
        Severity::Note => "1.0",
    };
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.says },
        "fullDescription": { "text": format!("{}; {}", rule.says, rule.why) },
        "help": { "text": rule::text(rule), "markdown": rule::markdown(rule, rule::PAGES) },
        "helpUri": rule::address(rule),
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": ["security", family], "security-severity": score },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Dangerous => "error",
        Severity::Review => "warning",
        Severity::Note => "note",
    }
}

fn result(subject: &Subject, file: &Judged, finding: &Finding, index: &BTreeMap<&str, usize>) -> Value {
    let here = place(finding);
    let here = if here.is_empty() { here } else { format!(" ({here})") };
    let text = format!("{}{here}: {}: {}", called(subject, file), harmless(&finding.evidence), sentence(finding));
    let itself = physical(&subject.path_of(file), region(finding));
    let mut location = match &file.line {
        Some(line) => json!({ "physicalLocation": physical(&line.file, Some(json!({ "startLine": line.line }))) }),
        None => json!({ "physicalLocation": itself.clone() }),
    };
    let logical = logical(subject, file, finding);
    if let Some(location) = location.as_object_mut().filter(|_| !logical.is_empty()) {
        location.insert("logicalLocations".to_owned(), logical.into());
    }
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": index.get(finding.rule.id),
        "level": level(finding.rule.severity),
        // A viewer makes `[words](address)` a link, and evidence is no one to choose where it leads.
        "message": { "text": text.replace("](", "] (") },
        "locations": [location],
        "partialFingerprints": { "modelpin/v1": subject.fingerprint(file, finding) },
    });
    if let Some(result) = result.as_object_mut().filter(|_| file.line.is_some()) {
        let message = json!({ "text": called(subject, file).replace("](", "] (") });
        result.insert(
            "relatedLocations".to_owned(),
            json!([{ "id": 1, "message": message, "physicalLocation": itself }]),
        );
    }
    result
}

fn physical(path: &str, region: Option<Value>) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), json!({ "uri": uri(path) }));
    if let Some(region) = region {
        physical.insert("region".to_owned(), region);
    }
    physical.into()
}

/// The place in the file itself, where there is one.
fn region(finding: &Finding) -> Option<Value> {
    match finding.at {
        At::Line(line) if finding.member.is_empty() && line > 0 => Some(json!({ "startLine": line })),
        At::Byte(byte) if finding.member.is_empty() => Some(json!({ "byteOffset": byte, "byteLength": 1 })),
        _ => None,
    }
}

/// The entry, the members of archives, and the key of a document that lead to a finding.
fn logical(subject: &Subject, file: &Judged, finding: &Finding) -> Vec<Value> {
    let mut logical = Vec::new();
    let mut path = Vec::new();
    if let Some(name) = subject.name() {
        path.push(format!("{name}/{}", harmless(&file.path)));
        logical.push(json!({ "name": name.as_str(), "fullyQualifiedName": path.join(" > "), "kind": "resource" }));
    }
    for member in &finding.member {
        path.push(harmless(member));
        logical.push(json!({ "name": harmless(member), "fullyQualifiedName": path.join(" > "), "kind": "member" }));
    }
    if let At::Key(key) = &finding.at {
        path.push(harmless(key));
        logical.push(json!({ "name": harmless(key), "fullyQualifiedName": path.join(" > "), "kind": "property" }));
    }
    logical
}

/// A path as a URI reference: relative ones stay so, absolute ones name a file (RFC 3986, RFC 8089).
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_one_uri() {
        assert_eq!(uri("a b/ü%#?:x.bin"), "a%20b/%C3%BC%25%23%3F%3Ax.bin");
        assert_eq!(uri("/tmp/m"), "file:///tmp/m");
        assert_eq!(uri("../m"), "../m");
    }
}
