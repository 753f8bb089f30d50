//! Where a walk through a document is, and what it has learned.

use super::paths;
use crate::engine::{FileReference, Location, Scan, ScanError};
use modelpin_schema::lockfile::{Reference, Role};
use modelpin_schema::{RepoId, visible};
use std::borrow::Cow;

/// A walk through one document.
pub(super) struct Walk<'w, 'l> {
    pub(super) scan: &'w mut Scan<'l>,
    /// The path of the document.
    path: &'w str,
    /// The last part of it, in lower case.
    pub(super) base: &'w str,
    /// The path of keys to the current value.
    pub(super) keys: Vec<Cow<'w, str>>,
    /// Whether an object of it is a Keras configuration.
    pub(super) is_keras: bool,
}

/// References that are kept of one file: far more than are followed.
const REFERENCES: usize = 1000;

/// Classes that are kept of one file, of which several can come from one repo.
const CLASSES: usize = 10_000;

impl<'w, 'l> Walk<'w, 'l> {
    pub(super) fn new(path: &'w str, base: &'w str, scan: &'w mut Scan<'l>) -> Self {
        Self { scan, path, base, keys: Vec::new(), is_keras: false }
    }

    /// The current location.
    pub(super) fn at(&self) -> Location {
        if self.keys.is_empty() { Location::Whole } else { Location::Key(self.key()) }
    }

    /// The path to the current value, escaped for a terminal.
    pub(super) fn key(&self) -> String {
        visible(&self.keys.iter().map(|key| visible(key)).collect::<Vec<_>>().join("."))
    }

    /// Does `work` one step below `key`.
    pub(super) fn below<T>(&mut self, key: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.keys.push(Cow::Owned(key.chars().take(120).collect()));
        let done = work(self);
        self.keys.pop();
        done
    }

    /// Says that a loader takes `class` from code, for the key where we are.
    pub(super) fn loads(&mut self, class: &str) {
        if self.scan.depth() == 0 {
            let key = self.keys.last().map_or("class", |key| key.as_ref());
            let entry = format!("{key}={class}");
            let known = &mut self.scan.facts.auto_map;
            if known.len() < CLASSES || known.contains(&entry) {
                known.insert(entry);
            } else {
                self.scan.record_error(ScanError::LimitReached("classes loaded from code"));
            }
        }
    }

    /// Says that a loader takes something from the repository `repo`, at `revision` where the document says one. What
    /// cannot be a repository is none: it is a path, or has findings of its own. Nor is a revision that git cannot
    /// have: nothing is loaded from there.
    pub(super) fn refers(&mut self, role: Role, repo: &str, revision: Option<&str>) {
        let revision = revision.filter(|revision| !revision.is_empty()).map(str::parse).transpose();
        let (Ok(repo), Ok(revision)) = (repo.parse::<RepoId>(), revision) else { return };
        if self.scan.depth() > 0 {
            return;
        }
        let known = &mut self.scan.facts.references;
        let reference = Reference { role, repo, revision };
        if known.len() < REFERENCES || known.contains(&reference) {
            known.insert(reference);
        } else {
            self.scan.record_error(ScanError::LimitReached("references to other repositories"));
        }
    }

    /// Says that a loader imports `file`, from the folder of the document.
    pub(super) fn reference_code(&mut self, file: &str) {
        // What an archive holds is not beside the files of the folder.
        if self.scan.depth() == 0 {
            self.scan.reference_file(FileReference::Code(format!("{}{file}", paths::folder(self.path))));
        }
    }

    /// Says that a loader reads `file`, from the folder of the document.
    pub(super) fn reference_data(&mut self, file: &str) {
        if self.scan.depth() == 0 {
            self.scan.reference_file(FileReference::Data(file.to_owned()));
        }
    }
}
