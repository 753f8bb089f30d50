//! Python source.

use super::Item;

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    Vec::new()
}
