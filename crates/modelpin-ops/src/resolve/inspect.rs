//! What a new pin's bytes are and do, as far as they are here when it is made.
//!
//! Git files are, since their hash had to be made. Of what the Hub keeps like weights, code, configuration and
//! texts are fetched as well; of everything else a few ranges are read, to see whether it runs something under a name
//! that does not say so. What else is in the store by chance is not scanned at: the same commit gives the same lock on
//! every machine.

use crate::facts::{self, Effort};
use crate::fetch::{self, Wanted};
use crate::online::Online;
use crate::ranges::{HubFile, Parts as _, Traffic};
use crate::refusal::{Failure, upstream};
use crate::reporter::Silent;
use crate::runtime::blocking;
use crate::scanning::{Scannable, scan_with};
use modelpin_hub::Hub;
use modelpin_scan::Report;
use modelpin_schema::{Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use tokio::runtime::Handle;

/// Files that are looked at side by side: each of them may hold some memory for it.
const MOST_AT_ONCE: usize = 8;

/// Records in `pin` what its bytes are and do. `claimed` are its files that are not here yet; `previous` is the pin
/// that it takes the place of, whose facts hold for the same bytes.
///
/// # Errors
/// What the Hub refuses; content that does not match its hash; a scanner that broke; I/O errors from the store.
pub(super) async fn inspect(
    online: &Online,
    hub: &Hub,
    name: &Name,
    mut pin: Pin,
    claimed: &BTreeSet<RepoPath>,
    previous: Option<&Pin>,
) -> Result<Pin, Failure> {
    let mut seen = looked_at(online, hub, &pin, claimed, previous).await?;
    seen.iter().for_each(|(path, report)| pin.set_kind(path, facts::kind(path, report)));
    seen.retain(|path, report| facts::is_recorded(path, report));
    if let Some(previous) = previous {
        facts::carry_over(&mut pin, previous);
    }
    let small: Vec<Wanted> =
        Wanted::all(name, &pin).filter(|file| claimed.contains(&file.path) && is_fetched(file)).collect();
    let fetched: BTreeSet<RepoPath> = small.iter().map(|file| file.path.clone()).collect();
    if !small.is_empty() {
        fetch::fetch(online, small).await?;
    }
    let here = pin.files().keys().filter(|path| !claimed.contains(*path) || fetched.contains(*path));
    let here = here.cloned().collect();
    recorded(online, name, pin, here, seen).await
}

fn is_fetched(file: &Wanted) -> bool {
    facts::is_scanned_at_lock(&file.path, file.size)
}

/// A file of which a few ranges are read.
struct Looked {
    path: RepoPath,
    effort: Effort,
    file: HubFile,
}

impl Scannable for Looked {
    fn path(&self) -> &str {
        self.path.as_str()
    }

    fn size(&self) -> u64 {
        self.file.size()
    }
}

/// What a few ranges of the claimed files show that are not fetched as a whole, whatever their names, but those of
/// which `previous` knows it already. Nothing proves them: what they are is put right when the bytes come.
async fn looked_at(
    online: &Online,
    hub: &Hub,
    pin: &Pin,
    claimed: &BTreeSet<RepoPath>,
    previous: Option<&Pin>,
) -> Result<BTreeMap<RepoPath, Report>, Failure> {
    let traffic = Traffic::within(u64::MAX);
    let paths = facts::looked_at_anew(pin, previous).into_iter().filter(|(path, _)| claimed.contains(*path));
    let files = paths.filter_map(|(path, effort)| Some((path, effort, pin.files().get(path)?.size)));
    let looked: Vec<Looked> = files
        .map(|(path, effort, size)| {
            let file = hub.file(&pin.source, &pin.revision, path, size);
            let file = HubFile::new(file, path.clone(), size, Handle::current(), traffic.clone());
            Looked { path: path.clone(), effort, file }
        })
        .collect();
    if looked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let jobs = online.jobs.clamp(1, MOST_AT_ONCE);
    let reports = blocking(move || {
        let look = |looked: &Looked| facts::look(&looked.path, looked.effort, &looked.file);
        let reports = scan_with(&look, &looked, jobs, &Silent)?;
        Ok::<_, Failure>(looked.into_iter().map(|looked| looked.path).zip(reports).collect())
    })
    .await?;
    if let Some((path, error)) = traffic.failure() {
        return Err(upstream::refused(&pin.source, error).map_refusals(|refusal| refusal.file(&path)));
    }
    reports
}

/// The pin with what is observed of the files in `here`, which are in the store, and what was `seen` of others.
async fn recorded(
    online: &Online,
    name: &Name,
    pin: Pin,
    here: BTreeSet<RepoPath>,
    seen: BTreeMap<RepoPath, Report>,
) -> Result<Pin, Failure> {
    let online = online.clone();
    let mut lock = Lockfile { pins: [(name.clone(), pin.clone())].into() };
    let look = move || {
        let store = &online.store;
        let places: facts::Places<'_> = &|_, _, path, file| here.contains(path).then(|| store.blob_path(&file.sha256));
        let seen = lock.pins.keys().cloned().map(|name| (name, seen.clone())).collect();
        let observed = facts::observe(&lock, places, seen, online.jobs, &*online.reporter)?;
        if let Some(gone) =
            observed.values().flat_map(|observed| &observed.unavailable).find(|path| here.contains(*path))
        {
            return Err(Failure::changed(gone));
        }
        facts::record(&mut lock, &observed);
        Ok(lock)
    };
    let mut lock = blocking(look).await??;
    Ok(lock.pins.remove(name).unwrap_or(pin))
}
