//! What changed since somebody vouched for the code, or since another lock.

use super::change::{Change, changes};
use super::code::{self, Code, Set};
use super::{Stand, Vouched, Wish, capabilities};
use crate::project::Project;
use crate::refusal::{Failure, Refusal, content, upstream, wish};
use crate::session::Session;
use crate::store::blob_in;
use crate::verbs::diff;
use modelpin_schema::audits::Audit;
use modelpin_schema::{Digest, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// What the code is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// A set that somebody vouches for.
    Certified(Box<Vouched>),
    /// The code of another lock; none, where that has no code of the entry.
    Lock {
        /// As the person calls it.
        called: String,
        /// Its pin of the entry.
        pin: Option<Box<Pin>>,
    },
}

/// What changed.
#[derive(Debug)]
pub struct Since {
    /// Since when.
    pub base: Base,
    /// The files that differ, by path.
    pub changes: Vec<Change>,
    /// What the code can do and could not.
    pub gained: BTreeSet<&'static str>,
    /// What it could do and cannot any more.
    pub lost: BTreeSet<&'static str>,
}

/// What `wish` wants the code compared with.
///
/// # Errors
/// No certified set; no lock that could be meant.
pub(super) fn base(project: &Project, name: &Name, stand: &Stand, wish: &Wish) -> Result<Option<Base>, Failure> {
    match (wish, stand) {
        (Wish::Whole, _) => Ok(None),
        (Wish::SinceCertified, Stand::Certified(vouched) | Stand::Changed(vouched)) => {
            Ok(Some(Base::Certified(Box::new(vouched.clone()))))
        }
        (Wish::SinceCertified, Stand::Unknown) => Err(nobody().of(name).into()),
        (Wish::SinceLock(called), _) => {
            let pin = diff::lock_at(project, called)?.pins.remove(name).map(Box::new);
            Ok(Some(Base::Lock { called: called.clone(), pin }))
        }
    }
}

/// Compares the code of `pin`, which is in `new`, with `base`.
///
/// # Errors
/// Old bytes that cannot be had or are not what they have to be.
pub(super) async fn compare(
    session: &Session,
    name: &Name,
    pin: &Pin,
    base: Base,
    new: &[Code],
) -> Result<Since, Failure> {
    let was: BTreeMap<RepoPath, Digest> = match &base {
        Base::Lock { pin, .. } => {
            let files = pin.iter().flat_map(|pin| pin.code_files());
            files.map(|(path, file)| (path.clone(), file.sha256)).collect()
        }
        Base::Certified(vouched) => vouched.audit.files.clone(),
    };
    let is: BTreeMap<&RepoPath, Digest> = new.iter().map(|file| (&file.path, file.sha256)).collect();
    let gone: BTreeMap<&RepoPath, &Digest> = was.iter().filter(|(path, digest)| is.get(path) != Some(digest)).collect();
    let old = match &base {
        Base::Certified(vouched) => certified(session, name, pin, &vouched.audit, gone).await?,
        Base::Lock { pin: Some(old), .. } => {
            let mut set = Set::of(name, old);
            set.files.retain(|path, _| gone.contains_key(path));
            set
        }
        Base::Lock { pin: None, .. } => Set { files: BTreeMap::new(), ..Set::of(name, pin) },
    };
    let old = code::read(session, &old).await?;
    let (stayed, came): (Vec<&Code>, Vec<&Code>) =
        new.iter().partition(|file| was.get(&file.path) == Some(&file.sha256));
    let (could, can) = (capabilities(old.iter().chain(stayed)), capabilities(new));
    let (changes, gained, lost) = (changes(&old, &came), &can - &could, &could - &can);
    Ok(Since { base, changes, gained, lost })
}

/// The files `gone` of the set that an audit vouches for. An audit does not say how long its files are: that comes from
/// a copy of them, or from the listing of its commit.
async fn certified(
    session: &Session,
    name: &Name,
    pin: &Pin,
    audit: &Audit,
    gone: BTreeMap<&RepoPath, &Digest>,
) -> Result<Set, Failure> {
    let mut set = Set { commit: audit.revision, files: BTreeMap::new(), ..Set::of(name, pin) };
    let mut unknown = Vec::new();
    for (path, digest) in gone {
        match length_here(session, digest) {
            Some(size) => drop(set.files.insert(path.clone(), (*digest, size))),
            None => unknown.push((path, digest)),
        }
    }
    let Some((first, _)) = unknown.first() else { return Ok(set) };
    let Some(hub) = &session.hub else {
        return Err(upstream::offline_file(name, first).into());
    };
    let listed = hub.tree(&set.source, &set.commit).await;
    let listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            return Err(upstream::file_refused(hub, &set.source, &set.commit, set.repo_id.as_ref(), error).await);
        }
    };
    let sizes: BTreeMap<&RepoPath, u64> = listed.iter().map(|entry| (&entry.path, entry.size)).collect();
    for (path, digest) in unknown {
        let size = sizes.get(path).ok_or_else(|| not_of_commit(audit).of(name).file(path))?;
        set.files.insert(path.clone(), (*digest, *size));
    }
    Ok(set)
}

/// The length of the copy of `digest` in the store or a mirror, where there is one. What is in it is hashed later.
fn length_here(session: &Session, digest: &Digest) -> Option<u64> {
    let stored = std::fs::symlink_metadata(session.store.blob_path(digest)).ok().filter(std::fs::Metadata::is_file);
    let mirrored = || session.mirrors.iter().find_map(|mirror| std::fs::metadata(blob_in(&mirror.path, digest)).ok());
    stored.or_else(mirrored).map(|found| found.len())
}

fn nobody() -> Refusal {
    wish::other(
        "nobody certified any code of its repo".to_owned(),
        "an audit in models.audits.toml that the change could be shown from",
        "none".to_owned(),
        "a change since nothing is the whole",
        "`modelpin review NAME` shows the whole",
    )
}

fn not_of_commit(audit: &Audit) -> Refusal {
    let mut refusal = content::commit(&audit.revision, "a commit without the file");
    refusal.what = "the commit that the audit names does not have it".to_owned();
    refusal.help =
        "correct the audit's `revision` in models.audits.toml; `modelpin review NAME` shows the whole".to_owned();
    refusal
}
