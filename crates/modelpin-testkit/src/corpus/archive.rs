//! Archives and compressed streams, torch zips among them.

use super::Item;

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    Vec::new()
}
