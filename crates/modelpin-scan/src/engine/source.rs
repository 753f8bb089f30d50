//! Bytes that can be read at any place: a file that someone else opened, a window of it, or what was inflated
//! from it.

use super::error::ScanError;
use super::limits::Lease;
use super::memory::MemoryPermit;
use super::not_read::NotRead;
use std::io;
use std::ops::Deref;
use std::rc::Rc;

/// Something with a length that can be read at any place. The crate opens nothing itself.
pub trait Source {
    /// Length in bytes.
    fn size(&self) -> u64;

    /// Reads into `into` from offset `at`, and returns the number of bytes read; fewer than `into` holds only at the
    /// end.
    ///
    /// # Errors
    /// I/O errors of the underlying reader.
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Whether each read is a request to a server. Then bytes that every loader of the format takes for data are not
    /// read to see what else they could be: the scan says less than one of the file on this machine.
    fn is_remote(&self) -> bool {
        false
    }

    /// Says that these places are read next, each by its offset and length in bytes. A source that waits for a server
    /// can ask for all of them at once.
    fn announce(&self, _places: &[(u64, u64)]) {}
}

impl Source for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(at).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let count = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(at, into)
    }
}

impl<S: Source + ?Sized> Source for &S {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(at, into)
    }

    fn is_remote(&self) -> bool {
        (**self).is_remote()
    }

    fn announce(&self, places: &[(u64, u64)]) {
        (**self).announce(places);
    }
}

/// The limit that is hit where inflated bytes are asked for that are not held.
pub(crate) const HELD_LIMIT: &str = "decompressed bytes held in memory";

/// Inflated bytes together with the memory that was set aside for them.
struct OwnedBytes {
    bytes: Vec<u8>,
    _lease: Lease,
}

impl Source for OwnedBytes {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.bytes.read_at(at, into)
    }
}

/// A window of a source: what one scanner inspects.
#[derive(Clone)]
pub(crate) struct ByteRange<'a> {
    source: Rc<dyn Source + 'a>,
    start: u64,
    len: u64,
    /// Whether a limit was hit before its end was known.
    is_cut: bool,
}

impl<'a> ByteRange<'a> {
    pub(crate) fn whole(source: impl Source + 'a) -> Self {
        let len = source.size();
        Self { source: Rc::new(source), start: 0, len, is_cut: false }
    }

    /// Inflated bytes, which give their memory back when the last window of them goes.
    pub(crate) fn held(bytes: Vec<u8>, lease: Lease) -> Self {
        Self::whole(OwnedBytes { bytes, _lease: lease })
    }

    /// The same, marked as cut: a limit was reached before its end was known.
    pub(crate) fn cut(self) -> Self {
        Self { is_cut: true, ..self }
    }

    /// Whether a limit was hit before its end was known, so that what breaks off there need not be broken.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Whether each read is a request to a server.
    pub(crate) fn is_remote(&self) -> bool {
        self.source.is_remote()
    }

    /// Says that these places of it are read next, each by its offset and length.
    pub(crate) fn announce(&self, places: impl Iterator<Item = (u64, u64)>) {
        if self.source.is_remote() {
            let places: Vec<(u64, u64)> = places
                .filter(|(at, _)| *at < self.len)
                .map(|(at, length)| (self.start.saturating_add(at), length.min(self.len.saturating_sub(at))))
                .collect();
            self.source.announce(&places);
        }
    }

    /// The window from `start` on, `len` bytes long; cut to what is there.
    pub(crate) fn slice(&self, start: u64, len: u64) -> Self {
        let start = start.min(self.len);
        let len = len.min(self.len.saturating_sub(start));
        Self { source: Rc::clone(&self.source), start: self.start.saturating_add(start), len, is_cut: self.is_cut }
    }

    /// The window from `start` to the end.
    pub(crate) fn from(&self, start: u64) -> Self {
        self.slice(start, self.len)
    }

    /// Up to `want` bytes from `at` on; fewer only where the part ends. `want` must come from a constant, or
    /// have been checked against one: this allocates it.
    pub(crate) fn bytes(&self, at: u64, want: usize) -> Result<Vec<u8>, ScanError> {
        let there = self.len.saturating_sub(at).min(want as u64);
        let mut bytes = vec![0; usize::try_from(there).unwrap_or(0)];
        let filled = self.fill(at, &mut bytes)?;
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Fills `into` from `at` on, and says how far; short only where the part ends.
    pub(crate) fn fill(&self, at: u64, into: &mut [u8]) -> Result<usize, ScanError> {
        let there = self.len.saturating_sub(at).min(into.len() as u64);
        let there = usize::try_from(there).unwrap_or(0);
        let mut filled = 0_usize;
        while let Some(rest) = into.get_mut(filled..there).filter(|rest| !rest.is_empty()) {
            let place = self.start.saturating_add(at).saturating_add(filled as u64);
            match self.source.read_at(place, rest) {
                Ok(0) => break,
                Ok(count) => filled = filled.saturating_add(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                    return Err(ScanError::LimitReached(HELD_LIMIT));
                }
                Err(error) => return Err(of_read(&error)),
            }
        }
        Ok(filled)
    }

    /// Exactly `N` bytes from `at` on.
    pub(crate) fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], ScanError> {
        <[u8; N]>::try_from(self.bytes(at, N)?.as_slice()).map_err(|_| ScanError::Truncated(at))
    }

