//! Fetching content into the store, and scanning the content of which no scan is remembered.

use crate::convert;
use crate::facts::{self, Observed};
use crate::fetch::{self, Wanted};
use crate::locate;
use crate::online::Online;
use crate::preflight::scan_content;
use crate::refusal::Failure;
use crate::runtime::Runtime;
use modelpin_schema::{Digest, Lockfile, Name, Pin};
use modelpin_store::Record;
use modelpin_store::Verified;
use modelpin_store::install::Installation;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The content of a lock that this run knows.
pub(super) struct Content<'a> {
    online: &'a Online,
    runtime: &'a Runtime,
    record: &'a Record,
    /// By entry: what the bytes are and do.
    pub(super) facts: BTreeMap<Name, Observed>,
    /// Content in the store that was verified in this run.
    pub(super) verified: BTreeMap<Digest, Verified>,
    /// Files that were scanned in this run.
    pub(super) scanned: usize,
    /// Whether more is known than is remembered.
    is_new: bool,
}

impl<'a> Content<'a> {
    /// What is remembered of the pins of `lock`.
    pub(super) fn new(online: &'a Online, runtime: &'a Runtime, record: &'a Record, lock: &Lockfile) -> Self {
        let facts = facts::scan_cache::load(Some(record), lock);
        Self { online, runtime, record, facts, verified: BTreeMap::new(), scanned: 0, is_new: false }
    }

    /// Scans every file of the pins of which no scan is remembered, and fetches what `trees` lack on the way.
    ///
    /// # Errors
    /// Content that is not found or does not match the lock; a scanner that broke; I/O errors from the store.
    pub(super) fn fetch_and_scan(&mut self, lock: &Lockfile, trees: &Installation) -> Result<(), Failure> {
        let unknown = facts::scan_cache::unknown(lock, &self.facts);
        let mut wanted = trees.missing();
        if unknown.pins.is_empty() {
            return self.fetch(lock, &wanted);
        }
        let installed = trees.verified_content();
        wanted.extend(unknown.pins.values().flat_map(scannable).filter(|digest| !installed.contains_key(digest)));
        self.fetch(lock, &wanted)?;
        self.is_new = true;
        let stored = &self.verified;
        let place = |digest: &Digest| locate::verified(digest, stored, &installed).map(Path::to_owned);
        let (facts, scanned) = scan_content(&unknown, &place, self.online.jobs, &*self.online.reporter)?;
        if let Some(path) = facts.values().flat_map(|observed| &observed.unavailable).next() {
            return Err(Failure::changed(path));
        }
        self.scanned += scanned;
        self.facts.extend(facts);
        Ok(())
    }

    /// Fetches the content of `lock` that is among `wanted` into the store, unless this run verified it already.
    ///
    /// # Errors
    /// Content that is not found or does not match the lock; I/O errors from the store.
    pub(super) fn fetch(&mut self, lock: &Lockfile, wanted: &BTreeSet<Digest>) -> Result<(), Failure> {
        if wanted.is_empty() {
            return Ok(());
        }
        let Self { online, runtime, verified, .. } = self;
        let all = lock.pins.iter().flat_map(|(name, pin)| Wanted::all(name, pin));
        let lacking = all.filter(|file| wanted.contains(&file.digest) && !verified.contains_key(&file.digest));
        let lacking: Vec<Wanted> = lacking.collect();
        runtime.block_on(async {
            if !lacking.is_empty() {
                verified.extend(fetch::fetch(online, lacking).await?);
            }
            verified.extend(convert::obtain(online, lock, wanted, verified).await?);
            Ok(())
        })
    }

    /// Remembers what is known, where it is not remembered yet.
    pub(super) fn remember(&self, lock: &Lockfile) {
        if !self.is_new {
            return;
        }
        // Only so that the next run scans less; where it cannot be remembered, nothing is lost.
        let _ = facts::scan_cache::save(self.record, lock, &self.facts);
    }
}

/// The content of a pin that is scanned: the results of conversions, and not what they replace, which need not be
/// fetched.
fn scannable(pin: &Pin) -> Vec<Digest> {
    let results = pin.results().map(|(_, file)| file.sha256);
    pin.unconverted().map(|(_, file)| file.sha256).chain(results).collect()
}
