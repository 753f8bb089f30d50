//! The graph of a lock: the dependencies of each entry and its dependents, one for each pair of entries however many
//! references there are between them.

use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::{Lockfile, Name, Pin};
use std::collections::{BTreeMap, BTreeSet};

/// Entries at the other end of dependencies, each with the kinds of these dependencies.
pub type Neighbors<'a> = BTreeMap<&'a Name, BTreeSet<DependencyKind>>;

/// The entries that `pin` depends on.
#[must_use]
pub fn dependencies_of(pin: &Pin) -> Neighbors<'_> {
    let base = pin.dependencies.adapter.iter().map(|adapter| (&adapter.base, DependencyKind::Base));
    let dependencies = pin
        .dependencies
        .pinned
        .iter()
        .map(|(reference, dependency)| (&dependency.pin, DependencyKind::Reference(reference.role)));
    let mut neighbors = Neighbors::new();
    for (end, how) in base.chain(dependencies) {
        neighbors.entry(end).or_default().insert(how);
    }
    neighbors
}

/// The repos that `pin` refers to and that are not pinned, as its files call them.
#[must_use]
pub fn unpinned_of(pin: &Pin) -> BTreeMap<String, BTreeSet<DependencyKind>> {
    let base = pin
        .facts
        .base
        .iter()
        .filter(|_| pin.dependencies.adapter.is_none())
        .map(|base| (base.to_string(), DependencyKind::Base));
    let references = pin.facts.references.iter().filter(|reference| !pin.dependencies.pinned.contains_key(reference));
    let named = references.map(|reference| {
        let revision = reference.revision.iter().map(|revision| format!("@{revision}"));
        (
            std::iter::once(reference.repo.to_string()).chain(revision).collect(),
            DependencyKind::Reference(reference.role),
        )
    });
    let mut unpinned: BTreeMap<String, BTreeSet<DependencyKind>> = BTreeMap::new();
    for (end, how) in base.chain(named) {
        unpinned.entry(end).or_default().insert(how);
    }
    unpinned
}

/// The entries that depend on each entry.
#[must_use]
pub fn dependents(lock: &Lockfile) -> BTreeMap<&Name, Neighbors<'_>> {
    let mut dependents: BTreeMap<&Name, Neighbors<'_>> = BTreeMap::new();
    for (name, pin) in &lock.pins {
        for (end, how) in dependencies_of(pin) {
            dependents.entry(end).or_default().insert(name, how);
        }
    }
    dependents
}
