//! The report for programs.

use super::{all, level};
use crate::out;
use crate::render::SCHEMA_VERSION;
use modelpin_ops::policy::{Held, Lapse, Ruling};
use modelpin_ops::verbs::check::Checked;
use modelpin_schema::RepoPath;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) fn render(checked: &Checked) -> String {
    let evaluation = &checked.evaluation;
    let held: Map<String, Value> = evaluation.held.iter().map(|(name, held)| (name.to_string(), keeps(held))).collect();
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
        "rulings": all(checked).into_iter().map(ruling).collect::<Vec<_>>(),
        "held": held,
    });
    if let (Some(lapsing), Some(document)) = (&checked.lapsing, document.as_object_mut()) {
        document.insert("lapsing".to_owned(), lapsing.iter().map(lapse).collect());
    }
    out::json(&document)
}

fn keeps(held: &Held) -> Value {
    let paths = |paths: &BTreeSet<RepoPath>| paths.iter().map(ToString::to_string).collect::<Vec<String>>();
    json!({
        "withheld": paths(&held.withheld),
        "quarantined": paths(&held.quarantined),
        "refused": paths(&held.refused),
        "replaced": paths(&held.replaced),
    })
}

fn ruling(ruling: &Ruling) -> Value {
    json!({
        "rule": ruling.rule.id,
        "level": level(ruling),
        "can-be-decided": ruling.rule.decidable,
        "name": ruling.name.as_ref().map(ToString::to_string),
        "path": ruling.path.as_ref().map(ToString::to_string),
        "file": ruling.at.as_ref().map(|at| &at.file),
        "line": ruling.at.as_ref().map(|at| at.line),
        "what": ruling.what,
        "expected": ruling.expected,
        "got": ruling.got,
        "why": ruling.rule.why,
        "help": ruling.help,
    })
}

fn lapse(lapse: &Lapse) -> Value {
    let exemption = &lapse.exemption;
    json!({
        "name": lapse.ruling.name.as_ref().map(ToString::to_string),
        "source": exemption.source.to_string(),
        "path": exemption.file.to_string(),
        "sha256": exemption.sha256.hex(),
        "expires": exemption.expires.to_string(),
        "days-left": lapse.days,
        "owner": exemption.owner.to_string(),
        "approver": exemption.approver.as_ref().map(ToString::to_string),
        "ticket": exemption.ticket.to_string(),
        "reason": exemption.reason.to_string(),
        "file": lapse.ruling.at.as_ref().map(|at| &at.file),
        "line": lapse.ruling.at.as_ref().map(|at| at.line),
    })
}
