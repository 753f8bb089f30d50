//! What is alike in every SARIF 2.1.0 document (OASIS): the tool, its rules, and places.

use super::scan::rule;
use crate::out::{self, spelled};
use modelpin_ops::verbs::scan::{Rule, Severity};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rules of a document, each with its family.
pub(super) struct Rules {
    all: Vec<(&'static str, &'static Rule)>,
    index: BTreeMap<&'static str, usize>,
}

impl Rules {
    pub(super) fn new(all: impl Iterator<Item = (&'static str, &'static Rule)>) -> Self {
        let all: Vec<_> = all.collect();
        let index = all.iter().enumerate().map(|(at, (_, rule))| (rule.id, at)).collect();
        Self { all, index }
    }

    /// A result of `rule`.
    pub(super) fn result(
        &self,
        rule: &Rule,
        level: &str,
        text: &str,
        location: &Value,
        fingerprint: &str,
    ) -> Map<String, Value> {
        let result = json!({
            "ruleId": rule.id,
            "ruleIndex": self.index.get(rule.id),
            "level": level,
            "message": message(text),
            "locations": [location],
            "partialFingerprints": { "modelpin/v1": fingerprint },
        });
        match result {
            Value::Object(result) => result,
            _ => Map::new(),
        }
    }

    /// The document.
    pub(super) fn document(&self, results: &[Map<String, Value>]) -> String {
        let run = json!({
            "tool": { "driver": {
                "name": "modelpin",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": self.all.iter().map(|(family, rule)| descriptor(family, rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        });
        out::json(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
    }
}

/// A viewer makes `[words](address)` a link, and text from a repo is no one to choose where it leads.
pub(super) fn message(text: &str) -> Value {
    json!({ "text": spelled(text).replace("](", "] (") })
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
        "properties": { "tags": ["security", family], "security-severity": score, "property": rule.property.word() },
    })
}

/// The level of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Dangerous => "error",
        Severity::Review => "warning",
        Severity::Note => "note",
    }
}

/// A file, and a region of it.
pub(super) fn physical(path: &str, region: Option<Value>) -> Value {
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
