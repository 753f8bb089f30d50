//! Files as a whole: names, disguises, polyglots, broken and unknown content, native code, scripts.

use super::Item;

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    Vec::new()
}
