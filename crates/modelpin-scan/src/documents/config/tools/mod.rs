//! Configurations of tools that serve, evaluate or run models: what they run, import and open because of them. What is
//! looked at is a table, one row a key.

mod format;
mod judge;
mod row;
mod rows;
mod serving;
mod table;
mod tag;

use super::context::Walk;
use super::followed::holds;
use crate::documents::json::Json;
use crate::documents::yaml::Found;
use crate::engine::name::Name;
use crate::engine::{Scan, ScanError};
use row::Tool;
pub(super) use rows::Rows;

/// Values that are read under one key of a row; far more than any honest file has.
const VALUES: usize = 2000;

/// Scans what the document as a whole names.
pub(super) fn document(json: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    follow(&walk.tools.top, json, walk)
}

/// Whether a file of this name holds the name of a module, and nothing else.
pub(super) fn is_name(base: &str) -> bool {
    tag::FILES.iter().any(|(file, _)| *file == base)
}

/// Scans a file that holds the name of a module.
pub(super) fn name(text: &str, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    let base = walk.base;
    tag::FILES.iter().filter(|(file, _)| *file == base).try_for_each(|(_, row)| judge::value(text, row, walk))
}

/// Scans the tags of YAML that name code or files: those with what they name after a colon, and those before it.
pub(super) fn tags(found: &Found, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    for (tag, _) in &found.tags {
        for (prefix, row) in tag::PREFIXES {
            if let Some(text) = tag.strip_prefix(prefix) {
                walk.below(prefix, |walk| judge::value(text, row, walk))?;
            }
        }
    }
    for (index, text) in &found.tagged {
        let Some((tag, _)) = found.tags.get(*index) else { continue };
        for (name, row) in tag::TAGS.iter().filter(|(name, _)| name == tag) {
            walk.below(name, |walk| judge::value(text, row, walk))?;
        }
    }
    Ok(())
}

/// Scans what an object names, wherever it is in a document.
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    follow(&walk.tools.any, json, walk)
}

/// Scans a whole tree that nothing else walks through. Its depth is bounded where it is read.
pub(super) fn tree(json: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    document(json, walk)?;
    below(json, walk)
}

fn below(json: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    walk.scan.budget.step()?;
    if matches!(json, Json::Object(_)) {
        object(json, walk)?;
    }
    for (key, value) in json.entries() {
        walk.below(key, |walk| below(value, walk))?;
    }
    for (index, item) in json.items().iter().enumerate() {
        walk.below(&index.to_string(), |walk| below(item, walk))?;
    }
    Ok(())
}

fn follow(rows: &[&'static Tool], json: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    for row in rows {
        for key in row.keys {
            let parts: Vec<&str> = key.split('.').collect();
            let mut left = VALUES;
            find(json, &parts, row, walk, &mut left)?;
        }
    }
    Ok(())
}

/// Follows `keys` from `json` to the values that they lead to; the keys of a row are few.
fn find(json: &Json, keys: &[&str], row: &Tool, walk: &mut Walk<'_, '_>, left: &mut usize) -> Result<(), ScanError> {
    let Some((key, rest)) = keys.split_first() else {
        return values(json, row, walk);
    };
    // A field of a protocol buffer that is given more than once is a list.
    for item in json.items().iter().filter(|_| *key != "*") {
        find(item, keys, row, walk, left)?;
    }
    // YAML's readers here give a list of one map as that map.
    if *key == "*" && !rest.is_empty() && matches!(json, Json::Object(_)) {
        find(json, rest, row, walk, left)?;
    }
    if rest.is_empty() && !row.when.iter().all(|when| holds(*when, json)) {
        return Ok(());
    }
    for (name, value) in json.entries().iter().filter(|(name, _)| *key == "*" || &**name == *key) {
        walk.scan.budget.step()?;
        *left = left.checked_sub(1).ok_or(ScanError::LimitReached("values of a configuration"))?;
        walk.below(name, |walk| find(value, rest, row, walk, left))?;
    }
    for (index, item) in json.items().iter().enumerate().filter(|_| *key == "*") {
        walk.scan.budget.step()?;
        *left = left.checked_sub(1).ok_or(ScanError::LimitReached("values of a configuration"))?;
        walk.below(&index.to_string(), |walk| find(item, rest, row, walk, left))?;
    }
    Ok(())
}

/// The value at the end of the keys: a text, or a list of them.
fn values(json: &Json, row: &Tool, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    let nested = json.items().iter().flat_map(Json::items);
    let texts = std::iter::once(json).chain(json.items()).chain(nested);
    for text in texts.take(VALUES).filter_map(spelt) {
        let is_of_interest = row.only.is_empty() || row.only.contains(&text);
        if is_of_interest && !text.trim().is_empty() {
            judge::value(text, row, walk)?;
        }
    }
    Ok(())
}

/// A value as YAML spells it.
fn spelt(json: &Json) -> Option<&str> {
    match json {
        Json::Bool(true) => Some("true"),
        other => other.text(),
    }
}

/// Follows what a document in YAML names; `path` is where it is.
pub(in crate::documents::config) fn yaml(text: &str, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let name = Name::of(path);
    let tools = Rows::of(&name.base);
    let is_followed = super::followed::is_read(&name.base);
    // What cannot be followed to its end was reported when it was scanned.
    let found = crate::documents::yaml::read(text, &mut scan.budget)?;
    let found_tree = super::followed::yaml::tree(&found);
    let mut walk = Walk::new(path, &name.base, &tools, scan);
    let documents =
        if let Json::List(documents) = &found_tree { documents.as_slice() } else { std::slice::from_ref(&found_tree) };
    tags(&found, &mut walk)?;
    for json in documents {
        if is_followed {
            super::followed::document(json, &mut walk);
        }
        tree(json, &mut walk)?;
    }
    Ok(())
}
