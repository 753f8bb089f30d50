//! Keras: the configuration that a model is rebuilt from, in HDF5 files and in `.keras` archives.

mod class;
mod config;
mod names;

use crate::documents::json::Json;
use crate::engine::Scan;

/// Scans a Keras configuration (`config.json`, `model_config`, `training_config`): `text` is its JSON, `key`
/// where it was found.
pub(crate) fn config(text: &str, key: &str, scan: &mut Scan<'_>) {
    let outcome = Json::read(text.as_bytes(), key, scan).and_then(|json| config::walk(&json, key, scan));
    if let Err(error) = outcome {
        scan.record_error(error);
    }
}
