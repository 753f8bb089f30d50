//! Bounds memory over all threads: of work that takes much of it, one piece is done at a time in the whole process.
//!
//! Files are scanned side by side, and a limit for each of them would be one for the number of processors. What is
//! small goes on beside what is large, so that hardly anything waits: weights are not read into memory, and most
//! documents are small.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// From how many bytes on a piece of work waits for its turn.
const LARGE: usize = 8 << 20;

static LARGE_WORK: Mutex<()> = Mutex::new(());

thread_local! {
    /// The turn of this thread, and how many hold it: an archive and what is in it are one piece of work.
    static HELD: RefCell<(usize, Option<MutexGuard<'static, ()>>)> = const { RefCell::new((0, None)) };
}

/// The turn to do something that takes much memory. It ends when it is dropped, on the thread that took it.
#[must_use]
pub(crate) struct MemoryPermit {
    is_held: bool,
    /// The turn belongs to a thread.
    _thread: PhantomData<*const ()>,
}

impl MemoryPermit {
    /// Waits until work that takes about `bytes` may be done. Small work never waits.
    pub(crate) fn of(bytes: usize) -> Self {
        let is_held = bytes > LARGE;
        if is_held {
            HELD.with_borrow_mut(|(holders, turn)| {
                *holders = holders.saturating_add(1);
                turn.get_or_insert_with(|| LARGE_WORK.lock().unwrap_or_else(PoisonError::into_inner));
            });
        }
        Self { is_held, _thread: PhantomData }
    }
}

impl Drop for MemoryPermit {
    fn drop(&mut self) {
        if self.is_held {
            HELD.with_borrow_mut(|(holders, turn)| {
                *holders = holders.saturating_sub(1);
                if *holders == 0 {
                    *turn = None;
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGE, MemoryPermit};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn large_work_is_done_one_at_a_time_and_within_itself() {
        let now = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _outer = MemoryPermit::of(LARGE + 1);
                        let inner = MemoryPermit::of(usize::MAX);
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        drop(inner);
                        std::thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                        let _small = MemoryPermit::of(LARGE);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 1);
    }
}
