//! Where content that is not on this machine comes from. It stands beside the [`Workspace`] of every verb that may use
//! a network.

use crate::hub_answers::HubAnswers;
use crate::left_out::LeftOutSummaries;
use crate::locate::locate_content;
use crate::refusal::Failure;
use crate::reporter::{Event, Reporter};
use crate::sources::{Mirror, Xet};
use crate::workspace::Workspace;
use modelpin_hub::Hub;
use modelpin_schema::Digest;
use modelpin_store::{Store, StoreLock};
use std::fmt::Display;
use std::sync::Arc;

/// The sources of content, and the store that it goes to.
#[derive(Clone)]
pub struct Online {
    /// The workspace's store.
    pub store: Store,
    /// The Hub. Without one, the run *is* offline: no code asks a flag.
    pub hub: Option<Hub>,
    /// The client of the Hub's Xet storage. Without one, all content comes over plain HTTP.
    pub xet: Option<Xet>,
    /// Places with copies of locked content, in the order in which they are tried.
    pub mirrors: Vec<Mirror>,
    /// The workspace's reporter.
    pub reporter: Arc<dyn Reporter>,
    /// How many files are fetched or scanned at once; at least 1.
    pub jobs: usize,
    /// Keeps the store from being pruned meanwhile.
    pub in_use: Arc<StoreLock>,
    /// Collects what the Hub says about commits.
    pub hub_answers: Arc<HubAnswers>,
    /// Collects what is left out of the pins that are made.
    pub left_out: Arc<LeftOutSummaries>,
}

impl Online {
    /// The sources of `workspace`: its mirrors, and `hub` and `xet`, where there are such. Waits for a process that
    /// prunes the store.
    ///
    /// # Errors
    /// No folder for the store; mirrors elsewhere that only models.toml names.
    pub fn new(workspace: &Workspace, hub: Option<Hub>, xet: Option<Xet>) -> Result<Self, Failure> {
        let Workspace { project, store, reporter, jobs, .. } = workspace;
        let record = workspace.need_record()?;
        let mirrors = project.mirrors()?;
        let in_use = store.lock_shared(&|holder| workspace.note(waiting_for(holder, "prunes the cache")));
        // A Hub that only models.toml names may say anything of a commit: nothing of it is kept.
        let is_trusted = hub.is_some() && project.hub()?.note.is_none();
        let hub_answers = Arc::new(HubAnswers::new(is_trusted.then(|| record.clone())));
        let store = store.clone();
        let reporter = reporter.clone();
        let in_use = Arc::new(in_use);
        let left_out = Arc::default();
        Ok(Self { store, hub, xet, mirrors, reporter, jobs: *jobs, in_use, hub_answers, left_out })
    }

    /// The length in bytes of the copy of `digest` in the store or a mirror, where there is one. It is hashed when it
    /// is used.
    #[must_use]
    pub(crate) fn local_length(&self, digest: &Digest) -> Option<u64> {
        let stored = locate_content(&self.store, digest).map(|located| located.size);
        stored.or_else(|| self.mirrors.iter().find_map(|mirror| mirror.length(digest)))
    }

    /// Tells the user something.
    pub fn note(&self, note: impl Display) {
        self.reporter.report(Event::Note(&note.to_string()));
    }
}

/// What to say while another process, the `holder` of a lock, does some work.
#[must_use]
pub fn waiting_for(holder: Option<u32>, work: &str) -> String {
    let process = holder.map(|id| format!(" (process {id})")).unwrap_or_default();
    format!("waiting for another modelpin{process} that {work}")
}
