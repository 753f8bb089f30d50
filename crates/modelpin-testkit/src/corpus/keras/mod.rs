//! Keras configurations and HDF5.

mod attacks;
mod files;
mod honest;
mod shared;

use super::Item;
use shared::{archive, function, h5, new, new_model, old, old_model};

/// The items of the family.
#[must_use]
pub(super) fn items() -> Vec<Item> {
    [attacks::items(), files::items(), honest::items()].concat()
}
