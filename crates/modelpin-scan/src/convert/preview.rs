//! The result before it is written, at any place: it is scanned like any other file. Bytes that were a tensor within an
//! archive could be an archive, or a pickle, to a reader that looks for one at the ends of the result.

use super::output_tensor::OutputTensor;
use super::write;
use crate::engine::source::Source;
use std::cell::Cell;
use std::io;

/// The result, made up as it is read.
pub(super) struct Preview<'c, 's> {
    head: &'c [u8],
    pieces: &'c [OutputTensor<'s>],
    /// Where each tensor ends.
    ends: Vec<u64>,
    /// Bytes that may still be inflated.
    inflated: Cell<u64>,
}

impl<'c, 's> Preview<'c, 's> {
    pub(super) fn new(head: &'c [u8], pieces: &'c [OutputTensor<'s>], inflated: u64) -> Self {
        let ends = pieces.iter().scan(head.len() as u64, |end, piece| {
            *end = end.saturating_add(piece.bytes);
            Some(*end)
        });
        Self { head, pieces, ends: ends.collect(), inflated: Cell::new(inflated) }
    }
}

impl Source for Preview<'_, '_> {
    fn size(&self) -> u64 {
        self.ends.last().copied().unwrap_or(self.head.len() as u64)
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        if at < self.head.len() as u64 {
            return self.head.read_at(at, into);
        }
        let place = self.ends.partition_point(|end| *end <= at);
        let (Some(piece), Some(end)) = (self.pieces.get(place), self.ends.get(place)) else { return Ok(0) };
        let left = end.saturating_sub(at);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        if piece.deflated.is_some() {
            let cost = piece.start.saturating_add(piece.bytes);
            let rest = self.inflated.get().checked_sub(cost);
            self.inflated.set(rest.ok_or_else(|| io::Error::other("too many bytes would have to be decompressed"))?);
        }
        write::part(piece, piece.bytes.saturating_sub(left), into.split_at_mut(count).0).map_err(io::Error::other)?;
        Ok(count)
    }
}
