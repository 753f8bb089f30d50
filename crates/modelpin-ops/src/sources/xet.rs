//! The Hub's Xet storage, for large files that it has there.
//!
//! The storage gives a file by chunks that files share, so that little of a changed file has to be transferred. Nothing
//! else is different: the bytes are hashed as they are received, and whatever goes wrong, plain HTTP goes on from
//! there.

use super::byte_source::{Body, ByteSource, Pieces, SourceError, Unavailable};
use crate::reporter::{Event, Reporter};
use bytes::Bytes;
use modelpin_hub::Hub;
use modelpin_schema::{CommitId, Digest, Source};
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A file that a storage has.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The repo.
    pub source: &'a Source,
    /// The commit.
    pub commit: &'a CommitId,
    /// The hash by which the storage knows the file; it tells nothing about its SHA-256.
    pub hash: &'a str,
    /// Its length in bytes.
    pub size: u64,
}

/// A client of storages.
pub trait Client: Send + Sync {
    /// The file from byte `from` on; `hub` is asked for what opens the storage. Called on a thread that may block.
    ///
    /// # Errors
    /// A storage that is unavailable.
    fn open(&self, hub: &Hub, offer: &Offer<'_>, from: u64) -> Result<Pieces, Unavailable>;
}

/// The storages, through a client, until it fails. Clones share that state.
#[derive(Clone)]
pub struct Xet {
    client: Arc<dyn Client>,
    failed: Arc<AtomicBool>,
}

impl Xet {
    /// The storages through `client`.
    #[must_use]
    pub fn new(client: impl Client + 'static) -> Self {
        Self { client: Arc::new(client), failed: Arc::default() }
    }

    /// Whether it has not failed yet.
    pub(crate) fn is_on(&self) -> bool {
        !self.failed.load(Ordering::Relaxed)
    }

    /// Uses it no more in this run, and reports that once.
    pub(crate) fn give_up(&self, reporter: &dyn Reporter, why: &dyn Display) {
        if !self.failed.swap(true, Ordering::Relaxed) {
            reporter.report(Event::Note(&format!("Xet does not serve: {why}; going on over plain HTTP")));
        }
    }
}

/// One file in a storage.
pub(crate) struct XetFile {
    pub(crate) xet: Xet,
    pub(crate) hub: Hub,
    pub(crate) source: Source,
    pub(crate) commit: CommitId,
    /// The hash by which the storage knows the file.
    pub(crate) hash: String,
    /// Its length in bytes.
    pub(crate) size: u64,
    pub(crate) reporter: Arc<dyn Reporter>,
}

impl ByteSource for XetFile {
    fn open(&self, _: &Digest, from: u64) -> Result<Option<Body>, SourceError> {
        let offer = Offer { source: &self.source, commit: &self.commit, hash: &self.hash, size: self.size };
        let pieces = without_panics(|| self.xet.client.open(&self.hub, &offer, from).map_err(SourceError::from))?;
        Ok(Some(Body { length: Some(self.size), pieces: Box::new(Guarded(Some(pieces))) }))
    }

    fn failed(&self, why: &dyn Display) {
        self.xet.give_up(&*self.reporter, why);
    }
}

/// Pieces that may panic, also where they end.
struct Guarded(Option<Pieces>);

impl Iterator for Guarded {
    type Item = Result<Bytes, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let pieces = self.0.as_mut()?;
        without_panics(|| pieces.next().transpose()).transpose()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let pieces = self.0.take();
        let _ = without_panics(|| {
            drop(pieces);
            Ok(())
        });
    }
}

/// What `work` gives. The client is code of others: where it panics, it has failed.
fn without_panics<T>(work: impl FnOnce() -> Result<T, SourceError>) -> Result<T, SourceError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Unavailable::because("its client has panicked").into()))
}

#[cfg(test)]
mod tests {
    use super::{Body, ByteSource, Client, Offer, Pieces, SourceError, Unavailable, Xet, XetFile};
    use crate::reporter::{Event, Reporter};
    use bytes::Bytes;
    use modelpin_hub::{Config, Hub};
    use modelpin_schema::{CommitId, Digest};
    use std::sync::{Arc, Mutex};

    /// A client that gives so many pieces, and then panics, and again where it is dropped; with none, already when it
    /// is opened.
    struct Panics(usize);

    impl Client for Panics {
        fn open(&self, _: &Hub, _: &Offer<'_>, _: u64) -> Result<Pieces, Unavailable> {
            assert!(self.0 > 0, "as told");
            Ok(Box::new(Ends(self.0)))
        }
    }

    struct Ends(usize);

    impl Iterator for Ends {
        type Item = Result<Bytes, SourceError>;

        fn next(&mut self) -> Option<Self::Item> {
            self.0 = self.0.checked_sub(1).unwrap();
            Some(Ok(Bytes::from_static(b"piece")))
        }
    }

    impl Drop for Ends {
        fn drop(&mut self) {
            panic!("as told");
        }
    }

    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);

    impl Reporter for Notes {
        fn report(&self, event: Event<'_>) {
            if let Event::Note(note) = event {
                self.0.lock().unwrap().push(note.to_owned());
            }
        }
    }

    #[test]
    fn a_client_that_panics_is_given_up_and_what_was_received_is_kept() {
        let hub = Hub::new(Config::new(modelpin_hub::DEFAULT_ENDPOINT.parse().unwrap())).unwrap();
        for pieces in [0, 2] {
            let notes = Arc::new(Notes::default());
            let file = XetFile {
                xet: Xet::new(Panics(pieces)),
                hub: hub.clone(),
                source: "hf:model/acme/chat".parse().unwrap(),
                commit: CommitId::from_hex(&"ab".repeat(20)).unwrap(),
                hash: String::new(),
                size: 9,
                reporter: notes.clone(),
            };
            let opened = file.open(&Digest::new([0; 32]), 0);
            let mut received = 0;
            let why = match opened {
                Ok(body) => {
                    let Body { pieces, .. } = body.unwrap();
                    let mut last = None;
                    for piece in pieces.take(3) {
                        match piece {
                            Ok(_) => received += 1,
                            Err(error) => last = Some(error),
                        }
                        if last.is_some() {
                            break;
                        }
                    }
                    last.unwrap()
                }
                Err(error) => error,
            };
            assert_eq!(received, pieces);
            for _ in 0..2 {
                file.failed(&why);
            }
            assert!(!file.xet.is_on());
            let notes = notes.0.lock().unwrap();
            assert_eq!(*notes, ["Xet does not serve: its client has panicked; going on over plain HTTP"]);
        }
    }
}
