//! The one place that hashes content.

use modelpin_schema::{BlobId, Digest};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

static HASHED: AtomicU64 = AtomicU64::new(0);

/// Bytes of content that this process has hashed. A warm run hashes none, and says so.
#[must_use]
pub fn hashed_bytes() -> u64 {
    HASHED.load(Ordering::Relaxed)
}

/// Large enough that a read costs little beside its hashing, small enough for every worker to have its own.
const BUFFER: usize = 1 << 20;

/// A running SHA-256 with a count of its bytes.
#[derive(Clone, Default)]
pub(crate) struct Hashed {
    hasher: Sha256,
    len: u64,
}

impl Hashed {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
        HASHED.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn digest(self) -> Digest {
        Digest::new(self.hasher.finalize().into())
    }
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hashed({} bytes)", self.len())
    }
}

/// Does `work`, which is mostly hashing, for all `items` on all cores. The results are in the items' order.
pub(crate) fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(items.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Hashes what `file` still has to give, but no more than one byte past `limit`: more is wrong already.
pub(crate) fn hash_file(file: &mut File, limit: u64) -> io::Result<Hashed> {
    let mut hashed = Hashed::default();
    let mut buffer = vec![0; BUFFER.min(usize::try_from(limit).unwrap_or(BUFFER).saturating_add(1))];
    let mut file = file.take(limit.saturating_add(1));
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok(hashed),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hashed.update(buffer.get(..read).unwrap_or_default());
    }
}

/// A running git blob id: the SHA-1 of `blob LENGTH NUL CONTENT` (git's object format).
pub struct GitHasher(sha1::Sha1);

impl GitHasher {
    /// The hasher of a blob of so many bytes.
    #[must_use]
    pub fn new(len: u64) -> Self {
        let mut hasher = sha1::Sha1::default();
        hasher.update(format!("blob {len}\0"));
        Self(hasher)
    }

    /// More of its content.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The id.
    #[must_use]
    pub fn finish(self) -> BlobId {
        BlobId::new(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::GitHasher;

    #[test]
    fn a_git_blob_has_the_id_that_git_gives_it() {
        let mut hasher = GitHasher::new(13);
        hasher.update(b"Hello, World!");
        assert_eq!(hasher.finish().hex(), "b45ef6fec89518d314f546fd6c3025367b721684");
        assert_eq!(GitHasher::new(0).finish().hex(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    }
}
