//! Keras configurations and HDF5.

mod attacks;
mod files;
mod honest;
mod shared;
mod sizes;

use super::Item;
use shared::{archive, function, h5, new, new_model, old, old_model};

/// The items of the family.
#[must_use]
pub(super) fn items() -> Vec<Item> {
    [attacks::items(), files::items(), sizes::items(), honest::items()].concat()
}
