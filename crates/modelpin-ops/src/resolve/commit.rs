//! The commit that a requirement resolves to today, in the repo that has the name today.

use crate::online::Online;
use crate::refusal::{Failure, content, revisions, upstream};
use modelpin_hub::{Hub, Ref, Refs, Repo};
use modelpin_schema::lockfile::License;
use modelpin_schema::{CommitId, Name, Pin, RepoId, RepoUid, Requested, Revision, Source, Spec};

/// The ref under which the Hub keeps the rows of a dataset as Parquet.
pub const PARQUET: &str = "refs/convert/parquet";

/// What a requirement resolves to.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The commit.
    pub commit: CommitId,
    /// The newest tag that a version requirement allows.
    pub tag: Option<Revision>,
    /// The repo's identity.
    pub repo_id: Option<RepoUid>,
    /// What the Hub calls the repo, where that is another name.
    pub canonical: Option<RepoId>,
    /// The licence that its card declares.
    pub license: Option<License>,
    /// Whether its content is for those only who accepted its conditions.
    pub is_gated: bool,
    /// Whether the Hub has the rows of the dataset as Parquet.
    pub has_parquet: bool,
}

/// The Hub, for an entry that has to be resolved.
///
/// # Errors
/// An offline run.
pub fn hub<'a>(online: &'a Online, name: &Name) -> Result<&'a Hub, Failure> {
    online.hub.as_ref().ok_or_else(|| upstream::offline(name).into())
}

/// The commit that `pin` keeps; without one, the commit that `spec` resolves to now.
///
/// # Errors
/// As [`resolve`].
pub async fn kept_or_resolved(
    online: &Online,
    name: &Name,
    spec: &Spec,
    pin: Option<&Pin>,
) -> Result<CommitId, Failure> {
    if let Some(pin) = pin {
        return Ok(pin.revision);
    }
    let resolved = resolve(online, name, &spec.source, &spec.requested, None).await;
    let resolved = resolved.map_err(|failure| failure.map_refusals(|refusal| refusal.entry(name)))?;
    Ok(resolved.commit)
}

/// Looks `wanted` up.
///
/// # Errors
/// A requirement that nothing matches, or more than one commit; a repo that is another than `previous` was
/// locked from; whatever the Hub refuses.
pub async fn resolve(
    online: &Online,
    name: &Name,
    source: &Source,
    wanted: &Requested,
    previous: Option<&Pin>,
) -> Result<Resolved, Failure> {
    let note = |note: String| online.note(format_args!("`{name}`: {note}"));
    resolve_at(hub(online, name)?, source, wanted, previous, &note).await
}

/// Looks `wanted` up on `hub`; `note` is told what is worth reading and no error.
///
/// # Errors
/// As for [`resolve`].
pub async fn resolve_at(
    hub: &Hub,
    source: &Source,
    wanted: &Requested,
    previous: Option<&Pin>,
    note: &(dyn Fn(String) + Sync),
) -> Result<Resolved, Failure> {
    let previous = previous.filter(|pin| pin.source == *source);
    let pull_requests = wanted.to_string().starts_with("refs/pr/");
    let refs = match hub.refs(source, pull_requests).await {
        Ok(refs) => refs,
        Err(error) => return Err(upstream::gone_or_replaced(hub, source, previous, error).await),
    };
    // What a name means is what was just read: its commit is asked for, not the name, which the Hub may take for
    // another ref, and which may have moved in between.
    let (meant, tag) = match wanted {
        Requested::Commit(commit) => {
            if refs.all().any(|named| named.name.as_str() == commit.hex()) {
                return Err(revisions::ref_like_commit(&commit.hex()).into());
            }
            (Some(*commit), None)
        }
        Requested::Revision(revision) => (one_commit(&refs, source, revision)?, None),
        Requested::Version(requirement) => {
            let tag = newest(&refs.tags, requirement).ok_or_else(|| {
                let newest = newest(&refs.tags, &semver::VersionReq::STAR);
                revisions::no_version(wanted, newest.map(|tag| tag.name.as_str()))
            })?;
            (Some(tag.commit), Some(tag.name.clone()))
        }
    };
    let asked = meant.map_or_else(|| wanted.to_string(), |commit| commit.hex());
    let repo = match hub.repo(source, &asked).await {
        Ok(repo) => repo,
        Err(error) => return Err(upstream::gone_or_replaced(hub, source, previous, error).await),
    };
    match (meant, wanted) {
        (Some(commit), _) if repo.commit != commit => {
            return Err(content::commit(&commit, &repo.commit.to_string()).into());
        }
        (None, Requested::Revision(revision)) if revision.looks_like_commit() => {
            return Err(revisions::short_commit(revision, &repo.commit).into());
        }
        _ => {}
    }
    identity(source, &repo, previous, note)?;
    let license = repo.license.as_deref().and_then(|license| license.parse().ok());
    let has_parquet = refs.converts.iter().any(|converted| converted.name.as_str() == PARQUET);
    let canonical = (repo.id != source.repo).then_some(repo.id);
    let Repo { commit, uid: repo_id, is_gated, .. } = repo;
    Ok(Resolved { commit, tag, repo_id, canonical, license, is_gated, has_parquet })
}

/// The commit that `revision` names; none where the Hub lists no such ref.
fn one_commit(refs: &Refs, source: &Source, revision: &Revision) -> Result<Option<CommitId>, Failure> {
    let meant = refs.meant(revision);
    let first = meant.first().map(|(_, commit)| *commit);
    if meant.iter().any(|(_, commit)| Some(*commit) != first) {
        return Err(revisions::ambiguous(source, revision, &meant).into());
    }
    Ok(first)
}

/// Refuses a repo that is not the one that was locked, or that has another owner; notes a rename.
fn identity(source: &Source, repo: &Repo, previous: Option<&Pin>, note: &dyn Fn(String)) -> Result<(), Failure> {
    let locked = previous.and_then(|pin| pin.hub.repo_id.as_ref());
    if let Some(locked) = locked
        && repo.uid.as_ref() != Some(locked)
    {
        return Err(upstream::replaced(source, locked, repo.uid.as_ref()).into());
    }
    // Whose a name without an owner is was recorded when it was locked.
    let recorded = previous.and_then(|pin| pin.hub.canonical.as_ref());
    let known = recorded.filter(|_| source.repo.owner().is_none()).unwrap_or(&source.repo);
    if !known.may_be_called(&repo.id) {
        return Err(upstream::other_owner(source, known, &repo.id).into());
    }
    if repo.id == source.repo || recorded == Some(&repo.id) {
        return Ok(());
    }
    let (asked, now) = (&source.repo, &repo.id);
    if asked.owner().is_none() {
        note(format!("the Hub calls `{asked}` now `{now}`; it is locked and loaded as `{asked}`"));
    } else {
        note(format!("the Hub calls `{asked}` now `{now}`"));
    }
    Ok(())
}

/// The tag with the highest version that `requirement` allows; tags that are not `vX.Y.Z` or `X.Y.Z` are ignored. Of
/// two tags of one version it is the one with the `v`.
#[must_use]
pub fn newest<'a>(tags: &'a [Ref], requirement: &semver::VersionReq) -> Option<&'a Ref> {
    let versions = tags.iter().filter_map(|tag| Some((version(tag)?, tag)));
    let allowed = versions.filter(|(version, _)| requirement.matches(version));
    allowed.max_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.name.cmp(&other.name))).map(|(_, tag)| tag)
}

fn version(tag: &Ref) -> Option<semver::Version> {
    let text = tag.name.as_str();
    semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()
}
