//! `scan`: a static verdict on locked files, or on any file or folder. Nothing is run, and nothing is written but
//! verified bytes of locked files into the store, so that people can look at what stays out of the target.
//!
//! - `options`, `selection`: what is scanned
//! - `report`: what was found
//! - `entry`, `walk`: the files of an entry of the lock, and of a folder
//! - `remote`: a repo on the Hub, by ranges
//! - `missing`: fetching locked files that are not in the target
//! - `known_decisions`: what users decided about them already

mod entry;
mod known_decisions;
mod missing;
mod options;
mod remote;
mod report;
mod selection;
mod walk;

pub use known_decisions::Decision;
pub use modelpin_scan::{Capability, Facts, Finding, Location, Occurrence, Report, Verdict};
pub use options::Options;
pub use remote::{RemoteFiles, RemoteOptions, scan_remote};
pub use report::{FileDecisions, ItemKind, RangesRead, Scanned, ScannedFile, ScannedItem};
pub use selection::{need_hub, need_project};

use crate::online::Online;
use crate::refusal::{Failure, upstream, usage};
use crate::reporter::Event;
use crate::scanning::{self, ScanTask, scan_files};
use crate::verbs::lock::{LockOptions, up_to_date};
use crate::workspace::Workspace;
use entry::Entry;
use known_decisions::Decided;
use missing::Missing;
use modelpin_schema::lockfile::Lockfile;
use modelpin_schema::{Filter, Requested, Source};
use options::Locked;
use selection::{Selected, select};
use std::collections::BTreeMap;

/// Scans what the options name. Locked files that are not in the target are fetched into the store. Names of entries
/// are those of `project`, where there is one.
///
/// # Errors
/// Words that are neither an entry nor a path; nothing to scan; locked files that are not found, or do not match the
/// lock; a scanner that broke.
pub async fn run(project: Option<(&Workspace, &Online)>, options: &Options) -> Result<Scanned, Failure> {
    let reporter = &*options.reporter;
    let unlocked = match project {
        Some((workspace, online)) => lock_of_unlocked(workspace, online, options).await?,
        None => None,
    };
    let locked = project.and_then(|(workspace, online)| {
        let lock = unlocked.as_ref().or(workspace.project.lock.as_ref())?;
        Some(Locked { workspace, online, lock })
    });
    let selected = select(options, project.map(|(workspace, _)| workspace), locked.map(|locked| locked.lock))?;
    let mut plan = Plan::default();
    let mut refusals = Vec::new();
    let mut repos = Vec::new();
    for (place, selected) in selected.into_iter().enumerate() {
        let selected = match selected {
            Selected::Repo { repo, requested } => {
                let source = Source { kind: options.kind, repo };
                repos.push((place, source, requested));
                continue;
            }
            local => local,
        };
        match plan.add(options, locked, selected) {
            Ok(()) => {}
            Err(Failure::Refused(refused)) => refusals.extend(refused),
            Err(other) => return Err(other),
        }
    }
    crate::refusal::fail_if_any(refusals)?;
    for folder in &plan.skipped {
        reporter.report(Event::Note(&format!("`{folder}` was not scanned: it is git's own")));
    }
    let has_entries = plan.subjects.iter().any(|planned| planned.entry.is_some());
    let decided = match locked.filter(|_| has_entries) {
        Some(locked) => {
            plan.fetch_missing(locked).await?;
            Some(Decided::of(locked).await?)
        }
        None => None,
    };
    let reports = if plan.tasks.is_empty() { Vec::new() } else { scan_files(&plan.tasks, options.jobs, reporter)? };
    let mut scanned = plan.scanned(reports, decided.as_ref());
    for (place, source, requested) in repos {
        let hub = options.hub.as_ref().ok_or_else(|| upstream::refused_offline(&source))?;
        let item = scan_remote(hub, &options.remote(source, requested)).await.map_err(|failure| {
            failure.map_refusals(|refusal| refusal.help("run `modelpin scan ./PATH` to scan a file or folder"))
        })?;
        scanned.subjects.insert(place.min(scanned.subjects.len()), item);
    }
    Ok(scanned)
}

