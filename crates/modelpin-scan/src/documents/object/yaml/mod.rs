//! YAML: the tags and keys that make a loader import something.

mod tag;

use super::target::{is_loader, target, trusted, trusts};
use crate::documents::yaml::{self, Found, Pair};
use crate::engine::{Location, Scan, ScanError};
use crate::knowledge::views::object::{self, Classification};
use modelpin_rules::object::{HYDRA_TARGET, YAML_MALFORMED};
use std::collections::{BTreeMap, BTreeSet};

/// Scans a document, or several in one file.
pub(super) fn document(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let found = yaml::read(text, &mut scan.budget)?;
    for (name, line) in &found.tags {
        tag::check(name, Location::Line(*line), scan);
    }
    targets(&found, scan);
    match found.broken {
        Some((line, what)) => Err(ScanError::Malformed(&YAML_MALFORMED, Location::Line(line), what.to_owned())),
        None => Ok(()),
    }
}

/// Keys that are beside a key which is imported and called: its arguments.
const ARGUMENTS: &[&str] = &["params", "init_args", "kwargs", "args"];

/// Roots for which no sentence or host name is mistaken.
const RUNNERS: &[&str] = &[
    "os",
    "posix",
    "nt",
    "subprocess",
    "builtins",
    "sys",
    "importlib",
    "runpy",
    "shutil",
    "pty",
    "ctypes",
    "pickle",
    "marshal",
    "socket",
    "_pickle",
    "_posixsubprocess",
    "pydoc",
    "operator",
    "timeit",
    "pkgutil",
];

/// Scans the keys whose values are imported.
fn targets(found: &Found, scan: &mut Scan<'_>) {
    let with_arguments: BTreeSet<u32> =
        found.pairs.iter().filter(|pair| ARGUMENTS.contains(&pair.key.as_str())).map(|pair| pair.map).collect();
    let values: BTreeMap<&str, &str> =
        found.pairs.iter().filter_map(|pair| Some((pair.key.as_str(), pair.value.as_deref()?))).collect();
    for pair in &found.pairs {
        let Some(value) = pair.value.as_deref() else { continue };
        let at = Location::Line(pair.line);
        match pair.key.trim() {
            "_target_" | "_component_" => target(&resolved(value, &values), at, scan),
            "class_path" | "target" => by_hint(pair, value, with_arguments.contains(&pair.map), scan),
            _ => {}
        }
    }
    trusting(found, &values, scan);
}

/// Finds calls that are told to trust code: of what the map of the argument itself names, or else of a loader that is
/// named anywhere, since arguments may be merged and may be below.
fn trusting(found: &Found, values: &BTreeMap<&str, &str>, scan: &mut Scan<'_>) {
    let mut by_map: BTreeMap<u32, String> = BTreeMap::new();
    let tags = found.tags.iter().filter_map(|(tag, _)| tag.split_once(':').map(|(_, name)| name));
    let mut loader = tags.into_iter().find(|name| is_loader(name)).map(str::to_owned);
    for pair in &found.pairs {
        let is_target = matches!(pair.key.trim(), "_target_" | "_component_" | "class_path" | "target");
        let Some(value) = pair.value.as_deref().filter(|_| is_target) else { continue };
        let name = resolved(value, values);
        if is_loader(&name) {
            loader.get_or_insert_with(|| name.clone());
        }
        if object::is_path(name.trim()) {
            by_map.insert(pair.map, name);
        }
    }
    for pair in &found.pairs {
        let key = pair.key.trim();
        let Some(value) = pair.value.as_deref().filter(|_| trusts(key, "true/true")) else { continue };
        if let Some(name) = by_map.get(&pair.map).or(loader.as_ref()).filter(|_| trusts(key, &resolved(value, values)))
        {
            trusted(name, key, Location::Line(pair.line), scan);
        }
    }
}

/// A key that is imported by some frameworks, and means something else to others: the value has to look like a path,
/// and something beside it, or in it, has to say that it is called.
fn by_hint(pair: &Pair, value: &str, has_arguments: bool, scan: &mut Scan<'_>) {
    let value = value.trim();
    let at = Location::Line(pair.line);
    if !value.contains('.') || !object::is_path(value) {
        return;
    }
    let root = value.split('.').next().unwrap_or_default();
    match object::classify(value) {
        Classification::Dangerous if has_arguments || RUNNERS.contains(&root) => scan.report(&HYDRA_TARGET, at, value),
        Classification::Dangerous => {}
        Classification::Library => target(value, at, scan),
        Classification::Foreign | Classification::Data if has_arguments => target(value, at, scan),
        Classification::Foreign | Classification::Data => {}
    }
}

/// `value` with the `${key}` of OmegaConf replaced by what is under that key, once.
fn resolved(value: &str, values: &BTreeMap<&str, &str>) -> String {
    let mut whole = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        whole.push_str(before);
        let Some((key, after)) = after.split_once('}') else { break };
        let last = key.rsplit(['.', ':']).next().unwrap_or(key).trim();
        match values.get(last) {
            Some(value) if !value.contains("${") => whole.push_str(value),
            _ => return value.to_owned(),
        }
        rest = after;
    }
    whole.push_str(rest);
    whole
}
