//! Everything that a running Hub knows.

use crate::fault::Fault;
use crate::stored::{Kind, Stored};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Whether the CDN got it.
    pub cdn: bool,
    /// The method.
    pub method: String,
    /// The path, as it was encoded.
    pub path: String,
    /// The query, as it was encoded.
    pub query: String,
    /// The headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
}

pub(crate) struct State {
    pub(crate) endpoint: String,
    pub(crate) cdn: String,
    pub(crate) cdn_url: Option<String>,
    pub(crate) repos: BTreeMap<(Kind, String), Stored>,
    pub(crate) renamed: BTreeMap<(Kind, String), String>,
    pub(crate) tokens: BTreeSet<String>,
    /// Organizations, and whether each is verified.
    pub(crate) organizations: BTreeMap<String, bool>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) requests: Vec<Recorded>,
    pub(crate) page: usize,
    /// Bodies that the CDN is sending.
    pub(crate) sending: Arc<AtomicUsize>,
    /// How often each signature of a CDN's address was used, in the order in which they were given.
    pub(crate) signatures: Vec<usize>,
    /// The address of the Xet storage, and its hashes by SHA-256.
    pub(crate) xet: Option<(String, BTreeMap<String, String>)>,
    created: u64,
}

pub(crate) fn lock(state: &Arc<Mutex<State>>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(endpoint: String, cdn: String, cdn_url: Option<String>) -> Self {
        Self {
            endpoint,
            cdn,
            cdn_url,
            repos: BTreeMap::new(),
            renamed: BTreeMap::new(),
            tokens: BTreeSet::new(),
            organizations: BTreeMap::new(),
            faults: Vec::new(),
            requests: Vec::new(),
            page: 1000,
            sending: Arc::default(),
            signatures: Vec::new(),
            xet: None,
            created: 0,
        }
    }

    /// Makes a repo, unless it is there. Its identity follows from its name and from how many came before.
    pub(crate) fn create(&mut self, kind: Kind, id: &str) {
        let key = (kind, id.to_owned());
        if self.repos.contains_key(&key) {
            return;
        }
        self.created += 1;
        let mut uid = hex::encode(Sha256::digest(format!("{} {id} {}", kind.plural(), self.created)));
        uid.truncate(24);
        let stored = Stored {
            id: id.to_owned(),
            uid,
            commits: BTreeMap::new(),
            branches: BTreeMap::new(),
            tags: BTreeMap::new(),
            pulls: BTreeMap::new(),
            converts: BTreeMap::new(),
            card: serde_json::json!({}),
            gate: None,
            private: false,
            disabled: false,
            granted: Vec::new(),
            pending: Vec::new(),
            flags: BTreeMap::new(),
        };
        self.repos.insert(key, stored);
    }

    pub(crate) fn rename(&mut self, kind: Kind, old: &str, new: &str) {
        if let Some(mut repo) = self.repos.remove(&(kind, old.to_owned())) {
            new.clone_into(&mut repo.id);
            self.repos.insert((kind, new.to_owned()), repo);
            self.renamed.insert((kind, old.to_owned()), new.to_owned());
        }
    }
}
