//! Pickles: raw, of old torch files, of joblib, of NumPy.

mod broken;
mod globals;
mod honest;
mod joblib;
mod layout;
mod numpy;
mod routes;
mod shapes;
mod shared;
mod tensors;
mod values;

use super::Item;
use shared::{attack, foreign, safe};

pub use layout::old as torch_old;

/// The items of the family.
pub(super) fn items() -> Vec<Item> {
    [
        globals::items(),
        routes::items(),
        broken::items(),
        shapes::items(),
        tensors::items(),
        layout::items(),
        joblib::items(),
        values::items(),
        numpy::items(),
        honest::items(),
    ]
    .concat()
}
