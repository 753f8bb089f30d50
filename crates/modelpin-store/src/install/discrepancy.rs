//! One thing in a folder that is not as planned.

use modelpin_schema::{Digest, Name};

/// Something that is not as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// The entry that it belongs to, where there is one.
    pub name: Option<Name>,
    /// What a person calls the file.
    pub label: String,
    /// The difference.
    pub kind: DiscrepancyKind,
}

/// How something differs from the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscrepancyKind {
    /// It does not exist.
    Missing,
    /// It is something else: a link, a folder, a file.
    Other {
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// It has another length.
    Size {
        /// The length it should have, in bytes.
        expected: u64,
        /// The length it has, in bytes.
        got: u64,
    },
    /// It has another hash.
    Digest {
        /// The hash it should have.
        expected: Digest,
        /// The hash it has.
        got: Digest,
    },
    /// It is not in the lock.
    Untracked,
    /// It is in the lock, and excluded.
    Denied,
}

impl DiscrepancyKind {
    /// Whether something exists where nothing should.
    pub(super) fn is_unwanted(&self) -> bool {
        matches!(self, Self::Untracked | Self::Denied)
    }
}
