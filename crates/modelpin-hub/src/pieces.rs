//! A large file in pieces of one size, over several connections, handed out in order.
//!
//! Pieces are asked for in order, a few ahead of the one that is wanted next, and wait in memory until their turn
//! comes: whoever reads sees one body. What all files of a run hold ahead is bounded together.

use crate::Error;
use crate::place::{Place, Whole};
use crate::stream::Stream;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

/// Pieces that are in memory at once, over all files: enough for the usual connections and for the files whose
/// turn it is to be written.
const BUFFERS: usize = 10;
/// A file of fewer pieces is not worth the requests.
const FEWEST: u64 = 8;

/// The memory for pieces, used again and again: fresh memory would cost more than the copy into it.
pub(crate) struct Buffers {
    piece: usize,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Vec<u8>>>,
    /// Files that are coming in pieces.
    files: AtomicUsize,
}

impl Buffers {
    /// Buffers for pieces of so many bytes.
    pub(crate) fn new(piece: usize) -> Self {
        let free = Arc::new(Semaphore::new(BUFFERS));
        Self { piece, free, idle: Mutex::default(), files: AtomicUsize::new(0) }
    }

    /// Whether a file of so many bytes comes in pieces.
    pub(crate) fn suit(&self, size: u64) -> bool {
        size / FEWEST >= self.piece as u64
    }

    fn buffer(self: &Arc<Self>, permit: Option<OwnedSemaphorePermit>) -> Buffer {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Buffer { bytes: idle.unwrap_or_else(|| Vec::with_capacity(self.piece)), home: self.clone(), _permit: permit }
    }

    /// How many buffers one file should have at most, so that each has some.
    fn share(&self) -> usize {
        BUFFERS / self.files.load(Ordering::Relaxed).clamp(1, BUFFERS)
    }
}

/// One of the [`Buffers`], until it is dropped.
struct Buffer {
    bytes: Vec<u8>,
    home: Arc<Buffers>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        if self.home.files.load(Ordering::Relaxed) > 0 {
            self.home.idle.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
        }
    }
}

/// What came of a piece, and why not all of it.
struct Came {
    buffer: Buffer,
    end: Result<(), Error>,
}

/// A piece that is on its way. Dropping it ends it.
struct Coming(JoinHandle<Came>);

impl Drop for Coming {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A file that is coming in pieces.
pub(crate) struct Pieces {
    place: Arc<Place>,
    buffers: Arc<Buffers>,
    /// The first byte that nobody was asked for.
    ahead: u64,
    /// The first byte that was not handed out.
    at: u64,
    coming: VecDeque<Coming>,
    broken: Option<Error>,
}

impl Pieces {
    pub(crate) fn new(place: Arc<Place>, at: u64) -> Self {
        let buffers = place.hub.buffers().clone();
        buffers.files.fetch_add(1, Ordering::Relaxed);
        Self { place, buffers, ahead: at, at, coming: VecDeque::new(), broken: None }
    }

    /// The first byte that was not handed out.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The next bytes; none at the end. After an error that [`Place::is_whole`] explains, there are no pieces.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if let Some(error) = self.broken.take() {
                return Err(error);
            }
            self.claim().await;
            let Some(mut coming) = self.coming.pop_front() else { return Ok(None) };
            let Ok(Came { buffer, end }) = (&mut coming.0).await else {
                return Err(Error::Cut { path: self.place.path.clone(), at: self.at });
            };
            // What came before an error is good all the same.
            self.broken = end.err();
            self.at = self.at.saturating_add(buffer.bytes.len() as u64);
            if !buffer.bytes.is_empty() {
                return Ok(Some(Bytes::from_owner(buffer)));
            }
        }
    }

    /// Sends for as many pieces as there is memory for; for one in any case, so that no file waits for ever. Its
    /// first piece has a buffer before its second, and gives it back whatever other files do.
    async fn claim(&mut self) {
        while self.ahead < self.place.size && self.coming.len() < self.buffers.share() {
            let free = self.buffers.free.clone();
            let permit = if self.coming.is_empty() {
                free.acquire_owned().await.ok()
            } else {
                let Ok(permit) = free.try_acquire_owned() else { return };
                Some(permit)
            };
            let buffer = self.buffers.buffer(permit);
            let end = self.ahead.saturating_add(self.buffers.piece as u64).min(self.place.size);
            let stream = Stream::new(self.place.clone(), self.ahead, end, Whole::Refused);
            self.coming.push_back(Coming(tokio::spawn(receive(stream, buffer))));
            self.ahead = end;
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        if self.buffers.files.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.buffers.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

async fn receive(mut stream: Stream, mut buffer: Buffer) -> Came {
    loop {
        match stream.chunk().await {
            Ok(Some(bytes)) => buffer.bytes.extend_from_slice(&bytes),
            Ok(None) => return Came { buffer, end: Ok(()) },
            Err(error) => return Came { buffer, end: Err(error) },
        }
    }
}
