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
mod walk;

pub(crate) use paths::folder;
pub(crate) use template::{in_toml, in_yaml};

use crate::documents::notebook;
use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanError, ScanResult};

/// Scans a JSON document; `path` is where it is, from the root of the repository.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let name = Name::of(path);
    if part.len() > scan.limits.json as u64 && rows::is_data(part, &name)? {
        return rows::each(part, scan, &mut |json, scan| context::Walk::new(path, &name.base, scan).document(json));
    }
    read::each(part, scan, &mut |json, bytes, scan| {
        let mut walk = context::Walk::new(path, &name.base, scan);
        walk.document(json)?;
        if walk.is_keras {
            crate::documents::keras::config(&String::from_utf8_lossy(bytes), "", scan);
        }
        if notebook::is_notebook(json, &name) {
            notebook::scan(json, path, scan)?;
        }
        requirements::npm(json, &name, scan)
    })
}

/// Follows what a document in YAML names.
pub(crate) fn yaml(text: &str, name: &Name, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    // What cannot be followed to its end was reported when it was scanned.
    if !followed::is_read(&name.base) {
        return Ok(());
    }
    followed::text(text, &mut context::Walk::new(&name.written, &name.base, scan))
}
