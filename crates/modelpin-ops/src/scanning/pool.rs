//! Scanning many files at once, with reports in an order that does not depend on which thread is quicker.

use super::input::{Opened, ScanInput, unread};
use crate::refusal::Failure;
use crate::reporter::{Event, Reporter};
use modelpin_rules::file;
use modelpin_scan::{Limits, Report, scan};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::Duration;

/// Bytes of stack for each thread: scanners may recurse a little.
const STACK: usize = 8 << 20;

/// The most threads: small files are scanned side by side, and each of them may hold some 20 MiB for it.
const MOST: usize = 8;

/// How often progress is reported.
const TICK: Duration = Duration::from_millis(250);

/// A file to scan.
pub(crate) struct ScanTask {
    /// Its path in its repo or folder: a hint for the scanner.
    pub(crate) path: String,
    /// Where it is.
    pub(crate) input: ScanInput,
}

/// Something that is scanned.
pub(crate) trait Scannable: Sync {
    /// Its path in its repo or folder: a hint for the scanner.
    fn path(&self) -> &str;

    /// Its length in bytes.
    fn size(&self) -> u64;
}

impl Scannable for ScanTask {
    fn path(&self) -> &str {
        &self.path
    }

    fn size(&self) -> u64 {
        self.input.size()
    }
}

/// The tasks, and which of them comes next.
struct Queue<'a, T> {
    tasks: &'a [T],
    order: Vec<usize>,
    next: AtomicUsize,
    look: &'a (dyn Fn(&T) -> Report + Sync),
}

impl<T: Scannable> Queue<'_, T> {
    /// Scans one task after the other until none is left. A panic becomes a report that is not there.
    fn work(&self, send: &Sender<(usize, Option<Report>)>) {
        while let Some(at) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)).copied() {
            let Some(task) = self.tasks.get(at) else { return };
            let report = catch_unwind(AssertUnwindSafe(|| (self.look)(task))).ok();
            if send.send((at, report)).is_err() {
                return;
            }
        }
    }
}

/// Scans all `tasks`, at most `jobs` at once, no more than there are processors, and no more than [`MOST`]. The reports
/// are in the order of the tasks.
///
/// # Errors
/// A scanner that panics: its file was not scanned, so nothing was; no thread for a scanner.
pub(crate) fn scan_files(tasks: &[ScanTask], jobs: usize, reporter: &dyn Reporter) -> Result<Vec<Report>, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs).min(MOST);
    scan_with(&one, tasks, threads, reporter)
}

/// Scans all `tasks` as `look` does, on so many threads. The reports are in the order of the tasks.
///
/// # Errors
/// As for [`scan_files`].
pub(crate) fn scan_with<T: Scannable>(
    look: &(dyn Fn(&T) -> Report + Sync),
    tasks: &[T],
    threads: usize,
    reporter: &dyn Reporter,
) -> Result<Vec<Report>, Failure> {
    let bytes = tasks.iter().fold(0_u64, |sum, task| sum.saturating_add(task.size()));
    reporter.report(Event::Scanning { files: tasks.len(), bytes });
    // The largest first, so that no single long file is left for the end.
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(tasks.get(*at).map_or(0, Scannable::size)));
    let reports = on_threads(&Queue { tasks, order, next: AtomicUsize::new(0), look }, threads, reporter);
    reporter.report(Event::ScanDone);
    reports?.into_iter().zip(tasks).map(|(report, task)| report.ok_or_else(|| broke(task.path()))).collect()
}

fn on_threads<T: Scannable>(
    queue: &Queue<'_, T>,
    threads: usize,
    reporter: &dyn Reporter,
) -> Result<Vec<Option<Report>>, Failure> {
    let mut reports: Vec<Option<Report>> = vec![None; queue.tasks.len()];
    std::thread::scope(|scope| {
        let (send, receive) = channel();
        for _ in 0..threads.clamp(1, queue.tasks.len().max(1)) {
            let send = send.clone();
            let started = Builder::new().stack_size(STACK).spawn_scoped(scope, move || queue.work(&send));
            started.map_err(Failure::system("start a thread"))?;
        }
        drop(send);
        loop {
            match receive.recv_timeout(TICK) {
                Ok((at, report)) => {
                    if let Some(slot) = reports.get_mut(at) {
                        *slot = report;
                    }
                    reporter.report(Event::Scanned(1));
                }
                Err(RecvTimeoutError::Timeout) => reporter.report(Event::Scanned(0)),
                Err(RecvTimeoutError::Disconnected) => return Ok::<(), Failure>(()),
            }
        }
    })?;
    Ok(reports)
}

/// Does `work` on a thread with a stack like that of every scanner. None where it panics.
///
/// # Errors
/// No thread for it.
pub(crate) fn on_scanner_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Result<Option<T>, Failure> {
    std::thread::scope(|scope| {
        let started = Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let started = started.map_err(Failure::system("start a thread"))?;
        Ok(started.join().ok())
    })
}

fn broke(path: &str) -> Failure {
    Failure::internal(format_args!("the scanner panicked on `{path}`; nothing was found safe"))
}

fn one(task: &ScanTask) -> Report {
    match &task.input {
        ScanInput::File(at, _) => match Opened::new(at) {
            Ok(opened) => scan(&opened, &task.path, &Limits::default()),
            Err(error) => unread(&file::UNREADABLE, &error.to_string()),
        },
        ScanInput::NotScanned(rule, evidence) => unread(rule, evidence),
    }
}

#[cfg(test)]
mod tests {
    use super::{ScanTask, one, scan_files, scan_with};
    use crate::refusal::ErrorClass;
    use crate::reporter::Silent;
    use crate::scanning::input::ScanInput;
    use modelpin_rules::file;

    fn task(path: &str) -> ScanTask {
        ScanTask { path: path.to_owned(), input: ScanInput::NotScanned(&file::LINK_OUT, path.to_owned()) }
    }

    #[test]
    fn reports_come_in_the_order_of_the_tasks() {
        let tasks: Vec<ScanTask> = (0..200).map(|at| task(&at.to_string())).collect();
        let reports = scan_files(&tasks, 4, &Silent).unwrap();
        for (task, report) in tasks.iter().zip(reports) {
            assert_eq!(report.findings[0].evidence, task.path);
        }
        assert!(scan_files(&[], 0, &Silent).unwrap().is_empty());
    }

    #[test]
    fn a_scanner_that_breaks_finds_nothing_safe() {
        let tasks: Vec<ScanTask> = (0..9).map(|at| task(&at.to_string())).collect();
        let look = |task: &ScanTask| if task.path == "5" { panic!("as a scanner might") } else { one(task) };
        let failure = scan_with(&look, &tasks, 2, &Silent).unwrap_err();
        assert_eq!(failure.class(), ErrorClass::Internal);
        assert!(format!("{failure:?}").contains("the scanner panicked on `5`"));
    }
}
