//! How many connections carry content at once: so many in all, and fewer to a server that is overloaded.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// The limit on the connections of one run. Whoever waits is served in the order of asking.
pub(crate) struct ConnectionLimiter {
    most: usize,
    all: Arc<Semaphore>,
    origins: Mutex<BTreeMap<String, Arc<OriginLimit>>>,
}

/// The limit on the connections to one origin.
struct OriginLimit {
    free: Arc<Semaphore>,
    load: Mutex<Load>,
}

struct Load {
    limit: usize,
    busy: usize,
    /// Permits that are withdrawn as soon as they are dropped.
    closing: usize,
    /// When the limit was reduced last.
    reduced: Option<Instant>,
    /// Requests that were answered.
    answers: u64,
}

/// The right to one connection, until it is dropped.
pub(crate) struct Permit {
    origin: Arc<OriginLimit>,
    since: Instant,
    of_origin: Option<OwnedSemaphorePermit>,
    _of_all: Option<OwnedSemaphorePermit>,
}

/// Whether a server's failure comes from too many connections at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overload {
    /// No: there was one connection.
    None,
    /// It did, and the limit was reduced for it already.
    Reported,
    /// It may; there will be so many connections from now on.
    ReducedTo(usize),
}

impl ConnectionLimiter {
    /// At most `most` connections at once.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self { most, all: Arc::new(Semaphore::new(most)), origins: Mutex::default() }
    }

    /// A permit to the origin of `url`, as soon as one is free.
    pub(crate) async fn acquire(&self, url: &Url) -> Permit {
        let origin = self.origin(url);
        // The origin's first: whoever waits for an overloaded origin must not keep others from another one.
        let of_origin = origin.free.clone().acquire_owned().await.ok();
        let of_all = self.all.clone().acquire_owned().await.ok();
        origin.load().busy += 1;
        Permit { origin, since: Instant::now(), of_origin, _of_all: of_all }
    }

    fn origin(&self, url: &Url) -> Arc<OriginLimit> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let load = Mutex::new(Load { limit: self.most, busy: 0, closing: 0, reduced: None, answers: 0 });
            Arc::new(OriginLimit { free: Arc::new(Semaphore::new(self.most)), load })
        };
        origins.entry(url.origin().ascii_serialization()).or_insert_with(new).clone()
    }
}

impl OriginLimit {
    fn load(&self) -> MutexGuard<'_, Load> {
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The server answered.
    pub(crate) fn answered(&self) {
        self.origin.load().answers += 1;
    }

    /// How many requests the server has answered so far, on all connections.
    pub(crate) fn answers(&self) -> u64 {
        self.origin.load().answers
    }

    /// The server did not answer on this connection. Where others were busy, the limit is halved; a failure that many
    /// connections meet at once counts once.
    pub(crate) fn report_overload(&self) -> Overload {
        let mut load = self.origin.load();
        if load.reduced.is_some_and(|when| when >= self.since) {
            return Overload::Reported;
        }
        if load.busy < 2 || load.limit < 2 {
            return Overload::None;
        }
        let limit = load.limit.min(load.busy) / 2;
        let surplus = load.limit - limit;
        load.closing += surplus - self.origin.free.forget_permits(surplus);
        load.limit = limit;
        load.reduced = Some(Instant::now());
        Overload::ReducedTo(limit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut load = self.origin.load();
        load.busy -= 1;
        if load.closing > 0 {
            load.closing -= 1;
            if let Some(permit) = self.of_origin.take() {
                permit.forget();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnectionLimiter, Overload};
    use std::time::Duration;
    use url::Url;

    async fn is_full(limiter: &ConnectionLimiter, url: &Url) -> bool {
        tokio::time::timeout(Duration::from_millis(20), limiter.acquire(url)).await.is_err()
    }

    async fn halves() {
        let limiter = ConnectionLimiter::new(8);
        let overloaded = Url::parse("https://cdn.example/a").unwrap();
        let other = Url::parse("https://hub.example/a").unwrap();
        let mut busy = Vec::new();
        for _ in 0..7 {
            busy.push(limiter.acquire(&overloaded).await);
        }
        assert_eq!(busy[3].report_overload(), Overload::ReducedTo(3));
        assert_eq!(busy[4].report_overload(), Overload::Reported, "the same failure");
        busy.truncate(3);
        assert!(is_full(&limiter, &overloaded).await);
        assert!(!is_full(&limiter, &other).await);
        busy.pop();
        busy.push(limiter.acquire(&overloaded).await);
        assert_eq!(busy[2].report_overload(), Overload::ReducedTo(1));
        busy.clear();
        let last = limiter.acquire(&overloaded).await;
        assert_eq!(last.report_overload(), Overload::None);
        assert!(is_full(&limiter, &overloaded).await);
    }

    #[test]
    fn an_overloaded_server_has_half_of_the_connections_and_never_none() {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(halves());
    }
}
