//! The results that a lock knows: from the store or a mirror, else made again. What is made again is what the lock
//! says, or refused.

use super::{changed, not_data_in, of, store_result, with_conversion};
use crate::fetch::{self, Wanted};
use crate::online::Online;
use crate::refusal::{Failure, Refusal, convert as refuse};
use crate::reporter::Reporter;
use crate::runtime::blocking;
use modelpin_scan::convert::VERSION;
use modelpin_schema::lockfile::Converted;
use modelpin_schema::{Digest, Lockfile, Name, Pin, RepoPath};
use modelpin_store::Verified;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A result that the lock knows.
#[derive(Clone, Copy)]
struct Recipe<'a> {
    name: &'a Name,
    pin: &'a Pin,
    path: &'a RepoPath,
    converted: &'a Converted,
}

/// Obtains the results of `lock` that are among `wanted` and not in `verified`. Sources come from wherever
/// they can be had.
///
/// # Errors
/// Results of another converter that nobody has; sources that cannot be had; results that come out otherwise than the
/// lock says; I/O errors from the store.
pub(crate) async fn obtain(
    online: &Online,
    lock: &Lockfile,
    wanted: &BTreeSet<Digest>,
    verified: &BTreeMap<Digest, Verified>,
) -> Result<BTreeMap<Digest, Verified>, Failure> {
    let lacks = |digest: Digest| wanted.contains(&digest) && !verified.contains_key(&digest);
    let lacking: Vec<Recipe<'_>> = recipes(lock).filter(|recipe| lacks(recipe.converted.sha256)).collect();
    let mut found = fetch::fetch_local(online, lacking.iter().map(|recipe| recipe.result()).collect()).await?;
    let unmade: Vec<Recipe<'_>> =
        lacking.into_iter().filter(|recipe| !found.contains_key(&recipe.converted.sha256)).collect();
    let foreign = unmade.iter().filter(|recipe| recipe.converted.converter != VERSION);
    crate::refusal::fail_if_any(foreign.map(|recipe| recipe.named(refuse::by_another(recipe.converted))).collect())?;
    let sources = unmade.iter().filter(|recipe| !verified.contains_key(&recipe.converted.source));
    let sources: Vec<Wanted> = sources.flat_map(|recipe| recipe.source()).collect();
    if !sources.is_empty() {
        found.extend(fetch::fetch(online, sources).await?);
    }
    for recipe in unmade {
        let source = found.get(&recipe.converted.source).or_else(|| verified.get(&recipe.converted.source));
        let source = source.cloned().ok_or_else(|| changed(&recipe.converted.from))?;
        let result = recipe.make(online, source).await?;
        found.insert(result.digest(), result);
    }
    Ok(found)
}

fn recipes(lock: &Lockfile) -> impl Iterator<Item = Recipe<'_>> {
    lock.pins.iter().flat_map(|(name, pin)| {
        pin.converted.iter().map(move |(path, converted)| Recipe { name, pin, path, converted })
    })
}

/// Refuses results of `lock`, each of them at its `place`, that are not data to every loader. Returns how many were
/// looked at.
///
/// # Errors
/// Every such result; a scanner that broke; no thread for it.
pub(crate) fn check(
    lock: &Lockfile,
    place: impl Fn(&Digest) -> Option<PathBuf>,
    jobs: usize,
    reporter: &dyn Reporter,
) -> Result<usize, Failure> {
    let mut refusals = Vec::new();
    let mut looked = 0;
    for (name, pin) in lock.pins.iter().filter(|(_, pin)| !pin.converted.is_empty()) {
        let there = pin.results().filter_map(|(path, file)| Some((path.clone(), place(&file.sha256)?)));
        let there: Vec<(RepoPath, PathBuf)> = there.collect();
        looked += there.len();
        for (path, got) in not_data_in(&there, jobs, reporter)? {
            let refusal = pin.converted.get(&path).map(|converted| refuse::not_data(&converted.from, &got));
            refusals.extend(refusal.map(|refusal| refusal.entry(name).file(&path)));
        }
    }
    crate::refusal::fail_if_any(refusals).map(|()| looked)
}

impl Recipe<'_> {
    /// The result as content that may be somewhere.
    fn result(&self) -> Wanted {
        let file = self.converted.artifact();
        Wanted::of(self.name, self.pin, self.path, &file)
    }

    fn source(&self) -> Option<Wanted> {
        let from = &self.converted.from;
        self.pin.files().get(from).map(|file| Wanted::of(self.name, self.pin, from, file))
    }

    fn named(&self, refusal: Refusal) -> Refusal {
        refusal.entry(self.name).file(self.path)
    }

    /// The result, made of `source` anew.
    async fn make(&self, online: &Online, source: Verified) -> Result<Verified, Failure> {
        let Converted { from, sha256, size, .. } = self.converted.clone();
        let work = move |online: &Online| {
            online.note(format_args!("converting `{from}` again"));
            let made = with_conversion(&from, &source, |conversion, _| {
                let kept = store_result(online, conversion, &from, &sha256, size)?;
                kept.map_err(|got| Failure::from(refuse::other_result(&from, &sha256, &got.to_string())).into())
            });
            made.map_err(|stop| stop.into_failure(|why| refuse::not_made(&from, &sha256, why)))
        };
        let online = online.clone();
        blocking(move || work(&online)).await?.map_err(|failure| of(failure, self.name, self.path))
    }
}
