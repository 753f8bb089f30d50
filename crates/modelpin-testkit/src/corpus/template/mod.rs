//! Chat templates, wherever they hide.

mod attack;
mod cost;
mod families;
mod honest;
mod places;
mod tools;

use super::Item;

/// The items of the family.
#[must_use]
pub(super) fn items() -> Vec<Item> {
    let mut items = attack::items();
    items.extend(cost::items());
    items.extend(places::items());
    items.extend(honest::items());
    items
}