impl Options {
    /// How a repo on the Hub is scanned.
    fn remote(&self, source: Source, requested: Requested) -> RemoteOptions {
        let files = if self.all_files { RemoteFiles::All } else { RemoteFiles::Selected(Filter::default()) };
        RemoteOptions { source, requested, files, jobs: self.jobs, reporter: self.reporter.clone() }
    }
}

/// The lock with entries that are only in models.toml, as it would be made now, where the options name any: what may
/// not be locked can be scanned. It is written nowhere.
async fn lock_of_unlocked(
    workspace: &Workspace,
    online: &Online,
    options: &Options,
) -> Result<Option<Lockfile>, Failure> {
    let project = &workspace.project;
    let names = selection::unlocked(options, project);
    if names.is_empty() || online.hub.is_none() {
        return Ok(None);
    }
    let old = project.lock.clone().unwrap_or_default();
    let mut manifest = project.manifest.clone();
    manifest.entries.retain(|name, _| names.contains(name));
    let mut lock = up_to_date(online, &manifest, &old, &LockOptions::default()).await?;
    // What is locked stays as it is locked.
    lock.pins.extend(old.pins);
    for name in names {
        workspace.note(format_args!(
            "`{name}` is not in models.lock: what is scanned is what `modelpin lock` would lock now"
        ));
    }
    Ok(Some(lock))
}

/// What will be scanned.
#[derive(Default)]
struct Plan<'a> {
    /// What was asked for.
    subjects: Vec<Planned<'a>>,
    /// All files of all of them, in order.
    tasks: Vec<ScanTask>,
    skipped: Vec<String>,
}

/// One item that will be scanned.
struct Planned<'a> {
    what: ItemKind,
    /// How many files it has.
    files: usize,
    /// The entry that it is, where it is one.
    entry: Option<Entry<'a>>,
}

impl<'a> Plan<'a> {
    fn add(&mut self, options: &Options, locked: Option<Locked<'a>>, selected: Selected) -> Result<(), Failure> {
        match selected {
            Selected::Entry(name) => {
                let locked = locked.ok_or_else(|| usage::nothing_to_scan(&options.dir))?;
                let entry = entry::entry(locked, &options.dir, &name)?;
                // What is missing gets its place when it is fetched.
                let tasks = entry.files.iter().map(|file| ScanTask {
                    path: file.path.to_string(),
                    input: Entry::place_of(file, &BTreeMap::new()),
                });
                self.tasks.extend(tasks);
                let what = ItemKind::Entry(entry.pin.source.kind, name);
                let files = entry.files.len();
                self.subjects.push(Planned { what, files, entry: Some(entry) });
            }
            Selected::Path { shown, at } if at.is_dir() => {
                let called = if shown.is_empty() { "." } else { &shown };
                let walked = walk::walk(&at, called)?;
                if walked.files.is_empty() {
                    return Err(usage::empty_folder(called).into());
                }
                let below = |path: &String| if shown.is_empty() { path.clone() } else { format!("{shown}/{path}") };
                self.skipped.extend(walked.skipped.iter().map(below));
                let tasks: Vec<ScanTask> =
                    walked.files.into_iter().map(|(path, input)| ScanTask { path, input }).collect();
                self.put(ItemKind::Folder(shown), tasks);
            }
            // Those are scanned by ranges.
            Selected::Repo { .. } => {}
            Selected::Path { shown, at } => {
                let path = shown.rsplit('/').next().unwrap_or_default().to_owned();
                self.put(ItemKind::File(shown), vec![ScanTask { path, input: scanning::ScanInput::at(at) }]);
            }
        }
        Ok(())
    }

