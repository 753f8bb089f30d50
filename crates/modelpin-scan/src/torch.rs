//! What the containers of torch have in common: the storages that a pickle refers to.

use crate::source::Part;
use crate::{Halt, Scan, pickle};
use std::collections::BTreeMap;

/// The storages that the tensors of a pickle lie in: by key, with the bytes that the pickle says each has.
pub(crate) type Storages = BTreeMap<String, u64>;

/// Follows the object pickle (`data.pkl`) of a torch archive, and says which storages it refers to.
pub(crate) fn object(part: &Part<'_>, scan: &mut Scan<'_>) -> Result<Storages, Halt> {
    pickle::torch_object(part, scan)
}
