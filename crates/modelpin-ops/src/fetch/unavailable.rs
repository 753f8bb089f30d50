//! Origins that are not asked again.

use modelpin_hub::Scope;
use modelpin_schema::Source;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Repos of which no file can be fetched, or a whole Hub: the first file that meets it reports why, and nothing more is
/// asked of them in this run.
#[derive(Default)]
pub(super) struct UnavailableOrigins {
    repos: RefCell<BTreeSet<Source>>,
    hub: Cell<bool>,
}

impl UnavailableOrigins {
    pub(super) fn contains(&self, source: &Source) -> bool {
        self.hub.get() || self.repos.borrow().contains(source)
    }

    /// Adds what an error of a file of `source` is about.
    pub(super) fn add(&self, scope: Scope, source: &Source) {
        match scope {
            Scope::File => {}
            Scope::Repo => drop(self.repos.borrow_mut().insert(source.clone())),
            Scope::Hub => self.hub.set(true),
        }
    }
}
