//! Documents that name objects: Hydra, YAML, skops.

mod skops;
mod yaml;

use super::Item;

/// The items of the family.
#[must_use]
pub(super) fn items() -> Vec<Item> {
    [yaml::targets(), yaml::trusting(), yaml::tags(), yaml::honest(), skops::items()].concat()
}
