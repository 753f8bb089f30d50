//! How much of large files is asked for ahead, over all files of a run: a bound on memory.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pieces that are in memory or on their way at once, over all files: as many as connections, within these bounds. With
/// fewer, a file could not be received while its last piece is written; more would be memory without an end.
const AT_ONCE: RangeInclusive<usize> = 4..=32;
/// A file of fewer pieces is not worth the requests.
const MIN_PIECES: u64 = 8;

/// The memory for pieces of one size. Whoever asks for a piece holds a permit for its memory.
pub(crate) struct PrefetchBudget {
    /// The size of a piece in bytes.
    piece: u64,
    /// The most pieces at once.
    most: usize,
    free: Arc<Semaphore>,
    /// Files that are received in pieces now.
    files: AtomicUsize,
}

impl PrefetchBudget {
    /// A budget for pieces of `piece` bytes, over so many connections.
    pub(crate) fn new(piece: usize, connections: usize) -> Self {
        let most = connections.clamp(*AT_ONCE.start(), *AT_ONCE.end());
        Self { piece: piece as u64, most, free: Arc::new(Semaphore::new(most)), files: AtomicUsize::new(0) }
    }

    /// The size of a piece in bytes.
    pub(crate) fn piece(&self) -> u64 {
        self.piece
    }

    /// The most pieces at once, over all files.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Whether a file of `size` bytes is received in pieces.
    pub(crate) fn suits(&self, size: u64) -> bool {
        size / MIN_PIECES >= self.piece
    }

    /// How many pieces one file should have at most, so that each file has some.
    pub(crate) fn share(&self) -> usize {
        self.most / self.files.load(Ordering::Relaxed).clamp(1, self.most)
    }

    /// A file is received in pieces from now on.
    pub(crate) fn begin_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// A file that was begun has ended.
    pub(crate) fn end_file(&self) {
        self.files.fetch_sub(1, Ordering::Relaxed);
    }

    /// Memory for one piece, as soon as there is any.
    pub(crate) async fn wait_for_piece(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    /// Memory for one piece, where there is any now.
    pub(crate) fn try_piece(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().try_acquire_owned().ok()
    }
}
