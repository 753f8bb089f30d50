//! Arguments of loaders for each entry, as Python source or as data.

use modelpin_ops::exec::loader_arguments::Loading;
use modelpin_schema::output::loaders::{Arguments, Dataset, Loaders, Model};
use modelpin_schema::text::{line, push, python_string};
use modelpin_schema::{Name, RepoKind};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One step in.
const INDENT: &str = "    ";

/// The arguments for every entry, by name.
type All<'a> = BTreeMap<&'a Name, Loading<'a>>;

/// Python source that assigns `MODELS` and `DATASETS`: ASCII, and the same for the same lock.
#[must_use]
pub fn python(all: &All<'_>) -> String {
    let mut out = String::new();
    for (variable, kind) in [("MODELS", RepoKind::Model), ("DATASETS", RepoKind::Dataset)] {
        push(&mut out, format_args!("{variable} = {{"));
        for (name, loading) in all.iter().filter(|(_, loading)| loading.kind == kind) {
            if let Some(note) = loading.note {
                push(&mut out, format_args!("\n{INDENT}# {name}: {note}"));
            }
            push(
                &mut out,
                format_args!("\n{INDENT}{}: {},", python_string(name.as_str()), literal(&entry(loading), 1)),
            );
        }
        let end = if out.ends_with('{') { "}\n" } else { "\n}\n" };
        out.push_str(end);
    }
    out
}

/// The same for programs.
#[must_use]
pub fn data(all: &All<'_>) -> Loaders {
    let of = |kind| all.iter().filter(move |(_, loading)| loading.kind == kind);
    Loaders {
        models: of(RepoKind::Model).map(|(name, loading)| (name.to_string(), model(loading))).collect(),
        datasets: of(RepoKind::Dataset).map(|(name, loading)| (name.to_string(), dataset(loading))).collect(),
    }
}

fn model(loading: &Loading<'_>) -> Model {
    Model {
        name_or_path: loading.place.clone(),
        arguments: Arguments {
            revision: loading.revision.map(|revision| revision.to_string()),
            code_revision: loading.code_revision.map(|revision| revision.to_string()),
            trust_remote_code: loading.trust_remote_code,
        },
        base: loading.base.map(ToString::to_string),
    }
}

fn dataset(loading: &Loading<'_>) -> Dataset {
    Dataset { path: loading.place.clone(), revision: loading.revision.map(|revision| revision.to_string()) }
}

/// A model is loaded by `from_pretrained(entry["name_or_path"], **entry["arguments"])`, a dataset to
/// `load_dataset(**entry)`.
fn entry(loading: &Loading<'_>) -> Map<String, Value> {
    let revision = loading.revision.map(|revision| ("revision", revision.to_string().into()));
    if loading.kind == RepoKind::Dataset {
        return map([("path", loading.place.as_str().into())].into_iter().chain(revision));
    }
    let code = loading.code_revision.map(|revision| ("code_revision", revision.to_string().into()));
    let trust = loading.trust_remote_code.map(|trust| ("trust_remote_code", trust.into()));
    let arguments = map(revision.into_iter().chain(code).chain(trust));
    let base = loading.base.map(|base| ("base", base.as_str().into()));
    map([("name_or_path", loading.place.as_str().into()), ("arguments", arguments.into())].into_iter().chain(base))
}

fn map<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Map<String, Value> {
    entries.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A dict of texts, truths and dicts, so far in: a line for each entry.
fn literal(entries: &Map<String, Value>, depth: usize) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    let mut out = String::from("{\n");
    for (key, value) in entries {
        let value = match value {
            Value::Object(entries) => literal(entries, depth + 1),
            Value::String(text) => python_string(text),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            _ => "None".to_owned(),
        };
        line(&mut out, format_args!("{}{}: {value},", INDENT.repeat(depth + 1), python_string(key)));
    }
    out + &INDENT.repeat(depth) + "}"
}
