//! Tags of YAML: which of them build more than data.

use crate::object::global::{self, Standing};
use crate::object::target::target;
use crate::rules::object::{YAML_FOREIGN, YAML_OBJECT};
use crate::{At, Scan};

/// What tags of YAML's own types begin with.
pub(super) const STANDARD: &str = "tag:yaml.org,2002:";

/// Tags for Python's constants (`yaml/constructor.py`, `FullConstructor`).
const CONSTANTS: &[&str] =
    &["none", "bool", "str", "unicode", "bytes", "int", "long", "float", "complex", "list", "tuple", "dict"];

/// Types of YAML itself (<https://yaml.org/type/>).
const TYPES: &[&str] = &[
    "map",
    "seq",
    "str",
    "int",
    "float",
    "bool",
    "null",
    "binary",
    "omap",
    "pairs",
    "set",
    "timestamp",
    "merge",
    "value",
    "yaml",
];

/// Prefixes of tags that make HyperPyYAML import, and call, what follows (`hyperpyyaml/core.py`).
const CALLS: &[&str] = &["!new:", "!apply:", "!name:", "!module:"];

/// Judges a tag with its prefix resolved.
pub(super) fn judge(tag: &str, at: At, scan: &mut Scan<'_>) {
    if let Some(name) = CALLS.iter().find_map(|call| tag.strip_prefix(call)) {
        target(name, at, scan);
        return;
    }
    let own = tag.strip_prefix(STANDARD);
    let short = own.unwrap_or_else(|| tag.trim_start_matches('!'));
    if let Some(python) = short.strip_prefix("python/") {
        self::python(python, tag, at, scan);
    } else if own.is_some_and(|own| !TYPES.contains(&own) && !own.is_empty()) || is_of_other_language(short) {
        scan.find(&YAML_FOREIGN, at, tag);
    }
}

fn is_of_other_language(tag: &str) -> bool {
    ["ruby/", "perl/", "php/", "js/", "java", "com.", "org."].iter().any(|prefix| tag.starts_with(prefix))
}

/// A tag of PyYAML for Python objects.
fn python(python: &str, tag: &str, at: At, scan: &mut Scan<'_>) {
    if CONSTANTS.contains(&python) {
        return;
    }
    let (kind, path) = python.split_once(':').unwrap_or((python, ""));
    let is_known = matches!(kind, "name" | "module" | "object" | "object/new" | "object/apply");
    let harmless = matches!(global::judge(path), Standing::Data | Standing::Library | Standing::Foreign);
    scan.find(if is_known && harmless { &YAML_FOREIGN } else { &YAML_OBJECT }, at, tag);
}
