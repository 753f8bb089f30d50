//! Configuration: auto_map, indexes, lists of modules, and the folder that they belong to.

mod attack;
mod code;
mod honest;

use super::Item;

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    [code::items(), attack::items(), honest::items()].into_iter().flatten().collect()
}
