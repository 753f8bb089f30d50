//! `tree`: what the project has, and what leads to what.

use crate::dependency_graph;
use crate::project::Project;
use crate::project::find_entry;
use crate::refusal::Failure;
use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::{Lockfile, Name, Pin};
use std::collections::BTreeSet;

/// How many dependencies down is shown. More than any honest tree has; a manifest can make adapters of adapters at
/// will.
const MAX_SHOWN: usize = 64;

/// One line of the tree, with what hangs from it.
#[derive(Debug)]
pub struct Node<'a> {
    /// What the line above takes from it; inverted, what it takes from the line above. Empty at the top.
    pub how: BTreeSet<DependencyKind>,
    /// What it is.
    pub end: End<'a>,
    /// What it leads to; inverted, what leads to it.
    pub below: Vec<Self>,
    /// Whether more would hang from it, and does so elsewhere or is too deep.
    pub cut: Option<Cut>,
}

/// What a dependency ends at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End<'a> {
    /// An entry of the lock.
    Pinned(&'a Name, &'a Pin),
    /// Something that is not pinned, as the files call it that refer to it.
    Unpinned(String),
}

/// Why nothing hangs from a node that leads on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It is shown further up.
    Repeated,
    /// It is too far from the top.
    Deep,
}

/// The entries of the manifest with what they lead to below them; with `inverse`, that entry with all that needs it.
///
/// # Errors
/// A lock that is not up to date with the manifest; a name that is not an entry.
pub fn run<'a>(project: &'a Project, inverse: Option<&Name>) -> Result<Vec<Node<'a>>, Failure> {
    let lock = project.locked()?;
    let mut shown = BTreeSet::new();
    let Some(of) = inverse else {
        let next = |_: &'a Name, pin: &'a Pin| {
            let pinned = dependency_graph::dependencies_of(pin)
                .into_iter()
                .filter_map(|(name, how)| Some((how, pinned(lock, name)?)));
            let loose = dependency_graph::unpinned_of(pin).into_iter().map(|(end, how)| (how, End::Unpinned(end)));
            pinned.chain(loose).collect()
        };
        let roots = lock.pins.keys().filter(|name| project.manifest.entries.contains_key(*name));
        let ends = roots.filter_map(|name| pinned(lock, name));
        return Ok(ends.map(|end| node(BTreeSet::new(), end, 0, &next, &mut shown)).collect());
    };
    let (name, pin) = find_entry(lock, of)?;
    let end = End::Pinned(name, pin);
    let needed_by = dependency_graph::dependents(lock);
    let next = |name: &'a Name, _: &'a Pin| {
        let all = needed_by.get(name).into_iter().flatten();
        all.filter_map(|(name, how)| Some((how.clone(), pinned(lock, name)?))).collect()
    };
    Ok(vec![node(BTreeSet::new(), end, 0, &next, &mut shown)])
}

fn pinned<'a>(lock: &'a Lockfile, name: &Name) -> Option<End<'a>> {
    lock.pins.get_key_value(name).map(|(name, pin)| End::Pinned(name, pin))
}

/// What hangs directly from an entry.
type Next<'a, 'n> = &'n dyn Fn(&'a Name, &'a Pin) -> Vec<(BTreeSet<DependencyKind>, End<'a>)>;

/// A node with all below it. Each entry is followed once, so circles end, and the tree is no larger than the lock.
fn node<'a>(
    how: BTreeSet<DependencyKind>,
    end: End<'a>,
    depth: usize,
    next: Next<'a, '_>,
    shown: &mut BTreeSet<&'a Name>,
) -> Node<'a> {
    let mut below = Vec::new();
    let mut cut = None;
    if let End::Pinned(name, pin) = end {
        let ends = next(name, pin);
        if ends.is_empty() {
        } else if depth >= MAX_SHOWN {
            cut = Some(Cut::Deep);
        } else if shown.insert(name) {
            below = ends.into_iter().map(|(how, end)| node(how, end, depth + 1, next, shown)).collect();
        } else {
            cut = Some(Cut::Repeated);
        }
    }
    Node { how, end, below, cut }
}
