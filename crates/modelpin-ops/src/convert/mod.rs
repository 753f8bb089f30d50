//! Conversions: from a locked pickle to safetensors in the store, without unpickling, and to the same bytes again on
//! every other machine.
//!
//! A result is content like any other: it is in the store by its SHA-256, and verified by it.
//!
//! - here: making a result that nobody knows yet
//! - `index`: the index of the results of shards
//! - `reproduce`: the results of a lock, from wherever they are, else made again

mod index;
mod reproduce;

pub(crate) use index::{ConvertedShard, make_index};
pub(crate) use reproduce::{check, obtain};

use crate::online::{Online, waiting_for};
use crate::refusal::{Failure, Refusal, convert as refuse};
use crate::reporter::Reporter;
use crate::runtime::blocking;
use crate::scanning::{Opened, ScanInput, ScanTask, on_scanner_thread, scan_files};
use modelpin_scan::convert::{Conversion, WriteError, convert};
use modelpin_scan::{Format, Limits, Report, Verdict};
use modelpin_schema::{Digest, Name, RepoPath};
use modelpin_store::{self as store, ContentHasher, Mismatch, Verification, Verified};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// A result in the store, and what became of what was in the source.
#[derive(Debug, Clone)]
pub struct Made {
    pub(crate) result: Verified,
    /// Tensors in it.
    pub tensors: u64,
    /// Names whose tensor is in it under another name: the name, and that other.
    pub aliases: BTreeMap<String, String>,
    /// What of the source is not in it, and why.
    pub dropped: BTreeMap<String, String>,
}

/// Converts the file at `path`, whose bytes are `source`.
///
/// # Errors
/// A file that the converter refuses; a source that changes meanwhile; I/O errors from the store.
pub(crate) async fn make(online: &Online, path: &RepoPath, source: Verified) -> Result<Made, Failure> {
    let at = path.clone();
    let work = move |online: &Online| {
        online.note(format_args!("converting `{at}`"));
        with_conversion(&at, &source, |conversion, opened| {
            // Its name is its hash, so it is written twice: once to learn that, and once to be kept. The store checks
            // that both are the same.
            let mut sum = Sum(ContentHasher::default());
            conversion.write(&mut sum)?;
            let now = opened.trace().map_err(Failure::io("look at", source.path()))?;
            if now != source.stat() {
                return Err(changed(&at).into());
            }
            let size = sum.0.size();
            let digest = sum.0.digest();
            let result =
                store_result(online, &|out| conversion.write(out), &at, &digest, size)?.map_err(|_| changed(&at))?;
            let aliases = conversion.aliases().clone();
            let dropped = conversion.dropped().clone();
            Ok(Made { result, tensors: conversion.tensors(), aliases, dropped })
        })
    };
    let outside = |why: &str| refuse::outside(path, why);
    let online = online.clone();
    blocking(move || work(&online)).await?.map_err(|stop| stop.into_failure(outside))
}

/// What was seen of each of the `results` that is not data to every loader; they come with the path that they are to
/// have in their repo, and the place of their bytes.
///
/// # Errors
/// A scanner that broke; no thread for it.
pub(crate) fn not_data_in(
    results: &[(RepoPath, PathBuf)],
    jobs: usize,
    reporter: &dyn Reporter,
) -> Result<BTreeMap<RepoPath, String>, Failure> {
    let task =
        |(path, place): &(RepoPath, PathBuf)| ScanTask { path: path.to_string(), input: ScanInput::at(place.clone()) };
    let tasks: Vec<ScanTask> = results.iter().map(task).collect();
    let reports = scan_files(&tasks, jobs, reporter)?;
    let is_data = |report: &Report| report.format == Format::Safetensors && report.verdict() == Verdict::Safe;
    let odd = results.iter().zip(&reports).filter(|(_, report)| !is_data(report));
    let odd = odd.map(|((path, _), report)| {
        let found = report.findings.first().map(|finding| format!(", with `{}`", finding.rule.id));
        (path.clone(), format!("{}{}", report.format.word(), found.unwrap_or_default()))
    });
    Ok(odd.collect())
}

