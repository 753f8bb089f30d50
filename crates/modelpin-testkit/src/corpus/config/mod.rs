//! Configuration: auto_map, indexes, lists of modules, and the folder that they belong to.

mod attack;
mod code;
mod honest;
mod loaders;
mod more;
mod servers;
mod tools;

use super::Item;

/// The items of the family.
#[must_use]
pub(crate) fn items() -> Vec<Item> {
    [code::items(), attack::items(), honest::items(), loaders::items(), more::items(), servers::items(), tools::items()]
        .into_iter()
        .flatten()
        .collect()
}
