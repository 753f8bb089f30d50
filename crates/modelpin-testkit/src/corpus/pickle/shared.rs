//! Items of one pickle, and a tensor in it.

use crate::corpus::build::Pickle;
use crate::corpus::{Expect, Item};

/// An attack in one pickle.
pub(super) fn attack(name: &str, rule: &'static str, bytes: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("pickle-{name}"), Expect::Dangerous, "model.pkl", bytes).fires(&[rule])
}

/// An honest pickle of values, arrays and tensors.
pub(super) fn safe(name: &str, bytes: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("pickle-{name}"), Expect::Safe, "model.pkl", bytes)
}

/// An honest pickle of foreign objects.
pub(super) fn foreign(name: &str, bytes: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("pickle-{name}"), Expect::Review, "model.pkl", bytes)
        .fires(&["pickle-foreign-global"])
        .quiet(&["pickle-dangerous-global"])
}

/// A tensor of floats as `_rebuild_tensor_v2` takes it, in a storage of `count` elements.
pub(super) fn tensor(pickle: Pickle, key: &str, count: i32, offset: i32, size: &[i32], stride: &[i32]) -> Pickle {
    let pickle =
        pickle.global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage").global("torch", "FloatStorage");
    let pickle = pickle.text(key).text("cpu").int(count).raw("NtQ").int(offset).ints(size).ints(stride).raw([0x89]);
    pickle.global("collections", "OrderedDict").raw(")RtR")
}
