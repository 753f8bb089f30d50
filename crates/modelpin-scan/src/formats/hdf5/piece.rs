//! Pieces of an HDF5 file: bytes from an address on, read number by number.

use crate::engine::ScanError;
use crate::engine::source::ByteRange;

/// An open file: addresses count from where `part` begins.
pub(super) struct File<'p> {
    pub(super) part: ByteRange<'p>,
    /// Bytes of an address.
    pub(super) offset: usize,
    /// Bytes of a length.
    pub(super) length: usize,
}

impl File<'_> {
    /// Exactly `want` bytes from `address` on. `want` has to be bounded; what is not there is not allocated.
    pub(super) fn piece(&self, address: u64, want: usize) -> Result<Piece, ScanError> {
        let piece = self.up_to(address, want)?;
        if piece.bytes.len() < want { Err(ScanError::Truncated(address)) } else { Ok(piece) }
    }

    /// Up to `want` bytes from `address` on.
    pub(super) fn up_to(&self, address: u64, want: usize) -> Result<Piece, ScanError> {
        Ok(Piece { bytes: self.part.bytes(address, want)?, next: 0, start: address })
    }

    /// Whether an address is the one that means "nowhere": all bits set.
    pub(super) fn is_undefined(&self, address: u64) -> bool {
        address
            == u64::MAX.checked_shr(64_u32.saturating_sub((self.offset as u32).saturating_mul(8))).unwrap_or(u64::MAX)
    }
}

/// Bytes that are read from front to back. All numbers are little-endian.
#[derive(Clone)]
pub(super) struct Piece {
    bytes: Vec<u8>,
    next: usize,
    start: u64,
}

impl Piece {
    pub(super) fn of(bytes: Vec<u8>, start: u64) -> Self {
        Self { bytes, next: 0, start }
    }

    /// The address of the next byte.
    pub(super) fn at(&self) -> u64 {
        self.start.saturating_add(self.next as u64)
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.next)
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&[u8], ScanError> {
        let at = self.at();
        let end = self.next.saturating_add(count);
        let taken = self.bytes.get(self.next..end).ok_or(ScanError::Truncated(at))?;
        self.next = end;
        Ok(taken)
    }

    /// The next `count` bytes as a piece of their own.
    pub(super) fn split(&mut self, count: usize) -> Result<Self, ScanError> {
        let at = self.at();
        Ok(Self::of(self.take(count)?.to_vec(), at))
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), ScanError> {
        self.take(count).map(|_| ())
    }

    /// A number of `width` bytes, at most eight.
    pub(super) fn number(&mut self, width: usize) -> Result<u64, ScanError> {
        let at = self.at();
        let taken = self.take(width)?;
        let mut whole = [0; 8];
        whole.get_mut(..width).ok_or(ScanError::Truncated(at))?.copy_from_slice(taken);
        Ok(u64::from_le_bytes(whole))
    }

    /// A number of `width` bytes that is a count or a length within the file.
    pub(super) fn count(&mut self, width: usize) -> Result<usize, ScanError> {
        let at = self.at();
        usize::try_from(self.number(width)?).map_err(|_| ScanError::Truncated(at))
    }

    pub(super) fn byte(&mut self) -> Result<u8, ScanError> {
        Ok(self.number(1)? as u8)
    }

    /// The bytes up to the next NUL, and past it; or all, where there is none.
    pub(super) fn name(&mut self) -> Vec<u8> {
        let rest = self.bytes.get(self.next..).unwrap_or_default();
        let name: Vec<u8> = rest.iter().copied().take_while(|byte| *byte != 0).collect();
        self.next = self.next.saturating_add(name.len()).saturating_add(1).min(self.bytes.len());
        name
    }

    /// Whether the next bytes are `mark`; they are stepped over.
    pub(super) fn is_marked(&mut self, mark: &[u8]) -> bool {
        self.take(mark.len()).is_ok_and(|bytes| bytes == mark)
    }
}
