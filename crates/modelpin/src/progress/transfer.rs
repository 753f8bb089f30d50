//! How far a transfer is, how fast, and how long it will take.

use crate::render::bytes;
use std::time::{Duration, Instant};

/// A transfer of all files together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transfer {
    total: u64,
    /// Bytes that need not be downloaded.
    found: u64,
    /// Bytes that were downloaded.
    received: u64,
    start: Instant,
    /// When the next line is due, where there are no bars.
    due: Instant,
    /// Whether any line was printed.
    printed: bool,
}

/// The time between two lines.
const PERIOD: Duration = Duration::from_secs(10);

impl Transfer {
    /// A transfer of so many bytes.
    pub(super) fn new(total: u64, now: Instant) -> Self {
        Self { total, found: 0, received: 0, start: now, due: now + PERIOD, printed: false }
    }

    /// These bytes need not be downloaded.
    pub(super) fn found(&mut self, bytes: u64) {
        self.found = self.found.saturating_add(bytes);
    }

    /// These bytes were downloaded.
    pub(super) fn received(&mut self, bytes: u64) {
        self.received = self.received.saturating_add(bytes);
    }

    /// These bytes are downloaded again.
    pub(super) fn discarded(&mut self, bytes: u64) {
        self.total = self.total.saturating_add(bytes);
    }

    /// Bytes that are complete.
    pub(super) fn done(&self) -> u64 {
        self.found.saturating_add(self.received).min(self.total)
    }

    /// All bytes.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Bytes per second over the network, and the time left.
    pub(super) fn pace(&self, now: Instant) -> String {
        let seconds = now.saturating_duration_since(self.start).as_secs_f64();
        if self.received == 0 || seconds <= 0.0 {
            return String::new();
        }
        let rate = self.received as f64 / seconds;
        let left = (self.total - self.done()) as f64 / rate;
        format!("{}/s, {} left", bytes(rate as u64), span(left.ceil() as u64))
    }

    /// The line, if one is due.
    pub(super) fn line(&mut self, now: Instant) -> Option<String> {
        if now < self.due {
            return None;
        }
        self.due = now + PERIOD;
        self.printed = true;
        Some(format!("fetched {} of {}, {}", bytes(self.done()), bytes(self.total), self.pace(now)))
    }

    /// The last line, where there were others before.
    pub(super) fn end(&self, now: Instant) -> Option<String> {
        let seconds = now.saturating_duration_since(self.start).as_secs().max(1);
        let rate = bytes(self.received / seconds);
        self.printed.then(|| format!("fetched {} in {}, {rate}/s", bytes(self.received), span(seconds)))
    }
}

/// A time span for people.
fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{Transfer, span};
    use std::time::{Duration, Instant};

    #[test]
    fn only_downloaded_bytes_count_for_the_rate() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut transfer = Transfer::new(10 << 30, start);
        transfer.found(6 << 30);
        assert_eq!(transfer.pace(at(5)), "");
        transfer.received(1 << 30);
        assert_eq!(transfer.line(at(9)), None);
        assert_eq!(transfer.end(at(9)), None, "a short transfer has no last line");
        let line = transfer.line(at(16)).unwrap();
        assert_eq!(line, "fetched 7.0 GiB of 10.0 GiB, 64.0 MiB/s, 48 s left");
        assert_eq!(transfer.line(at(25)), None, "one in ten seconds");
        transfer.received(3 << 30);
        assert_eq!(transfer.end(at(64)).unwrap(), "fetched 4.0 GiB in 1 min 4 s, 64.0 MiB/s");
        assert_eq!(transfer.pace(at(64)), "64.0 MiB/s, 0 s left");
    }

    #[test]
    fn discarded_bytes_are_downloaded_again() {
        let start = Instant::now();
        let mut transfer = Transfer::new(100, start);
        transfer.found(40);
        transfer.received(60);
        transfer.discarded(100);
        assert_eq!((transfer.done(), transfer.total()), (100, 200));
    }

    #[test]
    fn spans_are_short() {
        assert_eq!([5, 61, 3661, 90_000].map(span), ["5 s", "1 min 1 s", "1 h 1 min", "25 h 0 min"]);
    }
}
