//! What waits for a network or for other threads, and what it takes to wait.

use crate::refusal::Failure;
use std::any::Any;
use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::sync::Once;
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
                let made =
                    short_of_threads(|| Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build())?;
                let made =
                    made.map_err(|error| Failure::Tool { program: "the runtime", message: error.to_string() })?;
                self.runtime.get_or_init(|| made)
            }
        };
        short_of_threads(|| runtime.block_on(work))?
    }
}

/// How the panic begins with which tokio says that the system gives it no thread. It has no other way to say so.
const NO_THREAD: &str = "OS can't spawn worker thread";

/// What `work` gives, and a failure in the place of a panic for want of threads.
fn short_of_threads<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if no_thread(panic.payload()).is_none() {
                before(panic);
            }
        }));
    });
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| match no_thread(&*panic) {
        Some(message) => Failure::Tool { program: "a worker thread", message },
        None => resume_unwind(panic),
    })
}

/// What a panic for want of threads says.
fn no_thread(panic: &(dyn Any + Send)) -> Option<String> {
    let said = panic.downcast_ref::<String>().filter(|said| said.starts_with(NO_THREAD))?;
    let why = said.trim_start_matches(NO_THREAD).trim_start_matches(':').trim();
    Some(format!("the system gives no more threads ({why}); end other programs, or raise the limit (`ulimit -u`)"))
}

#[cfg(test)]
mod tests {
    use super::Tasks;
    use crate::refusal::Failure;

    #[test]
    fn no_thread_is_a_failure_and_no_panic() {
        let none = async { panic!("OS can't spawn worker thread: {}", std::io::Error::from_raw_os_error(11)) };
        match Tasks::default().block_on::<()>(none) {
            Err(Failure::Tool { program: "a worker thread", message }) => {
                assert!(message.contains("no more threads"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    #[should_panic(expected = "another")]
    fn another_panic_stays_one() {
        let _ = Tasks::default().block_on::<()>(async { panic!("another: {}", 1) });
    }
}
