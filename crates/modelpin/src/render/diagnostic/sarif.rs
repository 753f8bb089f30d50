//! SARIF 2.1.0 (OASIS), for code scanning and editors.
//!
//! A locked file is no part of the repository, so a problem of it is at its line of models.lock, and the file itself
//! is a related location. Bytes and lines inside archives are no places of the outer file: they are logical
//! locations, and stand in the message. What a decision accepts is suppressed, with the decision as the reason.

use super::words::{decision, sentence, subject};
use crate::out::{self, spelled};
use crate::render::rule;
use modelpin_ops::project::MANIFEST;
use modelpin_rules::{Category, Rule, Severity};
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::output::{self, Diagnostic};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The document: the tool with these rules, and the problems.
pub(crate) fn document(problems: &[Diagnostic], rules: impl Iterator<Item = &'static Rule>) -> String {
    let rules: Vec<_> = rules.collect();
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect();
    let run = json!({
        "tool": { "driver": {
            "name": "modelpin",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
        } },
        "columnKind": "unicodeCodePoints",
        "results": problems.iter().map(|problem| result(problem, &index)).collect::<Vec<_>>(),
    });
    out::json(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
}

fn result(problem: &Diagnostic, index: &BTreeMap<&str, usize>) -> Value {
    let level = match problem.level {
        output::Level::Error => "error",
        output::Level::Warning => "warning",
        output::Level::Note => "note",
    };
    let rule = problem.rule.as_deref().unwrap_or_default();
    let file = problem.path.as_deref().filter(|_| problem.severity.is_some());
    let itself = file.map(|path| physical(path, region(problem)));
    let place = match (&problem.location, &itself) {
        (Some(at), _) => physical(&at.file, at.line.map(|line| json!({ "startLine": line }))),
        (None, Some(itself)) => itself.clone(),
        (None, None) => physical(MANIFEST, None),
    };
    let mut location = Map::from_iter([("physicalLocation".to_owned(), place)]);
    let logical = logical(problem);
    if !logical.is_empty() {
        location.insert("logicalLocations".to_owned(), logical.into());
    }
    // The standard wants suppressions with all results or with none.
    let suppressions: Vec<Value> = problem
        .decision
        .iter()
        .map(|_| {
            let reason = decision(problem).trim().trim_matches(['(', ')']).to_owned();
            json!({ "kind": "external", "status": "accepted", "justification": reason })
        })
        .collect();
    let mut result = json!({
        "ruleId": rule,
        "ruleIndex": index.get(rule),
        "level": level,
        "message": message(&sentence(problem)),
        "locations": [location],
        "partialFingerprints": { "modelpin/v1": problem.fingerprint },
        "suppressions": suppressions,
    });
    if let (Some(itself), Some(_)) = (itself, &problem.location) {
        result["relatedLocations"] =
            json!([{ "id": 1, "message": message(&subject(problem)), "physicalLocation": itself }]);
    }
    result
}

/// The place in the scanned file itself, where there is one.
fn region(problem: &Diagnostic) -> Option<Value> {
    let place = problem.place.as_ref().filter(|place| place.members.is_empty())?;
    let line = place.line.filter(|line| *line > 0).map(|line| json!({ "startLine": line }));
    line.or_else(|| place.byte.map(|byte| json!({ "byteOffset": byte, "byteLength": 1 })))
}

/// The entry, the members of archives, and the key of a document that lead to a problem.
fn logical(problem: &Diagnostic) -> Vec<Value> {
    let mut logical = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut push = |name: String, step: String, kind: &str| {
        path.push(step);
        logical.push(json!({ "name": name, "fullyQualifiedName": path.join(" > "), "kind": kind }));
    };
    if let Some(entry) = &problem.entry {
        let file = problem.path.as_ref().map(|path| format!("/{}", spelled(path))).unwrap_or_default();
        push(entry.clone(), format!("{entry}{file}"), "resource");
    }
    for member in problem.place.iter().flat_map(|place| &place.members) {
        push(spelled(member), spelled(member), "member");
    }
    if let Some(key) = problem.place.as_ref().and_then(|place| place.key.as_ref()) {
        push(spelled(key), spelled(key), "property");
    }
    logical
}

/// A viewer makes `[words](address)` a link, and text from a repo must not choose where it leads.
fn message(text: &str) -> Value {
    json!({ "text": spelled(text).replace("](", "] (") })
}

fn descriptor(rule: &Rule) -> Value {
    let mut properties = json!({ "tags": ["security", rule.family], "security-severity": score(rule) });
    if let (Category::Scan, Some(properties)) = (rule.category, properties.as_object_mut()) {
        properties.insert("property".to_owned(), rule.property.word().into());
    }
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.says },
        "fullDescription": { "text": format!("{}; {}", rule.says, rule.why) },
        "help": { "text": rule::text(rule), "markdown": rule::markdown(rule, rule::PAGES) },
        "helpUri": rule::address(rule),
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    })
}

/// What GitHub sorts security alerts by, 0 to 10: 9.0 and more is critical, 7.0 high, 4.0 medium, the rest low.
///
/// A finding of the scan is about the content itself. A rule of the policy says that a requirement of the project is
/// not met: high where that guards against code that runs unseen, which are the rules that no line of models.toml
/// relaxes, and at most medium where it is about anything else, such as a licence or an age.
fn score(rule: &Rule) -> &'static str {
    match (rule.category, rule.severity, rule.level) {
        (Category::Scan, Severity::Dangerous, _) => "9.0",
        (Category::Scan, Severity::Review, _) => "5.0",
        (Category::Scan, Severity::Note, _) => "1.0",
        (Category::Policy, _, Level::Deny) if rule.fixed => "7.0",
        (Category::Policy, _, Level::Deny) => "4.0",
        (Category::Policy, _, Level::Warn) => "2.0",
        (Category::Policy, _, Level::Allow) => "1.0",
    }
}

/// The level of a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Dangerous => "error",
        Severity::Review => "warning",
        Severity::Note => "note",
    }
}

/// A file, and a region of it.
fn physical(path: &str, region: Option<Value>) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), json!({ "uri": uri(path) }));
    if let Some(region) = region {
        physical.insert("region".to_owned(), region);
    }
    physical.into()
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
