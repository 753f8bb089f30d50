//! Documents that name objects: Hydra, YAML, skops.

mod skops;
mod yaml;

use super::Item;

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    [yaml::targets(), yaml::tags(), yaml::honest(), skops::items()].concat()
}
