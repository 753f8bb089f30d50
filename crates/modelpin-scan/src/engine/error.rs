//! How a scanner ends: everything was covered, or why not.

use super::not_read::NotRead;
use super::place::Location;
use modelpin_rules::Rule;

/// Proof that a scanner followed every byte that a loader could interpret. Only a scanner that did returns it; without
/// it a file cannot be `safe`.
#[derive(Debug)]
pub(crate) struct FullyCovered;

/// Why a scanner stopped before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScanError {
    /// The content ends before its structure does; the offset in bytes.
    Truncated(u64),
    /// A limit was reached; which one.
    LimitReached(&'static str),
    /// The bytes could not be read; the error of the reader.
    Unreadable(String),
    /// The bytes were not read, although they could be.
    NotRead(NotRead),
    /// The content violates its format: the rule to report, where, and what is wrong.
    Malformed(&'static Rule, Location, String),
}

pub(crate) type ScanResult = Result<FullyCovered, ScanError>;
