//! Bringing bytes, and looking at those of which nothing is remembered.

use crate::convert;
use crate::facts::{self, Seen};
use crate::fetch::{self, Wanted};
use crate::install::trees::Trees;
use crate::online::Online;
use crate::preflight::judge;
use crate::record::Record;
use crate::refusal::Failure;
use crate::runtime::Runtime;
use crate::store::Verified;
use modelpin_schema::{Digest, Lockfile, Name, Pin};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The content of a pin that is looked at: the result of a conversion, and not what it replaces, which need not even come.
fn judged(pin: &Pin) -> Vec<Digest> {
    let results = pin.results().map(|(_, file)| file.sha256);
    pin.unconverted().map(|(_, file)| file.sha256).chain(results).collect()
}

/// What is known of the bytes of a lock.
pub(super) struct Look<'a> {
    online: &'a Online,
    runtime: &'a Runtime,
    record: &'a Record,
    /// By entry: what the bytes are and do.
    pub(super) seen: BTreeMap<Name, Seen>,
    /// Content that is in the store, proven in this run.
    pub(super) proven: BTreeMap<Digest, Verified>,
    /// Files that were looked at in this run.
    pub(super) judged: usize,
    /// Whether more is known than is remembered.
    news: bool,
}

impl<'a> Look<'a> {
    /// What is remembered of the pins of `lock`.
    pub(super) fn new(online: &'a Online, runtime: &'a Runtime, record: &'a Record, lock: &Lockfile) -> Self {
        let seen = facts::memo::recall(Some(record), lock);
        Self { online, runtime, record, seen, proven: BTreeMap::new(), judged: 0, news: false }
    }

    /// Looks at every file of the pins that are not known, and brings what the trees lack on the way.
    ///
    /// # Errors
    /// Content that cannot be had; a scanner that broke; the system's.
    pub(super) fn look(&mut self, lock: &Lockfile, trees: &Trees) -> Result<(), Failure> {
        let unknown = facts::memo::unknown(lock, &self.seen);
        let mut wanted = trees.missing();
        let there = if unknown.pins.is_empty() { BTreeMap::new() } else { trees.there() };
        wanted.extend(unknown.pins.values().flat_map(judged).filter(|digest| !there.contains_key(digest)));
        self.bring(lock, &wanted)?;
        if unknown.pins.is_empty() {
            return Ok(());
        }
        self.news = true;
        let proven = &self.proven;
        let place = |digest: &Digest| -> Option<PathBuf> {
            proven.get(digest).map(|verified| verified.path().to_owned()).or_else(|| there.get(digest).cloned())
        };
        let (seen, judged) = judge(&unknown, &place, self.online.jobs, &*self.online.reporter)?;
        if let Some(path) = seen.values().flat_map(|seen| &seen.unseen).next() {
            return Err(Failure::changed(path));
        }
        self.judged += judged;
        self.seen.extend(seen);
        Ok(())
    }

    /// Brings the content of `lock` that is among `wanted` into the store, unless it is proven already.
    ///
    /// # Errors
    /// Content that cannot be had; the system's.
    pub(super) fn bring(&mut self, lock: &Lockfile, wanted: &BTreeSet<Digest>) -> Result<(), Failure> {
        if wanted.is_empty() {
            return Ok(());
        }
        let Self { online, runtime, proven, .. } = self;
        let all = lock.pins.iter().flat_map(|(name, pin)| Wanted::all(name, pin));
        let lacking = all.filter(|file| wanted.contains(&file.digest) && !proven.contains_key(&file.digest));
        let lacking: Vec<Wanted> = lacking.collect();
        runtime.block_on(async {
            if !lacking.is_empty() {
                proven.extend(fetch::fetch(online, lacking).await?);
            }
            proven.extend(convert::obtain(online, lock, wanted, proven).await?);
            Ok(())
        })
    }

    /// Remembers what is known, where it is not remembered yet.
    pub(super) fn remember(&self, lock: &Lockfile) {
        if !self.news {
            return;
        }
        // Only so that the next run looks at less; where it cannot be remembered, nothing is lost.
        let _ = facts::memo::remember(self.record, lock, &self.seen);
    }
}
