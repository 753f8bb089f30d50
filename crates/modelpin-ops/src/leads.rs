//! What each entry of a lock leads to, and what leads to it: the edges as people look at them, one for each pair of
//! entries however many references make it.

use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::{Lockfile, Name, Pin};
use std::collections::{BTreeMap, BTreeSet};

/// Entries at the other end of edges, with what is taken.
pub type Leads<'a> = BTreeMap<&'a Name, BTreeSet<DependencyKind>>;

/// The entries that `pin` leads to.
#[must_use]
pub fn from(pin: &Pin) -> Leads<'_> {
    let base = pin.dependencies.adapter.iter().map(|adapter| (&adapter.base, DependencyKind::Base));
    let edges =
        pin.dependencies.pinned.iter().map(|(reference, edge)| (&edge.pin, DependencyKind::Reference(reference.role)));
    let mut leads = Leads::new();
    for (end, how) in base.chain(edges) {
        leads.entry(end).or_default().insert(how);
    }
    leads
}

/// What `pin` refers to and no pin answers, as its files call it.
#[must_use]
pub fn loose(pin: &Pin) -> BTreeMap<String, BTreeSet<DependencyKind>> {
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
    let mut loose: BTreeMap<String, BTreeSet<DependencyKind>> = BTreeMap::new();
    for (end, how) in base.chain(named) {
        loose.entry(end).or_default().insert(how);
    }
    loose
}

/// For every entry, those that lead to it.
#[must_use]
pub fn inverse(lock: &Lockfile) -> BTreeMap<&Name, Leads<'_>> {
    let mut inverse: BTreeMap<&Name, Leads<'_>> = BTreeMap::new();
    for (name, pin) in &lock.pins {
        for (end, how) in from(pin) {
            inverse.entry(end).or_default().insert(name, how);
        }
    }
    inverse
}
