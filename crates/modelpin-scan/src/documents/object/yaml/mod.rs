//! YAML: the tags and keys that make a loader import something.

mod tag;
mod texts;

use super::interpolation::candidates;
use super::target::{ARGUMENTS, by_hint, target, trusted, trusts};
use crate::documents::yaml::{self, Found};
use crate::engine::{Location, Scan, ScanError};
use crate::knowledge::names::is_trusting;
use crate::knowledge::views::object;
use modelpin_rules::object::YAML_MALFORMED;
use std::collections::{BTreeMap, BTreeSet};
use texts::Texts;

/// Scans a document, or several in one file.
pub(super) fn document(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let found = yaml::read(text, &mut scan.budget)?;
    let texts = Texts::of(&found);
    for (name, line) in &found.tags {
        tag::check(name, &texts, Location::Line(*line), scan);
    }
    targets(&found, &texts, scan);
    match found.broken {
        Some((line, what)) => Err(ScanError::Malformed(&YAML_MALFORMED, Location::Line(line), what.to_owned())),
        None => Ok(()),
    }
}

/// Scans the keys whose values are imported.
fn targets(found: &Found, texts: &Texts<'_>, scan: &mut Scan<'_>) {
    let with_arguments: BTreeSet<u32> =
        found.pairs.iter().filter(|pair| ARGUMENTS.contains(&pair.key.as_str())).map(|pair| pair.map).collect();
    for pair in &found.pairs {
        let Some(value) = pair.value.as_deref() else { continue };
        let at = Location::Line(pair.line);
        match pair.key.trim() {
            "_target_" | "_component_" => target(value, texts, at, scan),
            "class_path" | "target" => by_hint(value, with_arguments.contains(&pair.map), texts, &at, scan),
            _ => {}
        }
    }
    trusting(found, texts, scan);
}

/// Finds calls that are told to trust code: of what the map of the argument itself names, or else of a loader that is
/// named anywhere, since arguments may be merged and may be below.
fn trusting(found: &Found, texts: &Texts<'_>, scan: &mut Scan<'_>) {
    let mut by_map: BTreeMap<u32, String> = BTreeMap::new();
    let tags = found.tags.iter().filter_map(|(tag, _)| tag.split_once(':').map(|(_, name)| name));
    let mut loader = tags.into_iter().find(|name| is_trusting(name)).map(str::to_owned);
    for pair in &found.pairs {
        let is_target = matches!(pair.key.trim(), "_target_" | "_component_" | "class_path" | "target");
        let Some(value) = pair.value.as_deref().filter(|_| is_target) else { continue };
        let name = resolved(value, texts);
        if is_trusting(&name) {
            loader.get_or_insert_with(|| name.clone());
        }
        if object::is_path(name.trim()) {
            by_map.insert(pair.map, name);
        }
    }
    for pair in &found.pairs {
        let key = pair.key.trim();
        let Some(value) = pair.value.as_deref().filter(|_| trusts(key, "true/true")) else { continue };
        if let Some(name) = by_map.get(&pair.map).or(loader.as_ref()).filter(|_| trusts(key, &resolved(value, texts))) {
            trusted(name, key, Location::Line(pair.line), scan);
        }
    }
}

/// What a text becomes, the first that it can be; itself where that is not known.
fn resolved(value: &str, texts: &Texts<'_>) -> String {
    candidates(value, texts).0.into_iter().next().unwrap_or_else(|| value.to_owned())
}
