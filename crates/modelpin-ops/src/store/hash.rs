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

/// Large enough that a call costs nothing beside its hashing; small enough that what was read is still in a core's own cache
/// when it is hashed (512 KiB and less of it on many servers, where larger buffers took a third longer).
const BUFFER: usize = 128 << 10;

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
    let each = || {
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            let result = work(item);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
        }
    };
    std::thread::scope(|scope| {
        // Where the system gives no thread, this one does what is left.
        if (0..workers).any(|_| std::thread::Builder::new().spawn_scoped(scope, each).is_err()) {
            each();
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Hands over what `source` still has to give, but no more than `most` bytes, in pieces that fit a core's own cache.
/// `failed` is told why it cannot be read.
pub(crate) fn in_pieces<E>(
    source: impl Read,
    most: u64,
    failed: impl FnOnce(io::Error) -> E,
    mut each: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = vec![0; usize::try_from(most).unwrap_or(BUFFER).min(BUFFER)];
    let mut source = source.take(most);
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => each(buffer.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

/// Hashes what `file` still has to give, but no more than one byte past `limit`: more is wrong already.
pub(crate) fn hash_file(file: &mut File, limit: u64) -> io::Result<Hashed> {
    let mut hashed = Hashed::default();
    in_pieces(
        file,
        limit.saturating_add(1),
        |error| error,
        |piece| {
            hashed.update(piece);
            Ok(())
        },
    )?;
    Ok(hashed)
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
