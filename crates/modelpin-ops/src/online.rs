//! What the verbs that need more than the project's own files get.

use crate::refusal::content::Origin;
use crate::reporter::{Event, Reporter};
use crate::store::{InUse, Store};
use crate::told::Told;
use crate::xet::Xet;
use modelpin_hub::Hub;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

/// The store, the Hub, and the ear of the person.
#[derive(Clone)]
pub struct Online {
    /// Proven content, shared by all projects of this user.
    pub store: Store,
    /// The Hub. A online without one *is* offline: no code asks a flag.
    pub hub: Option<Hub>,
    /// The way through the Hub's Xet storage. A online without one takes everything over plain HTTP.
    pub xet: Option<Xet>,
    /// Directories with copies of locked content, in order.
    pub mirrors: Vec<Mirror>,
    /// Who hears what happens.
    pub reporter: Arc<dyn Reporter>,
    /// How many files are fetched or judged at once; at least 1.
    pub jobs: usize,
    /// Keeps the store from being pruned meanwhile.
    pub in_use: Arc<InUse>,
    /// Hears what the Hub tells of commits.
    pub told: Arc<Told>,
}

/// A directory that `modelpin vendor` made.
#[derive(Debug, Clone)]
pub struct Mirror {
    /// As the manifest spells it.
    pub url: String,
    /// Where it is.
    pub path: PathBuf,
}

impl Mirror {
    /// Its name in a refusal.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::Mirror(self.url.clone())
    }
}

impl Online {
    /// Tells the person something.
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
