//! What a target should be, from the lock alone.

use super::Layout;
use super::inspect::above;
use crate::policy::Held;
use crate::refusal::{ErrorClass, Failure, Refusal};
use modelpin_schema::path::collision;
use modelpin_schema::{Artifact, CommitId, Digest, Lockfile, Name, Pin, RepoKind, RepoPath, Requested};
use std::collections::{BTreeMap, BTreeSet};

/// Every file of a target by its path from the target's folder, with `/` between the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How the target is laid out.
    pub layout: Layout,
    /// The files.
    pub nodes: BTreeMap<String, Node>,
    /// The folders that become visible at once, with the entries that are in them.
    pub units: BTreeMap<String, BTreeSet<Name>>,
    /// Files that are held back, so that nothing may be at these paths: of which entry, and their paths in it.
    pub barred: BTreeMap<String, (Name, RepoPath)>,
    /// What a person should know of the plan.
    pub notes: Vec<String>,
}

/// One file of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// The entry that it is for; one of several, where they share it.
    pub name: Option<Name>,
    /// What a person calls it: its path in the repo, where it has one.
    pub label: String,
}

/// What a file of a target is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Locked content.
    Blob {
        /// Its hash.
        digest: Digest,
        /// Bytes.
        size: u64,
    },
    /// A symbolic link.
    Link {
        /// Its text.
        to: String,
        /// The path of the blob that it leads to.
        blob: String,
    },
    /// A small text of modelpin's own: a ref or the mark.
    Text(String),
}

/// The folder of a pin's files in a target, from the target's own folder.
#[must_use]
pub fn folder_of(layout: Layout, name: &Name, pin: &Pin) -> String {
    match layout {
        Layout::Flat => name.to_string(),
        Layout::HubCache | Layout::Quarantine | Layout::SharedHubCache => snapshot(pin),
    }
}

/// The path of a pin's file in a target that is laid out so.
fn place(layout: Layout, name: &Name, pin: &Pin, path: &RepoPath) -> String {
    format!("{}/{path}", folder_of(layout, name, pin))
}

fn barred(lock: &Lockfile, layout: Layout, held: &BTreeMap<Name, Held>) -> BTreeMap<String, (Name, RepoPath)> {
    let pins = lock.pins.iter().filter_map(|(name, pin)| held.get(name).map(|held| (name, pin, held)));
    let files = pins.flat_map(|(name, pin, held)| pin.files().keys().map(move |path| (name, pin, held, path)));
    let kept = files.filter(|(_, _, held, path)| held.keeps(path));
    kept.map(|(name, pin, _, path)| (place(layout, name, pin, path), (name.clone(), path.clone()))).collect()
}

fn snapshot(pin: &Pin) -> String {
    format!("{}/snapshots/{}", pin.source.cache_folder(), pin.revision)
}

