//! The limits of a safetensors file.

/// The longest header that the library of the format reads, in bytes.
pub(super) const HEADER: u64 = 100_000_000;

/// How many tensors a file may have.
pub(super) const TENSORS: usize = 1_000_000;
