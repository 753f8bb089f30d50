//! What is alike in every SARIF 2.1.0 document (OASIS): the tool, its rules, and places.

use super::scan::rule;
use crate::out::{self, spelled};
use modelpin_rules::{Category, Rule, Severity};
use modelpin_schema::manifest::policy::Level;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rules of a document.
pub(super) struct Rules {
    all: Vec<&'static Rule>,
    index: BTreeMap<&'static str, usize>,
}

impl Rules {
    pub(super) fn new(all: impl Iterator<Item = &'static Rule>) -> Self {
        let all: Vec<_> = all.collect();
        let index = all.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect();
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
                "rules": self.all.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
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
/// A finding of the scan is about the content itself. A rule of the policy says that a requirement of the project is not
/// met: high where that guards against code that runs unseen, which are the rules that no line of models.toml relaxes, and
/// at most medium where it is about anything else, such as a licence or an age.
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
