//! `update`: the only way in which a pin moves.

use super::lock::{self, LockOptions, Planned};
use crate::decisions;
use crate::online::Online;
use crate::project::Project;
use crate::refusal::{Failure, files, upstream, usage};
use crate::resolve::{commit, dependencies, resolve};
use crate::workspace::Workspace;
use modelpin_hub::Ref;
use modelpin_schema::manifest::policy::Policy;
use modelpin_schema::{Name, Pin, Requested, Revision, Spec};
use std::collections::BTreeSet;

/// Which pins are moved.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The entries; all where there are none.
    pub names: Vec<Name>,
    /// What to move the one entry to, instead of what models.toml asks for.
    pub precise: Option<Requested>,
}

/// The lock with its pins moved to what models.toml asks for today. An entry that is named, and whose pin has no ticket
/// that the policy allows, gets the one of `options` even where its pin stays.
///
/// # Errors
/// A lock that is not up to date with the manifest; names that are not entries; what keeps an entry from being
/// resolved, or a pin from being made at all.
pub async fn plan(
    workspace: &Workspace,
    online: &Online,
    selection: &Selection,
    options: &LockOptions,
) -> Result<Planned, Failure> {
    let project = &workspace.project;
    let old = project.locked()?.clone();
    let names = names(project, &selection.names)?;
    let mut new = old.clone();
    for name in names {
        let Some(pin) = old.pins.get(&name) else { continue };
        let spec = &project.manifest.entries.get(&name).cloned().unwrap_or_else(|| dependencies::spec_of(pin));
        let (wanted, tag) = match &selection.precise {
            Some(precise) => precisely(online, &name, spec, precise).await?,
            None => (spec.requested.clone(), None),
        };
        let mut moved = resolve(online, &name, spec, &wanted, Some(pin)).await?;
        moved.hub.tag = tag.or(moved.hub.tag);
        // What this run would write anyway is no news.
        moved.ticket.clone_from(&pin.ticket);
        moved.dependencies.adapter.clone_from(&pin.dependencies.adapter);
        moved.dependencies.pinned.clone_from(&pin.dependencies.pinned);
        moved.dependencies.required_by.clone_from(&pin.dependencies.required_by);
        let lacks =
            selection.names.contains(&name) && options.ticket.is_some() && !has_ticket(&project.manifest.policy, pin);
        if moved != *pin || lacks {
            moved.ticket.clone_from(&options.ticket);
            new.pins.insert(name, moved);
        }
    }
    let new = dependencies::add_dependencies(online, &project.manifest, &old, new, options.ticket.as_ref()).await?;
    let decisions = decisions::fetch_and_load(online, project).await?;
    let locked = lock::evaluate_change(&project.manifest, workspace, online, &old, &new, &decisions, options)?;
    Ok(Planned { text: None, lock: new, locked })
}

/// Whether `pin` has a ticket, and one that the policy allows.
pub(super) fn has_ticket(policy: &Policy, pin: &Pin) -> bool {
    let allows = |ticket| policy.require_ticket.as_ref().is_none_or(|pattern| pattern.allows(ticket));
    pin.ticket.as_ref().is_some_and(allows)
}

/// The selected entries: `names`, or all, dependencies among them.
///
/// # Errors
/// No entry at all; a name that is none.
pub(crate) fn names(project: &Project, names: &[Name]) -> Result<Vec<Name>, Failure> {
    let pulled =
        project.lock.iter().flat_map(|lock| &lock.pins).filter(|(_, pin)| !pin.dependencies.required_by.is_empty());
    let known: BTreeSet<&Name> = project.manifest.entries.keys().chain(pulled.map(|(name, _)| name)).collect();
    let known: Vec<&Name> = known.into_iter().collect();
    if known.is_empty() {
        return Err(files::nothing_declared().into());
    }
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(usage::unknown_name(unknown, &known).into());
    }
    if names.is_empty() { Ok(known.into_iter().cloned().collect()) } else { Ok(names.to_vec()) }
}

/// What `--precise` means: whatever it says, but for an entry with a version requirement only a tag that the
/// requirement allows, by its name or its commit.
async fn precisely(
    online: &Online,
    name: &Name,
    spec: &Spec,
    precise: &Requested,
) -> Result<(Requested, Option<Revision>), Failure> {
    let Requested::Version(requirement) = &spec.requested else {
        return Ok((precise.clone(), None));
    };
    let hub = commit::hub(online, name)?;
    let refs = hub.refs(&spec.source, false).await.map_err(|error| upstream::refused(&spec.source, error))?;
    let candidates: Vec<Ref> = refs.tags.iter().filter(|tag| is_meant(tag, precise)).cloned().collect();
    match commit::newest(&candidates, requirement) {
        Some(tag) => Ok((Requested::Commit(tag.commit), Some(tag.name.clone()))),
        None => Err(usage::precise_not_allowed(&spec.requested, precise).entry(name).into()),
    }
}

/// Whether `precise` names the tag, or its commit.
fn is_meant(tag: &Ref, precise: &Requested) -> bool {
    match precise {
        Requested::Revision(revision) => {
            tag.name == *revision || revision.as_str().strip_prefix("refs/tags/") == Some(tag.name.as_str())
        }
        Requested::Commit(commit) => tag.commit == *commit,
        Requested::Version(_) => false,
    }
}
