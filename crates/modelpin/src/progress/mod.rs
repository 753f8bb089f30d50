//! What a person sees on stderr while a command works: bars on a terminal, plain lines elsewhere.

mod transfer;

use crate::out::{self, one_line};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use modelpin_ops::reporter::{Event, Reporter};
use modelpin_schema::{Digest, RepoPath};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use transfer::Transfer;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Refusals only.
    Quiet,
    /// Notes and progress as well.
    Normal,
    /// Every step.
    Verbose,
}

/// The reporter of the command line.
pub struct Progress {
    verbosity: Verbosity,
    /// Every bar is in here, so that a line can be said between them.
    bars: MultiProgress,
    /// Of all that is done.
    bar: ProgressBar,
    live: bool,
    now: Mutex<Now>,
}

/// What is under way.
#[derive(Default)]
struct Now {
    /// When the bar of a scan is due; none where no scan is under way.
    due: Option<Instant>,
    transfer: Option<Transfer>,
    /// The bars of the large files.
    files: BTreeMap<Digest, ProgressBar>,
}

/// Most scans are over before anyone could read a bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// A file of so many bytes has a bar of its own.
const LARGE: u64 = 32 << 20;

impl Progress {
    /// A reporter that says so much.
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

    /// Says one line.
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
            self.bar.set_style(style("{bar:30} {pos}/{len} files  {msg}"));
            self.bar.set_length(files as u64);
            self.bar.set_position(0);
            self.bar.set_message(format!("{} to judge", crate::render::bytes(bytes)));
            self.now().due = Some(Instant::now() + PATIENCE);
        } else if self.verbosity == Verbosity::Verbose {
            self.line(&format!("scanning {files} files, {}", crate::render::bytes(bytes)));
        }
    }

    fn scanned(&self, files: u64) {
        self.bar.inc(files);
        if self.now().due.take_if(|due| *due <= Instant::now()).is_some() {
            self.show();
        }
    }

    fn fetching(&self, files: usize, bytes: u64) {
        self.now().transfer = Some(Transfer::new(bytes, Instant::now()));
        if self.live {
            self.bar.set_style(style("{bar:30} {bytes}/{total_bytes}  {msg}"));
            self.bar.set_length(bytes);
            self.bar.set_position(0);
            self.bar.set_message(format!("{files} files to go"));
            self.show();
        } else if files > 0 {
            self.note(&format!("fetching {files} files, {}", crate::render::bytes(bytes)));
        }
    }

    fn tight(&self, missing: u64, room: u64) {
        let (missing, room) = (crate::render::bytes(missing), crate::render::bytes(room));
        self.note(&format!(
            "note: {missing} have to come, and the store's disk has room for {room}; what fits is kept (`modelpin cache prune` makes room)"
        ));
    }

    /// What a change of the transfer makes to be seen.
    fn moved(&self, change: impl FnOnce(&mut Transfer)) {
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

    fn opened(&self, file: Digest, path: &RepoPath, bytes: u64, here: u64) {
        if self.live && bytes >= LARGE {
            let bar = ProgressBar::new(bytes).with_position(here).with_message(path.to_string());
            bar.set_style(style("{bar:30} {bytes}/{total_bytes}  {msg}"));
            self.now().files.insert(file, self.bars.insert_before(&self.bar, bar));
        }
        self.moved(|transfer| transfer.here(here));
    }

    fn came(&self, file: &Digest, bytes: u64) {
        if let Some(bar) = self.now().files.get(file) {
            bar.inc(bytes);
        }
        self.moved(|transfer| transfer.came(bytes));
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
            Event::Published(name) if self.verbosity == Verbosity::Verbose => self.line(&format!("published {name}")),
            Event::Fetching { files, bytes } => self.fetching(files, bytes),
            Event::InsufficientSpace { missing, available } => self.tight(missing, available),
            Event::CacheHit(bytes) => self.moved(|transfer| transfer.here(bytes)),
            Event::FileStarted { file, path, bytes, here } => self.opened(*file, path, bytes, here),
            Event::BytesReceived { file, bytes } => self.came(file, bytes),
            Event::BytesDiscarded(bytes) => self.moved(|transfer| transfer.lost(bytes)),
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
