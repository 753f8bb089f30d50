//! A scanner for each format of files that hold weights, objects or other files.

pub(crate) mod archive;
pub(crate) mod arrow;
pub(crate) mod checkpoint;
pub(crate) mod gguf;
pub(crate) mod graph;
pub(crate) mod hdf5;
pub(crate) mod item;
pub(crate) mod media;
pub(crate) mod msgpack;
pub(crate) mod native;
pub(crate) mod numpy;
pub(crate) mod parquet;
pub(crate) mod pickle;
pub(crate) mod safetensors;
pub(crate) mod torch;
pub(crate) mod trailing;
pub(crate) mod weights;
