//! What TensorFlow lays on disk beside graphs: the index of a checkpoint, and files of records.

mod index;
mod records;

pub(crate) use index::{is_index, scan as index};
pub(crate) use records::{is_records, scan as records};
