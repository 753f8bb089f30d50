//! A tensor that is written, and where its elements are.

use super::dtype::Dtype;
use crate::engine::source::ByteRange;

/// A dimension of a tensor: its size, and its stride in elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dimension {
    pub(super) size: u64,
    pub(super) stride: u64,
}

/// A tensor that is written.
pub(super) struct OutputTensor<'s> {
    pub(super) name: String,
    pub(super) dtype: &'static Dtype,
    pub(super) shape: Vec<u64>,
    /// Bytes of all elements.
    pub(super) bytes: u64,
    /// The storage, as it is in the checkpoint.
    pub(super) storage: ByteRange<'s>,
    /// Bytes that the storage has.
    pub(super) whole: u64,
    /// The checksum of these, where the storage is deflated.
    pub(super) deflated: Option<u32>,
    /// The byte of the storage where the first element begins.
    pub(super) start: u64,
    /// The sides, where those that run on without a gap are one.
    pub(super) sides: Vec<Dimension>,
    /// Bytes of a word, whose order is reversed; 1 where it is kept.
    pub(super) word: usize,
}

impl OutputTensor<'_> {
    /// Whether its elements are one after another.
    pub(super) fn is_run(&self) -> bool {
        matches!(self.sides.as_slice(), [] | [Dimension { stride: 1, .. }])
    }
}
