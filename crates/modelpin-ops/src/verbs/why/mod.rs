//! `why`: which entries of the manifest an entry is locked for; why a file of it is locked or left out.

pub mod file;

use crate::dependency_graph::{self, Neighbors};
use crate::project::Project;
use crate::project::find_entry;
use crate::refusal::Failure;
use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::{Name, Pin};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many ways are reported at most. There can be more of them than there are entries.
pub const MAX_WAYS: usize = 100;

/// Why an entry is locked.
#[derive(Debug)]
pub struct Why<'a> {
    /// The entry.
    pub name: &'a Name,
    /// Its pin.
    pub pin: &'a Pin,
    /// The line of the manifest that names it; none where the manifest does not name it.
    pub line: Option<usize>,
    /// From every other entry of the manifest that leads to it, the shortest ways: each step an entry, and what it
    /// takes from the next. The last step is to the entry itself.
    pub ways: Vec<Vec<(&'a Name, BTreeSet<DependencyKind>)>>,
    /// Whether there are more ways than are reported.
    pub more: bool,
}

/// Why `name` is locked.
///
/// # Errors
/// A lock that is not up to date with the manifest; a name that is not an entry.
pub fn run<'a>(project: &'a Project, name: &Name) -> Result<Why<'a>, Failure> {
    let lock = project.locked()?;
    let (name, pin) = find_entry(lock, name)?;
    let entries = &project.manifest.entries;
    let line = entries.get(name).and_then(|spec| spec.place.as_ref()).map(|place| place.line);
    let far = distances(&dependency_graph::dependents(lock), name);
    let mut ways = Vec::new();
    let mut more = false;
    'roots: for root in
        lock.pins.keys().filter(|root| *root != name && entries.contains_key(*root) && far.contains_key(root))
    {
        // Every way that is open comes nearer with each step, so it arrives.
        let mut open = vec![(root, Vec::new())];
        while let Some((here, way)) = open.pop() {
            if here == name {
                if ways.len() >= MAX_WAYS {
                    more = true;
                    break 'roots;
                }
                ways.push(way);
                continue;
            }
            let Some(pin) = lock.pins.get(here) else { continue };
            let nearer = |end: &Name| far.get(end).zip(far.get(here)).is_some_and(|(there, here)| there < here);
            // The last in is the first out, and ways are sorted by the names on them.
            for (end, how) in dependency_graph::dependencies_of(pin).into_iter().rev().filter(|(end, _)| nearer(end)) {
                open.push((end, way.iter().cloned().chain([(here, how)]).collect()));
            }
        }
    }
    Ok(Why { name, pin, line, ways, more })
}

/// How many dependencies each entry is away from `name`.
fn distances<'a>(inverse: &BTreeMap<&'a Name, Neighbors<'a>>, name: &'a Name) -> BTreeMap<&'a Name, usize> {
    let mut far = BTreeMap::from([(name, 0)]);
    let mut queue = VecDeque::from([(name, 0)]);
    while let Some((at, steps)) = queue.pop_front() {
        for from in inverse.get(at).into_iter().flat_map(BTreeMap::keys) {
            if !far.contains_key(from) {
                far.insert(from, steps + 1);
                queue.push_back((from, steps + 1));
            }
        }
    }
    far
}
