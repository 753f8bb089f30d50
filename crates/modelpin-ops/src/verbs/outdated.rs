//! `outdated`: what upstream has that the lock has not, and what became of what is locked.

use super::update;
use crate::online::Online;
use crate::refusal::{Failure, Refusal, files, upstream};
use crate::reporter::Silent;
use crate::resolve::commit;
use crate::resolve::dependencies::spec_of;
use crate::workspace::Workspace;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use modelpin_hub::{Entry, Error as HubError, Hub};
use modelpin_schema::{Artifact, Claim, CommitId, Name, Pin, RepoId, RepoPath, Revision, Spec};
use modelpin_store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that a user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamChange {
    /// The entry.
    pub name: Name,
    /// What happened upstream.
    pub kind: Kind,
}

/// What happened upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// What models.toml asks for is another commit now.
    Newer {
        /// What models.toml asks for.
        requested: String,
        /// The locked commit.
        locked: CommitId,
        /// The commit that is asked for now.
        latest: CommitId,
        /// The newest tag that a version requirement allows now.
        tag: Option<Revision>,
    },
    /// The locked commit is there no longer.
    Gone {
        /// The locked commit.
        locked: CommitId,
    },
    /// The locked commit has other bytes upstream than in the lock, which no commit can have.
    OtherBytes {
        /// The file.
        path: RepoPath,
        /// What the lock says of it.
        locked: String,
        /// What the Hub says.
        listed: String,
    },
    /// The repo is there no longer, or hidden.
    RepoGone,
    /// The repo has another name now.
    Renamed {
        /// The new one.
        to: RepoId,
    },
    /// The repo is another one, or nothing matches the requirement: updating will be refused.
    Refused(Refusal),
    /// The Hub's own scanners flag a locked file.
    Flagged {
        /// The file.
        path: String,
        /// The scanners' word.
        level: String,
    },
}

/// Asks the Hub about every entry, or about `names`.
///
/// # Errors
/// A lock that is not up to date with the manifest; a Hub that cannot be reached.
pub async fn run(workspace: &Workspace, online: &Online, names: &[Name]) -> Result<Vec<UpstreamChange>, Failure> {
    let project = &workspace.project;
    let lock = project.locked()?;
    let names = update::names(project, names)?;
    if lock.pins.is_empty() {
        return Err(files::nothing_declared().into());
    }
    let quiet = &Online { reporter: Arc::new(Silent), ..online.clone() };
    let ask = |name: Name| async move {
        let Some(pin) = lock.pins.get(&name) else { return Ok((name, Vec::new())) };
        let spec = project.manifest.entries.get(&name).cloned().unwrap_or_else(|| spec_of(pin));
        entry(quiet, &name, &spec, pin).await.map(|kinds| (name, kinds))
    };
    let asked: Vec<(Name, Vec<Kind>)> = iter(names).map(ask).buffered(4).try_collect().await?;
    let news = asked
        .into_iter()
        .flat_map(|(name, kinds)| kinds.into_iter().map(move |kind| UpstreamChange { name: name.clone(), kind }));
    Ok(news.collect())
}

async fn entry(online: &Online, name: &Name, spec: &Spec, pin: &Pin) -> Result<Vec<Kind>, Failure> {
    let hub = commit::hub(online, name)?;
    let mut news = Vec::new();
    match hub.repo(&pin.source, &pin.revision.hex()).await {
        Ok(repo) if pin.source.repo.owner().is_some() && repo.id != pin.source.repo => {
            news.push(Kind::Renamed { to: repo.id });
        }
        Ok(_) => news.extend(other_bytes(hub, &online.store, pin).await?),
        Err(HubError::RevisionGone { .. }) => news.push(Kind::Gone { locked: pin.revision }),
        Err(HubError::NotFoundOrPrivate { .. }) => return Ok(vec![Kind::RepoGone]),
        Err(error) => return Err(upstream::refused(&pin.source, error)),
    }
    match commit::resolve(online, name, &spec.source, &spec.requested, Some(pin)).await {
        Ok(now) if now.commit != pin.revision => news.push(Kind::Newer {
            requested: spec.requested.to_string(),
            locked: pin.revision,
            latest: now.commit,
            tag: now.tag,
        }),
        Ok(_) => {}
        // A pin that asks for one commit, which is gone: said already.
        Err(Failure::Refused(_)) if news.iter().any(|kind| matches!(kind, Kind::Gone { .. })) && is_commit(spec) => {}
        Err(Failure::Refused(refusals)) => {
            news.extend(refusals.into_iter().map(|refusal| Kind::Refused(refusal.entry(name))));
        }
        Err(other) => return Err(other),
    }
    let flagged =
        hub.flagged(&pin.source).await.map_err(|error| upstream::refused(&pin.source, error))?.unwrap_or_default();
    let locked = flagged.into_iter().filter(|(path, _)| pin.files().keys().any(|file| file.as_str() == path));
    news.extend(locked.map(|(path, level)| Kind::Flagged { path, level }));
    Ok(news)
}

/// The locked files that are others in the Hub's listing of the locked commit, or are not in it. Of a small file the
/// listing has the git blob, which can be told where the store has the locked bytes.
async fn other_bytes(hub: &Hub, store: &Store, pin: &Pin) -> Result<Vec<Kind>, Failure> {
    let listed = hub.tree(&pin.source, &pin.revision).await.map_err(|error| upstream::refused(&pin.source, error))?;
    let listed: BTreeMap<&RepoPath, &Entry> = listed.iter().map(|entry| (&entry.path, entry)).collect();
    let others = pin.files().iter().filter_map(|(path, file)| other_file(store, path, file, listed.get(path).copied()));
    Ok(others.collect())
}

/// How the file differs from what the Hub lists in its place.
fn other_file(store: &Store, path: &RepoPath, file: &Artifact, listed: Option<&Entry>) -> Option<Kind> {
    let says = match listed.map(|entry| (entry.claim, entry.size)) {
        None => "no such file".to_owned(),
        Some((Claim::Sha256(sha256), size)) if (sha256, size) != (file.sha256, file.size) => {
            format!("{sha256}, {size} bytes")
        }
        Some((Claim::GitBlob(_), size)) if size != file.size => format!("{size} bytes"),
        Some((Claim::GitBlob(blob), size)) if store.git_blob(&file.sha256, size).is_some_and(|got| got != blob) => {
            format!("git blob {blob}")
        }
        Some(_) => return None,
    };
    let locked = format!("{}, {} bytes", file.sha256, file.size);
    Some(Kind::OtherBytes { path: path.clone(), locked, listed: says })
}

fn is_commit(spec: &Spec) -> bool {
    matches!(spec.requested, modelpin_schema::Requested::Commit(_))
}
