//! What a person sees on stderr while a command works: bars on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use modelpin_ops::reporter::{Event, Reporter};
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Refusals only.
    Quiet,
    /// Notes and progress as well.
    Normal,
    /// Every step.
    Verbose,
}

/// The reporter of the command line.
pub struct Progress {
    loudness: Loudness,
    bar: ProgressBar,
    live: bool,
    /// When the bar of a scan is due; none where no scan is under way.
    due: Mutex<Option<Instant>>,
}

/// Most scans are over before anyone could read a bar.
const PATIENCE: Duration = Duration::from_secs(1);

impl Progress {
    /// A reporter that says so much.
    #[must_use]
    pub fn new(loudness: Loudness) -> Self {
        let live = loudness >= Loudness::Normal && std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let template = "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { loudness, bar, live, due: Mutex::new(None) }
    }

    /// Says one line.
    pub fn note(&self, note: &str) {
        if self.loudness >= Loudness::Normal {
            self.line(note);
        }
    }

    fn line(&self, line: &str) {
        // A stderr that is gone is no reason to stop.
        self.bar.suspend(|| drop(writeln!(anstream::stderr(), "{line}")));
    }

    fn scanning(&self, files: usize, bytes: u64) {
        if self.live {
            let template = "{bar:30} {pos}/{len} files  {msg}";
            self.bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.bar.set_length(files as u64);
            self.bar.set_position(0);
            self.bar.set_message(format!("{} to judge", crate::render::bytes(bytes)));
            *self.due.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PATIENCE);
        } else if self.loudness == Loudness::Verbose {
            self.line(&format!("scanning {files} files, {}", crate::render::bytes(bytes)));
        }
    }

    fn scanned(&self, files: u64) {
        self.bar.inc(files);
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.take_if(|due| *due <= Instant::now()).is_some() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.tick();
        }
    }

    fn done(&self) {
        if self.live {
            *self.due.lock().unwrap_or_else(PoisonError::into_inner) = None;
            self.bar.finish_and_clear();
            self.bar.set_draw_target(ProgressDrawTarget::hidden());
        }
    }

    fn fetching(&self, files: usize, bytes: u64) {
        if self.live {
            self.bar.set_length(bytes);
            self.bar.set_position(0);
            self.bar.set_message(format!("{files} files to go"));
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        } else if files > 0 {
            self.note(&format!("fetching {files} files, {}", crate::render::bytes(bytes)));
        }
    }
}

impl Reporter for Progress {
    fn report(&self, event: Event<'_>) {
        match event {
            Event::Note(note) => self.note(&format!("note: {note}")),
            Event::Resolving(name) if self.loudness == Loudness::Verbose => self.line(&format!("resolving {name}")),
            Event::Published(name) if self.loudness == Loudness::Verbose => self.line(&format!("published {name}")),
            Event::Fetching { files, bytes } => self.fetching(files, bytes),
            Event::Bytes(bytes) => self.bar.inc(bytes),
            Event::Fetched | Event::ScanDone => self.done(),
            Event::Scanning { files, bytes } => self.scanning(files, bytes),
            Event::Scanned(files) => self.scanned(files),
            Event::Resolving(_) | Event::Published(_) | Event::Proven => {}
        }
    }
}
