//! Files by the chunks that they are made of, from the Xet storage of a Hugging Face Hub.
//!
//! The only crate of modelpin that uses the `xet-*` crates. It has no policy: a [`Xet`] gives the bytes of a file in
//! order, and whoever gets them has to prove them, since the storage's own client compares nothing but lengths.
//!
//! It is made of `xet-data` and not of `hf-xet`, whose downloads keep no chunk for the next one.

mod bounded_cache;

use bounded_cache::BoundedCache;
use bytes::Bytes;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use xet_client::cas_client::auth::{AuthConfig, AuthError, TokenInfo, TokenRefresher};
use xet_client::chunk_cache::{CacheConfig, ChunkCache, get_cache};
use xet_data::processing::configurations::{SessionContext, TranslatorConfig};
use xet_data::processing::{DownloadStream, FileDownloadSession, XetFileInfo};
use xet_runtime::config::XetConfig;
use xet_runtime::core::XetContext;
use xet_runtime::utils::ByteSize;

/// Bytes of content that have come and were not yet asked for, over all streams.
const BUFFER: ByteSize = ByteSize::new(128 << 20);

/// How to talk to a storage.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder for chunks; nothing else is written.
    pub cache: PathBuf,
    /// The most bytes of chunks that are kept there; 0 to keep none.
    pub capacity: u64,
    /// The most connections with content at once.
    pub connections: usize,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a connection may be without a byte.
    pub read_timeout: Duration,
    /// The first wait before a request is tried again.
    pub backoff: Duration,
}

/// What opens a storage for the files of one commit.
#[derive(Clone)]
pub struct Access {
    /// The storage's address.
    pub cas: String,
    /// The storage's own token: not the Hub's.
    pub token: String,
    /// When the token ends, in seconds since 1970.
    pub expires: u64,
}

/// Asks for another token in the place of one that ends.
pub type Renew = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Access, String>> + Send>> + Send + Sync>;

/// Why content does not come: in words, without the secrets of an address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    fn new(error: impl std::fmt::Display) -> Self {
        // An address may be signed.
        let text = error.to_string();
        let words = text.split_whitespace().map(|word| match word.split_once('?') {
            Some((address, _)) if word.contains("://") => address,
            _ => word,
        });
        // It stands within a sentence.
        Self(words.collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned())
    }
}

/// A client of storages.
pub struct Xet {
    context: XetContext,
    chunks: Option<Arc<dyn ChunkCache>>,
    cache: PathBuf,
}

/// The content of one file, in order. Dropping it ends the transfer.
pub struct Stream {
    stream: DownloadStream,
    kept: Option<Arc<BoundedCache>>,
    /// Bytes that are still to come.
    left: u64,
    // The stream ends with its session.
    _session: Arc<FileDownloadSession>,
}

impl Xet {
    /// A client that works on `runtime`. No socket is opened yet.
    ///
    /// # Errors
    /// A folder for chunks that cannot be read.
    pub fn new(config: Config, runtime: Handle) -> Result<Self, Error> {
        // Not `XetConfig::new`, which reads some hundred variables of the environment.
        let mut xet = XetConfig::default();
        xet.telemetry.enabled = false;
        xet.client.connect_timeout = config.connect_timeout;
        xet.client.read_timeout = config.read_timeout;
        xet.client.retry_base_delay = config.backoff;
        xet.client.retry_max_attempts = 2;
        xet.client.ac_max_download_concurrency = config.connections;
        xet.client.ac_initial_download_concurrency = config.connections.min(4);
        xet.reconstruction.download_buffer_size = BUFFER;
        xet.reconstruction.download_buffer_perfile_size = ByteSize::new(0);
        xet.reconstruction.download_buffer_limit = BUFFER;
        let chunks = CacheConfig { cache_directory: config.cache.join("chunks"), cache_size: config.capacity };
        let chunks = match config.capacity {
            0 => None,
            _ => Some(get_cache(&xet, &chunks).map_err(Error::new)?),
        };
        Ok(Self { context: XetContext::from_external(runtime, xet), chunks, cache: config.cache })
    }

    /// The file with the Xet hash `hash` and of `size` bytes, from byte `from` on.
    ///
    /// # Errors
    /// A hash that is none; a folder that cannot be made.
    pub async fn open(&self, access: Access, renew: Renew, hash: &str, size: u64, from: u64) -> Result<Stream, Error> {
        let refresher = Arc::new(Refresher { cas: access.cas.clone(), renew });
        let session = SessionContext {
            endpoint: access.cas,
            auth: AuthConfig::maybe_new(Some(access.token), Some(access.expires), Some(refresher)),
            custom_headers: None,
            repo_paths: Vec::new(),
            session_id: None,
            cache_root: Some(self.cache.clone()),
        };
        let config = TranslatorConfig::new(&self.context, session).map_err(Error::new)?;
        let kept = self.chunks.clone().map(|chunks| Arc::new(BoundedCache::new(chunks)));
        let chunks = kept.clone().map(|kept| kept as Arc<dyn ChunkCache>);
        let session = FileDownloadSession::new(Arc::new(config), chunks).await.map_err(Error::new)?;
        let file = XetFileInfo::new(hash.to_owned(), size);
        let (_, stream) = session.download_stream(&file, Some(from..size)).await.map_err(Error::new)?;
        Ok(Stream { stream, kept, left: size.saturating_sub(from), _session: session })
    }
}

impl Stream {
    /// The next bytes; none at the end, which is exactly where it has to be.
    ///
    /// # Errors
    /// Whatever keeps the storage from giving them; more or fewer than there should be.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(bytes) = self.stream.next().await.map_err(Error::new)? else {
            if self.left > 0 {
                return Err(Error::new(format_args!("it ends {} bytes early", self.left)));
            }
            if let Some(kept) = &self.kept {
                kept.flush().await;
            }
            return Ok(None);
        };
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or_else(|| Error::new("it is longer than the file"))?;
        Ok(Some(bytes))
    }
}

/// Hands the storage's client a new token, for the same storage only.
struct Refresher {
    cas: String,
    renew: Renew,
}

#[async_trait::async_trait]
impl TokenRefresher for Refresher {
    async fn refresh(&self) -> Result<TokenInfo, AuthError> {
        let access = (self.renew)().await.map_err(AuthError::token_refresh_failure)?;
        if access.cas != self.cas {
            return Err(AuthError::token_refresh_failure("the storage has moved"));
        }
        Ok((access.token, access.expires))
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn an_error_shows_no_signature() {
        let error = Error::new("error sending request for url (https://cas.example/a?Signature=secret), 2 tries?.");
        assert_eq!(error.to_string(), "error sending request for url (https://cas.example/a 2 tries?");
    }
}
