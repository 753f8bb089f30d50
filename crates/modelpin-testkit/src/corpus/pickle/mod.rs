//! Pickles: raw, of old torch files, of joblib, of NumPy.

mod broken;
mod globals;
mod honest;
mod layout;
mod numpy;
mod routes;
mod shapes;
mod tensors;

use super::{Expect, Item};

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
        numpy::items(),
        honest::items(),
    ]
    .concat()
}

/// An attack in one pickle.
fn attack(name: &str, rule: &'static str, bytes: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("pickle-{name}"), Expect::Dangerous, "model.pkl", bytes).fires(&[rule])
}

/// An honest pickle of values, arrays and tensors.
fn safe(name: &str, bytes: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("pickle-{name}"), Expect::Safe, "model.pkl", bytes)
}

/// An honest pickle of foreign objects.
fn foreign(name: &str, bytes: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("pickle-{name}"), Expect::Review, "model.pkl", bytes)
        .fires(&["pickle-foreign-global"])
        .quiet(&["pickle-dangerous-global"])
}
