//! Configuration in JSON: what it makes a loader import, read and fetch. Kinds are recognized by their keys; a document
//! that has none of those keys is data.

mod adapter;
mod code;
mod context;
pub(crate) mod followed;
mod index;
mod modules;
mod paths;
mod pattern;
mod read;
pub(crate) mod requirements;
mod rows;
mod run;
mod template;
mod tools;
mod walk;

pub(crate) use paths::folder;
pub(crate) use template::{in_toml, in_yaml};

use crate::documents::json::Json;
use crate::documents::notebook;
use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanError, ScanResult};

/// What else reads a JSON document: a form of a format that is not of this folder.
pub(crate) type Reader = fn(&Json, &mut Scan<'_>) -> Result<(), ScanError>;

/// Scans a JSON document; `path` is where it is, from the root of the repository. Each document of it is passed to
/// `other` as well.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, other: Reader, scan: &mut Scan<'_>) -> ScanResult {
    let name = Name::of(path);
    let tools = tools::Rows::of(&name.base);
    if part.len() > scan.limits.json as u64 && rows::is_data(part, &name)? {
        return rows::each(part, scan, &mut |json, scan| {
            context::Walk::new(path, &name.base, &tools, scan).document(json)
        });
    }
    read::each(part, scan, &mut |json, bytes, scan| {
        let mut walk = context::Walk::new(path, &name.base, &tools, scan);
        walk.document(json)?;
        if walk.is_keras {
            crate::documents::keras::config(&String::from_utf8_lossy(bytes), "", scan);
        }
        if notebook::is_notebook(json, &name) {
            notebook::scan(json, path, scan)?;
        }
        requirements::npm(json, &name, scan)?;
        other(json, scan)
    })
}

/// Follows what a document in YAML names; `path` is where it is.
pub(crate) fn yaml(text: &str, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    tools::yaml(text, path, scan)
}

/// Follows what a protocol buffer in the text format names; `path` is where it is.
pub(crate) fn message(json: &Json, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let name = Name::of(path);
    let tools = tools::Rows::of(&name.base);
    tools::tree(json, &mut context::Walk::new(path, &name.base, &tools, scan))
}

/// Whether a text of the name `base` is the name of a module that a tool imports.
pub(crate) fn is_name(base: &str) -> bool {
    tools::is_name(base)
}

/// Scans a text that is the name of a module; `path` is where it is.
pub(crate) fn name(text: &str, path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let name = Name::of(path);
    let tools = tools::Rows::of(&name.base);
    tools::name(text, &mut context::Walk::new(path, &name.base, &tools, scan))
}
