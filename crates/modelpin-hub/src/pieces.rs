//! A large file in pieces of one size, over several connections, handed out in order.
//!
//! Pieces are asked for in order, a few ahead of the one whose bytes are wanted next, and wait in memory until their
//! turn comes: whoever reads sees one body. What all files of a run hold ahead is bounded together.

use crate::Error;
use crate::place::{Place, Whole};
use crate::stream::Stream;
use bytes::Bytes;
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

/// Pieces that are in memory or on their way at once, over all files: as many as connections, within these bounds. With
/// fewer, a file could not be received while its last piece is written; more would be memory without an end.
const AT_ONCE: RangeInclusive<usize> = 4..=32;
/// Pieces of one file where whoever reads is slower than the network: more would only grow cold in memory.
const FEW: usize = 3;
/// Chunks of fewer bytes are joined: a server that sends them one by one must not fill the memory with their heads.
const SMALL: usize = 8 << 10;
/// A file of fewer pieces is not worth the requests.
const WORTH: u64 = 8;

/// The memory for pieces, as the right to have one.
pub(crate) struct Window {
    piece: u64,
    most: usize,
    free: Arc<Semaphore>,
    /// Files that are coming in pieces.
    files: AtomicUsize,
}

impl Window {
    /// A window for pieces of so many bytes, over so many connections.
    pub(crate) fn new(piece: usize, connections: usize) -> Self {
        let most = connections.clamp(*AT_ONCE.start(), *AT_ONCE.end());
        Self { piece: piece as u64, most, free: Arc::new(Semaphore::new(most)), files: AtomicUsize::new(0) }
    }

    /// Whether a file of so many bytes comes in pieces.
    pub(crate) fn suits(&self, size: u64) -> bool {
        size / WORTH >= self.piece
    }

    /// How many pieces one file should have at most, so that each has some.
    fn share(&self) -> usize {
        self.most / self.files.load(Ordering::Relaxed).clamp(1, self.most)
    }
}

/// A piece that is on its way, or waits. Dropping it ends it.
struct Coming {
    task: JoinHandle<()>,
    /// No more bytes than the piece has: no other bound is needed.
    bytes: UnboundedReceiver<Result<Bytes, Error>>,
    _memory: Option<OwnedSemaphorePermit>,
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A file that is coming in pieces.
pub(crate) struct Pieces {
    place: Arc<Place>,
    /// The first byte that nobody was asked for.
    ahead: u64,
    /// The first byte that was not handed out.
    at: u64,
    coming: VecDeque<Coming>,
    /// How many pieces to have: more where they are waited for, fewer where they wait.
    wanted: usize,
    /// Pieces in a row that waited.
    waited: usize,
}

impl Pieces {
    pub(crate) fn new(place: Arc<Place>, at: u64) -> Self {
        let window = place.hub.window();
        window.files.fetch_add(1, Ordering::Relaxed);
        let wanted = window.most;
        Self { place, ahead: at, at, coming: VecDeque::new(), wanted, waited: 0 }
    }

    /// The first byte that was not handed out.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The next bytes; none at the end. After an error that [`Place::is_whole`] explains, there are no pieces.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.coming.is_empty() {
                self.claim().await;
            }
            let Some(first) = self.coming.front_mut() else { return Ok(None) };
            match first.bytes.recv().await {
                Some(Ok(bytes)) => {
                    self.at = self.at.saturating_add(bytes.len() as u64);
                    return Ok(Some(bytes));
                }
                Some(Err(error)) => return Err(error),
                None => {
                    self.coming.pop_front();
                    self.adapt();
                    self.claim().await;
                }
            }
        }
    }

    /// Sends for as many pieces as there is memory for; for one in any case, so that no file waits for ever: a
    /// file's first piece has memory before its second, and gives it back whatever other files do.
    async fn claim(&mut self) {
        let window = self.place.hub.window();
        while self.ahead < self.place.size && self.coming.len() < window.share().min(self.wanted) {
            let free = window.free.clone();
            let memory = if self.coming.is_empty() {
                free.acquire_owned().await.ok()
            } else {
                let Ok(permit) = free.try_acquire_owned() else { return };
                Some(permit)
            };
            let end = self.ahead.saturating_add(window.piece).min(self.place.size);
            let (sender, bytes) = unbounded_channel();
            let stream = Stream::new(self.place.clone(), self.ahead, end, Whole::Refused);
            self.coming.push_back(Coming { task: tokio::spawn(receive(stream, sender)), bytes, _memory: memory });
            self.ahead = end;
        }
    }

    /// Goes by whether the piece whose turn it is has come: as long as that is so for every piece, fewer do.
    fn adapt(&mut self) {
        let Some(first) = self.coming.front() else { return };
        if !first.task.is_finished() {
            (self.wanted, self.waited) = ((self.wanted * 2).min(self.place.hub.window().most), 0);
        } else if self.waited < self.wanted {
            self.waited += 1;
        } else {
            (self.wanted, self.waited) = ((self.wanted - 1).max(FEW), 0);
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.place.hub.window().files.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Sends what comes of a piece, until it or an error ends it, or nobody wants it any more.
async fn receive(mut stream: Stream, sender: UnboundedSender<Result<Bytes, Error>>) {
    let mut joined = Vec::new();
    loop {
        let chunk = stream.chunk().await.transpose();
        let sent = match chunk {
            Some(Ok(bytes)) if joined.is_empty() && bytes.len() >= SMALL => sender.send(Ok(bytes)),
            Some(Ok(bytes)) => {
                joined.extend_from_slice(&bytes);
                if joined.len() < SMALL {
                    continue;
                }
                sender.send(Ok(std::mem::take(&mut joined).into()))
            }
            end => {
                let rest = (!joined.is_empty()).then(|| Ok(joined.into()));
                rest.into_iter().chain(end).for_each(|last| drop(sender.send(last)));
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
