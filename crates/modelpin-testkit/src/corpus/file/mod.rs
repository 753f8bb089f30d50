//! Files as a whole: names, folders, disguises, polyglots, broken and unknown content, native code, scripts.

mod attack;
mod folder;
mod honest;
mod script;
mod shared;

use super::Item;
use shared::{byte_code, elf, flax, png, windows};

/// The items of the family.
#[must_use]
pub(super) fn items() -> Vec<Item> {
    let mut items = attack::items();
    items.extend(folder::items());
    items.extend(honest::items());
    items.extend(script::items());
    items
}
