//! Documents that name Python objects to build: Hydra and YAML configurations, skops schemas.

mod interpolation;
mod skops;
mod target;
mod yaml;

use crate::engine::Scan;
pub(crate) use interpolation::Values;
pub(crate) use target::{ARGUMENTS, by_hint, hinted_alone, target, trusted, trusts};

/// Scans the `schema.json` of a skops archive.
pub(crate) fn skops(text: &str, scan: &mut Scan<'_>) {
    if let Err(error) = skops::schema(text, scan) {
        scan.record_error(error);
    }
}

/// Scans a YAML document: tags that build objects, `_target_` keys.
pub(crate) fn yaml(text: &str, scan: &mut Scan<'_>) {
    if let Err(error) = yaml::document(text, scan) {
        scan.record_error(error);
    }
}
