//! Safetensors, GGUF, Parquet, checkpoints, records, other formats that run nothing, and what may lie behind the end of a picture.

mod gguf;
mod media;
mod safetensors;
mod science;
mod table;
mod weights;

use super::Item;

/// The items of the family.
pub(super) fn items() -> Vec<Item> {
    [safetensors::items(), gguf::items(), table::items(), weights::items(), science::items(), media::items()]
        .into_iter()
        .flatten()
        .collect()
}