    fn put(&mut self, what: ItemKind, tasks: Vec<ScanTask>) {
        self.subjects.push(Planned { what, files: tasks.len(), entry: None });
        self.tasks.extend(tasks);
    }

    /// Fetches the files of entries that are not in the target.
    async fn fetch_missing(&mut self, locked: Locked<'_>) -> Result<(), Failure> {
        let mut missing = Missing::default();
        self.subjects.iter().filter_map(|planned| planned.entry.as_ref()).for_each(|entry| entry.missing(&mut missing));
        let fetched = missing.fetch(locked).await?;
        let mut tasks = self.tasks.iter_mut();
        for planned in &self.subjects {
            let files = planned.entry.iter().flat_map(|entry| &entry.files);
            let of_it: Vec<&mut ScanTask> = tasks.by_ref().take(planned.files).collect();
            for (file, task) in files.zip(of_it) {
                task.input = Entry::place_of(file, &fetched);
            }
        }
        Ok(())
    }

    /// The reports, each with what it is of; those of one model are compared with each other.
    fn scanned(self, reports: Vec<Report>, decided: Option<&Decided<'_>>) -> Scanned {
        let mut reports = self.tasks.into_iter().map(|task| task.path).zip(reports);
        let subjects = self.subjects.into_iter().map(|Planned { what, files, entry }| {
            let of_it = reports.by_ref().take(files);
            let mut files: Vec<ScannedFile> = of_it
                .map(|(path, report)| ScannedFile { path, line: None, report, decisions: FileDecisions::default() })
                .collect();
            // A single file has no folder that it could be held against.
            if !matches!(what, ItemKind::File(_)) {
                cross_check(&mut files);
            }
            if let Some((entry, decided)) = entry.as_ref().zip(decided) {
                for (file, locked) in files.iter_mut().zip(&entry.files) {
                    file.line.clone_from(&locked.line);
                    file.decisions = entry.decisions(locked, decided, &file.report);
                }
            }
            ScannedItem { what, files }
        });
        Scanned { subjects: subjects.collect(), skipped: self.skipped }
    }
}

/// Holds the files of each model against each other. A folder is one model, unless it is a Hugging Face cache or
/// part of one: then each snapshot is.
fn cross_check(files: &mut [ScannedFile]) {
    let mut models: BTreeMap<String, Vec<&mut ScannedFile>> = BTreeMap::new();
    for file in files {
        models.entry(model_of(&file.path).to_owned()).or_default().push(file);
    }
    for (model, mut files) in models {
        let inside = |path: &str| path.get(model.len()..).unwrap_or_default().to_owned();
        let mut reports: BTreeMap<String, Report> =
            files.iter().map(|file| (inside(&file.path), file.report.clone())).collect();
        modelpin_scan::cross_check(&mut reports);
        for file in &mut files {
            if let Some(report) = reports.remove(&inside(&file.path)) {
                file.report = report;
            }
        }
    }
}

/// The part of a path that leads to its model's root: up to and with `snapshots/COMMIT/`, or nothing.
fn model_of(path: &str) -> &str {
    let snapshots = if path.starts_with("snapshots/") { Some(0) } else { path.find("/snapshots/").map(|at| at + 1) };
    let commit = snapshots.map(|at| at + "snapshots/".len());
    let end = commit.and_then(|at| path.get(at..)?.find('/').map(|len| at + len + 1));
    end.and_then(|end| path.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::model_of;

    #[test]
    fn each_snapshot_of_a_cache_is_a_model() {
        for (path, model) in [
            ("config.json", ""),
            ("sub/config.json", ""),
            ("snapshots/c0/sub/x", "snapshots/c0/"),
            ("models--a--b/snapshots/c0/x", "models--a--b/snapshots/c0/"),
            ("models--a--b/refs/main", ""),
            ("snapshots/x", ""),
        ] {
            assert_eq!(model_of(path), model, "{path}");
        }
    }
}
