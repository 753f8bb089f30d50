//! The input of a decompressor: read from a part, and measured.

use crate::engine::ScanError;
use crate::engine::source::ByteRange;
use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Bytes that are inflated at once: as many as the first time, so that a damaged stream breaks off where it did.
pub(super) const WINDOW: usize = 64 * 1024;

/// What a decompressor has read, and what stopped the reading.
#[derive(Default)]
pub(crate) struct Gauge {
    pub(super) used: Cell<u64>,
    error: RefCell<Option<ScanError>>,
}

impl Gauge {
    /// How many bytes of the input were used.
    pub(crate) fn used(&self) -> u64 {
        self.used.get()
    }

    /// What stopped the reading, where something did.
    pub(crate) fn error(&self) -> Option<ScanError> {
        self.error.take()
    }

    /// Counts what was between two streams.
    pub(super) fn used_up_to(&self, used: u64) {
        self.used.set(used);
    }

    /// Takes over from the gauge of one stream: `used` in all so far, and what stopped it.
    pub(super) fn take(&self, used: u64, stream: &Self) {
        self.used.set(used);
        if let Some(error) = stream.error() {
            self.error.replace(Some(error));
        }
    }
}

/// A part as decompressors want to read it.
pub(crate) struct Input<'a> {
    part: ByteRange<'a>,
    at: u64,
    buffer: Vec<u8>,
    next: usize,
    pub(super) gauge: Rc<Gauge>,
}

impl<'a> Input<'a> {
    pub(crate) fn new(part: ByteRange<'a>) -> (Self, Rc<Gauge>) {
        let gauge = Rc::new(Gauge::default());
        (Self { part, at: 0, buffer: Vec::new(), next: 0, gauge: Rc::clone(&gauge) }, gauge)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.next >= self.buffer.len() {
            self.buffer = self.part.bytes(self.at, WINDOW).map_err(|error| {
                self.gauge.error.replace(Some(error));
                io::Error::other("the bytes could not be read")
            })?;
            self.at = self.at.saturating_add(self.buffer.len() as u64);
            self.next = 0;
        }
        Ok(self.buffer.get(self.next..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.next = self.next.saturating_add(count);
        self.gauge.used.set(self.gauge.used.get().saturating_add(count as u64));
    }
}

impl Read for Input<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}
