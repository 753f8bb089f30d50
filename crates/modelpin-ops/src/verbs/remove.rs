//! `remove`: takes an entry out of both files.

use crate::file_names::MANIFEST;
use crate::project::Project;
use crate::refusal::{Failure, usage};
use crate::writable::WritableWorkspace;
use modelpin_schema::changes::{Change, diff};
use modelpin_schema::lockfile::DependencyGraph;
use modelpin_schema::manifest::edit;
use modelpin_schema::{Manifest, Name};

/// Removes `names` from the manifest and the lock. Returns the ticket. No network is needed: the other pins
/// stay as they are.
///
/// # Errors
/// A name that is no entry, or that an adapter still needs.
pub fn run(workspace: &mut WritableWorkspace, names: &[Name]) -> Result<Vec<Change>, Failure> {
    let project = &workspace.project;
    let mut text = project.text.clone();
    let known: Vec<&Name> = project.manifest.entries.keys().collect();
    for (adapter, spec) in project.manifest.entries.iter().filter(|(name, _)| !names.contains(name)) {
        if let Some(base) = spec.adapter_of.as_ref().filter(|base| names.contains(base)) {
            return Err(usage::base_in_use(base, adapter).into());
        }
    }
    // An adapter may go together with its base, in either order.
    let adapters_first = names
        .iter()
        .filter(|name| is_adapter(project, name))
        .chain(names.iter().filter(|name| !is_adapter(project, name)));
    for name in adapters_first {
        text = edit::remove(MANIFEST, &text, name)?.ok_or_else(|| usage::unknown_name(name, &known))?;
    }
    let Some(old) = project.lock.clone() else {
        workspace.write_manifest(text)?;
        return Ok(Vec::new());
    };
    // What goes may stay for another entry that leads to it, and whatever was there for it alone goes with it.
    let mut new = old.clone();
    let graph = DependencyGraph::of(&Manifest::read(MANIFEST, &text)?, &new);
    let mut missing = graph.unpinned.iter().filter(|need| !need.has_all);
    if let Some((need, via)) = missing.find_map(|need| Some((need, need.required_by.first()?))) {
        let base = names.iter().find(|name| old.pins.get(*name).is_some_and(|pin| pin.source == need.source));
        return Err(usage::still_needed(base.unwrap_or(&via.entry), via).into());
    }
    new.set_dependencies(&graph);
    // The lock last: a crash between the two leaves a pin that nobody asked for, which is refused.
    workspace.write_manifest(text)?;
    let changes = diff(&old, &new);
    workspace.write_lock(new)?;
    Ok(changes)
}

fn is_adapter(project: &Project, name: &Name) -> bool {
    project.manifest.entries.get(name).is_some_and(|spec| spec.adapter_of.is_some())
}
