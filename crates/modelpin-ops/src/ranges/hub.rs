//! Parts of a file on the Hub, for scanners, which wait for them.

use super::{NoPart, Parts};
use futures_util::stream::{StreamExt as _, iter};
use modelpin_hub::{Error, File};
use modelpin_schema::RepoPath;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

/// Parts of one file that are asked for side by side.
const AT_ONCE: usize = 8;

/// What all files of a run have in common: the bytes that came and that may come, and what went wrong first.
pub(crate) struct Traffic {
    left: AtomicU64,
    read: AtomicU64,
    failed: Mutex<Option<(RepoPath, Error)>>,
}

impl Traffic {
    /// At most `bytes` are received.
    pub(crate) fn within(bytes: u64) -> Arc<Self> {
        Arc::new(Self { left: AtomicU64::new(bytes), read: AtomicU64::new(0), failed: Mutex::default() })
    }

    /// Bytes of files that were received.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// What went wrong first, and with which file: a scan of a Hub that does not answer as it should says nothing.
    pub(crate) fn failure(&self) -> Option<(RepoPath, Error)> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fail(&self, path: &RepoPath, error: Error) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| (path.clone(), error));
        // The other files are not worth another request.
        self.left.store(0, Ordering::Relaxed);
    }

    /// Takes `bytes` of what may come.
    fn take(&self, bytes: u64) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// A file of a commit. It must be read from a thread that drives no other work.
pub(crate) struct HubFile {
    file: File,
    path: RepoPath,
    size: u64,
    runtime: Handle,
    traffic: Arc<Traffic>,
}

impl HubFile {
    /// The file at `path`, which has `size` bytes and is served as `file`.
    pub(crate) fn new(file: File, path: RepoPath, size: u64, runtime: Handle, traffic: Arc<Traffic>) -> Self {
        Self { file, path, size, runtime, traffic }
    }

    async fn receive(&self, at: u64, length: u64) -> Result<Vec<u8>, NoPart> {
        if !self.traffic.take(length) {
            return Err(NoPart::Declined);
        }
        match self.file.range(at, at.saturating_add(length)).await {
            Ok(bytes) => {
                self.traffic.read.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                if bytes.len() as u64 == length { Ok(bytes) } else { Err(failed()) }
            }
            // Such a server sends all of a large file for each part of it.
            Err(Error::Length { .. }) if at > 0 && self.file.ignores_ranges() => Err(NoPart::Declined),
            Err(error) => {
                self.traffic.fail(&self.path, error);
                Err(failed())
            }
        }
    }
}

fn failed() -> NoPart {
    NoPart::Failed(io::Error::other("the Hub did not send it"))
}

impl Parts for HubFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn part(&self, at: u64, length: u64) -> Result<Vec<u8>, NoPart> {
        self.runtime.block_on(self.receive(at, length))
    }

    fn parts(&self, places: &[(u64, u64)]) -> Vec<Result<Vec<u8>, NoPart>> {
        let parts = iter(places.to_vec()).map(|(at, length)| self.receive(at, length));
        self.runtime.block_on(parts.buffered(AT_ONCE).collect())
    }
}
