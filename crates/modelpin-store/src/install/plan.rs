//! What a folder should hold, from the lock and the excluded files alone.

use super::error::{Conflict, Error};
use super::exclusions::PathsByEntry;
use super::layout::Layout;
use modelpin_schema::path::collision;
use modelpin_schema::{Artifact, CommitId, Digest, Lockfile, Name, Pin, RepoKind, RepoPath, Requested};
use std::collections::{BTreeMap, BTreeSet};

/// Every file that a folder should hold, by its path from the folder with `/` between the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How the folder is laid out.
    pub layout: Layout,
    /// The files.
    pub nodes: BTreeMap<String, Node>,
    /// The subfolders that become visible at once, with the entries that are in them.
    pub units: BTreeMap<String, BTreeSet<Name>>,
    /// Excluded files, so that nothing may be at these paths: their entry, and their path in its repo.
    pub denied: BTreeMap<String, (Name, RepoPath)>,
    /// Notes for the user.
    pub notes: Vec<String>,
}

/// One file of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// The entry that it belongs to; one of several, where they share it.
    pub name: Option<Name>,
    /// What a person calls it: its path in the repo, where it has one.
    pub label: String,
}

/// What a file of a plan is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Locked content.
    Blob {
        /// Its hash.
        digest: Digest,
        /// Its length in bytes.
        size: u64,
    },
    /// A symbolic link.
    Link {
        /// Its text.
        to: String,
        /// The path of the blob that it leads to.
        blob: String,
    },
    /// A small text that modelpin writes: a ref, the marker or a `.gitignore`.
    Text(String),
}

/// Where a pin's files are, from the root of a folder with this layout.
#[must_use]
pub fn folder_of(layout: Layout, name: &Name, pin: &Pin) -> String {
    match layout {
        Layout::Flat => name.to_string(),
        Layout::HubCache | Layout::Quarantine | Layout::SharedHubCache => snapshot(pin),
    }
}

/// The path of a pin's file, from the root of a folder with this layout.
fn place(layout: Layout, name: &Name, pin: &Pin, path: &RepoPath) -> String {
    format!("{}/{path}", folder_of(layout, name, pin))
}

/// The paths of excluded files. Where entries share a folder, a file is denied if any of them excludes it.
fn denied(lock: &Lockfile, layout: Layout, excluded: &PathsByEntry) -> BTreeMap<String, (Name, RepoPath)> {
    let mut denied = BTreeMap::new();
    for (name, pin) in &lock.pins {
        let Some(excluded) = excluded.get(name) else { continue };
        for path in pin.files().keys().filter(|path| excluded.contains(*path)) {
            denied.insert(place(layout, name, pin, path), (name.clone(), path.clone()));
        }
    }
    denied
}

fn snapshot(pin: &Pin) -> String {
    format!("{}/snapshots/{}", pin.source.cache_folder(), pin.revision)
}

impl Plan {
    /// The plan of `lock` in `layout`, without the `excluded` files. Where entries share a folder, a file is in it only
    /// if none of them excludes it.
    ///
    /// # Errors
    /// Two entries that cannot be in one folder.
    pub fn new(lock: &Lockfile, layout: Layout, excluded: &PathsByEntry) -> Result<Self, Error> {
        let mut plan = Self {
            layout,
            nodes: BTreeMap::new(),
            units: BTreeMap::new(),
            denied: denied(lock, layout, excluded),
            notes: Vec::new(),
        };
        if let Some((marker, text)) = layout.marker() {
            plan.own(marker, text);
        }
        for (name, pin) in &lock.pins {
            for (path, file) in pin.content() {
                if plan.denied.contains_key(&place(layout, name, pin, path)) {
                    continue;
                }
                let content = Content::Blob { digest: file.sha256, size: file.size };
                match layout {
                    Layout::Flat => plan.file(name, name.as_str(), path, content)?,
                    // `datasets` before 3.0 ignores links. The Hub's own tools write plain files as well, on systems
                    // without links.
                    Layout::HubCache if pin.source.kind == RepoKind::Dataset => {
                        plan.file(name, &snapshot(pin), path, content)?;
                    }
                    Layout::HubCache | Layout::Quarantine | Layout::SharedHubCache => {
                        plan.cached(name, pin, path, file.sha256, content)?;
                    }
                }
            }
        }
        if layout != Layout::Flat {
            plan.check_folders(lock)?;
            check_snapshots(lock)?;
            plan.add_refs(lock)?;
        }
        Ok(plan)
    }

