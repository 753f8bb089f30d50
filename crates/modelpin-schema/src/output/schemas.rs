//! The JSON Schema of each command's document.

use super::{Document, cache, changes, check, decisions, files, loaders, pins, review, scan};
use schemars::JsonSchema;
use serde_json::Value;

/// The schema of each command's document, by command.
#[must_use]
pub fn json_schemas() -> Vec<(&'static str, Value)> {
    let mut all: Vec<(&str, Value)> = ["add", "convert", "diff", "lock", "remove", "update"]
        .map(|command| (command, schema::<changes::Changes>(command)))
        .into();
    all.extend([
        ("cache dir", schema::<cache::Dir>("cache dir")),
        ("cache ls", schema::<cache::List>("cache ls")),
        ("cache prune", schema::<cache::Pruned>("cache prune")),
        ("cache verify", schema::<cache::Verified>("cache verify")),
        ("certify", schema::<decisions::Certified>("certify")),
        ("check", schema::<check::Check>("check")),
        ("env", schema::<loaders::Env>("env")),
        ("exempt", schema::<decisions::Exempted>("exempt")),
        ("init", schema::<files::Init>("init")),
        ("outdated", schema::<pins::Outdated>("outdated")),
        ("review", schema::<review::Review>("review")),
        ("scan", schema::<scan::Scan>("scan")),
        ("sync", schema::<files::Sync>("sync")),
        ("tree", schema::<pins::Tree>("tree")),
        ("vendor", schema::<files::Vendored>("vendor")),
        ("verify", schema::<files::Verified>("verify")),
        ("why", schema::<pins::Why>("why")),
    ]);
    all.sort_by_key(|(command, _)| *command);
    all
}

fn schema<T: JsonSchema>(command: &str) -> Value {
    let mut schema = schemars::schema_for!(Document<T>).to_value();
    schema["title"] = format!("modelpin {command} --format json").into();
    schema["properties"]["command"] = serde_json::json!({ "const": command, "description": "The command." });
    schema["properties"]["schema-version"]["const"] = super::VERSION.into();
    schema
}
