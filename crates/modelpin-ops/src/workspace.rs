//! The one context of all verbs: a project, and what this process has to work on it. A verb that changes the project is
//! given a [`WritableWorkspace`](crate::WritableWorkspace) instead, and one that may use a network an
//! [`Online`](crate::Online) beside it.

use crate::file_names::OWN_FOLDER;
use crate::project::Project;
use crate::refusal::{Failure, places};
use crate::reporter::{Event, Reporter};
use modelpin_schema::lockfile::Day;
use modelpin_store::Record;
use modelpin_store::Store;
use std::fmt::Display;
use std::sync::Arc;

/// A project, and what this process has to work on it.
#[derive(Clone)]
pub struct Workspace {
    /// The project's files, as they were read.
    pub project: Project,
    /// The content store of this user. Where there is no folder for one, it is an empty one that nothing is written to.
    pub store: Store,
    /// What this machine knows of the project; none where there is no folder for the store.
    pub record: Option<Record>,
    /// The day in UTC on which the policy is evaluated and exemptions expire.
    pub today: Day,
    /// How many files are fetched or scanned at once; at least 1.
    pub jobs: usize,
    /// Is told what happens.
    pub reporter: Arc<dyn Reporter>,
}

impl Workspace {
    /// The workspace of `project`, with the content store `store`, where there is a folder for one.
    ///
    /// # Errors
    /// A project folder that is gone; a link in the place of the project's record.
    pub fn new(
        project: Project,
        store: Option<Store>,
        today: Day,
        jobs: usize,
        reporter: Arc<dyn Reporter>,
    ) -> Result<Self, Failure> {
        let record = store.as_ref().map(|store| Record::of(store, &project.dir)).transpose()?;
        // Only imported decisions are read from it, by their hash: a check needs no home folder.
        let store = store.unwrap_or_else(|| Store::new(project.path(OWN_FOLDER).join("store")));
        Ok(Self { project, store, record, today, jobs, reporter })
    }

    /// What this machine knows of the project, for a verb that cannot do without.
    ///
    /// # Errors
    /// No folder for the store.
    pub(crate) fn need_record(&self) -> Result<&Record, Failure> {
        self.record.as_ref().ok_or_else(|| places::no_store().into())
    }

    /// Tells the user something.
    pub fn note(&self, note: impl Display) {
        self.reporter.report(Event::Note(&note.to_string()));
    }
}
