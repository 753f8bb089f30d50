//! Progress on stderr: bars on a terminal, plain lines elsewhere.

mod transfer;

use crate::out::{self, one_line};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use modelpin_ops::reporter::{Event, Reporter};
use modelpin_schema::text::count;
use modelpin_schema::{Digest, RepoPath};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use transfer::Transfer;

/// How much is printed on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// Notes and progress too.
    Normal,
    /// Each step too.
    Verbose,
}

/// The reporter of the command line.
pub struct Progress {
    verbosity: Verbosity,
    /// All bars, so that a line can be printed above them.
    bars: MultiProgress,
    /// The bar of the whole transfer or scan.
    bar: ProgressBar,
    live: bool,
    now: Mutex<Now>,
}

/// The work in progress.
#[derive(Default)]
struct Now {
    /// When the bar of a scan is due; none where no scan is under way.
    due: Option<Instant>,
    transfer: Option<Transfer>,
    /// The line that announces a transfer, until the first byte of it has to be downloaded.
    announcement: Option<String>,
    /// The bars of large files, by SHA-256.
    files: BTreeMap<Digest, ProgressBar>,
}

/// Most scans are over before anyone could read a bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// A file of at least this many bytes has a bar of its own.
const LARGE: u64 = 32 << 20;

impl Progress {
    /// A reporter of that verbosity.
    #[must_use]
    pub fn new(verbosity: Verbosity) -> Self {
        let live = verbosity >= Verbosity::Normal && std::io::stderr().is_terminal();
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let bar = bars.add(ProgressBar::no_length());
        Self { verbosity, bars, bar, live, now: Mutex::default() }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints one line, unless only errors are printed.
    pub fn note(&self, note: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.line(note);
        }
    }

    /// Prints text of whole lines.
    pub fn print(&self, text: &str) {
        text.lines().for_each(|line| self.note(line));
    }

    fn line(&self, line: &str) {
        self.bars.suspend(|| out::stderr(&format!("{}\n", one_line(line))));
    }

    fn show(&self) {
        self.bars.set_draw_target(ProgressDrawTarget::stderr());
        self.bar.tick();
    }

    fn scanning(&self, files: usize, bytes: u64) {
        if self.live {
            self.bar.set_style(style("{bar:20} {pos}/{len} files  {wide_msg}"));
            self.bar.set_length(files as u64);
            self.bar.set_position(0);
            self.bar.set_message(format!("{} to scan", crate::render::bytes(bytes)));
            self.now().due = Some(Instant::now() + PATIENCE);
        } else if self.verbosity == Verbosity::Verbose {
            self.line(&format!("scanning {}, {}", count(files, "file"), crate::render::bytes(bytes)));
        }
    }

    fn scanned(&self, files: u64) {
        self.bar.inc(files);
        if self.now().due.take_if(|due| *due <= Instant::now()).is_some() {
            self.show();
        }
    }

    fn fetching(&self, files: usize, bytes: u64) {
        let announcement = format!("fetching {}, {}", count(files, "file"), crate::render::bytes(bytes));
        {
            let mut now = self.now();
            now.transfer = Some(Transfer::new(bytes, Instant::now()));
            now.announcement = Some(announcement).filter(|_| !self.live && files > 0);
        }
        if self.live {
            self.bar.set_style(style("{bar:20} {bytes}/{total_bytes}  {wide_msg}"));
            self.bar.set_length(bytes);
            self.bar.set_position(0);
            self.bar.set_message(count(files, "file"));
            self.show();
        }
    }

    fn insufficient_space(&self, missing: u64, available: u64) {
        let missing = crate::render::bytes(missing);
        let available = crate::render::bytes(available);
        self.note(&format!(
            "note: {missing} to download, but only {available} free on the cache disk; completed files are kept, and \
             `modelpin cache prune` frees space"
        ));
    }

    /// Changes the transfer, and shows how far it is now.
    fn update(&self, change: impl FnOnce(&mut Transfer)) {
        let at = Instant::now();
        let line = {
            let mut now = self.now();
            let Some(transfer) = &mut now.transfer else { return };
            change(transfer);
            if self.live {
                self.bar.set_length(transfer.total());
                self.bar.set_position(transfer.done());
                self.bar.set_message(transfer.pace(at));
            }
            transfer.line(at).filter(|_| !self.live)
        };
        line.iter().for_each(|line| self.note(line));
    }

    fn file_started(&self, file: Digest, path: &RepoPath, bytes: u64, here: u64) {
        let announcement = self.now().announcement.take();
        announcement.iter().for_each(|line| self.note(line));
        if self.live && bytes >= LARGE {
            let bar = ProgressBar::new(bytes).with_position(here).with_message(path.to_string());
            bar.set_style(style("{bar:20} {bytes}/{total_bytes}  {wide_msg}"));
            self.now().files.insert(file, self.bars.insert_before(&self.bar, bar));
        }
        self.update(|transfer| transfer.found(here));
    }

    fn received(&self, file: &Digest, bytes: u64) {
        if let Some(bar) = self.now().files.get(file) {
            bar.inc(bytes);
        }
        self.update(|transfer| transfer.received(bytes));
    }

    fn done(&self) {
        let now = std::mem::take(&mut *self.now());
        if self.live {
            now.files.values().for_each(ProgressBar::finish_and_clear);
            self.bar.finish_and_clear();
            self.bars.set_draw_target(ProgressDrawTarget::hidden());
        } else if let Some(line) = now.transfer.and_then(|transfer| transfer.end(Instant::now())) {
            self.note(&line);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Reporter for Progress {
    fn report(&self, event: Event<'_>) {
        match event {
            Event::Note(note) => self.note(&format!("note: {note}")),
            Event::Resolving(name) if self.verbosity == Verbosity::Verbose => self.line(&format!("resolving {name}")),
            Event::Published(name) if self.verbosity == Verbosity::Verbose => self.line(&format!("installed {name}")),
            Event::Fetching { files, bytes } => self.fetching(files, bytes),
            Event::InsufficientSpace { missing, available } => self.insufficient_space(missing, available),
            Event::CacheHit(bytes) => self.update(|transfer| transfer.found(bytes)),
            Event::FileStarted { file, path, bytes, here } => self.file_started(*file, path, bytes, here),
            Event::BytesReceived { file, bytes } => self.received(file, bytes),
            Event::BytesDiscarded(bytes) => self.update(|transfer| transfer.discarded(bytes)),
            Event::FileVerified(file) => {
                if let Some(bar) = self.now().files.remove(file) {
                    bar.finish_and_clear();
                }
            }
            Event::Fetched | Event::ScanDone => self.done(),
            Event::Scanning { files, bytes } => self.scanning(files, bytes),
            Event::Scanned(files) => self.scanned(files),
            Event::Resolving(_) | Event::Published(_) => {}
        }
    }
}
