//! Many files at once.

use super::file::{Stop, Transfer};
use super::local::{self, Local};
use super::unavailable::UnavailableOrigins;
use super::wanted::Wanted;
use crate::online::Online;
use crate::refusal::{Failure, fail_if_any};
use crate::reporter::Event;
use crate::runtime::blocking;
use futures_util::future::join;
use futures_util::stream::{StreamExt as _, iter};
use modelpin_schema::Digest;
use modelpin_store::Verified;
use std::collections::BTreeMap;

/// Fetches everything that is wanted into the store. Content that several files share is fetched once.
///
/// # Errors
/// Every file that could not be fetched or has other bytes than models.lock says; the others stay in the store.
pub async fn fetch(online: &Online, wanted: Vec<Wanted>) -> Result<BTreeMap<Digest, Verified>, Failure> {
    let unique: BTreeMap<Digest, Wanted> = wanted.into_iter().map(|wanted| (wanted.digest, wanted)).collect();
    let bytes = unique.values().fold(0_u64, |sum, wanted| sum.saturating_add(wanted.size));
    online.reporter.report(Event::Fetching { files: unique.len(), bytes });
    report_space(online, &unique, bytes);
    // The largest first, so that no single long file is left for the end.
    let mut queue: Vec<Wanted> = unique.into_values().collect();
    queue.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    let is_large = |wanted: &Wanted| online.hub.as_ref().is_some_and(|hub| hub.is_large(wanted.size));
    let (large, small): (Vec<_>, Vec<_>) = queue.into_iter().partition(is_large);
    // A large file keeps a core busy; more at once would only share the connections. Small ones wait for answers.
    let cores = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let jobs = online.jobs.max(1);
    let unavailable = UnavailableOrigins::default();
    let transfer = Transfer { online, unavailable: &unavailable };
    let at_once = |queue, most| iter(queue).map(|wanted| transfer.file(wanted)).buffer_unordered(most).collect();
    let (mut results, rest): (Vec<_>, Vec<_>) = join(at_once(large, cores.min(jobs)), at_once(small, jobs)).await;
    results.extend(rest);
    online.reporter.report(Event::Fetched);
    let mut verified = BTreeMap::new();
    let mut refusals = Vec::new();
    for result in results {
        match result {
            Ok(file) => drop(verified.insert(file.digest(), file)),
            Err(Stop::Failed(Failure::Refused(refused))) => refusals.extend(refused),
            Err(Stop::Failed(other)) => return Err(other),
            Err(Stop::Reported) => {}
        }
    }
    refusals.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    fail_if_any(refusals).map(|()| verified)
}

/// Reports where more is missing than the store's disk has space for.
fn report_space(online: &Online, wanted: &BTreeMap<Digest, Wanted>, bytes: u64) {
    let Some(available) = online.store.free_space().filter(|available| *available < bytes) else { return };
    let missing = wanted.values().map(|wanted| online.store.missing_bytes(&wanted.digest, wanted.size));
    let missing = missing.fold(0, u64::saturating_add);
    if missing > available {
        online.reporter.report(Event::InsufficientSpace { missing, available });
    }
}

/// Whatever of `wanted` is in the store or a mirror; the Hub is not asked. What is there and damaged is reported, and
/// counts as absent.
///
/// # Errors
/// I/O errors from reading the store and mirrors, and from writing the store.
pub async fn fetch_local(online: &Online, wanted: Vec<Wanted>) -> Result<BTreeMap<Digest, Verified>, Failure> {
    let mut verified = BTreeMap::new();
    for wanted in wanted {
        let online = online.clone();
        if let Local::Verified(file) = blocking(move || local::find(&online, &wanted)).await?? {
            verified.insert(file.digest(), file);
        }
    }
    Ok(verified)
}
