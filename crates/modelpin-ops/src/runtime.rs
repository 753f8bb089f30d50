//! Waiting: for a network, and for threads that may block.

use crate::refusal::Failure;
use std::any::Any;
use std::cell::OnceCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::sync::Once;
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

/// Threads that drive connections. Hashing and writing have their own.
const WORKERS: usize = 2;

/// What a failure to start a thread was doing.
const START_THREAD: &str = "start a thread";

/// Runs what waits. A verb that finds everything in place starts no thread for it: the threads are made when something
/// waits for the first time, and end with this.
#[derive(Debug, Default)]
pub struct Runtime {
    tokio: OnceCell<tokio::runtime::Runtime>,
}

impl Runtime {
    /// Runs `work` to its end. `work` must not call this again.
    ///
    /// # Errors
    /// Those of `work`; a thread that cannot be started.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let tokio = match self.tokio.get() {
            Some(made) => made,
            None => {
                let made =
                    without_thread_panics(|| Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build())?;
                let made = made.map_err(Failure::system(START_THREAD))?;
                self.tokio.get_or_init(|| made)
            }
        };
        without_thread_panics(|| tokio.block_on(work))?
    }
}

/// Runs `work`, which may block, on a thread of its own.
///
/// # Errors
/// A panic of `work`.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    spawn_blocking(work).await.map_err(|error| Failure::internal(format_args!("a worker thread ended: {error}")))
}

/// How the panic begins with which tokio reports that the system gives it no thread. It has no other way to report it.
const NO_THREAD: &str = "OS can't spawn worker thread";

/// What `work` gives, with a failure in the place of tokio's panic for want of threads.
fn without_thread_panics<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
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
        Some(source) => Failure::System { doing: START_THREAD, source },
        None => resume_unwind(panic),
    })
}

/// The I/O error to report for a panic of the runtime that could not start a thread; none for any other panic.
fn no_thread(panic: &(dyn Any + Send)) -> Option<io::Error> {
    let message = panic.downcast_ref::<String>().filter(|message| message.starts_with(NO_THREAD))?;
    let why = message.trim_start_matches(NO_THREAD).trim_start_matches(':').trim();
    Some(io::Error::new(io::ErrorKind::WouldBlock, format!("the system cannot start more threads ({why})")))
}

#[cfg(test)]
mod tests {
    use super::{Runtime, blocking};
    use crate::refusal::Failure;
    use std::error::Error as _;

    #[test]
    fn a_missing_thread_is_a_failure_and_no_panic() {
        let none = async { panic!("OS can't spawn worker thread: {}", std::io::Error::from_raw_os_error(11)) };
        let failure = Runtime::default().block_on::<()>(none).unwrap_err();
        assert!(matches!(failure, Failure::System { doing: "start a thread", .. }), "{failure:?}");
        let source = failure.source().unwrap().to_string();
        assert!(source.contains("cannot start more threads"), "{source}");
    }

    #[test]
    #[should_panic(expected = "another")]
    fn another_panic_stays_one() {
        let _ = Runtime::default().block_on::<()>(async { panic!("another: {}", 1) });
    }

    #[test]
    fn a_panic_of_blocking_work_is_a_failure() {
        let failure = Runtime::default().block_on::<()>(blocking(|| panic!("within"))).unwrap_err();
        assert!(matches!(failure, Failure::Internal { .. }), "{failure:?}");
    }
}
