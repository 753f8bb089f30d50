//! What the pins that this run made leave out of their commits, with names and sizes. The lock has the counts alone.

use modelpin_schema::left_out::LeftOutSummary;
use modelpin_schema::{CommitId, Filter, Lockfile, Name, Pin};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// By entry, for which commit and choice of files, what is left out.
type Summaries = BTreeMap<Name, (CommitId, Filter, LeftOutSummary)>;

/// What the listings of this run said.
#[derive(Debug, Default)]
pub struct LeftOutSummaries {
    summaries: Mutex<Summaries>,
}

impl LeftOutSummaries {
    /// Adds what `pin` leaves out.
    pub(crate) fn add(&self, name: &Name, pin: &Pin, summary: LeftOutSummary) {
        let mut summaries = self.summaries.lock().unwrap_or_else(PoisonError::into_inner);
        summaries.insert(name.clone(), (pin.revision, pin.filter.clone(), summary));
    }

    /// What the entries of `lock` leave out, as far as their pins were made in this run.
    pub(crate) fn of(&self, lock: &Lockfile) -> BTreeMap<Name, LeftOutSummary> {
        let summaries = self.summaries.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |(name, (revision, filter, summary)): (&Name, &(CommitId, Filter, LeftOutSummary))| {
            let pin = lock.pins.get(name)?;
            let is_it = pin.revision == *revision && pin.filter == *filter && !summary.groups.is_empty();
            is_it.then(|| (name.clone(), summary.clone()))
        };
        summaries.iter().filter_map(of).collect()
    }
}
