//! What a verb says while it works.

use modelpin_schema::{Digest, Name, RepoPath};

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A sentence for the person, without a full stop: not an error, yet worth reading.
    Note(&'a str),
    /// An entry is being resolved.
    Resolving(&'a Name),
    /// So many files with so many bytes will be fetched.
    Fetching {
        /// Files.
        files: usize,
        /// Bytes.
        bytes: u64,
    },
    /// More bytes have to come than the store's disk has room for. What fits will be kept.
    Tight {
        /// Bytes that have to come.
        missing: u64,
        /// Bytes that there is room for.
        room: u64,
    },
    /// So many of the bytes need not come: a whole file was here, or in a mirror.
    Here(u64),
    /// One of the files begins to come.
    Opened {
        /// What it has to be.
        file: &'a Digest,
        /// Its path in the repo.
        path: &'a RepoPath,
        /// Its bytes.
        bytes: u64,
        /// How many of them an earlier run left.
        here: u64,
    },
    /// So many more bytes of it have come.
    Came {
        /// What it has to be.
        file: &'a Digest,
        /// Bytes.
        bytes: u64,
    },
    /// So many bytes that were here or came are of no use.
    Lost(u64),
    /// It is in the store and proven.
    Proven(&'a Digest),
    /// Fetching is over.
    Fetched,
    /// So many files with so many bytes will be judged.
    Scanning {
        /// Files.
        files: usize,
        /// Bytes.
        bytes: u64,
    },
    /// So many more files have been judged; said again and again while one takes its time.
    Scanned(u64),
    /// Judging is over.
    ScanDone,
    /// An entry is in the target.
    Published(&'a Name),
}

/// Hears what happens. It may be called from any thread, and must not block.
pub trait Reporter: Send + Sync {
    /// Called once for each event.
    fn report(&self, event: Event<'_>);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _: Event<'_>) {}
}