impl Plan {
    /// The plan of `lock` in `layout`, without the files that are `held` back. Where entries share a folder, a file
    /// is in it only if none of them holds it back.
    ///
    /// # Errors
    /// Two entries that cannot both be there.
    pub fn new(lock: &Lockfile, layout: Layout, held: &BTreeMap<Name, Held>) -> Result<Self, Failure> {
        let mut plan = Self {
            layout,
            nodes: BTreeMap::new(),
            units: BTreeMap::new(),
            barred: barred(lock, layout, held),
            notes: Vec::new(),
        };
        if let Some((mark, text)) = layout.mark() {
            plan.own(mark, text);
        }
        for (name, pin) in &lock.pins {
            for (path, file) in pin.content() {
                if plan.barred.contains_key(&place(layout, name, pin, path)) {
                    continue;
                }
                let content = Content::Blob { digest: file.sha256, size: file.size };
                match layout {
                    Layout::Flat => plan.file(name, name.as_str(), path, content)?,
                    // `datasets` before 3.0 passes over links. The Hub's own tools put files there as well, on systems
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
            plan.refs(lock)?;
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

    /// All folders that the files are in.
    pub(super) fn folders(&self) -> BTreeSet<&str> {
        self.nodes.keys().flat_map(|path| above(path)).collect()
    }

    /// The unit that the file at `path` is in.
    pub(super) fn unit(&self, path: &str) -> Option<&str> {
        above(path).find_map(|folder| self.units.get_key_value(folder)).map(|(unit, _)| unit.as_str())
    }

    /// The files of an entry that are in the target.
    pub fn visible<'a>(&'a self, name: &'a Name, pin: &'a Pin) -> impl Iterator<Item = (&'a RepoPath, Artifact)> {
        pin.content().filter(move |(path, _)| !self.barred.contains_key(&place(self.layout, name, pin, path)))
    }

    /// The digests that the target holds.
    pub fn digests(&self) -> impl Iterator<Item = (&str, Digest, u64)> {
        self.nodes.iter().filter_map(|(path, node)| match node.content {
            Content::Blob { digest, size } => Some((path.as_str(), digest, size)),
            _ => None,
        })
    }

    /// Adds what keeps git from taking in the files of a target that lies in the project's checkout.
    pub fn hide_from_git(&mut self) {
        self.own(".gitignore", "*\n");
    }

    /// Adds a small text of modelpin's own, under a name that no entry and no repo's folder can have.
    fn own(&mut self, path: &str, text: &str) {
        let node = Node { content: Content::Text(text.to_owned()), name: None, label: path.to_owned() };
        self.nodes.insert(path.to_owned(), node);
    }

    fn put(&mut self, path: String, node: Node) -> Result<(), Failure> {
        if let Some(other) = self.nodes.get(&path)
            && other.content != node.content
        {
            return Err(conflict(node.name.as_ref(), &path, "two entries want it to be different things").into());
        }
        self.nodes.entry(path).or_insert(node);
        Ok(())
    }

    fn file(&mut self, name: &Name, unit: &str, path: &RepoPath, content: Content) -> Result<(), Failure> {
        self.units.entry(unit.to_owned()).or_default().insert(name.clone());
        self.put(format!("{unit}/{path}"), Node { content, name: Some(name.clone()), label: path.to_string() })
    }

    fn cached(
        &mut self,
        name: &Name,
        pin: &Pin,
        path: &RepoPath,
        digest: Digest,
        blob: Content,
    ) -> Result<(), Failure> {
        let place = format!("{}/blobs/{}", pin.source.cache_folder(), digest.hex());
        let node = Node { content: blob, name: Some(name.clone()), label: path.to_string() };
        self.put(place.clone(), node)?;
        // As deep as the link is below `models--owner--name`, so often up: `../../blobs/…` at a repo's top.
        let up = "../".repeat(path.parts().count() + 1);
        let link = Content::Link { to: format!("{up}blobs/{}", digest.hex()), blob: place };
        self.file(name, &snapshot(pin), path, link)
    }

    /// Two repos whose folders are one on systems that ignore case.
    fn check_folders(&self, lock: &Lockfile) -> Result<(), Failure> {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (name, pin) in &lock.pins {
            let folder = pin.source.cache_folder();
            if let Some(other) = seen.insert(folder.to_lowercase(), folder.clone())
                && other != folder
            {
                return Err(conflict(
                    Some(name),
                    &folder,
                    &format!("`{other}` is the same folder on systems that ignore case"),
                )
                .into());
            }
        }
        Ok(())
    }

    fn refs(&mut self, lock: &Lockfile) -> Result<(), Failure> {
        let mut repos: BTreeMap<String, Vec<(&Name, &Pin)>> = BTreeMap::new();
        // Where every file is held back there is no snapshot, and no ref may lead to it.
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
                    )
                    .into());
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

    /// Loaders ask for `main` where nobody says otherwise, so a repo that is pinned once answers to it. In a
    /// shared cache `main` belongs to everyone, and only an entry that asks for it gets it.
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
                "{} pin `{}` at different commits and none asks for `main`, so loading it by name alone finds nothing: give a revision",
                names.join(" and "),
                folder
            ));
        }
    }
}

/// Entries that share a commit share its folder: their files must not be one file on some system.
fn check_snapshots(lock: &Lockfile) -> Result<(), Failure> {
    let mut snapshots: BTreeMap<String, (&Name, BTreeSet<&RepoPath>)> = BTreeMap::new();
    for (name, pin) in &lock.pins {
        let (_, paths) = snapshots.entry(snapshot(pin)).or_insert_with(|| (name, BTreeSet::new()));
        paths.extend(pin.content().map(|(path, _)| path));
    }
    for (folder, (name, paths)) in snapshots {
        if let Some((one, two)) = collision(paths) {
            let got = format!("`{one}` is the same file on systems that ignore case");
            return Err(conflict(Some(name), &format!("{folder}/{two}"), &got).into());
        }
    }
    Ok(())
}

/// A branch `release` and a tag `release/1` can both be in a repo, but not both in a folder of refs.
fn check_refs<'a>(folder: &str, refs: impl Iterator<Item = &'a String>) -> Result<(), Failure> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in refs {
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            let got = format!("`{other}` is the same file on systems that ignore case");
            return Err(conflict(None, &format!("{folder}/refs/{name}"), &got).into());
        }
    }
    for (key, name) in &seen {
        if let Some(other) = above(key).find_map(|above| seen.get(above)) {
            let got = format!("`{other}` would have to be a file and a folder");
            return Err(conflict(None, &format!("{folder}/refs/{name}"), &got).into());
        }
    }
    Ok(())
}

fn conflict(name: Option<&Name>, path: &str, got: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, "the target cannot hold all entries")
        .entry(name)
        .file(path)
        .expected("one meaning for each path")
        .got(got)
        .why("one entry would silently get the other's files")
        .help("pin them in projects of their own, or use `[sync] target = \"flat:FOLDER\"`")
}
