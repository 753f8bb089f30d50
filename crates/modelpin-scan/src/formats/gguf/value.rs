//! Numbers and texts of either byte order and either width.

use crate::engine::source::{ByteRange, Reader};
use crate::engine::{Location, ScanError};
use modelpin_rules::tensor::GGUF_MALFORMED;

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// A reader of the header.
pub(super) struct Bytes<'a> {
    reader: Reader<'a>,
    pub(super) order: Order,
    /// Whether counts and lengths have 64 bits: version 1 had 32.
    pub(super) is_wide: bool,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(part: &ByteRange<'a>, order: Order) -> Self {
        Self { reader: part.reader(0), order, is_wide: true }
    }

    pub(super) fn at(&self) -> u64 {
        self.reader.at()
    }

    pub(super) fn left(&self) -> u64 {
        self.reader.left()
    }

    pub(super) fn skip(&mut self, count: u64) -> Result<(), ScanError> {
        self.reader.skip(count)
    }

    pub(super) fn u8(&mut self) -> Result<u8, ScanError> {
        let at = self.at();
        self.reader.byte()?.ok_or(ScanError::Truncated(at))
    }

    pub(super) fn u32(&mut self) -> Result<u32, ScanError> {
        let bytes = self.reader.array()?;
        Ok(if self.order == Order::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    pub(super) fn u64(&mut self) -> Result<u64, ScanError> {
        let bytes = self.reader.array()?;
        Ok(if self.order == Order::Little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }

    /// A count or a length.
    pub(super) fn count(&mut self) -> Result<u64, ScanError> {
        if self.is_wide { self.u64() } else { Ok(u64::from(self.u32()?)) }
    }

    /// The length of a text, which has to be there.
    fn length(&mut self) -> Result<u64, ScanError> {
        let at = self.at();
        let length = self.count()?;
        if length > self.left() {
            return Err(broken(at, &format!("a string of {length} bytes, where {} are left", self.left())));
        }
        Ok(length)
    }

    /// Steps over a text.
    pub(super) fn skip_text(&mut self) -> Result<(), ScanError> {
        let length = self.length()?;
        self.skip(length)
    }

    /// The first `keep` bytes of a text, and its length.
    pub(super) fn text(&mut self, keep: usize) -> Result<(Vec<u8>, u64), ScanError> {
        let length = self.length()?;
        Ok((self.reader.take(length, keep)?, length))
    }

    /// Refuses a count of things that cannot be there: each takes `least` bytes.
    pub(super) fn fits(&self, count: u64, least: u64, what: &str) -> Result<(), ScanError> {
        if count.checked_mul(least).is_none_or(|bytes| bytes > self.left()) {
            return Err(broken(self.at(), &format!("{count} {what} do not fit {} bytes", self.left())));
        }
        Ok(())
    }
}

/// Something that the format forbids.
pub(super) fn broken(at: u64, what: &str) -> ScanError {
    ScanError::Malformed(&GGUF_MALFORMED, Location::Byte(at), what.to_owned())
}
