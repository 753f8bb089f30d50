//! What changed between two locks: the change ticket.

use super::{Artifact, Lockfile, Pin};
use crate::{Name, RepoPath};
use std::collections::BTreeSet;

/// What changed for one model or dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: Name,
    /// What happened to it.
    pub kind: Kind,
    /// Facts that came, went or changed, in the lock's order; `tree` is left out, since the files say it.
    pub facts: Vec<Fact>,
    /// Files that came, went or changed, by path.
    pub files: Vec<File>,
}

/// What happened to a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another than it was.
    Changed,
}

/// A fact that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its key in the lock.
    pub key: &'static str,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: RepoPath,
    /// What it was.
    pub old: Option<Artifact>,
    /// What it is.
    pub new: Option<Artifact>,
}

/// Everything that changed from `old` to `new`, by name.
#[must_use]
pub fn diff(old: &Lockfile, new: &Lockfile) -> Vec<Change> {
    let names: BTreeSet<&Name> = old.pins.keys().chain(new.pins.keys()).collect();
    names.into_iter().filter_map(|name| change(name, old.pins.get(name), new.pins.get(name))).collect()
}

fn change(name: &Name, old: Option<&Pin>, new: Option<&Pin>) -> Option<Change> {
    let kind = match (old, new) {
        (None, Some(_)) => Kind::Added,
        (Some(_), None) => Kind::Removed,
        (old, new) if old == new => return None,
        _ => Kind::Changed,
    };
    Some(Change { name: name.clone(), kind, facts: facts(old, new), files: files(old, new) })
}

type Key = (&'static str, fn(&Pin) -> Option<String>);

/// The facts of a pin by key, as the lock prints them.
const FACTS: [Key; 13] = [
    ("source", |pin| Some(pin.source.to_string())),
    ("repo-id", |pin| pin.repo_id.as_ref().map(ToString::to_string)),
    ("requested", |pin| Some(pin.requested.to_string())),
    ("include", |pin| joined(pin.filter.include.iter())),
    ("exclude", |pin| joined(pin.filter.exclude.iter())),
    ("tag", |pin| pin.tag.as_ref().map(ToString::to_string)),
    ("revision", |pin| Some(pin.revision.to_string())),
    ("revision-date", |pin| pin.revision_date.as_ref().map(ToString::to_string)),
    ("license", |pin| pin.license.as_ref().map(ToString::to_string)),
    ("ticket", |pin| pin.ticket.as_ref().map(ToString::to_string)),
    ("skipped", |pin| joined(pin.skipped.iter().map(|(kind, count)| format!("{kind}: {count}")))),
    ("adapter-of", |pin| pin.adapter.as_ref().map(|adapter| adapter.base.to_string())),
    ("base-revision", |pin| pin.adapter.as_ref().map(|adapter| adapter.base_revision.to_string())),
];

fn joined(values: impl Iterator<Item = impl ToString>) -> Option<String> {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn facts(old: Option<&Pin>, new: Option<&Pin>) -> Vec<Fact> {
    let fact = |(key, value): &Key| Fact { key, old: old.and_then(value), new: new.and_then(value) };
    FACTS.iter().map(fact).filter(|fact| fact.old != fact.new).collect()
}

fn files(old: Option<&Pin>, new: Option<&Pin>) -> Vec<File> {
    let of = |pin: Option<&Pin>, path: &RepoPath| pin.and_then(|pin| pin.files().get(path).copied());
    let paths: BTreeSet<&RepoPath> = old.into_iter().chain(new).flat_map(|pin| pin.files().keys()).collect();
    let files = paths.into_iter().map(|path| File { path: path.clone(), old: of(old, path), new: of(new, path) });
    files.filter(|file| file.old != file.new).collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, diff};
    use crate::lockfile::tests::sample;
    use crate::{Lockfile, Pin};

    #[test]
    fn a_ticket_names_what_moved_and_nothing_else() {
        let old = sample();
        let mut new = old.clone();
        let name = "chat".parse().unwrap();
        let was = &old.pins[&name];
        let mut files = was.files().clone();
        files.pop_first();
        let mut pin = Pin::new(
            was.source.clone(),
            was.requested.clone(),
            was.filter.clone(),
            "ff".repeat(20).parse().unwrap(),
            files,
        );
        pin.license.clone_from(&was.license);
        new.pins.insert(name, pin);
        let changes = diff(&old, &new);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].kind, Kind::Changed);
        let keys: Vec<&str> = changes[0].facts.iter().map(|fact| fact.key).collect();
        assert_eq!(keys, ["repo-id", "tag", "revision", "revision-date", "ticket", "skipped"]);
        assert_eq!(changes[0].files.len(), 1);
        assert!(diff(&new, &new).is_empty());
        assert_eq!(diff(&Lockfile::default(), &old).len(), 3);
    }
}
