//! How far a transfer is, how fast, and for how long still.

use crate::render::bytes;
use std::time::{Duration, Instant};

/// A transfer in sum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transfer {
    total: u64,
    /// Bytes that need not come.
    here: u64,
    came: u64,
    start: Instant,
    /// When the next line is due, where lines are all that is seen.
    due: Instant,
    said: bool,
}

/// A line for a log as often as this.
const PERIOD: Duration = Duration::from_secs(10);

impl Transfer {
    /// A transfer of so many bytes.
    pub(super) fn new(total: u64, now: Instant) -> Self {
        Self { total, here: 0, came: 0, start: now, due: now + PERIOD, said: false }
    }

    /// So many bytes need not come.
    pub(super) fn here(&mut self, bytes: u64) {
        self.here = self.here.saturating_add(bytes);
    }

    /// So many bytes have come.
    pub(super) fn came(&mut self, bytes: u64) {
        self.came = self.came.saturating_add(bytes);
    }

    /// So many bytes more have to come than it seemed.
    pub(super) fn lost(&mut self, bytes: u64) {
        self.total = self.total.saturating_add(bytes);
    }

    /// Bytes that are here, whatever way.
    pub(super) fn done(&self) -> u64 {
        self.here.saturating_add(self.came).min(self.total)
    }

    /// All bytes.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// How fast, and how long still: of what came over the network alone.
    pub(super) fn pace(&self, now: Instant) -> String {
        let seconds = now.saturating_duration_since(self.start).as_secs_f64();
        if self.came == 0 || seconds <= 0.0 {
            return String::new();
        }
        let rate = self.came as f64 / seconds;
        let left = (self.total - self.done()) as f64 / rate;
        format!("{}/s, {} left", bytes(rate as u64), span(left.ceil() as u64))
    }

    /// The line that is due, if one is.
    pub(super) fn line(&mut self, now: Instant) -> Option<String> {
        if now < self.due {
            return None;
        }
        self.due = now + PERIOD;
        self.said = true;
        Some(format!("fetched {} of {}, {}", bytes(self.done()), bytes(self.total), self.pace(now)))
    }

    /// The last line, where the transfer took so long that there were others.
    pub(super) fn end(&self, now: Instant) -> Option<String> {
        let seconds = now.saturating_duration_since(self.start).as_secs().max(1);
        let rate = bytes(self.came / seconds);
        self.said.then(|| format!("fetched {} in {}, {rate}/s", bytes(self.came), span(seconds)))
    }
}

/// A span of time for people.
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
    fn what_was_here_is_no_speed() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut transfer = Transfer::new(10 << 30, start);
        transfer.here(6 << 30);
        assert_eq!(transfer.pace(at(5)), "");
        transfer.came(1 << 30);
        assert_eq!(transfer.line(at(9)), None);
        assert_eq!(transfer.end(at(9)), None, "whatever ends soon has said enough");
        let line = transfer.line(at(16)).unwrap();
        assert_eq!(line, "fetched 7.0 GiB of 10.0 GiB, 64.0 MiB/s, 48 s left");
        assert_eq!(transfer.line(at(25)), None, "one in ten seconds");
        transfer.came(3 << 30);
        assert_eq!(transfer.end(at(64)).unwrap(), "fetched 4.0 GiB in 1 min 4 s, 64.0 MiB/s");
        assert_eq!(transfer.pace(at(64)), "64.0 MiB/s, 0 s left");
    }

    #[test]
    fn what_is_lost_comes_again() {
        let start = Instant::now();
        let mut transfer = Transfer::new(100, start);
        transfer.here(40);
        transfer.came(60);
        transfer.lost(100);
        assert_eq!((transfer.done(), transfer.total()), (100, 200));
    }

    #[test]
    fn spans_are_short() {
        assert_eq!([5, 61, 3661, 90_000].map(span), ["5 s", "1 min 1 s", "1 h 1 min", "25 h 0 min"]);
    }
}