    /// The hash and length of what a file holds, or of what a link leads to.
    pub(super) fn content(&self, content: &Content) -> Option<(Digest, u64)> {
        match content {
            Content::Blob { digest, size } => Some((*digest, *size)),
            Content::Link { blob, .. } => match self.nodes.get(blob)?.content {
                Content::Blob { digest, size } => Some((digest, size)),
                _ => None,
            },
            Content::Text(_) => None,
        }
    }

    /// The links, as path and path of the blob.
    pub(super) fn links(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.iter().filter_map(|(path, node)| match &node.content {
            Content::Link { blob, .. } => Some((path.as_str(), blob.as_str())),
            _ => None,
        })
    }

    /// The refs of a Hub cache, as path, folder of the repo, and commit.
    pub(super) fn refs(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.nodes.iter().filter_map(|(path, node)| match (&node.content, path.split_once("/refs/")) {
            (Content::Text(commit), Some((repo, _))) => Some((path.as_str(), repo, commit.as_str())),
            _ => None,
        })
    }

    /// All folders that the files are in.
    pub(super) fn folders(&self) -> BTreeSet<&str> {
        self.nodes.keys().flat_map(|path| above(path)).collect()
    }

    /// The unit that the file at `path` is in.
    pub(super) fn unit(&self, path: &str) -> Option<&str> {
        above(path).find_map(|folder| self.units.get_key_value(folder)).map(|(unit, _)| unit.as_str())
    }

    /// The files of an entry that are installed.
    pub fn visible<'a>(&'a self, name: &'a Name, pin: &'a Pin) -> impl Iterator<Item = (&'a RepoPath, Artifact)> {
        pin.content().filter(move |(path, _)| !self.denied.contains_key(&place(self.layout, name, pin, path)))
    }

    /// The locked content: path, hash, and length in bytes.
    pub fn digests(&self) -> impl Iterator<Item = (&str, Digest, u64)> {
        self.nodes.iter().filter_map(|(path, node)| match node.content {
            Content::Blob { digest, size } => Some((path.as_str(), digest, size)),
            _ => None,
        })
    }

    /// Adds a `.gitignore` that ignores everything, for a folder in the project's checkout.
    pub fn hide_from_git(&mut self) {
        self.own(".gitignore", "*\n");
    }

    /// Adds a small text, under a name that no entry and no repo's folder can have.
    fn own(&mut self, path: &str, text: &str) {
        let node = Node { content: Content::Text(text.to_owned()), name: None, label: path.to_owned() };
        self.nodes.insert(path.to_owned(), node);
    }

    fn put(&mut self, path: String, node: Node) -> Result<(), Error> {
        if let Some(other) = self.nodes.get(&path)
            && other.content != node.content
        {
            return Err(conflict(node.name.as_ref(), &path, "two entries need different content at this path"));
        }
        self.nodes.entry(path).or_insert(node);
        Ok(())
    }

    fn file(&mut self, name: &Name, unit: &str, path: &RepoPath, content: Content) -> Result<(), Error> {
        self.units.entry(unit.to_owned()).or_default().insert(name.clone());
        self.put(format!("{unit}/{path}"), Node { content, name: Some(name.clone()), label: path.to_string() })
    }

    fn cached(&mut self, name: &Name, pin: &Pin, path: &RepoPath, digest: Digest, blob: Content) -> Result<(), Error> {
        let place = format!("{}/blobs/{}", pin.source.cache_folder(), digest.hex());
        let node = Node { content: blob, name: Some(name.clone()), label: path.to_string() };
        self.put(place.clone(), node)?;
        // As deep as the link is below `models--owner--name`, so often up: `../../blobs/…` at a repo's top.
        let up = "../".repeat(path.parts().count() + 1);
        let link = Content::Link { to: format!("{up}blobs/{}", digest.hex()), blob: place };
        self.file(name, &snapshot(pin), path, link)
    }

    /// Two repos whose folders are one on systems that ignore case.
    fn check_folders(&self, lock: &Lockfile) -> Result<(), Error> {
        let mut folders: BTreeMap<String, String> = BTreeMap::new();
        for (name, pin) in &lock.pins {
            let folder = pin.source.cache_folder();
            if let Some(other) = folders.insert(folder.to_lowercase(), folder.clone())
                && other != folder
            {
                return Err(conflict(
                    Some(name),
                    &folder,
                    &format!("`{other}` is the same folder on systems that ignore case"),
                ));
            }
        }
        Ok(())
    }

    fn add_refs(&mut self, lock: &Lockfile) -> Result<(), Error> {
        let mut repos: BTreeMap<String, Vec<(&Name, &Pin)>> = BTreeMap::new();
        // Where every file is excluded there is no snapshot, and no ref may point to it.
        for (name, pin) in lock.pins.iter().filter(|(_, pin)| self.units.contains_key(&snapshot(pin))) {
            repos.entry(pin.source.cache_folder()).or_default().push((name, pin));
        }
        for (folder, pins) in repos {
            let mut refs: BTreeMap<String, BTreeSet<CommitId>> = BTreeMap::new();
            for (_, pin) in &pins {
                let asked = match &pin.requested {
                    Requested::Revision(revision) => Some(revision.to_string()),
                    Requested::Version(_) => pin.hub.tag.as_ref().map(ToString::to_string),
                    Requested::Commit(_) => None,
                };
                if let Some(asked) = asked {
                    refs.entry(asked).or_default().insert(pin.revision);
                }
            }
            self.default_ref(&folder, &pins, &mut refs);
            check_refs(&folder, refs.keys())?;
            for (name, commits) in refs {
                let mut commits = commits.into_iter();
                let (Some(commit), None) = (commits.next(), commits.next()) else {
                    return Err(conflict(
                        None,
                        &format!("{folder}/refs/{name}"),
                        "two entries pin the same ref to different commits",
                    ));
                };
                let node = Node {
                    content: Content::Text(commit.hex()),
                    name: pins.first().map(|(name, _)| (*name).clone()),
                    label: format!("refs/{name}"),
                };
                self.put(format!("{folder}/refs/{name}"), node)?;
            }
        }
        Ok(())
    }

    /// Loaders ask for `main` by default, so a repo that is pinned once gets that ref. In a shared cache `main` belongs
    /// to everyone, and only an entry that requests it gets it.
    fn default_ref(&mut self, folder: &str, pins: &[(&Name, &Pin)], refs: &mut BTreeMap<String, BTreeSet<CommitId>>) {
        if self.layout == Layout::SharedHubCache || refs.contains_key("main") {
            return;
        }
        let commits: BTreeSet<CommitId> = pins.iter().map(|(_, pin)| pin.revision).collect();
        if commits.len() == 1 {
            refs.insert("main".to_owned(), commits);
        } else {
            let names: Vec<String> = pins.iter().map(|(name, _)| format!("`{name}`")).collect();
            self.notes.push(format!(
                "{} pin `{}` at different commits and none asks for `main`, so loading it by name alone finds \
                 nothing: give a revision",
                names.join(" and "),
                folder
            ));
        }
    }
}

