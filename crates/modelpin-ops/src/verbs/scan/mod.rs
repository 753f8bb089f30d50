//! `scan`: a static verdict on locked files, or on any file or folder. Nothing is run, and nothing is written but proven
//! bytes of locked files into the store, so that people can look at what stays out of the target.
//!
//! - `selection`: what was asked for
//! - `entry`, `walk`: the files of an entry of the lock, and of a folder
//! - `missing`: the bytes of locked files that are not in the target
//! - `known_decisions`: what people decided about them already

mod entry;
mod known_decisions;
mod missing;
mod selection;
mod walk;

pub use known_decisions::Decision;
use modelpin_rules::Severity;
pub use modelpin_scan::{At, Capability, Facts, Finding, Place, Report, Verdict};
pub use selection::need_project;

use crate::online::Online;
use crate::refusal::{Failure, Line, usage};
use crate::reporter::{Event, Reporter};
use crate::scanning::{self, Task, judge};
use crate::verbs::lock::{LockOptions, up_to_date};
use crate::workspace::Workspace;
use entry::Entry;
use known_decisions::Decided;
use missing::Missing;
use modelpin_schema::lockfile::Lockfile;
use modelpin_schema::{Digest, Name, RepoKind};
use selection::{Selected, select};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// What is scanned, and how.
pub struct Options {
    /// The folder that relative paths start from, without links in it.
    pub dir: PathBuf,
    /// Entries of the lock, files and folders, as they were typed; where there is none, all entries.
    pub words: Vec<OsString>,
    /// How many files are scanned at once, at most.
    pub jobs: usize,
    /// Is told what happens.
    pub reporter: Arc<dyn Reporter>,
}

/// What a scan found.
#[derive(Debug)]
pub struct Scanned {
    /// What was scanned, in the order in which it was asked for.
    pub subjects: Vec<Subject>,
    /// Folders that were passed over.
    pub skipped: Vec<String>,
}

/// One model, folder or file.
#[derive(Debug)]
pub struct Subject {
    /// Which.
    pub what: What,
    /// Its files, by path; never empty.
    pub files: Vec<Judged>,
}

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An entry of the lock.
    Entry(RepoKind, Name),
    /// A folder, as the person calls it; empty for the one that the command was given in.
    Folder(String),
    /// A single file, as the person calls it.
    File(String),
}

/// A file and its judgement.
#[derive(Debug)]
pub struct Judged {
    /// Its path in the repo or folder; the last part of it, where the file itself was asked for.
    pub path: String,
    /// The line of models.lock that is about it, for a locked file.
    pub line: Option<Line>,
    /// The judgement.
    pub report: Report,
    /// What people decided about it already; nothing, for a file that is not locked.
    pub settled: Settled,
}

/// What people decided about a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// About exactly its bytes.
    pub whole: Option<Decision>,
    /// About what a rule says of it, by rule.
    pub by_rule: BTreeMap<&'static str, Decision>,
}

impl Scanned {
    /// Every file with what it belongs to, the worst first.
    #[must_use]
    pub fn worst_first(&self) -> Vec<(&Subject, &Judged)> {
        let mut all: Vec<_> = self.files().collect();
        all.sort_by_key(|(_, file)| std::cmp::Reverse((file.open(), file.report.verdict())));
        all
    }

    /// Every file with what it belongs to.
    pub fn files(&self) -> impl Iterator<Item = (&Subject, &Judged)> {
        self.subjects.iter().flat_map(|subject| subject.files.iter().map(move |file| (subject, file)))
    }

    /// The worst verdict, without what people decided about.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.files().map(|(_, file)| file.open()).max().unwrap_or(Verdict::Review)
    }

    /// How many files have this verdict, without those of which all was decided.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.files().filter(|(_, file)| file.open() == verdict && file.decision().is_none()).count()
    }

    /// How many files are not safe, and have all of it decided in the way that `word` says.
    #[must_use]
    pub fn decided(&self, word: &str) -> usize {
        self.files().filter(|(_, file)| file.decision().is_some_and(|decision| decision.word() == word)).count()
    }
}

impl Subject {
    /// The path of one of its files, as the person would call it: from the folder in which the command was
    /// given, or from the root of its repo.
    #[must_use]
    pub fn path_of(&self, file: &Judged) -> String {
        match &self.what {
            What::Entry(..) => file.path.clone(),
            What::File(shown) => shown.clone(),
            What::Folder(shown) if shown.is_empty() => file.path.clone(),
            What::Folder(shown) => format!("{}/{}", shown.trim_end_matches('/'), file.path),
        }
    }

    /// The name of its entry, where it is one.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match &self.what {
            What::Entry(_, name) => Some(name),
            What::Folder(_) | What::File(_) => None,
        }
    }

    /// What stays the same of a finding from scan to scan, though lines and bytes move: hex digits.
    #[must_use]
    pub fn fingerprint(&self, file: &Judged, finding: &Finding) -> String {
        let path = self.path_of(file);
        let name = self.name().map_or("", Name::as_str);
        let mut parts = vec![finding.rule.id, name, &path];
        parts.extend(finding.member.iter().map(String::as_str));
        parts.push(&finding.evidence);
        digest(&parts.join("\0")).hex()
    }
}

