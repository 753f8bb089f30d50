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
            for (name, entry) in entries(name, loading) {
                push(&mut out, format_args!("\n{INDENT}{}: {},", python_string(&name), literal(&entry, 1)));
            }
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
        datasets: of(RepoKind::Dataset).flat_map(|(name, loading)| datasets(name, loading)).collect(),
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

/// A dataset by its name; by its name and a configuration's, where several are told apart by their files.
fn datasets(name: &Name, loading: &Loading<'_>) -> Vec<(String, Dataset)> {
    let of = |data_files: Option<&BTreeMap<String, String>>| Dataset {
        path: loading.place.clone(),
        data_files: data_files.cloned(),
        revision: loading.revision.map(|revision| revision.to_string()),
        trust_remote_code: loading.trust_remote_code,
    };
    match loading.parts.len() {
        0 => vec![(name.to_string(), of(None))],
        1 => loading.parts.values().map(|files| (name.to_string(), of(Some(files)))).collect(),
        _ => loading.parts.iter().map(|(part, files)| (format!("{name}/{part}"), of(Some(files)))).collect(),
    }
}

/// A model is loaded by `from_pretrained(entry["name_or_path"], **entry["arguments"])`, a dataset by
/// `load_dataset(**entry)`.
fn entries(name: &Name, loading: &Loading<'_>) -> Vec<(String, Map<String, Value>)> {
    if loading.kind == RepoKind::Dataset {
        return datasets(name, loading).into_iter().map(|(name, dataset)| (name, keywords(dataset))).collect();
    }
    let revision = loading.revision.map(|revision| ("revision", revision.to_string().into()));
    let code = loading.code_revision.map(|revision| ("code_revision", revision.to_string().into()));
    let trust = loading.trust_remote_code.map(|trust| ("trust_remote_code", trust.into()));
    let arguments = map(revision.into_iter().chain(code).chain(trust));
    let base = loading.base.map(|base| ("base", base.as_str().into()));
    let place = [("name_or_path", loading.place.as_str().into()), ("arguments", arguments.into())];
    vec![(name.to_string(), map(place.into_iter().chain(base)))]
}

/// The arguments of `load_dataset`.
fn keywords(dataset: Dataset) -> Map<String, Value> {
    let files = dataset
        .data_files
        .map(|files| ("data_files", Value::from(map(files.into_iter().map(|(split, glob)| (split, glob.into()))))));
    let revision = dataset.revision.map(|revision| ("revision", revision.into()));
    let trust = dataset.trust_remote_code.map(|trust| ("trust_remote_code", trust.into()));
    map([("path", dataset.path.into())].into_iter().chain(files).chain(revision).chain(trust))
}

fn map(entries: impl Iterator<Item = (impl Into<String>, Value)>) -> Map<String, Value> {
    entries.map(|(key, value)| (key.into(), value)).collect()
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
