//! A repo on the Hub, scanned by ranges of its files: nothing is downloaded to stay, and nothing that is found proves
//! anything later.

use super::report::{FileDecisions, ItemKind, RangesRead, ScannedFile, ScannedItem};
use crate::ranges::{Bounds, HubFile, Parts as _, RangeReader, Traffic};
use crate::refusal::{Failure, revisions, upstream};
use crate::reporter::Reporter;
use crate::resolve::commit;
use crate::runtime::blocking;
use crate::scanning::{Scannable, scan_with, unread};
use modelpin_hub::{Entry, Hub};
use modelpin_rules::file::UNREADABLE;
use modelpin_scan::{Limits, Report, scan};
use modelpin_schema::selection::{ListedFile, Selection};
use modelpin_schema::{CommitId, Filter, RepoPath, Requested, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Files that are scanned side by side: each of them may hold some 20 MiB for it.
const MOST_AT_ONCE: usize = 8;

/// The most that is read of one file: as much as the largest document that is read whole.
const FILE: u64 = 64 << 20;

/// The most that is read of one file of a large repo, so that no file of it takes what the others need.
const SHARE: u64 = 4 << 20;

/// The most that is read of one repo.
const REPO: u64 = 512 << 20;

/// The most requests for one file.
const REQUESTS: u32 = 1024;

/// The first request for a file: most of what is no weights is that long, and so are most headers.
const HEAD: u64 = 64 << 10;

/// A repo to be scanned, and how much of it.
pub struct RemoteOptions {
    /// The repo.
    pub source: Source,
    /// The revision, tag or commit.
    pub requested: Requested,
    /// Which files.
    pub files: RemoteFiles,
    /// How many files are scanned at once, at most.
    pub jobs: usize,
    /// Is told what happens.
    pub reporter: Arc<dyn Reporter>,
}

/// Which files of a repo are scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteFiles {
    /// Those that `modelpin add` would lock with this filter.
    Selected(Filter),
    /// These.
    These(BTreeSet<RepoPath>),
    /// All of them.
    All,
}

/// A file of the repo.
struct Remote {
    path: RepoPath,
    file: HubFile,
    bounds: Bounds,
}

impl Scannable for Remote {
    fn path(&self) -> &str {
        self.path.as_str()
    }

    fn size(&self) -> u64 {
        self.file.size()
    }
}

/// Scans a repo on the Hub by ranges of its files.
///
/// # Errors
/// A revision that is not there; whatever the Hub refuses, or answers otherwise than it should; a scanner that broke.
pub async fn scan_remote(hub: &Hub, options: &RemoteOptions) -> Result<ScannedItem, Failure> {
    let RemoteOptions { source, requested, files, jobs, reporter } = options;
    let before = hub.requests();
    let refused = |error| upstream::refused(source, error);
    let note = |note: String| reporter.report(crate::reporter::Event::Note(&note));
    let resolved = commit::resolve_at(hub, source, requested, None, &note).await?;
    let commit = resolved.commit;
    let listed = hub.tree(source, &commit).await.map_err(refused)?;
    let taken = taken(source, files, &listed);
    if taken.is_empty() {
        return Err(revisions::no_files(listed.len()).into());
    }
    let traffic = Traffic::within(REPO);
    let remote = remote(hub, source, &commit, &taken, &traffic);
    let (jobs, reporter) = ((*jobs).clamp(1, MOST_AT_ONCE), reporter.clone());
    let reports = blocking(move || {
        let look = |remote: &Remote| {
            let reader = RangeReader::new(&remote.file, remote.bounds);
            scan(&reader, remote.path(), &Limits::default())
        };
        let reports = scan_with(&look, &remote, jobs, &*reporter)?;
        Ok::<_, Failure>(remote.into_iter().map(|remote| remote.path.to_string()).zip(reports).collect())
    });
    let mut reports: BTreeMap<String, Report> = reports.await??;
    if let Some((path, error)) = traffic.failure() {
        return Err(refused(error).map_refusals(|refusal| refusal.file(&path)));
    }
    cross_check(&listed, &mut reports);
    let file = |(path, report)| ScannedFile { path, line: None, report, decisions: FileDecisions::default() };
    let read = RangesRead {
        requests: hub.requests().saturating_sub(before),
        bytes: traffic.read(),
        of: taken.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.size)),
        left_out: listed.len().saturating_sub(taken.len()),
    };
    let what = ItemKind::Repo { source: source.clone(), commit, read };
    Ok(ScannedItem { what, files: reports.into_iter().map(file).collect() })
}

fn taken<'a>(source: &Source, files: &RemoteFiles, listed: &'a [Entry]) -> Vec<&'a Entry> {
    let filter = match files {
        RemoteFiles::All => return listed.iter().collect(),
        RemoteFiles::These(paths) => return listed.iter().filter(|entry| paths.contains(&entry.path)).collect(),
        RemoteFiles::Selected(filter) => filter,
    };
    let all: Vec<ListedFile<'a>> =
        listed.iter().map(|entry| ListedFile { path: &entry.path, size: entry.size }).collect();
    let taken: BTreeSet<&RepoPath> = Selection::of(source.kind, &all, filter).taken().collect();
    listed.iter().filter(|entry| taken.contains(&entry.path)).collect()
}

/// The files, each with what may be read of it: the small ones whole, and of the others as much as is left.
fn remote(hub: &Hub, source: &Source, commit: &CommitId, taken: &[&Entry], traffic: &Arc<Traffic>) -> Vec<Remote> {
    let mut by_size = taken.to_vec();
    by_size.sort_by_key(|entry| (entry.size, &entry.path));
    let mut left = REPO;
    let file = |entry: &&Entry| {
        let most = entry.size.min(FILE);
        let bytes = match left.checked_sub(most) {
            Some(rest) => {
                left = rest;
                most
            }
            None => most.min(SHARE),
        };
        let bounds = Bounds { head: HEAD, bytes, requests: REQUESTS };
        let file = hub.file(source, commit, &entry.path, entry.size);
        let file = HubFile::new(file, entry.path.clone(), entry.size, Handle::current(), traffic.clone());
        Remote { path: entry.path.clone(), file, bounds }
    };
    by_size.iter().map(file).collect()
}

/// Holds the files against each other. Those that were not scanned count as there.
fn cross_check(listed: &[Entry], reports: &mut BTreeMap<String, Report>) {
    let scanned: BTreeSet<String> = reports.keys().cloned().collect();
    for entry in listed {
        reports.entry(entry.path.to_string()).or_insert_with(|| unread(&UNREADABLE, ""));
    }
    modelpin_scan::cross_check(reports);
    reports.retain(|path, _| scanned.contains(path));
}
