//! Chunks that are kept on disk for later files, as one stream uses them.

use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use xet_client::cas_types::{ChunkRange, Key};
use xet_client::chunk_cache::error::ChunkCacheError;
use xet_client::chunk_cache::{CacheRange, ChunkCache};

/// Blocks of chunks, of up to 64 MiB each, that come or are being written at once.
const BLOCKS: u32 = 3;
/// How long the end of a stream waits for blocks that are being written.
const PATIENCE: Duration = Duration::from_secs(5);

/// The chunks on disk. The storage's client writes each block that came on a task of its own that nobody waits for:
/// without a bound memory would grow where the disk is slower than the network, and a program that ends would lose
/// what it has just fetched.
pub(crate) struct BoundedCache {
    chunks: Arc<dyn ChunkCache>,
    free: Semaphore,
}

impl BoundedCache {
    pub(crate) fn new(chunks: Arc<dyn ChunkCache>) -> Self {
        Self { chunks, free: Semaphore::new(BLOCKS as usize) }
    }

    /// Waits until all blocks that came are written.
    pub(crate) async fn flush(&self) {
        // Chunks that are not kept are fetched again: no error.
        let _ = timeout(PATIENCE, self.free.acquire_many(BLOCKS)).await;
    }
}

#[async_trait]
impl ChunkCache for BoundedCache {
    async fn get(&self, key: &Key, range: &ChunkRange) -> Result<Option<CacheRange>, ChunkCacheError> {
        let found = self.chunks.get(key, range).await;
        if !matches!(found, Ok(Some(_))) {
            // It will be fetched and then put.
            self.free.acquire().await.map_err(ChunkCacheError::general)?.forget();
        }
        found
    }

    async fn put(&self, key: &Key, range: &ChunkRange, at: &[u32], data: &[u8]) -> Result<(), ChunkCacheError> {
        let _done = Done(&self.free);
        self.chunks.put(key, range, at, data).await
    }
}

/// Lets the next block come, however the writing of this one ends: whoever waits would wait for ever.
struct Done<'a>(&'a Semaphore);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}
