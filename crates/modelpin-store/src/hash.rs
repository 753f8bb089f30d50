//! The one place that hashes content.

use modelpin_schema::{BlobId, Digest};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

static HASHED: AtomicU64 = AtomicU64::new(0);

/// How many bytes of content this process has hashed. A run with nothing to do hashes none.
#[must_use]
pub fn hashed_bytes() -> u64 {
    HASHED.load(Ordering::Relaxed)
}

/// Bytes read at once. Large enough that a call costs little compared with hashing; small enough that the bytes are
/// still in a core's own cache when they are hashed (512 KiB or less on many servers, where larger buffers took a third
/// longer).
const BUFFER: usize = 128 << 10;

/// A running SHA-256 of content, with a count of its bytes.
#[derive(Clone, Default)]
pub struct ContentHasher {
    hasher: Sha256,
    size: u64,
}

impl ContentHasher {
    /// Hashes the next `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        HASHED.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }

    /// The number of bytes hashed so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash.
    #[must_use]
    pub fn digest(self) -> Digest {
        Digest::new(self.hasher.finalize().into())
    }
}

impl std::fmt::Debug for ContentHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContentHasher({} bytes)", self.size())
    }
}

/// Runs `work`, which is mostly hashing, for all `items` on all cores. The results are in the order of the items.
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
        // Where the system cannot start a thread, this one does the rest.
        if (0..workers).any(|_| std::thread::Builder::new().spawn_scoped(scope, each).is_err()) {
            each();
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Passes the content of `source` to `each` in pieces that fit a core's own cache, up to `limit` bytes.
pub(crate) fn in_pieces(
    source: impl Read,
    limit: u64,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; usize::try_from(limit).unwrap_or(BUFFER).min(BUFFER)];
    let mut source = source.take(limit);
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => each(buffer.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Hashes the rest of `file`, but at most one byte past `limit`: a longer file is wrong already.
pub(crate) fn hash_file(file: &mut File, limit: u64) -> io::Result<ContentHasher> {
    let mut hashed = ContentHasher::default();
    in_pieces(file, limit.saturating_add(1), |piece| {
        hashed.update(piece);
        Ok(())
    })?;
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
