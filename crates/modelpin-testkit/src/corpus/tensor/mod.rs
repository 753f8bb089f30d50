//! Safetensors, GGUF, Parquet, checkpoints, records, other formats that run nothing, and what may lie behind the end of a picture.

mod arrow;
mod followed;
mod gguf;
mod media;
mod msgpack;
mod safetensors;
mod science;
mod table;
mod weights;

use super::Item;

/// The items of the family.
pub(super) fn items() -> Vec<Item> {
    let items = [
        safetensors::items(),
        gguf::items(),
        table::items(),
        weights::items(),
        followed::items(),
        msgpack::items(),
        arrow::items(),
        science::items(),
        media::items(),
    ];
    items.into_iter().flatten().collect()
}