impl Judged {
    /// The decision that covers `finding`, if there is one.
    #[must_use]
    pub fn decision_about(&self, finding: &Finding) -> Option<&Decision> {
        self.settled.whole.as_ref().or_else(|| self.settled.by_rule.get(finding.rule.id))
    }

    /// The verdict that is left of it without what was decided.
    #[must_use]
    pub fn open(&self) -> Verdict {
        let open = self.report.findings.iter().filter(|finding| self.decision_about(finding).is_none());
        match open.map(|finding| finding.rule.severity).max() {
            Some(Severity::Dangerous) => Verdict::Dangerous,
            Some(Severity::Review) => Verdict::Review,
            Some(Severity::Note) | None => Verdict::Safe,
        }
    }

    /// Of a file that is not safe and about which all was decided, how: by the decision about its bytes, if there is one.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        if self.report.verdict() == Verdict::Safe || self.open() != Verdict::Safe {
            return None;
        }
        let grave = self.report.findings.iter().filter(|finding| finding.rule.severity > Severity::Note);
        grave.filter_map(|finding| self.decision_about(finding)).min()
    }

    /// The SHA-256 of each chat template in it.
    #[must_use]
    pub fn templates(&self) -> Vec<Digest> {
        self.report.facts.templates.iter().map(|text| digest(text)).collect()
    }
}

fn digest(text: &str) -> Digest {
    Digest::new(Sha256::digest(text).into())
}

/// Scans what the options name. Locked files that are not in the target are fetched into the store. Names of entries are those
/// of `project`, where there is one.
///
/// # Errors
/// Words that are neither an entry nor a path; nothing to scan; locked files that are not found, or do not match the lock; a
/// scanner that broke.
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
    for selected in selected {
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
    let reports = judge(&plan.tasks, options.jobs, reporter)?;
    Ok(plan.scanned(reports, decided.as_ref()))
}

/// A project with the lock that is scanned.
#[derive(Clone, Copy)]
struct Locked<'a> {
    workspace: &'a Workspace,
    online: &'a Online,
    lock: &'a Lockfile,
}

/// The lock with entries that are only in models.toml, as it would be made now, where the options name any: what may not be
/// locked can be scanned. It is written nowhere.
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

/// What will be judged.
#[derive(Default)]
struct Plan<'a> {
    /// What was asked for.
    subjects: Vec<Planned<'a>>,
    /// All files of all of them, in order.
    tasks: Vec<Task>,
    skipped: Vec<String>,
}

/// One thing that will be judged.
struct Planned<'a> {
    what: What,
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
                // What is missing gets its place when it is brought.
                let tasks = entry
                    .files
                    .iter()
                    .map(|file| Task { path: file.path.to_string(), place: Entry::place_of(file, &BTreeMap::new()) });
                self.tasks.extend(tasks);
                let (what, files) = (What::Entry(entry.pin.source.kind, name), entry.files.len());
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
                let tasks: Vec<Task> = walked.files.into_iter().map(|(path, place)| Task { path, place }).collect();
                self.put(What::Folder(shown), tasks);
            }
            Selected::Path { shown, at } => {
                let path = shown.rsplit('/').next().unwrap_or_default().to_owned();
                self.put(What::File(shown), vec![Task { path, place: scanning::Place::at(at) }]);
            }
        }
        Ok(())
    }

    fn put(&mut self, what: What, tasks: Vec<Task>) {
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
            let of_it: Vec<&mut Task> = tasks.by_ref().take(planned.files).collect();
            for (file, task) in files.zip(of_it) {
                task.place = Entry::place_of(file, &fetched);
            }
        }
        Ok(())
    }

    /// The reports, each with what it is of; those of one model are compared with each other.
    fn scanned(self, reports: Vec<Report>, decided: Option<&Decided<'_>>) -> Scanned {
        let mut judged = self.tasks.into_iter().map(|task| task.path).zip(reports);
        let subjects = self.subjects.into_iter().map(|Planned { what, files, entry }| {
            let of_it = judged.by_ref().take(files);
            let mut files: Vec<Judged> =
                of_it.map(|(path, report)| Judged { path, line: None, report, settled: Settled::default() }).collect();
            // A single file has no folder that it could be held against.
            if !matches!(what, What::File(_)) {
                relate(&mut files);
            }
            if let Some((entry, decided)) = entry.as_ref().zip(decided) {
                for (file, locked) in files.iter_mut().zip(&entry.files) {
                    file.line.clone_from(&locked.line);
                    file.settled = entry.settled(locked, decided, &file.report);
                }
            }
            Subject { what, files }
        });
        Scanned { subjects: subjects.collect(), skipped: self.skipped }
    }
}

/// Holds the files of each model against each other. A folder is one model, unless it is a Hugging Face cache or
/// part of one: then each snapshot is.
fn relate(files: &mut [Judged]) {
    let mut models: BTreeMap<String, Vec<&mut Judged>> = BTreeMap::new();
    for file in files {
        models.entry(model_of(&file.path).to_owned()).or_default().push(file);
    }
    for (model, mut files) in models {
        let inside = |path: &str| path.get(model.len()..).unwrap_or_default().to_owned();
        let mut reports: BTreeMap<String, Report> =
            files.iter().map(|file| (inside(&file.path), file.report.clone())).collect();
        modelpin_scan::relate(&mut reports);
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
