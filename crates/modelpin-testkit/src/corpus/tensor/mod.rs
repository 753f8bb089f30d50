//! Safetensors, GGUF, Parquet, checkpoints, records, and what may lie behind the end of a picture.

mod gguf;
mod media;
mod safetensors;
mod table;

use super::Item;

/// The items of the family.
#[must_use]
pub fn items() -> Vec<Item> {
    [safetensors::items(), gguf::items(), table::items(), media::items()].into_iter().flatten().collect()
}
