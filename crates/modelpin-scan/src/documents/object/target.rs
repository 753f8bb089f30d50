//! Keys of configurations whose value is a path that a framework imports and calls.

use super::interpolation::{Values, candidates};
use crate::engine::{Location, Scan};
use crate::knowledge::names::is_unmistakable;
use crate::knowledge::views::object::{self, Classification};
use modelpin_rules::object::{HYDRA_TARGET, HYDRA_TARGET_KNOWN};

/// Roots under which projects keep their own code.
const OWN_CODE: &[&str] = &[
    "src",
    "model",
    "models",
    "modules",
    "networks",
    "data",
    "datamodules",
    "datasets",
    "utils",
    "lib",
    "core",
    "project",
];

/// Keys that are beside a key which is imported and called: its arguments.
pub(crate) const ARGUMENTS: &[&str] = &["params", "init_args", "kwargs", "args"];

/// Scans what a `_target_` of Hydra, or another key that is imported and called, names; `values` are the other texts of
/// the document, to which it may lead.
pub(crate) fn target(name: &str, values: &dyn Values, at: Location, scan: &mut Scan<'_>) {
    let name = name.trim();
    if name.is_empty() {
        return;
    }
    let (names, _) = candidates(name, values);
    // One whose name is not known to the end is somebody's own. What came of a reference may be a word of any kind.
    let is_path = |became: &&str| *became == name || became.contains('.');
    let dangerous = names.iter().map(|name| name.trim()).filter(is_path).find(|name| is_dangerous(name));
    match dangerous {
        Some(became) if became != name => scan.report(&HYDRA_TARGET, at, format!("{name}: `{became}`")),
        Some(_) => scan.report(&HYDRA_TARGET, at, name),
        None => scan.report(&HYDRA_TARGET_KNOWN, at, name),
    }
}

fn is_dangerous(name: &str) -> bool {
    match object::classify(name) {
        Classification::Dangerous => true,
        Classification::Data | Classification::Library => false,
        Classification::Foreign => is_unknown_function(name),
    }
}

/// Scans a key that is imported by some frameworks, and means something else to others: the value has to look like a
/// path, and something beside it, or in it, has to say that it is called.
pub(crate) fn by_hint(value: &str, has_arguments: bool, values: &dyn Values, at: &Location, scan: &mut Scan<'_>) {
    for value in candidates(value.trim(), values).0 {
        if !value.contains('.') || !object::is_path(&value) {
            continue;
        }
        let root = value.split('.').next().unwrap_or_default();
        match object::classify(&value) {
            Classification::Dangerous if has_arguments || is_unmistakable(root) => {
                scan.report(&HYDRA_TARGET, at.clone(), value);
            }
            Classification::Dangerous => {}
            Classification::Library => target(&value, values, at.clone(), scan),
            Classification::Foreign | Classification::Data if has_arguments => {
                target(&value, values, at.clone(), scan);
            }
            Classification::Foreign | Classification::Data => {}
        }
    }
}

/// Scans a key that some frameworks import, where nothing says that it is called.
pub(crate) fn hinted_alone(value: &str, at: Location, scan: &mut Scan<'_>) {
    let value = value.trim();
    let root = value.split('.').next().unwrap_or_default();
    if is_unmistakable(root) && value.contains('.') && object::is_path(value) {
        scan.report(&HYDRA_TARGET_KNOWN, at, value);
    }
}

/// Whether an argument of a loader, as text, makes it run code of a repository.
pub(crate) fn trusts(key: &str, value: &str) -> bool {
    match key {
        "trust_remote_code" => {
            let off = ["", "false", "no", "off", "n", "0", "null", "none", "~"];
            !off.contains(&value.trim().to_ascii_lowercase().as_str())
        }
        "custom_pipeline" | "custom_generate" => value.contains('/'),
        _ => false,
    }
}

/// Reports a call with an argument that makes it trust remote code.
pub(crate) fn trusted(name: &str, key: &str, at: Location, scan: &mut Scan<'_>) {
    scan.report(&HYDRA_TARGET, at, format!("`{}` with `{key}`", name.trim()));
}

/// A function of a package that is neither known nor looks like the project's own. Classes have a capital.
fn is_unknown_function(name: &str) -> bool {
    let root = name.split('.').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_class = name.split('.').skip(1).any(|part| part.starts_with(|first: char| first.is_ascii_uppercase()));
    !is_class && !last.starts_with("from_") && !OWN_CODE.contains(&root)
}