/// Entries that share a commit share its folder: their files must not be one file on some system.
fn check_snapshots(lock: &Lockfile) -> Result<(), Error> {
    let mut snapshots: BTreeMap<String, (&Name, BTreeSet<&RepoPath>)> = BTreeMap::new();
    for (name, pin) in &lock.pins {
        let (_, paths) = snapshots.entry(snapshot(pin)).or_insert_with(|| (name, BTreeSet::new()));
        paths.extend(pin.content().map(|(path, _)| path));
    }
    for (folder, (name, paths)) in snapshots {
        if let Some((one, two)) = collision(paths) {
            let got = format!("`{one}` is the same file on systems that ignore case");
            return Err(conflict(Some(name), &format!("{folder}/{two}"), &got));
        }
    }
    Ok(())
}

/// A branch `release` and a tag `release/1` can both be in a repo, but not both in a folder of refs.
fn check_refs<'a>(folder: &str, refs: impl Iterator<Item = &'a String>) -> Result<(), Error> {
    let mut by_key: BTreeMap<String, &str> = BTreeMap::new();
    for name in refs {
        if let Some(other) = by_key.insert(name.to_lowercase(), name) {
            let got = format!("`{other}` is the same file on systems that ignore case");
            return Err(conflict(None, &format!("{folder}/refs/{name}"), &got));
        }
    }
    for (key, name) in &by_key {
        if let Some(other) = above(key).find_map(|above| by_key.get(above)) {
            let got = format!("`{other}` would have to be a file and a folder");
            return Err(conflict(None, &format!("{folder}/refs/{name}"), &got));
        }
    }
    Ok(())
}

fn conflict(entry: Option<&Name>, path: &str, reason: &str) -> Error {
    Error::Conflict(Box::new(Conflict { entry: entry.cloned(), path: path.to_owned(), reason: reason.to_owned() }))
}

/// The folders above a path, the top one first.
pub(super) fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| path.get(..end).unwrap_or_default())
}
