//! `scan`: a static verdict on locked files, or on any file or folder. Nothing is run, written or fetched.
//!
//! - `words`: what was asked for
//! - `entry`, `walk`: the files of an entry of the lock, and of a folder

mod entry;
mod walk;
mod words;

pub use modelpin_scan::rules::{self, Property, Rule};
pub use modelpin_scan::{At, Capability, Facts, Finding, Place, Report, Severity, Verdict};
pub use words::need_project;

use crate::project::Project;
use crate::refusal::{Failure, Line, wish};
use crate::reporter::{Event, Reporter};
use crate::scanning::{self, Task, judge};
use crate::store::Store;
use modelpin_schema::{Digest, Name, RepoKind};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use words::{Asked, asked};

/// Where a scan is asked for.
pub struct Ground {
    /// The folder that paths start from, without links in it.
    pub dir: PathBuf,
    /// The project that names are of, where there is one.
    pub home: Option<Home>,
    /// Who hears what happens.
    pub reporter: Arc<dyn Reporter>,
    /// How many files are judged at once, at most.
    pub jobs: usize,
}

/// A project, with the places where its locked bytes may be.
pub struct Home {
    /// The project.
    pub project: Project,
    /// The store.
    pub store: Store,
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
}

impl Scanned {
    /// Every file with what it belongs to, the worst first.
    #[must_use]
    pub fn worst_first(&self) -> Vec<(&Subject, &Judged)> {
        let mut all: Vec<_> = self.files().collect();
        all.sort_by_key(|(_, file)| std::cmp::Reverse(file.report.verdict()));
        all
    }

    /// Every file with what it belongs to.
    pub fn files(&self) -> impl Iterator<Item = (&Subject, &Judged)> {
        self.subjects.iter().flat_map(|subject| subject.files.iter().map(move |file| (subject, file)))
    }

    /// The worst verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.files().map(|(_, file)| file.report.verdict()).max().unwrap_or(Verdict::Review)
    }

    /// How many files have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.files().filter(|(_, file)| file.report.verdict() == verdict).count()
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
    /// The SHA-256 of each chat template in it.
    #[must_use]
    pub fn templates(&self) -> Vec<Digest> {
        self.report.facts.templates.iter().map(|text| digest(text)).collect()
    }
}

fn digest(text: &str) -> Digest {
    Digest::new(Sha256::digest(text).into())
}

/// Judges what `words` name: entries of the lock, files, folders; all entries, where there is no word.
///
/// # Errors
/// Words that mean nothing; nothing to scan; locked files that are not on this machine; a scanner that broke.
pub fn run(ground: &Ground, words: &[OsString]) -> Result<Scanned, Failure> {
    let reporter = &*ground.reporter;
    let asked = asked(&ground.dir, ground.home.as_ref(), words, reporter)?;
    let mut plan = Plan::default();
    let mut refusals = Vec::new();
    for asked in asked {
        match plan.add(ground, asked) {
            Ok(()) => {}
            Err(Failure::Refused(refused)) => refusals.extend(refused),
            Err(other) => return Err(other),
        }
    }
    crate::refusal::all(refusals)?;
    for folder in &plan.skipped {
        reporter.report(Event::Note(&format!("`{folder}` was not scanned: it is git's own")));
    }
    let reports = judge(&plan.tasks, ground.jobs, reporter)?;
    Ok(plan.tell(reports))
}

/// What will be judged.
#[derive(Default)]
struct Plan {
    /// What was asked for, with the number of files of each and the lines of the lock about them.
    subjects: Vec<(What, Vec<Option<Line>>)>,
    /// All files of all of them, in order.
    tasks: Vec<Task>,
    skipped: Vec<String>,
}

impl Plan {
    fn add(&mut self, ground: &Ground, asked: Asked) -> Result<(), Failure> {
        match asked {
            Asked::Entry(name) => {
                let home = ground.home.as_ref().ok_or_else(|| wish::nothing_to_scan(&ground.dir))?;
                let (pin, files) = entry::entry(home, &ground.dir, &name, &*ground.reporter)?;
                let (tasks, lines): (Vec<Task>, _) =
                    files.into_iter().map(|file| (Task { path: file.path, place: file.place }, file.line)).unzip();
                self.put(What::Entry(pin.source.kind, name), tasks, lines);
            }
            Asked::Path { shown, at } if at.is_dir() => {
                let called = if shown.is_empty() { "." } else { &shown };
                let walked = walk::walk(&at, called)?;
                if walked.files.is_empty() {
                    return Err(wish::empty_folder(called).into());
                }
                let below = |path: &String| if shown.is_empty() { path.clone() } else { format!("{shown}/{path}") };
                self.skipped.extend(walked.skipped.iter().map(below));
                let tasks: Vec<Task> = walked.files.into_iter().map(|(path, place)| Task { path, place }).collect();
                let lines = vec![None; tasks.len()];
                self.put(What::Folder(shown), tasks, lines);
            }
            Asked::Path { shown, at } => {
                let path = shown.rsplit('/').next().unwrap_or_default().to_owned();
                self.put(What::File(shown), vec![Task { path, place: scanning::Place::at(at) }], vec![None]);
            }
        }
        Ok(())
    }

    fn put(&mut self, what: What, tasks: Vec<Task>, lines: Vec<Option<Line>>) {
        self.tasks.extend(tasks);
        self.subjects.push((what, lines));
    }

    /// The reports, each with what it is of; those of one model are held against each other.
    fn tell(self, reports: Vec<Report>) -> Scanned {
        let mut judged = self.tasks.into_iter().map(|task| task.path).zip(reports);
        let subjects = self.subjects.into_iter().map(|(what, lines)| {
            let mut files: Vec<Judged> = lines
                .into_iter()
                .zip(&mut judged)
                .map(|(line, (path, report))| Judged { path, line, report })
                .collect();
            // A single file has no folder that it could be held against.
            if !matches!(what, What::File(_)) {
                relate(&mut files);
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
