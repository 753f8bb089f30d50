//! Files of locked entries that are not in the target: from the store, a mirror or the Hub, into the store and nowhere
//! else, each held against the lock.

use super::options::Locked;
use crate::convert;
use crate::fetch::{self, Wanted};
use crate::refusal::{Failure, usage};
use modelpin_schema::{Artifact, Digest, Name, Pin, RepoPath};
use modelpin_store::{Verification, Verified};
use std::collections::{BTreeMap, BTreeSet};

/// The files to fetch.
#[derive(Default)]
pub(super) struct Missing<'a> {
    files: Vec<File<'a>>,
}

/// One file of it.
struct File<'a> {
    name: &'a Name,
    pin: &'a Pin,
    path: &'a RepoPath,
    file: Artifact,
}

impl File<'_> {
    fn wanted(&self) -> Wanted {
        Wanted::of(self.name, self.pin, self.path, &self.file)
    }

    /// Whether it is the result of a conversion, which no Hub has.
    fn is_result(&self) -> bool {
        self.pin.converted.contains_key(self.path)
    }
}

impl<'a> Missing<'a> {
    /// A file that is not in the target.
    pub(super) fn push(&mut self, name: &'a Name, pin: &'a Pin, path: &'a RepoPath, file: Artifact) {
        self.files.push(File { name, pin, path, file });
    }

    /// Fetches all of it.
    ///
    /// # Errors
    /// Content that cannot be had, or is not what the lock says; without a network, whatever is not on this machine.
    pub(super) async fn fetch(&self, locked: Locked<'_>) -> Result<BTreeMap<Digest, Verified>, Failure> {
        let Locked { online, lock, .. } = locked;
        let mut here = BTreeMap::new();
        let mut is_damaged = false;
        for File { file, .. } in &self.files {
            match online.store.verify(&file.sha256, file.size)? {
                Verification::Good(verified) => drop(here.insert(file.sha256, verified)),
                Verification::Absent => {}
                Verification::Bad(_) => is_damaged = true,
            }
        }
        if online.hub.is_none() && !is_damaged {
            here.extend(fetch::fetch_local(online, self.beyond(&here).map(|file| file.wanted()).collect()).await?);
            let mut missing: BTreeMap<&Name, Vec<String>> = BTreeMap::new();
            self.beyond(&here).for_each(|file| missing.entry(file.name).or_default().push(file.path.to_string()));
            crate::refusal::fail_if_any(
                missing.iter().map(|(name, paths)| usage::not_here("scan", name, paths)).collect(),
            )?;
            return Ok(here);
        }
        let (results, files): (Vec<_>, Vec<_>) = self.beyond(&here).partition(|file| file.is_result());
        if !files.is_empty() {
            online.note(
                "files that are not in the target are fetched into the cache for this scan; nothing is installed",
            );
            here.extend(fetch::fetch(online, files.iter().map(|file| file.wanted()).collect()).await?);
        }
        let results: BTreeSet<Digest> = results.iter().map(|file| file.file.sha256).collect();
        if !results.is_empty() {
            here.extend(convert::obtain(online, lock, &results, &here).await?);
        }
        Ok(here)
    }

    /// What of it is not `here`.
    fn beyond(&self, here: &BTreeMap<Digest, Verified>) -> impl Iterator<Item = &File<'a>> {
        self.files.iter().filter(|file| !here.contains_key(&file.file.sha256))
    }
}
