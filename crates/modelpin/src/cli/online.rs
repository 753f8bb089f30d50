//! Commands that talk to a Hub.

use modelpin_ops::{Failure, Runtime};

/// Runs a verb that talks to a Hub.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    Runtime::default().block_on(work)
}
