//! The ticket for programs: everything, and every digest in full.

use super::{Around, Artifact, commands, word};
use crate::out;
use crate::render::SCHEMA_VERSION;
use modelpin_schema::Name;
use modelpin_schema::changes::ChangeReport;
use modelpin_schema::changes::{Change, FactChange};
use serde_json::{Value, json};

pub(super) fn render(ticket: &ChangeReport, around: &Around) -> String {
    out::json(&json!({
        "schema-version": SCHEMA_VERSION,
        "folder": around.folder,
        "changes": ticket.changes.iter().map(change).collect::<Vec<_>>(),
        "manifest": ticket.manifest.iter().map(fact).collect::<Vec<_>>(),
        "decisions": ticket.audits.iter().map(fact).collect::<Vec<_>>(),
        "marks": ticket.highlights().len(),
        "undecided": around.undecided.keys().map(Name::as_str).collect::<Vec<_>>(),
        "next": commands(ticket, around),
    }))
}

fn fact(fact: &FactChange) -> Value {
    let FactChange { key, about, old, new, widens } = fact;
    json!({ "key": key, "about": about, "old": old, "new": new, "widens": widens })
}

fn change(change: &Change) -> Value {
    let side = |file: &Option<Artifact>| {
        file.as_ref().map(|file| json!({ "kind": file.kind.word(), "size": file.size, "sha256": file.sha256.hex() }))
    };
    let files = change.files.iter();
    let files: Vec<Value> = files
        .map(|file| json!({ "path": file.path.as_str(), "old": side(&file.old), "new": side(&file.new) }))
        .collect();
    let facts: Vec<Value> = change.facts.iter().map(fact).collect();
    json!({ "name": change.name.as_str(), "change": word(change.kind), "facts": facts, "files": files })
}
