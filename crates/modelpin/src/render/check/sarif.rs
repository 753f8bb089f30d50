//! The report as SARIF 2.1.0, for code scanning and editors: each ruling at its line of the project's files.

use super::{all, called, level, sentence};
use crate::render::sarif::{Rules, physical};
use modelpin_ops::project::MANIFEST;
use modelpin_ops::verbs::check::Checked;
use modelpin_policy::Violation;
use serde_json::{Map, Value, json};

pub(super) fn render(checked: &Checked) -> String {
    let known = Rules::new(modelpin_rules::all());
    let results: Vec<Map<String, Value>> =
        all(checked).into_iter().map(|violation| result(violation, &known)).collect();
    known.document(&results)
}

fn result(violation: &Violation, rules: &Rules) -> Map<String, Value> {
    let place = match &violation.at {
        Some(line) => physical(&line.file, Some(json!({ "startLine": line.line }))),
        None => physical(MANIFEST, None),
    };
    let mut location = json!({ "physicalLocation": place });
    if let (Some(name), Some(location)) = (&violation.name, location.as_object_mut()) {
        let name = violation.path.as_ref().map_or_else(|| name.to_string(), |path| path.to_string());
        let logical = json!([{ "name": name, "fullyQualifiedName": called(violation), "kind": "resource" }]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    rules.result(violation.rule, level(violation), &sentence(violation), &location, &violation.fingerprint())
}
