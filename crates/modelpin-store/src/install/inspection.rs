//! The difference between what a folder should hold and what it holds.

use super::discrepancy::{Discrepancy, DiscrepancyKind};
use super::layout::Layout;
use super::plan::{Node, Plan, above};
use super::walk::Found;
use modelpin_schema::text::visible;
use modelpin_schema::{Name, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How closely a folder is inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Content that was verified and whose times and inode have not changed since is trusted; other content is hashed.
    Stamps,
    /// No content is hashed: a file of the right length will do.
    Fast,
    /// All content is hashed.
    Full,
}

/// What an inspection found.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Everything that is not as planned, by path.
    pub discrepancies: BTreeMap<String, Discrepancy>,
    /// How many files of the plan hold locked content and are as planned.
    pub verified: usize,
    /// The size of those files in bytes.
    pub bytes: u64,
    /// How many bytes were hashed to find out.
    pub hashed: u64,
    /// The real paths of things whose path cannot be shown as it is.
    pub(super) places: BTreeMap<String, PathBuf>,
    /// What has to be removed where an entry cannot be repaired, refs first.
    pub(super) broken: Vec<String>,
}

impl Inspection {
    /// Whether the folder is as planned.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.discrepancies.is_empty()
    }

    /// The excluded files that a shared cache holds, put there by another tool. In a folder of the project's own they
    /// are removed like untracked files, and this is empty.
    pub fn denied_in_shared_cache(&self, plan: &Plan) -> impl Iterator<Item = &Discrepancy> {
        let is_shared = plan.layout == Layout::SharedHubCache;
        self.discrepancies.values().filter(move |found| is_shared && found.kind == DiscrepancyKind::Denied)
    }

    /// Whether something in, at or above the folder `unit` is not as planned. Files in it that should not be there do
    /// not count: pruning removes them.
    pub(super) fn is_wrong(&self, unit: &str) -> bool {
        let inside = format!("{unit}/");
        let mut inside = self.discrepancies.range(inside.clone()..).take_while(|(path, _)| path.starts_with(&inside));
        self.discrepancies.contains_key(unit)
            || above(unit).any(|folder| self.discrepancies.contains_key(folder))
            || inside.any(|(_, found)| !found.kind.is_unwanted())
    }

    /// The paths of files that should not be there.
    pub(super) fn unwanted(&self) -> impl Iterator<Item = &str> {
        self.discrepancies.iter().filter(|(_, found)| found.kind.is_unwanted()).map(|(path, _)| path.as_str())
    }

    /// The real path, from the folder, of what is listed at `path`.
    pub(super) fn place<'a>(&'a self, path: &'a str) -> &'a Path {
        self.places.get(path).map_or(Path::new(path), PathBuf::as_path)
    }

    pub(super) fn add(&mut self, path: &str, node: &Node, kind: DiscrepancyKind) {
        let found = Discrepancy { name: node.name.clone(), label: node.label.clone(), kind };
        self.discrepancies.insert(path.to_owned(), found);
    }

    /// Adds the excluded file of the entry `name` at `path`.
    pub(super) fn add_denied(&mut self, path: &str, name: &Name, label: &RepoPath) {
        let kind = DiscrepancyKind::Denied;
        let found = Discrepancy { name: Some(name.clone()), label: label.to_string(), kind };
        self.discrepancies.insert(path.to_owned(), found);
    }

    /// Adds something at `path` that belongs to no entry.
    pub(super) fn add_unplanned(&mut self, path: &str, found: &Found, kind: DiscrepancyKind) {
        let shown = self.show(path, found);
        self.discrepancies.insert(shown.clone(), Discrepancy { name: None, label: shown, kind });
    }

    /// An untracked file's path as it may be shown; where that is not the path itself, the real one is kept.
    fn show(&mut self, path: &str, found: &Found) -> String {
        let parts: Vec<String> = path.split('/').map(visible).collect();
        let mut shown = parts.join("/");
        let place = match found {
            Found::NonUtf8Name(place) => place.clone(),
            _ if shown == path => return shown,
            _ => PathBuf::from(path),
        };
        while self.discrepancies.contains_key(&shown) {
            shown.push('…');
        }
        self.places.insert(shown.clone(), place);
        shown
    }

    /// Lists the snapshots of which not every file is as planned, and the refs to them.
    pub(super) fn list_broken(&mut self, plan: &Plan) {
        if !matches!(plan.layout, Layout::HubCache | Layout::Quarantine) {
            return;
        }
        let mut broken = BTreeSet::new();
        for (path, blob) in plan.links() {
            if (self.differs(path) || self.differs(blob))
                && let Some(unit) = plan.unit(path)
            {
                broken.insert(unit.to_owned());
            }
        }
        let mut paths = Vec::new();
        for (path, repo, commit) in plan.refs() {
            if broken.contains(&format!("{repo}/snapshots/{commit}")) {
                paths.push(path.to_owned());
            }
        }
        paths.extend(broken);
        self.broken = paths;
    }

    /// Whether something at `path` or above it is not as planned.
    fn differs(&self, path: &str) -> bool {
        self.discrepancies.contains_key(path) || above(path).any(|folder| self.discrepancies.contains_key(folder))
    }
}
