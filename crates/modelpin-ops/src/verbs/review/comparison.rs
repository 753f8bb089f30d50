//! What changed since somebody vouched for the code, or since another lock.

use super::change::{Change, changes};
use super::code::{self, Set};
use super::reviewed_file::ReviewedFile;
use super::reviewed_file::capabilities;
use super::status::SourcedAudit;
use crate::fetch::Wanted;
use crate::file_names::LOCK;
use crate::online::Online;
use crate::refusal::{ErrorClass, Failure, Refusal, upstream};
use crate::verbs::diff::{self, Against};
use crate::workspace::Workspace;
use modelpin_schema::audits::Audit;
use modelpin_schema::lockfile::{self, CodePath};
use modelpin_schema::{CommitId, Digest, Lockfile, Name, Pin, RepoPath, RepoUid, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of the code.
    Whole,
    /// The change since the last certified set.
    SinceCertified,
    /// The change since another lock.
    SinceLock(Against),
}

/// What the code is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// A set that somebody vouches for.
    Certified(Box<SourcedAudit>),
    /// The code of the entry in another lock.
    Lock {
        /// As the user calls it.
        called: String,
        /// The other lock.
        lock: Box<Lockfile>,
    },
}

/// What changed.
#[derive(Debug)]
pub struct Comparison {
    /// What it is compared with.
    pub base: Base,
    /// The files that differ, by path.
    pub changes: Vec<Change>,
    /// What the code can do and could not.
    pub gained: BTreeSet<&'static str>,
    /// What it could do and cannot any more.
    pub lost: BTreeSet<&'static str>,
}

/// What `selection` wants the code compared with; `last` is what was certified last.
///
/// # Errors
/// No certified set; a revision or file without a lock.
pub(super) fn base(
    workspace: &Workspace,
    name: &Name,
    last: Option<SourcedAudit>,
    selection: &Selection,
) -> Result<Option<Base>, Failure> {
    match (selection, last) {
        (Selection::Whole, _) => Ok(None),
        (Selection::SinceCertified, Some(vouched)) => Ok(Some(Base::Certified(Box::new(vouched)))),
        (Selection::SinceCertified, None) => Err(no_audit().entry(name).into()),
        (Selection::SinceLock(against), _) => {
            let lock = diff::lock_at(&workspace.project, against)?;
            if lock.is_none() {
                workspace.note(format_args!("`{against}` has no {LOCK}, so that nothing was locked"));
            }
            Ok(Some(Base::Lock { called: against.to_string(), lock: Box::new(lock.unwrap_or_default()) }))
        }
    }
}

/// Compares `code`, which is all that of the entry `name` and whose content is in `new`, with `base`.
///
/// # Errors
/// Old bytes that cannot be had or are not what they have to be.
pub(super) async fn compare(
    online: &Online,
    name: &Name,
    pin: &Pin,
    code: &lockfile::Code<'_>,
    base: Base,
    new: &[ReviewedFile],
) -> Result<Comparison, Failure> {
    let is: BTreeMap<&CodePath, Digest> = code.files.iter().map(|(place, found)| (place, found.file.sha256)).collect();
    let stayed = |place: &CodePath, digest: &Digest| is.get(place) == Some(digest);
    let (was, old): (BTreeMap<CodePath, Digest>, Set) = match &base {
        Base::Lock { lock, .. } => {
            let mut set = code::set(&lock.code(name));
            let was = set.iter().map(|(place, wanted)| (place.clone(), wanted.digest)).collect();
            set.retain(|place, wanted| !stayed(place, &wanted.digest));
            (was, set)
        }
        Base::Certified(vouched) => {
            let was = vouched.audit.set();
            let gone = was.iter().filter(|(place, digest)| !stayed(place, digest));
            let set = certified(online, name, pin, code, &vouched.audit, gone).await?;
            (was, set)
        }
    };
    let old = code::read(online, name, &old).await?;
    let (stayed, changed_files): (Vec<&ReviewedFile>, Vec<&ReviewedFile>) =
        new.iter().partition(|file| was.get(&file.place) == Some(&file.file));
    let could = capabilities(old.iter().chain(stayed));
    let can = capabilities(new);
    let changes = changes(old.iter(), changed_files.iter().copied());
    let gained = &can - &could;
    let lost = &could - &can;
    Ok(Comparison { base, changes, gained, lost })
}

/// The files `gone` of the set that an audit vouches for. An audit does not say how long its files are: that comes from
/// a copy of them, or from the listing of the commit that it names.
async fn certified(
    online: &Online,
    name: &Name,
    pin: &Pin,
    code: &lockfile::Code<'_>,
    audit: &Audit,
    gone: impl Iterator<Item = (&CodePath, &Digest)>,
) -> Result<Set, Failure> {
    let mut set = Set::new();
    let mut listings: BTreeMap<(Source, CommitId), BTreeMap<RepoPath, u64>> = BTreeMap::new();
    for (place, digest) in gone {
        let foreign = place.origin.as_ref().zip(audit.foreign.get(place));
        let (source, commit) =
            foreign.map_or((&pin.source, audit.revision), |(origin, foreign)| (&origin.source, foreign.revision));
        // Of a repo to which nothing leads any more, no identity is known.
        let known = code.foreign.values().map(|(_, pin)| *pin).chain([pin]).find(|pin| pin.source == *source);
        let repo_id = known.and_then(|pin| pin.hub.repo_id.clone());
        let size = match online.local_length(digest) {
            // What is in it is hashed later.
            Some(size) => size,
            None => {
                let key = (source.clone(), commit);
                if !listings.contains_key(&key) {
                    let listed = list(online, name, place, &key, repo_id.as_ref()).await?;
                    listings.insert(key.clone(), listed);
                }
                let listed = listings.get(&key).and_then(|listed| listed.get(&place.path));
                *listed.ok_or_else(|| not_of_commit(&commit, place).entry(name))?
            }
        };
        let name = name.clone();
        let path = place.path.clone();
        let source = source.clone();
        set.insert(place.clone(), Wanted { digest: *digest, size, name, path, source, commit, repo_id });
    }
    Ok(set)
}

/// The files of a commit, with their lengths in bytes.
async fn list(
    online: &Online,
    name: &Name,
    place: &CodePath,
    (source, commit): &(Source, CommitId),
    repo_id: Option<&RepoUid>,
) -> Result<BTreeMap<RepoPath, u64>, Failure> {
    let Some(hub) = &online.hub else {
        return Err(upstream::offline_file(name, &place.path).into());
    };
    match hub.tree(source, commit).await {
        Ok(listed) => Ok(listed.into_iter().map(|entry| (entry.path, entry.size)).collect()),
        Err(error) => Err(upstream::file_refused(hub, source, commit, repo_id, error).await),
    }
}

fn no_audit() -> Refusal {
    Refusal::new(ErrorClass::Usage, "no code of its repo is certified")
        .expected("an audit in models.audits.toml to compare with")
        .help("run `modelpin review NAME` to review all of it")
}

fn not_of_commit(commit: &CommitId, place: &CodePath) -> Refusal {
    Refusal::new(ErrorClass::Integrity, "the commit that the audit names does not have the file")
        .file(place)
        .expected(format_args!("the audited file in {commit}"))
        .got("no such file")
        .why("the change since the audit cannot be shown without it")
        .help("correct the audit's `revision` in models.audits.toml")
        .help("or run `modelpin review NAME` to review all of it")
}
