//! How to talk to a Hub: what a person or a project may set.

use crate::endpoint::Endpoint;
use crate::token::Token;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A listener that is told why a request waits.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// How to talk to a Hub.
#[derive(Clone)]
pub struct Config {
    /// The Hub's address.
    pub endpoint: Endpoint,
    /// The token, which is sent to its own origin only.
    pub token: Option<Token>,
    /// What to tell the listener before the first request.
    pub first: Option<String>,
    /// The file of the certificates to trust instead of the system's. The TLS library would take one that is not there,
    /// or has none in it, for no certificates at all.
    pub ca_file: Option<PathBuf>,
    /// How long an answer of the API may take.
    pub etag_timeout: Duration,
    /// How long a download may be without a byte.
    pub download_timeout: Duration,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The longest wait that a server may ask for.
    pub patience: Duration,
    /// The first wait where the server says nothing.
    pub backoff: Duration,
    /// How many connections carry content at once.
    pub connections: NonZeroUsize,
    /// The most bytes of content a second, over all connections; none for no limit.
    pub rate: Option<NonZeroU64>,
    /// The bytes of one piece of a large file.
    pub piece: NonZeroUsize,
    /// Is told why a request waits.
    pub notice: Option<Notice>,
}

/// The default number of connections.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);
/// The default size of a piece in bytes: large enough that a request costs little beside it.
const PIECE: NonZeroUsize = NonZeroUsize::MIN.saturating_add((3 << 20) - 1);

impl Config {
    /// The default configuration for `endpoint`, without a token.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            token: None,
            first: None,
            ca_file: None,
            etag_timeout: Duration::from_secs(10),
            download_timeout: Duration::from_secs(10),
            user_agent: concat!("modelpin/", env!("CARGO_PKG_VERSION")).to_owned(),
            patience: Duration::from_secs(60),
            backoff: Duration::from_secs(1),
            connections: CONNECTIONS,
            rate: None,
            piece: PIECE,
            notice: None,
        }
    }
}
