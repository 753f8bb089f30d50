//! `add`: declares an entry and pins it.

use super::lock;
use crate::project::{MANIFEST, Project};
use crate::refusal::{Failure, wish};
use crate::session::Session;
use modelpin_schema::Manifest;
use modelpin_schema::lockfile::diff::{Change, diff};
use modelpin_schema::manifest::edit::{self, NewEntry};

/// Adds `entry` to the manifest and its pin to the lock, both or neither; with `dry_run` it writes nothing.
/// Returns the ticket.
///
/// # Errors
/// A name that is taken; whatever keeps the entry from being resolved.
pub async fn run(
    session: &Session,
    project: &mut Project,
    entry: &NewEntry,
    dry_run: bool,
) -> Result<Vec<Change>, Failure> {
    if let Some(spec) = project.manifest.entries.get(&entry.name) {
        return Err(wish::name_taken(&entry.name, &spec.source.repo).into());
    }
    let text = edit::add(MANIFEST, &project.text, entry)?;
    let manifest = Manifest::read(MANIFEST, &text)?;
    let old = project.lock.clone().unwrap_or_default();
    let new = lock::answer(session, &manifest, &old).await?;
    let changes = diff(&old, &new);
    if !dry_run {
        // The lock last: a crash between the two leaves a stale lock, which is refused, never one that says too much.
        project.write_manifest(text)?;
        project.write_lock(new)?;
    }
    Ok(changes)
}
