//! Days of the calendar, without a time or a zone.

use crate::Invalid;
use crate::text::serde_by_text;
use std::fmt;
use std::str::FromStr;

/// A day, such as `2026-08-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// The day of a date; the first of year 0, for one before, which has no four digits.
    #[must_use]
    pub fn new(date: jiff::civil::Date) -> Self {
        Self(date.max(jiff::civil::Date::constant(0, 1, 1)))
    }

    /// The day, in UTC, of a number of seconds since 1970; none beyond the calendar.
    #[must_use]
    pub fn at_unix(seconds: i64) -> Option<Self> {
        let zone = jiff::tz::TimeZone::UTC;
        jiff::Timestamp::from_second(seconds).ok().map(|at| Self::new(at.to_zoned(zone).date()))
    }

    /// So many days later; the last day of the calendar, where there is none so late.
    #[must_use]
    pub fn plus(self, days: u32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(i64::from(days))))
    }

    /// How many days it is until `later`; negative where that is past.
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        self.0.duration_until(later.0).as_hours() / 24
    }
}

impl FromStr for Day {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shape = |(at, b): (usize, u8)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() };
        if text.len() != 10 || !text.bytes().enumerate().all(shape) {
            return Err(Invalid::new("day", text, "expected YYYY-MM-DD"));
        }
        text.parse().map(Self).map_err(|_| Invalid::new("day", text, "the calendar has no such day"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_by_text!(Day, "day", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
