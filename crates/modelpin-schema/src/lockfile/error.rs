//! Why a lock is refused.

use crate::fault::{Fault, Place};
use crate::{Digest, Name};

/// Why a lock is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The text is not a lock that this version can read.
    #[error(transparent)]
    Unreadable(Box<Fault>),
    /// A recorded digest does not follow from the files: somebody edited the lock.
    #[error("`{name}` was edited by hand")]
    Edited {
        /// The entry.
        name: Name,
        /// Which digest: `tree`, the `digest` of its code, or the `source` of a conversion.
        key: &'static str,
        /// The digest that the lock records.
        recorded: Digest,
        /// The digest of its files.
        computed: Digest,
        /// The digest's line.
        place: Option<Box<Place>>,
    },
}

impl From<Fault> for LockError {
    fn from(fault: Fault) -> Self {
        Self::Unreadable(Box::new(fault))
    }
}
