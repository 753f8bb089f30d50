//! Another way from the Hub to the store: through its Xet storage, for large files that it has there.
//!
//! The storage gives a file by chunks that files share, so that little of a changed file has to come. Nothing else is
//! different: the bytes are hashed as they come, and whatever goes wrong, plain HTTP goes on from there.

use crate::online::Online;
use bytes::Bytes;
use modelpin_hub::Hub;
use modelpin_schema::{CommitId, Source};
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
    pub(crate) fn give_up(&self, online: &Online, why: impl Display) {
        if !self.failed.swap(true, Ordering::Relaxed) {
            online.note(format_args!("Xet does not serve: {why}; going on over plain HTTP"));
        }
    }

    /// The bytes of a file from byte `from` on, as many as come.
    pub(crate) fn open(&self, online: &Online, hub: &Hub, offer: &Offer<'_>, from: u64) -> impl Iterator<Item = Bytes> {
        let given_up = |why: String| self.give_up(online, why);
        let pieces = caught(|| self.client.open(hub, offer, from)).map_err(given_up).ok();
        let pieces = pieces.map(|pieces| Guarded(Some(pieces)));
        pieces.into_iter().flatten().map_while(move |piece| piece.map_err(given_up).ok())
    }
}

/// Pieces that may panic, also where they end.
struct Guarded(Option<Pieces>);

impl Iterator for Guarded {
    type Item = Result<Bytes, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let pieces = self.0.as_mut()?;
        caught(|| pieces.next().transpose()).transpose()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let pieces = self.0.take();
        let _ = caught(|| {
            drop(pieces);
            Ok(())
        });
    }
}

/// What `work` gives. The client is foreign: where it panics, it has failed.
fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("its client has panicked".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Client, Offer, Pieces, Xet};
    use crate::online::Online;
    use crate::reporter::{Event, Reporter};
    use bytes::Bytes;
    use modelpin_hub::{Config, Hub};
    use modelpin_schema::CommitId;
    use modelpin_store::Store;
    use std::sync::{Arc, Mutex};

    /// A client that gives so many pieces, and then panics, and again where it is dropped; with none, already when it is
    /// opened.
    struct Panics(usize);

    impl Client for Panics {
        fn open(&self, _: &Hub, _: &Offer<'_>, _: u64) -> Result<Pieces, String> {
            assert!(self.0 > 0, "as told");
            Ok(Box::new(Ends(self.0)))
        }
    }

    struct Ends(usize);

    impl Iterator for Ends {
        type Item = Result<Bytes, String>;

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
    struct Heard(Mutex<Vec<String>>);

    impl Reporter for Heard {
        fn report(&self, event: Event<'_>) {
            if let Event::Note(note) = event {
                self.0.lock().unwrap().push(note.to_owned());
            }
        }
    }

    #[test]
    fn a_client_that_panics_is_given_up_and_what_came_is_kept() {
        let hub = Hub::new(Config::new(modelpin_hub::DEFAULT_ENDPOINT.parse().unwrap())).unwrap();
        let (source, commit) = ("hf:model/acme/chat".parse().unwrap(), CommitId::from_hex(&"ab".repeat(20)).unwrap());
        let offer = Offer { source: &source, commit: &commit, hash: "", size: 9 };
        for pieces in [0, 2] {
            let heard = Arc::new(Heard::default());
            let xet = Xet::new(Panics(pieces));
            let folder = tempfile::tempdir().unwrap();
            let store = Store::new(folder.path().to_owned());
            let online = Online {
                in_use: Arc::new(store.in_use(&|_| {})),
                store,
                hub: None,
                xet: None,
                mirrors: Vec::new(),
                reporter: heard.clone(),
                jobs: 1,
                told: Arc::default(),
            };
            assert_eq!(xet.open(&online, &hub, &offer, 0).count(), pieces);
            assert!(!xet.is_on());
            let heard = heard.0.lock().unwrap();
            assert_eq!(*heard, ["Xet does not serve: its client has panicked; going on over plain HTTP"]);
        }
    }
}
