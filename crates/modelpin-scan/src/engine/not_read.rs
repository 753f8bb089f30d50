//! Bytes that are not read, although they could be.

use std::fmt;

/// The error of a [`Source`](super::Source) for bytes that it does not read, since that would cost more than the reader
/// is willing to spend: nothing is wrong with them, and nothing is known of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotRead {
    /// The first byte that was asked for and is not read.
    pub at: u64,
    /// Bytes of the file that were not read until then.
    pub unread: u64,
    /// The length of the file in bytes.
    pub size: u64,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes were not read", self.unread, self.size)
    }
}

impl std::error::Error for NotRead {}
