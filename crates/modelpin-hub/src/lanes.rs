//! How many connections carry content at once: so many in all, and fewer to a server that asks for that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// The lanes of one run. Whoever waits is served in the order in which they came.
pub(crate) struct Lanes {
    most: usize,
    all: Arc<Semaphore>,
    gates: Mutex<BTreeMap<String, Arc<Gate>>>,
}

/// The way to one origin.
struct Gate {
    free: Arc<Semaphore>,
    load: Mutex<Load>,
}

struct Load {
    limit: usize,
    busy: usize,
    /// Lanes that close as soon as they are left.
    closing: usize,
    narrowed: Option<Instant>,
    /// How many requests were answered.
    answers: u64,
}

/// The right to one connection, until it is dropped.
pub(crate) struct Lane {
    gate: Arc<Gate>,
    since: Instant,
    at_gate: Option<OwnedSemaphorePermit>,
    _of_all: Option<OwnedSemaphorePermit>,
}

/// Whether a server's trouble comes from too many connections at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crowd {
    /// No: there was one.
    Alone,
    /// It did, and there are fewer already.
    Known,
    /// It may; there will be so many from now on.
    Fewer(usize),
}

impl Lanes {
    /// So many lanes.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self { most, all: Arc::new(Semaphore::new(most)), gates: Mutex::default() }
    }

    /// A lane to the origin of `url`, as soon as one is free.
    pub(crate) async fn enter(&self, url: &Url) -> Lane {
        let gate = self.gate(url);
        // The origin's first: who waits for a narrow gate must not keep others from another one.
        let at_gate = gate.free.clone().acquire_owned().await.ok();
        let of_all = self.all.clone().acquire_owned().await.ok();
        gate.load().busy += 1;
        Lane { gate, since: Instant::now(), at_gate, _of_all: of_all }
    }

    fn gate(&self, url: &Url) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let load = Mutex::new(Load { limit: self.most, busy: 0, closing: 0, narrowed: None, answers: 0 });
            Arc::new(Gate { free: Arc::new(Semaphore::new(self.most)), load })
        };
        gates.entry(url.origin().ascii_serialization()).or_insert_with(new).clone()
    }
}

impl Gate {
    fn load(&self) -> MutexGuard<'_, Load> {
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// The server answered.
    pub(crate) fn answered(&self) {
        self.gate.load().answers += 1;
    }

    /// How many requests the server has answered so far, on all lanes.
    pub(crate) fn answers(&self) -> u64 {
        self.gate.load().answers
    }

    /// The server had no answer on this lane. Where others were busy, half of them have to do from now on; one
    /// trouble that many meet at once counts once.
    pub(crate) fn complain(&self) -> Crowd {
        let mut load = self.gate.load();
        if load.narrowed.is_some_and(|when| when >= self.since) {
            return Crowd::Known;
        }
        if load.busy < 2 || load.limit < 2 {
            return Crowd::Alone;
        }
        let limit = load.limit.min(load.busy) / 2;
        let surplus = load.limit - limit;
        load.closing += surplus - self.gate.free.forget_permits(surplus);
        load.limit = limit;
        load.narrowed = Some(Instant::now());
        Crowd::Fewer(limit)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut load = self.gate.load();
        load.busy -= 1;
        if load.closing > 0 {
            load.closing -= 1;
            if let Some(permit) = self.at_gate.take() {
                permit.forget();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Crowd, Lanes};
    use std::time::Duration;
    use url::Url;

    async fn is_full(lanes: &Lanes, url: &Url) -> bool {
        tokio::time::timeout(Duration::from_millis(20), lanes.enter(url)).await.is_err()
    }

    async fn law() {
        let lanes = Lanes::new(8);
        let crowded = Url::parse("https://cdn.example/a").unwrap();
        let other = Url::parse("https://hub.example/a").unwrap();
        let mut busy = Vec::new();
        for _ in 0..7 {
            busy.push(lanes.enter(&crowded).await);
        }
        assert_eq!(busy[3].complain(), Crowd::Fewer(3));
        assert_eq!(busy[4].complain(), Crowd::Known, "the same trouble");
        busy.truncate(3);
        assert!(is_full(&lanes, &crowded).await);
        assert!(!is_full(&lanes, &other).await);
        busy.pop();
        busy.push(lanes.enter(&crowded).await);
        assert_eq!(busy[2].complain(), Crowd::Fewer(1));
        busy.clear();
        let last = lanes.enter(&crowded).await;
        assert_eq!(last.complain(), Crowd::Alone);
        assert!(is_full(&lanes, &crowded).await);
    }

    #[test]
    fn a_server_that_complains_has_half_of_the_lanes_and_never_none() {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(law());
    }
}
