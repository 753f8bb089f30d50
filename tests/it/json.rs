//! The JSON documents: each one that any test prints has to be as its schema in docs/schema/output says, with no key more.

use crate::sandbox::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/output");

/// Checks `text`, if it is a document of modelpin.
pub(crate) fn check(text: &str) {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return };
    let Some(command) = document["command"].as_str().filter(|_| document["schema-version"].is_u64()) else { return };
    let file = format!("{SCHEMAS}/{}.schema.json", command.replace(' ', "-"));
    let schema = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    if let Err(fault) = matches(&schema, &document, &schema) {
        panic!("{command}: {fault}\n{text}");
    }
}

/// Whether a value is what `schema` says, and has no other keys.
fn matches(schema: &Value, value: &Value, root: &Value) -> Result<(), String> {
    let known = keys(schema, value, root)?;
    let other = value.as_object().and_then(|object| object.keys().find(|key| !known.contains(*key)));
    other.map_or(Ok(()), |key| Err(format!("`{key}` is in no schema of {value}")))
}

/// The keys of a value that `schema` knows, where the value is what it says.
fn keys(schema: &Value, value: &Value, root: &Value) -> Result<BTreeSet<String>, String> {
    let mut known = BTreeSet::new();
    let Some(schema) = schema.as_object() else { return Ok(known) };
    let object = value.as_object();
    for (keyword, said) in schema {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" | "minimum" | "maximum" => {}
            "type" => is_of_type(said, value)?,
            "const" => same(said == value, said, value)?,
            "enum" => same(said.as_array().unwrap().contains(value), said, value)?,
            "required" => {
                let keys = said.as_array().unwrap().iter().map(|key| key.as_str().unwrap());
                let missing = keys.clone().find(|key| object.is_none_or(|object| !object.contains_key(*key)));
                missing.map_or(Ok(()), |key| Err(format!("no `{key}` in {value}")))?;
            }
            "properties" => {
                for (key, schema) in said.as_object().unwrap() {
                    known.insert(key.clone());
                    object.and_then(|object| object.get(key)).map_or(Ok(()), |value| matches(schema, value, root))?;
                }
            }
            "additionalProperties" => {
                for (key, value) in object.into_iter().flatten().filter(|(key, _)| !known.contains(*key)) {
                    matches(said, value, root).map_err(|fault| format!("{key}: {fault}"))?;
                }
                known.extend(object.into_iter().flat_map(|object| object.keys().cloned()));
            }
            "items" => value.as_array().into_iter().flatten().try_for_each(|value| matches(said, value, root))?,
            "$ref" => {
                let name = said.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                known.extend(keys(&root["$defs"][name], value, root)?);
            }
            "anyOf" | "oneOf" => {
                let fits = said.as_array().unwrap().iter().find_map(|schema| keys(schema, value, root).ok());
                known.extend(fits.ok_or_else(|| format!("{value} is none of {said}"))?);
            }
            other => panic!("the test does not know the keyword `{other}`"),
        }
    }
    Ok(known)
}

fn same(is_same: bool, said: &Value, value: &Value) -> Result<(), String> {
    if is_same { Ok(()) } else { Err(format!("{value} is not {said}")) }
}

fn is_of_type(said: &Value, value: &Value) -> Result<(), String> {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the test does not know the type `{other}`"),
    };
    let fits = said.as_str().map_or_else(|| said.as_array().unwrap().iter().any(|name| is(name.as_str().unwrap())), is);
    same(fits, said, value)
}

#[test]
fn every_command_prints_its_document() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.write("bot/models.toml", "");
    std::fs::remove_file(sandbox.path("bot/models.toml")).unwrap();
    for (words, command) in [
        ("-C bot init --format json", "init"),
        ("add acme/chat --name other --format json", "add"),
        ("remove other --format json", "remove"),
        ("lock --format json", "lock"),
        ("lock --check --format json", "lock"),
        ("update --dry-run --format json", "update"),
        ("outdated --format json", "outdated"),
        ("sync --format json", "sync"),
        ("verify --format json", "verify"),
        ("vendor copies --format json", "vendor"),
        ("cache dir --format json", "cache dir"),
        ("cache ls --format json", "cache ls"),
        ("cache prune --dry-run --format json", "cache prune"),
        ("cache verify --format json", "cache verify"),
        ("tree --format json", "tree"),
        ("why chat --format json", "why"),
        ("check --format json", "check"),
        ("scan --format json", "scan"),
        ("env --format json", "env"),
        ("env --loader python --format json", "env"),
        ("-q verify --format json", "verify"),
    ] {
        let document = sandbox.run(words).ok().document();
        assert_eq!((&document["command"], &document["status"]), (&command.into(), &"ok".into()), "{words}");
        assert_eq!((&document["schema-version"], &document["exit-code"]), (&1.into(), &0.into()), "{words}");
        assert!(document["result"].is_object(), "{document}");
    }
}

#[test]
fn a_failure_is_a_document_too() {
    let sandbox = Sandbox::new();
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
    let document = sandbox.run("verify --format json").exits(3).document();
    assert_eq!((&document["status"], &document["result"]), (&"stale".into(), &Value::Null));
    assert_eq!(document["diagnostics"][0]["level"], "error");
    sandbox.write("models.toml", "[models\n");
    let document = sandbox.run("tree --format json").exits(2).document();
    assert_eq!(document["diagnostics"][0]["location"], serde_json::json!({ "file": "models.toml", "line": 1 }));
}
