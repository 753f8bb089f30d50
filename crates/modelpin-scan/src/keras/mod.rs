//! Keras: the configuration that a model is rebuilt from, in HDF5 files and in `.keras` archives.

pub(crate) mod hdf5;

use crate::Scan;

/// Judges a Keras configuration (`config.json`, `model_config`, `training_config`): `text` is its JSON, `key`
/// where it was found.
pub(crate) fn config(text: &str, key: &str, scan: &mut Scan<'_>) {
    let _ = (text, key, scan);
}
