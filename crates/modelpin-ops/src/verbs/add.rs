//! `add`: declares an entry and pins it.

use super::lock::{self, LockOptions, Planned};
use crate::decisions;
use crate::file_names::MANIFEST;
use crate::online::Online;
use crate::refusal::{Failure, usage};
use crate::workspace::Workspace;
use modelpin_schema::Manifest;
use modelpin_schema::manifest::edit::{self, NewEntry};

/// The manifest with `entry` and the lock with its pin.
///
/// # Errors
/// A name that is taken; whatever keeps the entry from being resolved, or its pin from being made at all.
pub async fn plan(
    workspace: &Workspace,
    online: &Online,
    entry: &NewEntry,
    options: &LockOptions,
) -> Result<Planned, Failure> {
    let project = &workspace.project;
    if let Some(spec) = project.manifest.entries.get(&entry.name) {
        return Err(usage::name_taken(&entry.name, &spec.source.repo).into());
    }
    let text = edit::add(MANIFEST, &project.text, entry)?;
    let manifest = Manifest::read(MANIFEST, &text)?;
    let old = project.lock.clone().unwrap_or_default();
    let new = lock::up_to_date(online, &manifest, &old, options).await?;
    let decisions = decisions::fetch_and_load(online, project).await?;
    let locked = lock::evaluate_change(&manifest, workspace, online, &old, &new, &decisions, options)?;
    Ok(Planned { text: Some(text), lock: new, locked })
}
