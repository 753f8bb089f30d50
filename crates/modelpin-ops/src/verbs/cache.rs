//! `cache`: looking after the store.

use crate::known_projects::KnownProject;
use crate::project::Project;
use crate::refusal::{ErrorClass, Failure, Refusal};
use modelpin_schema::{Digest, Name, RepoPath};
use modelpin_store::{Blob, Mismatch, Pruned, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A blob, and who uses it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The blob.
    pub blob: Blob,
    /// Entry and path, where this project locks it.
    pub used: Option<(Name, RepoPath)>,
    /// The folders of all projects that the store knows and that lock or import it.
    pub projects: Vec<PathBuf>,
}

/// What a blob is used for.
#[derive(Default)]
struct Uses {
    used: Option<(Name, RepoPath)>,
    projects: Vec<PathBuf>,
}

/// Everything in the store. What a project needs whose files cannot be read is not known.
///
/// # Errors
/// I/O errors from listing the store.
pub fn list(store: &Store, project: Option<&Project>) -> Result<Vec<Listed>, Failure> {
    let here = project.map(|project| project.dir.as_path());
    let canonical = here.and_then(|here| here.canonicalize().ok());
    let mut uses: BTreeMap<Digest, Uses> = BTreeMap::new();
    for known in KnownProject::all(store, here)? {
        for (digest, entry) in known.needs().unwrap_or_default() {
            let uses = uses.entry(digest).or_default();
            uses.projects.push(known.dir.clone());
            if canonical.as_ref() == Some(&known.dir) {
                uses.used = entry;
            }
        }
    }
    let listed = |blob: Blob| {
        let Uses { used, projects } = uses.remove(&blob.digest).unwrap_or_default();
        Listed { blob, used, projects }
    };
    Ok(store.blobs()?.into_iter().map(listed).collect())
}

/// What pruning removed.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// What was removed, or would be.
    pub pruned: Pruned,
    /// Projects that are gone, and forgotten.
    pub gone: Vec<PathBuf>,
    /// Projects of which nobody knows what they need: because of them no file was removed.
    pub unread: Vec<PathBuf>,
}

/// Removes from the store what none of the projects that it knows locks or imports, this one among them, and what
/// unfinished runs left. Nothing is removed while another process uses the store: `waiting` is called once, with one
/// that does. Targets that are synced keep their files.
///
/// # Errors
/// I/O errors from listing or removing files of the store.
pub fn prune(
    store: &Store,
    project: Option<&Project>,
    dry_run: bool,
    waiting: &dyn Fn(Option<u32>),
) -> Result<Cleaned, Failure> {
    let alone = if dry_run { None } else { Some(store.lock_exclusively(waiting)?) };
    let mut cleaned = Cleaned::default();
    let mut keep = BTreeSet::new();
    let known = KnownProject::all(store, project.map(|project| project.dir.as_path()))?;
    for known in known.iter().filter(|known| !known.is_gone()) {
        match known.needs() {
            Ok(needs) => keep.extend(needs.into_keys()),
            Err(_) => cleaned.unread.push(known.dir.clone()),
        }
    }
    let is_known = cleaned.unread.is_empty();
    let wants = |digest: &Digest| !is_known || keep.contains(digest);
    cleaned.pruned = store.prune(&wants, alone.as_ref())?;
    for known in known.iter().filter(|known| known.is_gone()) {
        if !dry_run {
            known.forget()?;
        }
        cleaned.gone.push(known.dir.clone());
    }
    Ok(cleaned)
}

/// Hashes everything in the store.
///
/// # Errors
/// Every blob that is not what its name says; I/O errors from reading the store.
pub fn verify(store: &Store) -> Result<usize, Failure> {
    let bad = store.verify_all()?;
    crate::refusal::fail_if_any(bad.iter().map(|(blob, mismatch)| damaged(store, blob, mismatch)).collect())?;
    Ok(store.blobs()?.len())
}

fn damaged(store: &Store, blob: &Blob, mismatch: &Mismatch) -> Refusal {
    Refusal::new(ErrorClass::Integrity, "a file in the cache is corrupted")
        .file(store.blob_path(&blob.digest).display())
        .expected(blob.digest.to_string())
        .got(mismatch.to_string())
        .why("it was changed since it was verified; corrupted files are never used")
        .help("run `modelpin sync` to download it again if it is needed")
        .help("run `modelpin cache prune` to remove it if it is not")
}
