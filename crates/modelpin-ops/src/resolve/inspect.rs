//! What a new pin's bytes are and do, as far as they are here when it is made.
//!
//! Git files are, since their hash had to be made. Of what the Hub keeps like weights, code, configuration and
//! texts are fetched as well; of what the name calls a pickle, the head is read to see whether it is one. What
//! else is in the store by chance is not scanned at: the same commit gives the same lock on every machine.

use crate::facts;
use crate::fetch::{self, Wanted};
use crate::online::Online;
use crate::refusal::{Failure, upstream};
use crate::runtime::blocking;
use crate::scanning::scan_head;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use modelpin_hub::Hub;
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a head: enough to tell one format from another.
const HEAD: u64 = 256 << 10;

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
    let heads = heads(online, hub, &pin, claimed).await?;
    heads.iter().for_each(|(path, kind)| pin.set_kind(path, *kind));
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
    recorded(online, name, pin, here).await
}

fn is_fetched(file: &Wanted) -> bool {
    facts::is_scanned_at_lock(&file.path, file.size)
}

/// The kinds of the claimed files that their names call pickles, by their heads. Nothing proves a head: the
/// kind is put right when the bytes come.
async fn heads(
    online: &Online,
    hub: &Hub,
    pin: &Pin,
    claimed: &BTreeSet<RepoPath>,
) -> Result<BTreeMap<RepoPath, FileKind>, Failure> {
    let named =
        pin.files().iter().filter(|(path, _)| claimed.contains(*path) && FileKind::of(path) == FileKind::Pickle);
    let one = |(path, size): (RepoPath, u64)| async move {
        let head = hub.head(&pin.source, &pin.revision, &path, size, HEAD).await;
        let head =
            head.map_err(|error| upstream::refused(&pin.source, error).map_refusals(|refusal| refusal.file(&path)))?;
        blocking(move || {
            let kind = facts::kind(&path, &scan_head(&head, path.as_str())?);
            Ok((path, kind))
        })
        .await?
    };
    let named: Vec<(RepoPath, u64)> = named.map(|(path, file)| (path.clone(), file.size)).collect();
    iter(named).map(one).buffered(online.jobs.max(1)).try_collect().await
}

/// The pin with what is observed of the files in `here`, which are in the store.
async fn recorded(online: &Online, name: &Name, pin: Pin, here: BTreeSet<RepoPath>) -> Result<Pin, Failure> {
    let online = online.clone();
    let mut lock = Lockfile { pins: [(name.clone(), pin.clone())].into() };
    let look = move || {
        let store = &online.store;
        let places: facts::Places<'_> = &|_, _, path, file| here.contains(path).then(|| store.blob_path(&file.sha256));
        let observed = facts::observe(&lock, places, online.jobs, &*online.reporter)?;
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
