//! What a verb reports while it works.

use modelpin_schema::{Digest, Name, RepoPath};

/// Something that happened.
///
/// Fetching and scanning are each begun and ended once, one after the other, and may happen several times in a run.
/// Within them events of several files mix, each file's own in this order:
///
/// ```text
/// Fetching ─┬─ CacheHit ────────────────────────────────────────────────────────┬─ Fetched
///           │                       ┌───────────────┐                           │
///           └─ FileStarted ── BytesReceived* ───────┴─ FileVerified ────────────┤
///                   ▲               ├─ BytesDiscarded ─┐                        │
///                   └───────────────┼──────────────────┘                        │
///                                   └─ (the file failed: nothing more of it) ───┘
///
/// Scanning ── Scanned* ── ScanDone
/// ```
///
/// [`InsufficientSpace`](Self::InsufficientSpace) follows `Fetching` at once. A file that is in the store already has
/// no event but `CacheHit`. [`Note`](Self::Note) may come at any time.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A sentence for the person, without a full stop: not an error, yet worth reading.
    Note(&'a str),
    /// An entry is being resolved.
    Resolving(&'a Name),
    /// Files will be fetched.
    Fetching {
        /// How many.
        files: usize,
        /// Their bytes, those that are on this machine already included.
        bytes: u64,
    },
    /// More is missing than the store's disk has space for. Files that are completed are kept.
    InsufficientSpace {
        /// Bytes that are missing.
        missing: u64,
        /// Free bytes on the disk.
        available: u64,
    },
    /// A whole file was in the store or a mirror: so many of the bytes need not be downloaded.
    CacheHit(u64),
    /// The download of a file begins, or begins again.
    FileStarted {
        /// Its SHA-256.
        file: &'a Digest,
        /// Its path in the repo.
        path: &'a RepoPath,
        /// Its length in bytes.
        bytes: u64,
        /// Bytes of it that an earlier run left.
        here: u64,
    },
    /// Bytes of a file were received and handed to the store.
    BytesReceived {
        /// The file's SHA-256.
        file: &'a Digest,
        /// How many.
        bytes: u64,
    },
    /// So many bytes that were received are of no use, and are received again.
    BytesDiscarded(u64),
    /// A file is complete in the store, and its hash is the one in models.lock.
    FileVerified(&'a Digest),
    /// Fetching is over.
    Fetched,
    /// Files will be scanned.
    Scanning {
        /// How many.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// So many more files were scanned; reported with 0 again and again while one takes its time.
    Scanned(u64),
    /// Scanning is over.
    ScanDone,
    /// An entry is complete in the target.
    Published(&'a Name),
}

/// Is told what happens. It may be called from any thread, and must not block.
pub trait Reporter: Send + Sync {
    /// Called once for each event.
    fn report(&self, event: Event<'_>);
}

/// Ignores everything.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _: Event<'_>) {}
}
