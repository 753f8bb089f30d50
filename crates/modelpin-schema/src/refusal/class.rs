//! Classes of errors.

/// The class of an error, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// A fault of modelpin, or trouble of the machine: exit 1.
    Internal,
    /// An invalid command line, manifest or lock: exit 2.
    Usage,
    /// The lock is missing or not up to date with the manifest: exit 3.
    Stale,
    /// Bytes, sizes or files are not those of the lock: exit 4.
    Integrity,
    /// The bytes are those of the lock, and the policy denies them: exit 5.
    Policy,
    /// A repo is not the one that was locked: exit 6.
    Identity,
    /// The Hub is unreachable, denies access, limits requests, or has no such repo, revision or file: exit 7.
    Upstream,
}

impl ErrorClass {
    /// Which of several errors decides the exit code; the highest does. What cannot be read comes before everything
    /// that was found by reading.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Internal => 7,
            Self::Usage => 6,
            Self::Integrity => 5,
            Self::Identity => 4,
            Self::Policy => 3,
            Self::Stale => 2,
            Self::Upstream => 1,
        }
    }
}
