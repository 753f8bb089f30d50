//! The report for programs.

use super::{all, level};
use crate::out;
use crate::render::SCHEMA_VERSION;
use modelpin_ops::verbs::check::Checked;
use modelpin_policy::{Expiring, Violation, Withheld};
use modelpin_schema::RepoPath;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) fn render(checked: &Checked) -> String {
    let evaluation = &checked.evaluation;
    let files = evaluation.withheld.iter().map(|(name, withheld)| (name.to_string(), files(withheld)));
    let withheld: Map<String, Value> = files.collect();
    let mut document = json!({
        "schema-version": SCHEMA_VERSION,
        "kind": "check",
        "as-of": checked.today.to_string(),
        "holds": evaluation.denied().next().is_none(),
        "counts": {
            "entries": checked.entries,
            "files": checked.files,
            "believed": checked.believed,
            "exemptions": checked.exemptions,
            "audits": checked.audits,
            "errors": evaluation.denied().count(),
            "warnings": evaluation.warned().count(),
        },
        "violations": all(checked).into_iter().map(violation).collect::<Vec<_>>(),
        "withheld": withheld,
    });
    if let (Some(expiring), Some(document)) = (&checked.expiring, document.as_object_mut()) {
        document.insert("expiring".to_owned(), expiring.iter().map(exemption).collect());
    }
    out::json(&document)
}

fn files(withheld: &Withheld) -> Value {
    let paths = |paths: &BTreeSet<RepoPath>| paths.iter().map(ToString::to_string).collect::<Vec<String>>();
    json!({
        "withheld": paths(&withheld.uncertified),
        "quarantined": paths(&withheld.quarantined),
        "refused": paths(&withheld.refused),
        "replaced": paths(&withheld.replaced),
    })
}

fn violation(violation: &Violation) -> Value {
    json!({
        "rule": violation.rule.id,
        "level": level(violation),
        "can-be-decided": violation.rule.decidable,
        "name": violation.name.as_ref().map(ToString::to_string),
        "path": violation.path.as_ref().map(ToString::to_string),
        "file": violation.at.as_ref().map(|at| &at.file),
        "line": violation.at.as_ref().map(|at| at.line),
        "what": violation.what,
        "expected": violation.expected,
        "got": violation.got,
        "why": violation.rule.why,
        "help": violation.help,
    })
}

fn exemption(expiring: &Expiring) -> Value {
    let Expiring { exemption, days, violation } = expiring;
    json!({
        "name": violation.name.as_ref().map(ToString::to_string),
        "source": exemption.source.to_string(),
        "path": exemption.file.to_string(),
        "sha256": exemption.sha256.hex(),
        "expires": exemption.expires.to_string(),
        "days-left": days,
        "owner": exemption.owner.to_string(),
        "approver": exemption.approver.as_ref().map(ToString::to_string),
        "ticket": exemption.ticket.to_string(),
        "reason": exemption.reason.to_string(),
        "file": violation.at.as_ref().map(|at| &at.file),
        "line": violation.at.as_ref().map(|at| at.line),
    })
}
