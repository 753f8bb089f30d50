//! When to ask again, and how long to wait: the Hub's own timing where it gives one.

use reqwest::header::HeaderMap;
use std::time::Duration;

/// Tries after the first one.
pub(crate) const RETRIES: u32 = 5;

/// Statuses that a later try may not get.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// How long to wait before try number `attempt` (from 1): what an exhausted rate limit says, else what
/// `Retry-After` says, each and a second; else twice as long as before, up to eight times the base.
pub(crate) fn wait(status: u16, headers: &HeaderMap, attempt: u32, base: Duration) -> Duration {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let limited = if status == 429 { text("ratelimit").and_then(window) } else { None };
    let after = || text("retry-after").and_then(|text| text.trim().parse().ok());
    match limited.or_else(after) {
        Some(seconds) => Duration::from_secs(seconds).saturating_add(Duration::from_secs(1)),
        None => backoff(attempt, base),
    }
}

pub(crate) fn backoff(attempt: u32, base: Duration) -> Duration {
    base.saturating_mul(1 << attempt.saturating_sub(1).min(3))
}

/// The seconds until the window ends, of `RateLimit: "api";r=0;t=55`; none where something is left of it
/// (then the limit was not the reason).
fn window(text: &str) -> Option<u64> {
    let value = |key: &str| {
        text.split(';')
            .map(str::trim)
            .find_map(|part| part.strip_prefix(key)?.strip_prefix('=')?.trim().parse::<u64>().ok())
    };
    (value("r")? == 0).then(|| value("t"))?
}

#[cfg(test)]
mod tests {
    use super::wait;
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use std::time::Duration;

    fn seconds(status: u16, attempt: u32, headers: &[(&'static str, &'static str)]) -> u64 {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        wait(status, &headers.collect::<HeaderMap>(), attempt, Duration::from_secs(1)).as_secs()
    }

    #[test]
    fn the_hubs_own_timing_comes_first() {
        assert_eq!(seconds(429, 1, &[("ratelimit", "\"api\";r=0;t=55"), ("retry-after", "3")]), 56);
        assert_eq!(seconds(429, 1, &[("ratelimit", "\"api\";r=7;t=55"), ("retry-after", "3")]), 4);
        assert_eq!(seconds(503, 1, &[("ratelimit", "\"api\";r=0;t=55")]), 1);
        assert_eq!(seconds(503, 1, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]), 1);
        assert_eq!([1, 2, 3, 4, 5].map(|attempt| seconds(500, attempt, &[])), [1, 2, 4, 8, 8]);
    }
}
