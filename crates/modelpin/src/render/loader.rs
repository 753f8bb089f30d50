//! What a loader is told of each entry, as Python source or as data.

use super::document;
use modelpin_ops::verbs::loader::Loading;
use modelpin_schema::{Name, RepoKind};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What is told of every entry, by name.
type All<'a> = BTreeMap<&'a Name, Loading<'a>>;

/// Python source that assigns `MODELS` and `DATASETS`: ASCII, and the same for the same lock.
#[must_use]
pub fn python(all: &All<'_>) -> String {
    let mut out = String::new();
    for (variable, kind) in [("MODELS", RepoKind::Model), ("DATASETS", RepoKind::Dataset)] {
        let _ = write!(out, "{variable} = {{");
        for (name, loading) in all.iter().filter(|(_, loading)| loading.kind == kind) {
            if let Some(note) = loading.note {
                let _ = write!(out, "\n    # {name}: {note}");
            }
            let _ = write!(out, "\n    {}: {},", quote(name.as_str()), literal(&entry(loading)));
        }
        let end = if out.ends_with('{') { "}\n" } else { "\n}\n" };
        out.push_str(end);
    }
    out
}

/// The same for programs.
#[must_use]
pub fn json(all: &All<'_>) -> String {
    let of = |kind| -> Map<String, Value> {
        let own = all.iter().filter(|(_, loading)| loading.kind == kind);
        own.map(|(name, loading)| (name.to_string(), entry(loading).into())).collect()
    };
    document("loader", &json!({ "models": of(RepoKind::Model), "datasets": of(RepoKind::Dataset) }))
}

/// A model is told to `from_pretrained(entry["name_or_path"], **entry["arguments"])`, a dataset to
/// `load_dataset(**entry)`.
fn entry(loading: &Loading<'_>) -> Map<String, Value> {
    let revision = loading.revision.map(|revision| ("revision", revision.to_string().into()));
    if loading.kind == RepoKind::Dataset {
        return map([("path", loading.place.as_str().into())].into_iter().chain(revision));
    }
    let code = loading.code_revision.map(|revision| ("code_revision", revision.to_string().into()));
    let trust = loading.trust_remote_code.then(|| ("trust_remote_code", true.into()));
    let arguments = map(revision.into_iter().chain(code).chain(trust));
    let base = loading.base.map(|base| ("base", base.as_str().into()));
    map([("name_or_path", loading.place.as_str().into()), ("arguments", arguments.into())].into_iter().chain(base))
}

fn map<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Map<String, Value> {
    entries.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A dict of texts, `True` and dicts, in one line.
fn literal(entries: &Map<String, Value>) -> String {
    let one = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::Object(entries) => literal(entries),
            Value::String(text) => quote(text),
            other => if other == &Value::Bool(true) { "True" } else { "None" }.to_owned(),
        };
        format!("{}: {value}", quote(key))
    };
    format!("{{{}}}", entries.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// A string literal of Python, in ASCII (the reference's "String and Bytes literals").
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        // Writing to a `String` cannot fail.
        let _ = match (c, u32::from(c)) {
            ('"' | '\\', _) => write!(out, "\\{c}"),
            (' '..='~', _) => write!(out, "{c}"),
            (_, code @ ..=0xff) => write!(out, "\\x{code:02x}"),
            (_, code @ ..=0xffff) => write!(out, "\\u{code:04x}"),
            (_, code) => write!(out, "\\U{code:08x}"),
        };
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn python_reads_what_was_meant() {
        assert_eq!(quote("a\"\\'\n\u{7f}é€\u{1f600}"), r#""a\"\\'\x0a\x7f\xe9\u20ac\U0001f600""#);
    }
}
