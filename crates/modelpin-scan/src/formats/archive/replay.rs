//! Inflated bytes that are more than is held: what is asked for is inflated again, and counted again.

use super::input::{Gauge, WINDOW};
use crate::engine::ScanError;
use crate::engine::limits::{Lease, Meter};
use crate::engine::source::Source;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

/// A decompressor at its beginning, and what measures its input.
pub(super) type Opened<'a> = (Box<dyn Read + 'a>, Rc<Gauge>);

/// Begins the inflating anew.
pub(super) type Open<'a> = Box<dyn Fn() -> io::Result<Opened<'a>> + 'a>;

/// How many places are inflated from. Who scans a member looks far ahead and comes back: the second one waits at its
/// beginning, and neither has to start anew. A decompressor may take 64 MiB, so there are no more.
const CURSORS: usize = 2;

/// All that a stream inflates to, of which some is held.
pub(super) struct Replay<'a> {
    open: Open<'a>,
    size: u64,
    /// How many bytes each cursor holds.
    room: usize,
    meter: Meter,
    /// The one that was used last is the last.
    cursors: RefCell<Vec<Cursor<'a>>>,
    _lease: Lease,
}

/// A decompressor in progress, and its latest output.
struct Cursor<'a> {
    reader: Box<dyn Read + 'a>,
    gauge: Rc<Gauge>,
    held: VecDeque<u8>,
    /// Bytes that it has produced.
    end: u64,
}

impl<'a> Replay<'a> {
    /// The `size` bytes that `open` leads to; the memory for them is that of `lease`.
    pub(super) fn new(open: Open<'a>, size: u64, meter: Meter, lease: Lease) -> Self {
        let room = usize::try_from(lease.bytes()).unwrap_or(usize::MAX) / CURSORS;
        Self { open, size, room, meter, cursors: RefCell::default(), _lease: lease }
    }

    /// A cursor that gets to `at` without starting anew, the nearest, or else one that begins.
    fn cursor(&self, at: u64) -> io::Result<Cursor<'a>> {
        let mut cursors = self.cursors.borrow_mut();
        let able = cursors.iter().enumerate().filter(|(_, cursor)| cursor.start() <= at);
        // One that holds it is as near as can be.
        let nearest = able.min_by_key(|(_, cursor)| at.saturating_sub(cursor.end)).map(|(place, _)| place);
        if let Some(place) = nearest {
            return Ok(cursors.remove(place));
        }
        if cursors.len() >= CURSORS {
            cursors.remove(0);
        }
        let (reader, gauge) = (self.open)()?;
        Ok(Cursor { reader, gauge, held: VecDeque::new(), end: 0 })
    }
}

impl Cursor<'_> {
    /// The place of the first byte that is held.
    fn start(&self) -> u64 {
        self.end.saturating_sub(self.held.len() as u64)
    }

    /// Goes on until `at` is held; `room` bytes are kept of what came before.
    fn go(&mut self, at: u64, room: usize, meter: &Meter) -> io::Result<()> {
        let mut window = vec![0; WINDOW];
        while self.end <= at {
            let count = match self.reader.read(&mut window) {
                Ok(0) => return Err(io::Error::other("the stream yields fewer bytes than the first time")),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let is_limit = matches!(self.gauge.error(), Some(ScanError::LimitReached(_)));
                    return Err(if is_limit { io::ErrorKind::OutOfMemory.into() } else { error });
                }
            };
            meter.inflate(count as u64).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
            let spare = self.held.len().saturating_add(count).saturating_sub(room).min(self.held.len());
            self.held.drain(..spare);
            self.held.extend(window.get(..count).unwrap_or_default());
            self.end = self.end.saturating_add(count as u64);
        }
        Ok(())
    }

    fn copy(&self, at: u64, into: &mut [u8]) -> usize {
        let from = usize::try_from(at.saturating_sub(self.start())).unwrap_or(usize::MAX);
        let (first, second) = self.held.as_slices();
        let rest = match first.get(from..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => second.get(from.saturating_sub(first.len())..).unwrap_or_default(),
        };
        let count = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        count
    }
}

impl Source for Replay<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        if at >= self.size || into.is_empty() {
            return Ok(0);
        }
        let mut cursor = self.cursor(at)?;
        let done = cursor.go(at, self.room, &self.meter);
        let count = done.map(|()| cursor.copy(at, into));
        // One that broke off has lost bytes on its way.
        if count.is_ok() {
            self.cursors.borrow_mut().push(cursor);
        }
        count
    }
}
