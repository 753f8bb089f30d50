//! The results that a lock knows: from the store or a mirror, else made again. What is made again is what the lock
//! says, or refused.

use super::index::{self, ConvertedShard};
use super::{changed, not_data_in, of, store_result, with_conversion};
use crate::fetch::{self, Wanted};
use crate::online::Online;
use crate::refusal::{Failure, Refusal, convert as refuse};
use crate::reporter::Reporter;
use crate::runtime::blocking;
use modelpin_scan::convert::VERSION;
use modelpin_schema::lockfile::{Converted, is_index, shard};
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
    let (mut found, mut unmade) = anywhere(online, lacking).await?;
    // An index is made of the results that it names, wherever those were already.
    let is_here = |recipe: &Recipe<'_>| {
        let sha256 = &recipe.converted.sha256;
        found.contains_key(sha256) || verified.contains_key(sha256)
    };
    let indexes: Vec<Recipe<'_>> = unmade.iter().copied().filter(Recipe::is_index).collect();
    let shards = indexes.iter().flat_map(|index| index.shards()).filter(|shard| !is_here(shard));
    let shards = shards.filter(|shard| !unmade.iter().any(|other| other.is_same(shard))).collect();
    let (there, away) = anywhere(online, shards).await?;
    found.extend(there);
    unmade.extend(away);
    let foreign = unmade.iter().filter(|recipe| recipe.converted.converter != VERSION);
    crate::refusal::fail_if_any(foreign.map(|recipe| recipe.named(refuse::by_another(recipe.converted))).collect())?;
    let sources = unmade.iter().filter(|recipe| !verified.contains_key(&recipe.converted.source));
    let sources: Vec<Wanted> = sources.flat_map(|recipe| recipe.source()).collect();
    if !sources.is_empty() {
        found.extend(fetch::fetch(online, sources).await?);
    }
    let (indexes, alone): (Vec<_>, Vec<_>) = unmade.into_iter().partition(Recipe::is_index);
    for recipe in alone.into_iter().chain(indexes) {
        let of = |digest: &Digest| found.get(digest).or_else(|| verified.get(digest)).cloned();
        let source = of(&recipe.converted.source).ok_or_else(|| changed(&recipe.converted.from))?;
        let result = if recipe.is_index() {
            let shards = recipe.converted_shards(|shard| of(&shard.sha256).map(|there| there.path().to_owned()))?;
            recipe.make_index(online, source, shards).await?
        } else {
            recipe.make(online, source).await?
        };
        found.insert(result.digest(), result);
    }
    Ok(found)
}

/// The results of `recipes` that are in the store or a mirror, and the recipes of the others.
async fn anywhere<'a>(
    online: &Online,
    recipes: Vec<Recipe<'a>>,
) -> Result<(BTreeMap<Digest, Verified>, Vec<Recipe<'a>>), Failure> {
    let found = fetch::fetch_local(online, recipes.iter().map(|recipe| recipe.result()).collect()).await?;
    let unmade = recipes.into_iter().filter(|recipe| !found.contains_key(&recipe.converted.sha256)).collect();
    Ok((found, unmade))
}

fn recipes(lock: &Lockfile) -> impl Iterator<Item = Recipe<'_>> {
    lock.pins.iter().flat_map(|(name, pin)| recipes_of(name, pin))
}

fn recipes_of<'a>(name: &'a Name, pin: &'a Pin) -> impl Iterator<Item = Recipe<'a>> {
    pin.converted.iter().map(move |(path, converted)| Recipe { name, pin, path, converted })
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
        let (indexes, alone): (Vec<_>, Vec<_>) = recipes_of(name, pin)
            .filter(|recipe| place(&recipe.converted.sha256).is_some())
            .partition(Recipe::is_index);
        let there = alone.iter().filter_map(|recipe| Some((recipe.path.clone(), place(&recipe.converted.sha256)?)));
        let there: Vec<(RepoPath, PathBuf)> = there.collect();
        looked += there.len();
        let odd = not_data_in(&there, jobs, reporter)?;
        for (path, got) in &odd {
            let refusal = pin.converted.get(path).map(|converted| refuse::not_data(&converted.from, got));
            refusals.extend(refusal.map(|refusal| refusal.entry(name).file(path)));
        }
        for recipe in indexes.iter().filter(|_| odd.is_empty()) {
            // What is not here is not there for a loader either, and is seen elsewhere.
            let Ok(shards) = recipe.converted_shards(|shard| place(&shard.sha256)) else { continue };
            looked += 1;
            let Converted { from, sha256, .. } = recipe.converted;
            let got = index::digest(from, &shards)?;
            if got != Ok(*sha256) {
                let got = got.map_or_else(|why| why, |digest| digest.to_string());
                refusals.push(recipe.named(refuse::other_result(from, sha256, &got)));
            }
        }
    }
    crate::refusal::fail_if_any(refusals).map(|()| looked)
}

impl<'a> Recipe<'a> {
    fn is_index(&self) -> bool {
        is_index(&self.converted.from)
    }

    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.path == other.path
    }

    /// Of an index: the shards that it names.
    fn shards(&self) -> impl Iterator<Item = Recipe<'a>> {
        let index = &self.converted.from;
        let is_of = move |recipe: &Recipe<'a>| shard(&recipe.converted.from).is_some_and(|shard| shard.index == *index);
        recipes_of(self.name, self.pin).filter(is_of)
    }

    /// The same, each with the place of its result.
    fn converted_shards(&self, place: impl Fn(&Converted) -> Option<PathBuf>) -> Result<Vec<ConvertedShard>, Failure> {
        let of = |shard: Recipe<'a>| {
            let Converted { from, sha256, .. } = shard.converted;
            let place = place(shard.converted).ok_or_else(|| changed(from))?;
            Ok(ConvertedShard { from: from.clone(), to: shard.path.clone(), place, sha256: *sha256 })
        };
        self.shards().map(of).collect()
    }

    /// The index, made anew.
    async fn make_index(
        &self,
        online: &Online,
        source: Verified,
        shards: Vec<ConvertedShard>,
    ) -> Result<Verified, Failure> {
        let Converted { from, sha256, .. } = self.converted;
        let made = index::make(online, from, source, shards).await;
        let made = made.map_err(|failure| of(failure, self.name, self.path))?;
        match made {
            Ok(made) if made.result.digest() == *sha256 => Ok(made.result),
            Ok(made) => {
                let got = format!("{}, {} bytes", made.result.digest(), made.result.size());
                Err(self.named(refuse::other_result(from, sha256, &got)).into())
            }
            Err(why) => Err(self.named(refuse::not_made(from, sha256, &why)).into()),
        }
    }

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
                let kept = store_result(online, &|out| conversion.write(out), &from, &sha256, size)?;
                kept.map_err(|got| Failure::from(refuse::other_result(&from, &sha256, &got.to_string())).into())
            });
            made.map_err(|stop| stop.into_failure(|why| refuse::not_made(&from, &sha256, why)))
        };
        let online = online.clone();
        blocking(move || work(&online)).await?.map_err(|failure| of(failure, self.name, self.path))
    }
}