/// Does `work` with the conversion of the file at `path`, where a hostile file can neither overflow the stack nor crash
/// the program.
fn with_conversion<T: Send>(
    path: &RepoPath,
    source: &Verified,
    work: impl FnOnce(&Conversion<'_>, &Opened) -> Result<T, Stop> + Send,
) -> Result<T, Stop> {
    let opened = Opened::new(source.path()).map_err(Failure::io("open", source.path()))?;
    let done = on_scanner_thread(|| {
        let conversion = convert(&opened, path.as_str(), &Limits::default());
        work(&conversion.map_err(|refused| Stop::Outside(refused.to_string()))?, &opened)
    });
    done?.unwrap_or_else(|| {
        Err(Failure::internal(format_args!("the converter panicked on `{path}`; nothing was converted")).into())
    })
}

/// Why a conversion has no result.
enum Stop {
    /// The converter does not take the file, for this reason.
    Outside(String),
    /// Something else.
    Failed(Failure),
}

impl Stop {
    /// The failure; `outside` is what a file that is not taken means.
    fn into_failure(self, outside: impl FnOnce(&str) -> Refusal) -> Failure {
        match self {
            Self::Outside(why) => outside(&why).into(),
            Self::Failed(failure) => failure,
        }
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Failure::from(error).into()
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<WriteError> for Stop {
    fn from(error: WriteError) -> Self {
        match error {
            // Some of what a file holds is seen only when it is written.
            WriteError::Source(why) => Self::Outside(why),
            WriteError::Output(error) => Self::Failed(Failure::System { doing: "convert", source: error }),
        }
    }
}

/// Writes a result, the same bytes every time.
type Write<'w> = &'w dyn Fn(&mut dyn io::Write) -> Result<(), WriteError>;

/// Writes the result into the store, unless it is there: as content of that digest and size, or none where it is other
/// content.
fn store_result(
    online: &Online,
    write: Write<'_>,
    path: &RepoPath,
    digest: &Digest,
    size: u64,
) -> Result<Result<Verified, Mismatch>, Stop> {
    let store = &online.store;
    let work = format!("converts `{path}`");
    let lock = store.lock(digest, &|| online.note(waiting_for(store.holder(digest), &work)))?;
    match store.verify(digest, size)? {
        Verification::Good(verified) => return Ok(Ok(verified)),
        Verification::Bad(mismatch) => {
            if !store.remove_if_damaged(digest)? {
                return Ok(Err(mismatch));
            }
        }
        Verification::Absent => {}
    }
    let mut sink = Sink { staged: store.stage_temporary(lock, size)?, failed: None };
    let written = write(&mut sink);
    let finished = match (written, sink.failed) {
        (_, Some(error)) => Err(error),
        (Err(error), None) => return Err(error.into()),
        (Ok(()), None) => sink.staged.finish(),
    };
    match finished {
        Ok(verified) => Ok(Ok(verified)),
        Err(store::Error::Mismatch(mismatch)) => Ok(Err(mismatch)),
        Err(error) => Err(error.into()),
    }
}

/// Hashes what is written.
struct Sum(ContentHasher);

impl io::Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Stages what is written, and keeps what went wrong.
struct Sink {
    staged: store::Staged,
    failed: Option<store::Error>,
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.staged.write(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                self.failed = Some(error);
                Err(io::Error::other("the store takes no more"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn changed(path: &RepoPath) -> Failure {
    Failure::changed(path)
}

/// The failure as one of the file at `path` of the entry `name`.
pub(crate) fn of(failure: Failure, name: &Name, path: &RepoPath) -> Failure {
    failure.map_refusals(|refusal| refusal.entry(name).file(path))
}
