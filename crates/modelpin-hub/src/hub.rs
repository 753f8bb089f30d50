//! A Hub: its configuration, its HTTP clients, and what all requests of a run share.

use crate::Error;
use crate::certificates;
use crate::config::Config;
use crate::endpoint::{Endpoint, is_here};
use crate::limiter::ConnectionLimiter;
use crate::prefetch::PrefetchBudget;
use crate::rate_limiter::RateLimiter;
use crate::storage_access::AccessCache;
use modelpin_schema::text::count;
use reqwest::Client;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use url::Url;

/// The most memory of all listings of a run, in bytes: a million files with ordinary names.
const MAX_LISTINGS: usize = 256 << 20;

/// A Hub. Cheap to clone; its clients are built when the first request needs them, since loading
/// certificates takes longer than a whole warm run.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    config: Config,
    /// For the API and for content; each for other machines and for this one.
    clients: [Mutex<Option<Client>>; 4],
    first_request: Once,
    limiter: ConnectionLimiter,
    rate_limiter: Option<RateLimiter>,
    prefetch: PrefetchBudget,
    access_cache: AccessCache,
    /// The memory of all listings so far, in bytes.
    listings: AtomicUsize,
    /// Requests so far.
    requests: AtomicUsize,
}

impl Hub {
    /// A Hub with this configuration. No socket is opened yet.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub fn new(config: Config) -> Result<Self, Error> {
        if let Some(path) = &config.ca_file {
            certificates::check(path)?;
        }
        Ok(Self(Arc::new(Inner {
            clients: Default::default(),
            first_request: Once::new(),
            limiter: ConnectionLimiter::new(config.connections.get()),
            rate_limiter: config.rate.map(RateLimiter::new),
            prefetch: PrefetchBudget::new(config.piece.get(), config.connections.get()),
            access_cache: AccessCache::default(),
            listings: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            config,
        })))
    }

    /// Requests that were sent so far, each redirect and each try counted.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.0.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn count_request(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.0.config.endpoint
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn rate_limiter(&self) -> Option<&RateLimiter> {
        self.0.rate_limiter.as_ref()
    }

    pub(crate) fn limiter(&self) -> &ConnectionLimiter {
        &self.0.limiter
    }

    pub(crate) fn prefetch(&self) -> &PrefetchBudget {
        &self.0.prefetch
    }

    pub(crate) fn access_cache(&self) -> &AccessCache {
        &self.0.access_cache
    }

    /// The client for content, or for the API, and for an address. It is built once, whoever else needs it meanwhile:
    /// reading the system's certificates is what costs.
    ///
    /// # Errors
    /// Certificates that cannot be read; a client that cannot be set up.
    pub(crate) fn client(&self, is_content: bool, url: &Url) -> Result<Client, Error> {
        let here = is_here(url);
        let [api, body, api_here, body_here] = &self.0.clients;
        let cell = match (is_content, here) {
            (false, false) => api,
            (true, false) => body,
            (false, true) => api_here,
            (true, true) => body_here,
        };
        let mut cell = cell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*cell {
            return Ok(client.clone());
        }
        let config = &self.0.config;
        let builder = Client::builder()
            .user_agent(&config.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(config.etag_timeout);
        let builder = if is_content {
            builder.http1_only().read_timeout(config.download_timeout).pool_max_idle_per_host(64)
        } else {
            builder.timeout(config.etag_timeout.saturating_mul(6)).read_timeout(config.etag_timeout)
        };
        let builder = match &config.ca_file {
            Some(path) => builder.tls_certs_only(certificates::read(path)?),
            None => builder,
        };
        // A proxy must not see what is meant for a server on this machine.
        let builder = if here { builder.no_proxy() } else { builder };
        Ok(cell.insert(builder.build().map_err(Error::Client)?).clone())
    }

    /// `error` without the token: a server may have sent it back in its answer.
    pub(crate) fn shown(&self, error: Error) -> Error {
        match &self.0.config.token {
            Some(token) => token.redact_error(error),
            None => error,
        }
    }

    /// Text of the Hub's without the token.
    pub(crate) fn redact(&self, text: String) -> String {
        match &self.0.config.token {
            Some(token) => token.redact(text),
            None => text,
        }
    }

    /// Counts the memory of a page of a listing, so that all repos of a run together stay within bounds.
    pub(crate) fn listed(&self, bytes: usize) -> Result<(), String> {
        let before = self.0.listings.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > MAX_LISTINGS {
            return Err(format!("more files, with all repos of this run, than fit into {} MiB", MAX_LISTINGS >> 20));
        }
        Ok(())
    }

    /// Passes [`Config::first`] to the listener, before the first request only.
    pub(crate) fn announce(&self) {
        self.0.first_request.call_once(|| self.0.config.first.iter().for_each(|first| self.notice(first)));
    }

    /// Tells the listener why a request waits.
    pub(crate) fn notice(&self, text: &str) {
        if let Some(notice) = &self.0.config.notice {
            notice(text);
        }
    }

    /// Tells the listener that a server has fewer connections from now on.
    pub(crate) fn notice_fewer_connections(&self, limit: usize) {
        self.notice(&format!("the Hub is overloaded; going on with {}", count(limit, "connection")));
    }
}
