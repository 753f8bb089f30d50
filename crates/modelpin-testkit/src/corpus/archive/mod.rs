//! Archives and compressed streams, torch zips among them.

mod honest;
mod shared;
mod streams;
mod tar;
mod torch;
mod zip;

use super::Item;
use shared::{STORAGES, bad, bad_weights, member, npy, npy_objects, safetensors, two_tensors, weights};

/// The items of the family.
#[must_use]
pub(super) fn items() -> Vec<Item> {
    [torch::items(), zip::items(), tar::items(), streams::items(), honest::items()].into_iter().flatten().collect()
}
