//! `cache`: looking after the store.

use crate::decisions;
use crate::project::Project;
use crate::refusal::{Class, Failure, Refusal};
use crate::store::{Blob, Mismatch, Pruned, Store};
use crate::target::io;
use modelpin_schema::{Digest, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// A blob, and what this project's lock uses it for.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The blob.
    pub blob: Blob,
    /// Entry and path, where this project locks it.
    pub used: Option<(Name, RepoPath)>,
}

/// Everything in the store.
///
/// # Errors
/// The system's.
pub fn list(store: &Store, project: Option<&Project>) -> Result<Vec<Listed>, Failure> {
    let mut uses: BTreeMap<Digest, (Name, RepoPath)> = BTreeMap::new();
    for (name, pin) in project.and_then(|project| project.lock.as_ref()).into_iter().flat_map(|lock| &lock.pins) {
        uses.extend(pin.content().map(|(path, file)| (file.sha256, (name.clone(), path.clone()))));
    }
    let blobs = store.blobs().map_err(io)?;
    Ok(blobs.into_iter().map(|blob| Listed { blob, used: uses.get(&blob.digest).cloned() }).collect())
}

/// Removes from the store what this project does not lock or import (everything, without a project), and what
/// unfinished runs left. Targets that are synced keep their files.
///
/// # Errors
/// An audits file that cannot be read; the system's.
pub fn prune(store: &Store, project: Option<&Project>, dry_run: bool) -> Result<Pruned, Failure> {
    let pins = project.and_then(|project| project.lock.as_ref()).into_iter().flat_map(|lock| lock.pins.values());
    let mut keep: BTreeSet<Digest> = pins.flat_map(Pin::content).map(|(_, file)| file.sha256).collect();
    if let Some(project) = project {
        keep.extend(decisions::imported_blobs(project)?);
    }
    store.prune(&keep, dry_run).map_err(io)
}

/// Hashes everything in the store.
///
/// # Errors
/// Every blob that is not what its name says; the system's.
pub fn verify(store: &Store) -> Result<usize, Failure> {
    let bad = store.verify().map_err(io)?;
    crate::refusal::all(bad.iter().map(|(blob, mismatch)| damaged(store, blob, mismatch)).collect())?;
    Ok(store.blobs().map_err(io)?.len())
}

fn damaged(store: &Store, blob: &Blob, mismatch: &Mismatch) -> Refusal {
    Refusal {
        class: Class::Integrity,
        rule: None,
        at: None,
        name: None,
        path: Some(store.blob_path(&blob.digest).display().to_string()),
        what: "a file in the store is not what its name says".to_owned(),
        expected: blob.digest.to_string(),
        got: mismatch.to_string(),
        why: "a disk, a person or a program changed it; it is never used like this, since every use hashes it"
            .to_owned(),
        help: "`modelpin sync` fetches it again where it is needed; `modelpin cache prune` drops what is not"
            .to_owned(),
    }
}
