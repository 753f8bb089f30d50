//! A limit on the bytes a second, over all connections.

use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// When the next byte may come.
pub(crate) struct RateLimiter {
    rate: NonZeroU64,
    next: Mutex<Instant>,
}

impl RateLimiter {
    /// A limit of `rate` bytes a second.
    pub(crate) fn new(rate: NonZeroU64) -> Self {
        Self { rate, next: Mutex::new(Instant::now()) }
    }

    /// Waits as long as `bytes` received bytes have to take, after those of all other connections. While nobody reads,
    /// the server cannot send.
    pub(crate) async fn pay(&self, bytes: usize) {
        tokio::time::sleep(self.due(bytes, Instant::now())).await;
    }

    fn due(&self, bytes: usize, now: Instant) -> Duration {
        let cost = Duration::try_from_secs_f64(bytes as f64 / self.rate.get() as f64).unwrap_or(Duration::MAX);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        // Time that was not used is lost: a pause is not followed by a burst.
        let from = (*next).max(now);
        *next = from.checked_add(cost).unwrap_or(from);
        next.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::RateLimiter;
    use std::num::NonZeroU64;
    use std::time::{Duration, Instant};

    #[test]
    fn all_connections_share_one_rate_and_a_pause_is_lost() {
        let rate_limiter = RateLimiter::new(NonZeroU64::new(1000).unwrap());
        let now = Instant::now() + Duration::from_secs(1);
        assert_eq!(rate_limiter.due(500, now), Duration::from_millis(500));
        assert_eq!(rate_limiter.due(1000, now), Duration::from_millis(1500));
        let later = now + Duration::from_secs(10);
        assert_eq!(rate_limiter.due(100, later), Duration::from_millis(100));
    }
}
