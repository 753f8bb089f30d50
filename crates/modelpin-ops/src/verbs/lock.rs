//! `lock`: makes the lock answer the manifest, and never touches a pin that already does.

use crate::project::Project;
use crate::refusal::Failure;
use crate::resolve::resolve;
use crate::session::Session;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use modelpin_schema::lockfile::diff::{Change, diff};
use modelpin_schema::lockfile::{Adapter, Lockfile};
use modelpin_schema::{Manifest, Name, Pin, Requested, Spec};

/// Entries that are resolved at once.
const AT_ONCE: usize = 4;

/// Makes the project's lock answer its manifest, and writes it. Returns what changed.
///
/// # Errors
/// Whatever keeps an entry from being resolved; then nothing is written.
pub async fn run(session: &Session, project: &mut Project) -> Result<Vec<Change>, Failure> {
    let old = project.lock.clone().unwrap_or_default();
    let new = answer(session, &project.manifest, &old).await?;
    let changes = diff(&old, &new);
    project.write_lock(new)?;
    Ok(changes)
}

/// The lock that answers `manifest`, with every pin of `old` that already does.
///
/// # Errors
/// Whatever keeps an entry from being resolved.
pub async fn answer(session: &Session, manifest: &Manifest, old: &Lockfile) -> Result<Lockfile, Failure> {
    let pins = iter(&manifest.entries)
        .map(|(name, spec)| async move {
            entry(session, name, spec, old.pins.get(name)).await.map(|pin| (name.clone(), pin))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut lock = Lockfile { pins };
    link_adapters(manifest, &mut lock);
    Ok(lock)
}

async fn entry(session: &Session, name: &Name, spec: &Spec, old: Option<&Pin>) -> Result<Pin, Failure> {
    let Some(old) = old else {
        return resolve(session, name, spec, &spec.requested, None).await;
    };
    let repo_changed = old.source != spec.source || old.requested != spec.requested;
    let files_changed = old.filter != spec.filter;
    if !repo_changed && !files_changed {
        return Ok(old.clone());
    }
    // Another choice of files is no reason to move to another commit.
    let wanted = if repo_changed { spec.requested.clone() } else { Requested::Commit(old.revision) };
    let mut pin = resolve(session, name, spec, &wanted, Some(old)).await?;
    if !repo_changed {
        pin.tag.clone_from(&old.tag);
        pin.ticket.clone_from(&old.ticket);
    }
    Ok(pin)
}

/// Pins the base end of every adapter's edge.
pub fn link_adapters(manifest: &Manifest, lock: &mut Lockfile) {
    let revisions: Vec<(Name, _)> = lock.pins.iter().map(|(name, pin)| (name.clone(), pin.revision)).collect();
    for (name, pin) in &mut lock.pins {
        let base = manifest.entries.get(name).and_then(|spec| spec.adapter_of.as_ref());
        let found = base.and_then(|base| revisions.iter().find(|(name, _)| name == base));
        pin.adapter = found.map(|(base, base_revision)| Adapter { base: base.clone(), base_revision: *base_revision });
    }
}
