//! Indexes: which file holds which tensor.

use super::context::Walk;
use super::paths::{Reach, reach};
use crate::documents::json::Json;
use crate::engine::ScanError;
use modelpin_rules::config::{INDEX_ESCAPE, INDEX_UNEXPECTED_SHARD};

/// What shards are called.
const SHARDS: [&str; 8] = ["safetensors", "bin", "pt", "pth", "h5", "msgpack", "npz", "gguf"];

/// A `weight_map`: tensor names, each with the file that holds it.
pub(super) fn weights(map: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    match map {
        Json::Object(entries) => {
            for (tensor, file) in entries {
                walk.scan.budget.step()?;
                match file.text() {
                    Some(file) => shard(tensor, file, true, walk),
                    None => {
                        walk.scan.report(&INDEX_UNEXPECTED_SHARD, walk.at(), format!("`{tensor}` has no file name"));
                    }
                }
            }
        }
        Json::Text(_) | Json::List(_) => {
            walk.scan.report(&INDEX_UNEXPECTED_SHARD, walk.at(), "not an object of tensor names");
        }
        _ => {}
    }
    Ok(())
}

/// The `records` of MLC's `ndarray-cache.json`: a list of files, each with its path.
pub(super) fn records(records: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    for path in records.items().iter().filter_map(|record| record.get("dataPath")) {
        walk.scan.budget.step()?;
        if let Some(file) = path.text() {
            shard("records", file, false, walk);
        }
    }
    Ok(())
}

/// The `weightsManifest` of TensorFlow.js: a list of groups, each with the paths of its files.
pub(super) fn manifest(groups: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    for path in groups.items().iter().filter_map(|group| group.get("paths")).flat_map(Json::items) {
        walk.scan.budget.step()?;
        if let Some(file) = path.text() {
            shard("paths", file, false, walk);
        }
    }
    Ok(())
}

fn shard(tensor: &str, file: &str, has_suffix: bool, walk: &mut Walk<'_, '_>) {
    let at = walk.at();
    let suffix = file.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    match reach(file) {
        Reach::Outside(why) => {
            walk.scan.report(&INDEX_ESCAPE, at, format!("`{tensor}` is in `{file}`: {why}"));
            return;
        }
        Reach::Below => walk.scan.report(&INDEX_UNEXPECTED_SHARD, at, format!("`{tensor}` is in a folder: `{file}`")),
        Reach::Beside if has_suffix && !SHARDS.contains(&suffix) => {
            walk.scan.report(
                &INDEX_UNEXPECTED_SHARD,
                at,
                format!("`{tensor}` is in `{file}`, which is not named like a weights file"),
            );
        }
        Reach::Beside if walk.base.contains(".safetensors.") && suffix != "safetensors" => {
            walk.scan.report(&INDEX_UNEXPECTED_SHARD, at, format!("`{tensor}` of a safetensors index is in `{file}`"));
        }
        Reach::Beside => {}
    }
    walk.reference_data(file);
}
