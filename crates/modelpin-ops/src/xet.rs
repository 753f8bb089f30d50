//! Another way from the Hub to the store: through its Xet storage, for large files that it has there.
//!
//! The storage gives a file by chunks that files share, so that little of a changed file has to come. Nothing else is
//! different: the bytes are hashed as they come, and whatever goes wrong, plain HTTP goes on from there.

use crate::session::Session;
use bytes::Bytes;
use modelpin_hub::Hub;
use modelpin_schema::{CommitId, Source};
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A file that a storage has.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The repo.
    pub source: &'a Source,
    /// The commit.
    pub commit: &'a CommitId,
    /// The hash by which the storage knows the file; it says nothing of its SHA-256.
    pub hash: &'a str,
    /// Bytes.
    pub size: u64,
}

/// The bytes of a file, in order. After an error comes nothing more.
pub type Pieces = Box<dyn Iterator<Item = Result<Bytes, String>> + Send>;

/// A client of storages.
pub trait Client: Send + Sync {
    /// The file from byte `from` on; `hub` is asked for what opens the storage. Called where it may block.
    ///
    /// # Errors
    /// Why not, in words without secrets.
    fn open(&self, hub: &Hub, offer: &Offer<'_>, from: u64) -> Result<Pieces, String>;
}

/// The way through a client, until it fails. Copies are the same way.
#[derive(Clone)]
pub struct Xet {
    client: Arc<dyn Client>,
    failed: Arc<AtomicBool>,
}

impl Xet {
    /// The way through `client`.
    #[must_use]
    pub fn new(client: impl Client + 'static) -> Self {
        Self { client: Arc::new(client), failed: Arc::default() }
    }

    /// Whether it has not failed yet.
    pub(crate) fn is_on(&self) -> bool {
        !self.failed.load(Ordering::Relaxed)
    }

    /// Uses it no more in this run, and says so once.
    pub(crate) fn give_up(&self, session: &Session, why: impl Display) {
        if !self.failed.swap(true, Ordering::Relaxed) {
            session.note(format_args!("Xet does not serve: {why}; going on over plain HTTP"));
        }
    }

    /// The bytes of a file from byte `from` on, as many as come.
    pub(crate) fn open(
        &self,
        session: &Session,
        hub: &Hub,
        offer: &Offer<'_>,
        from: u64,
    ) -> impl Iterator<Item = Bytes> {
        let given_up = |why: String| self.give_up(session, why);
        let pieces = self.client.open(hub, offer, from).map_err(given_up).ok();
        pieces.into_iter().flatten().map_while(move |piece| piece.map_err(given_up).ok())
    }
}
