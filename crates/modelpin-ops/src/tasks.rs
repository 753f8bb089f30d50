//! What waits for a network or for other threads, and what it takes to wait.

use crate::refusal::Failure;
use std::cell::OnceCell;
use tokio::runtime::{Builder, Runtime};

/// Threads that drive connections. Hashing and writing have their own.
const WORKERS: usize = 2;

/// Runs what has to wait. A verb that finds everything in place starts no thread for it: they are made when something
/// waits for the first time, and end with this.
#[derive(Debug, Default)]
pub struct Tasks {
    runtime: OnceCell<Runtime>,
}

impl Tasks {
    /// Runs `work` to its end. It must not call this again.
    ///
    /// # Errors
    /// Those of `work`; the system's, where it gives no threads.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = match self.runtime.get() {
            Some(made) => made,
            None => {
                let made = Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
                let made =
                    made.map_err(|error| Failure::Tool { program: "the runtime", message: error.to_string() })?;
                self.runtime.get_or_init(|| made)
            }
        };
        runtime.block_on(work)
    }
}