    /// The whole part, where it is no longer than `cap`.
    pub(crate) fn all(&self, cap: usize) -> Result<Buffered, ScanError> {
        if self.len > cap as u64 {
            return Err(ScanError::LimitReached("bytes of a file that is read into memory"));
        }
        let length = usize::try_from(self.len).unwrap_or(usize::MAX);
        let turn = MemoryPermit::of(length.saturating_mul(TREE));
        Ok(Buffered { bytes: self.bytes(0, cap)?, _turn: turn })
    }

    /// A reader from `at` on.
    pub(crate) fn reader(&self, at: u64) -> Reader<'a> {
        Reader { part: self.clone(), buffer: Vec::new(), base: at, next: 0 }
    }
}

/// Why a source did not give its bytes.
fn of_read(error: &io::Error) -> ScanError {
    let not_read = error.get_ref().and_then(|error| error.downcast_ref::<NotRead>());
    not_read.map_or_else(|| ScanError::Unreadable(error.to_string()), |not_read| ScanError::NotRead(*not_read))
}

/// How many times the memory of its text the tree of a document takes, roughly: of Python, of a template, of YAML.
pub(crate) const TREE: usize = 32;

/// A part that was read whole, and the turn to hold so much memory.
pub(crate) struct Buffered {
    bytes: Vec<u8>,
    _turn: MemoryPermit,
}

impl Deref for Buffered {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Source for ByteRange<'_> {
    fn size(&self) -> u64 {
        self.len
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.fill(at, into).map_err(|error| match error {
            ScanError::NotRead(not_read) => io::Error::other(not_read),
            error => io::Error::other(format!("{error:?}")),
        })
    }

    fn is_remote(&self) -> bool {
        Self::is_remote(self)
    }

    fn announce(&self, places: &[(u64, u64)]) {
        Self::announce(self, places.iter().copied());
    }
}

/// Reads a part from front to back through a small buffer; skipping costs nothing.
pub(crate) struct Reader<'a> {
    part: ByteRange<'a>,
    buffer: Vec<u8>,
    /// Where the buffer begins in the part.
    base: u64,
    /// What is read next, within the buffer.
    next: usize,
}

/// How much is read at once.
const STEP: usize = 64 * 1024;

impl Reader<'_> {
    /// The place of the next byte.
    pub(crate) fn at(&self) -> u64 {
        self.base.saturating_add(self.next as u64)
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> u64 {
        self.part.len().saturating_sub(self.at())
    }

    fn fill(&mut self) -> Result<(), ScanError> {
        self.base = self.at();
        self.next = 0;
        // A small first bite: most parts are inspected for a few bytes only.
        let step = if self.buffer.is_empty() { 4096 } else { STEP };
        self.buffer = self.part.bytes(self.base, step)?;
        Ok(())
    }

    /// The next byte, or nothing at the end.
    pub(crate) fn byte(&mut self) -> Result<Option<u8>, ScanError> {
        if self.next >= self.buffer.len() {
            self.fill()?;
        }
        let byte = self.buffer.get(self.next).copied();
        self.next = self.next.saturating_add(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], ScanError> {
        let at = self.at();
        let mut array = [0; N];
        for slot in &mut array {
            *slot = self.byte()?.ok_or(ScanError::Truncated(at))?;
        }
        Ok(array)
    }

    /// Exactly `count` bytes, of which at most `keep` are returned; the rest is skipped.
    pub(crate) fn take(&mut self, count: u64, keep: usize) -> Result<Vec<u8>, ScanError> {
        let at = self.at();
        if count > self.left() {
            return Err(ScanError::Truncated(at));
        }
        let kept = self.part.bytes(at, keep.min(usize::try_from(count).unwrap_or(usize::MAX)))?;
        self.skip(count)?;
        Ok(kept)
    }

    /// Steps over `count` bytes without reading them.
    pub(crate) fn skip(&mut self, count: u64) -> Result<(), ScanError> {
        let at = self.at();
        if count > self.left() {
            return Err(ScanError::Truncated(at));
        }
        self.go(at.saturating_add(count));
        Ok(())
    }

    /// Goes to `at`, wherever that is.
    pub(crate) fn go(&mut self, at: u64) {
        let ahead = at.checked_sub(self.base).and_then(|ahead| usize::try_from(ahead).ok());
        if let Some(next) = ahead.filter(|next| *next <= self.buffer.len()) {
            self.next = next;
        } else {
            self.buffer.truncate(1);
            self.buffer.clear();
            self.base = at;
            self.next = 0;
        }
    }

    /// The next line without its line feed, and whether it had one. At most `keep` bytes are returned; the
    /// line is followed to its end all the same.
    pub(crate) fn line(&mut self, keep: usize) -> Result<(Vec<u8>, bool), ScanError> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                None => return Ok((line, false)),
                Some(b'\n') => return Ok((line, true)),
                Some(byte) if line.len() < keep => line.push(byte),
                Some(_) => {}
            }
        }
    }
}
