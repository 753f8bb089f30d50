//! Tags of YAML: which of them build more than data.

use super::texts::Texts;
use crate::documents::object::target::target;
use crate::documents::yaml::STANDARD;
use crate::engine::{Location, Scan};
use crate::knowledge::views::object::{self, Classification};
use modelpin_rules::object::{YAML_FOREIGN_OBJECT, YAML_OBJECT};

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

/// Scans a tag with its prefix resolved.
pub(super) fn check(tag: &str, texts: &Texts<'_>, at: Location, scan: &mut Scan<'_>) {
    if let Some(name) = CALLS.iter().find_map(|call| tag.strip_prefix(call)) {
        target(name, texts, at, scan);
        return;
    }
    let own = tag.strip_prefix(STANDARD);
    let short = own.unwrap_or_else(|| tag.trim_start_matches('!'));
    if let Some(python) = short.strip_prefix("python/") {
        self::python(python, tag, at, scan);
    } else if calls_other_language(short) || own.is_some_and(|own| own.contains('.')) {
        scan.report(&YAML_OBJECT, at, tag);
    } else if own.is_some_and(|own| !TYPES.contains(&own) && !own.is_empty()) || is_of_other_language(short) {
        scan.report(&YAML_FOREIGN_OBJECT, at, tag);
    }
}

fn is_of_other_language(tag: &str) -> bool {
    ["ruby/", "perl/", "php/", "js/"].iter().any(|prefix| tag.starts_with(prefix))
}

/// Tags that build an object of a class, or a function, for loaders of other languages: SnakeYAML takes the tag for the
/// class.
fn calls_other_language(tag: &str) -> bool {
    let classes = ["java.", "javax.", "com.", "org.", "ruby/object", "ruby/struct", "ruby/exception", "ruby/class"];
    let functions = ["ruby/module", "ruby/hash:", "ruby/array:", "ruby/string:", "perl/", "php/object", "js/function"];
    classes.iter().chain(&functions).any(|prefix| tag.starts_with(prefix))
}

/// A tag of PyYAML for Python objects.
fn python(python: &str, tag: &str, at: Location, scan: &mut Scan<'_>) {
    if CONSTANTS.contains(&python) {
        return;
    }
    let (kind, path) = python.split_once(':').unwrap_or((python, ""));
    let calls = matches!(kind, "object" | "object/new" | "object/apply");
    let is_class = path.split('.').skip(1).any(|part| part.starts_with(|first: char| first.is_ascii_uppercase()));
    let harmless = match object::classify(path) {
        Classification::Data => calls || kind == "name",
        // A class of a known library is built; what a function or an imported module does is unknown.
        Classification::Library => calls && is_class || kind == "name",
        Classification::Foreign | Classification::Dangerous => false,
    };
    scan.report(if harmless { &YAML_FOREIGN_OBJECT } else { &YAML_OBJECT }, at, tag);
}
