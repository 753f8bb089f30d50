//! The difference between what a target should be and what it is.

use super::hash::{Doubt, Outcome};
use super::look::{Seen, look};
use super::plan::{Content, Node};
use super::{Layout, Plan, Target, staging};
use crate::refusal::Failure;
use crate::store::{Trace, read_small};
use modelpin_schema::text::visible;
use modelpin_schema::{Digest, Name, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Content that was proven and has not changed since is believed; the rest is hashed.
    Stamps,
    /// No content is hashed: a file of the right length will do.
    Fast,
    /// All content is hashed.
    Full,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Everything that is not as planned, by path.
    pub problems: BTreeMap<String, Problem>,
    /// Files of the plan that hold locked content and are as planned.
    pub proven: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Bytes that were hashed to find out.
    pub hashed: u64,
    /// Where things are whose path cannot be shown as it is.
    pub(super) places: BTreeMap<String, PathBuf>,
    /// What has to go where an entry cannot be repaired, refs first.
    pub(super) broken: Vec<String>,
}

/// Something that is not as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The entry, where it is one's.
    pub name: Option<Name>,
    /// What a person calls the file.
    pub label: String,
    /// What is wrong.
    pub trouble: Trouble,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It is not there.
    Missing,
    /// It is something else: a link, a folder, a file.
    Other {
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// It has another length.
    Size {
        /// Bytes that it should have.
        expected: u64,
        /// Bytes that it has.
        got: u64,
    },
    /// It has another hash.
    Digest {
        /// What it should have.
        expected: Digest,
        /// What it has.
        got: Digest,
    },
    /// The lock does not know it.
    Stranger,
    /// The lock knows it, and it is held back.
    Barred,
}

impl Trouble {
    /// Whether something is there where nothing may be.
    fn is_unwanted(&self) -> bool {
        matches!(self, Self::Stranger | Self::Barred)
    }
}

impl Inspection {
    /// Whether the target is as planned.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether something in, at or above the folder `unit` is not as planned. Strangers in it are for the sweep.
    pub(super) fn is_wrong(&self, unit: &str) -> bool {
        let inside = format!("{unit}/");
        let mut inside = self.problems.range(inside.clone()..).take_while(|(path, _)| path.starts_with(&inside));
        self.problems.contains_key(unit)
            || above(unit).any(|folder| self.problems.contains_key(folder))
            || inside.any(|(_, problem)| !problem.trouble.is_unwanted())
    }

    /// The paths at which nothing may be.
    pub(super) fn strangers(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().filter(|(_, problem)| problem.trouble.is_unwanted()).map(|(path, _)| path.as_str())
    }

    /// Where the thing with this path is, from the target's folder.
    pub(super) fn place<'a>(&'a self, path: &'a str) -> &'a Path {
        self.places.get(path).map_or(Path::new(path), PathBuf::as_path)
    }

    pub(super) fn note(&mut self, path: &str, node: &Node, trouble: Trouble) {
        let problem = Problem { name: node.name.clone(), label: node.label.clone(), trouble };
        self.problems.insert(path.to_owned(), problem);
    }
}

/// What a look at one file says of it.
enum Finding<'a> {
    Fine,
    Proven(u64),
    Doubtful(Doubt<'a>),
    Wrong(Trouble),
}

impl Target {
    /// Compares the target with `plan`.
    ///
    /// # Errors
    /// The system's.
    pub fn inspect(&mut self, plan: &Plan, depth: Depth) -> Result<Inspection, Failure> {
        let seen = self.look(plan)?;
        let mut found = Inspection::default();
        let mut doubts = Vec::new();
        for (path, node) in &plan.nodes {
            let finding = match seen.get(path) {
                Some(seen) => self.compare(plan, path, node, seen, depth)?,
                None => Finding::Wrong(Trouble::Missing),
            };
            match finding {
                Finding::Fine => {}
                Finding::Proven(size) => {
                    found.proven += 1;
                    found.bytes += size;
                }
                Finding::Doubtful(doubt) => doubts.push(doubt),
                Finding::Wrong(trouble) => found.note(path, node, trouble),
            }
        }
        self.hash_all(&mut found, doubts)?;
        found.note_others(plan, &seen, |path| staging::is_alive(&self.root.join(path)));
        if plan.layout == Layout::SharedHubCache {
            found.forgive_blobs(plan, &seen);
            found.note_barred(plan, |path| self.root.join(path).symlink_metadata().is_ok());
        }
        found.note_broken(plan);
        Ok(found)
    }

    fn look(&self, plan: &Plan) -> Result<BTreeMap<String, Seen>, Failure> {
        let repos: BTreeSet<&str> =
            plan.nodes.keys().filter_map(|path| path.split_once('/')).map(|(top, _)| top).collect();
        let repos: Vec<String> = repos.into_iter().map(ToOwned::to_owned).collect();
        let only = (plan.layout == Layout::SharedHubCache).then_some(repos.as_slice());
        look(&self.root, only).map_err(Failure::io("list", &self.root))
    }

    fn compare<'a>(
        &self,
        plan: &Plan,
        path: &'a str,
        node: &'a Node,
        seen: &Seen,
        depth: Depth,
    ) -> Result<Finding<'a>, Failure> {
        let other = || Finding::Wrong(Trouble::Other { expected: describe(&node.content), got: describe_seen(seen) });
        let shared = plan.layout == Layout::SharedHubCache;
        Ok(match (&node.content, seen) {
            (Content::Blob { digest, size }, Seen::File { size: got, trace }) => self.content(
                Doubt { path, node, digest: *digest, size: *size, trace: *trace, follow: false },
                *got,
                depth,
            ),
            (Content::Link { to, .. }, Seen::Link(got)) if to == got => Finding::Fine,
            (Content::Text(text), Seen::File { size, .. }) if *size == text.len() as u64 => self.text(path, text),
            // Other tools name small blobs by their git id, and keep blobs that repos share behind links: in
            // their cache, whatever leads to the right bytes is right.
            (Content::Blob { .. } | Content::Link { .. }, Seen::Link(_) | Seen::File { .. }) if shared => {
                let Some((digest, size)) = plan.content(&node.content) else {
                    return Ok(other());
                };
                let place = self.root.join(path);
                match std::fs::metadata(&place) {
                    Ok(found) if found.is_file() => {
                        let doubt = Doubt { path, node, digest, size, trace: Trace::of(&found), follow: true };
                        self.content(doubt, found.len(), depth)
                    }
                    _ => other(),
                }
            }
            _ => other(),
        })
    }

    fn content<'a>(&self, doubt: Doubt<'a>, got: u64, depth: Depth) -> Finding<'a> {
        let Doubt { path, digest, size, trace, .. } = &doubt;
        if *size != got {
            return Finding::Wrong(Trouble::Size { expected: *size, got });
        }
        match depth {
            Depth::Fast => Finding::Proven(*size),
            Depth::Stamps if self.stamps.proves(path, trace, *size, digest) => Finding::Proven(*size),
            Depth::Stamps | Depth::Full => Finding::Doubtful(doubt),
        }
    }

    fn text(&self, path: &str, text: &str) -> Finding<'static> {
        let most = text.len() as u64 + 1024;
        let got = read_small(&self.root.join(path), most).unwrap_or_default();
        if got == text.as_bytes() {
            return Finding::Fine;
        }
        let (expected, got) = (text.trim_end().to_owned(), visible(String::from_utf8_lossy(&got).trim_end()));
        Finding::Wrong(Trouble::Other { expected, got })
    }

    /// Hashes all doubtful content, and remembers what is proven.
    fn hash_all(&mut self, found: &mut Inspection, doubts: Vec<Doubt<'_>>) -> Result<(), Failure> {
        for (doubt, outcome) in super::hash::all(&self.root, doubts)? {
            let Doubt { path, node, digest, size, .. } = doubt;
            if let Outcome::Read { len, .. } = outcome {
                found.hashed = found.hashed.saturating_add(len);
            }
            match outcome {
                Outcome::Gone => found.note(path, node, Trouble::Missing),
                Outcome::Read { len, .. } if len != size => {
                    found.note(path, node, Trouble::Size { expected: size, got: len });
                }
                Outcome::Read { got, .. } if got != digest => {
                    found.note(path, node, Trouble::Digest { expected: digest, got });
                }
                Outcome::Read { still, .. } => {
                    found.proven += 1;
                    found.bytes += size;
                    if let Some(trace) = still {
                        self.stamps.record(path, trace, size, digest);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Inspection {
    /// What is where a folder has to be; and, but in a shared cache, what the plan does not know. Below such a
    /// thing nothing else is said.
    fn note_others(&mut self, plan: &Plan, seen: &BTreeMap<String, Seen>, is_alive: impl Fn(&str) -> bool) {
        let folders = plan.folders();
        let mut noted: BTreeSet<&str> = BTreeSet::new();
        for (path, kind) in seen {
            // What ends in `/` has no name that is text, and is not below what has that text for a name.
            if above(path.trim_end_matches('/')).any(|folder| noted.contains(folder)) {
                continue;
            }
            let trouble = match (folders.contains(path.as_str()), plan.nodes.contains_key(path)) {
                (true, _) if *kind == Seen::Folder => continue,
                (true, _) => Trouble::Other { expected: "a folder".to_owned(), got: describe_seen(kind) },
                (false, true) => {
                    // Said already, if it is not what it should be.
                    noted.insert(path);
                    continue;
                }
                (false, false) if plan.layout == Layout::SharedHubCache => continue,
                (false, false) if !path.contains('/') && is_alive(path) => {
                    noted.insert(path);
                    continue;
                }
                (false, false) => Trouble::Stranger,
            };
            noted.insert(path);
            if let Some((name, label)) = plan.barred.get(path).filter(|_| trouble == Trouble::Stranger) {
                self.bar(path, name, label);
                continue;
            }
            let shown = self.show(path, kind);
            self.problems.insert(shown.clone(), Problem { name: None, label: shown, trouble });
        }
    }

    /// In a shared cache, files that are held back and that another tool put there. Links on the way count: a
    /// loader follows them.
    fn note_barred(&mut self, plan: &Plan, is_there: impl Fn(&str) -> bool) {
        for (path, (name, label)) in plan.barred.iter().filter(|(path, _)| is_there(path)) {
            self.bar(path, name, label);
        }
    }

    fn bar(&mut self, path: &str, name: &Name, label: &RepoPath) {
        let problem = Problem { name: Some(name.clone()), label: label.to_string(), trouble: Trouble::Barred };
        self.problems.insert(path.to_owned(), problem);
    }

    /// A stranger's path as it may be shown; where that is not the path itself, its place is kept.
    fn show(&mut self, path: &str, kind: &Seen) -> String {
        let parts: Vec<String> = path.split('/').map(visible).collect();
        let mut shown = parts.join("/");
        let place = match kind {
            Seen::Unnamed(place) => place.clone(),
            _ if shown == path => return shown,
            _ => PathBuf::from(path),
        };
        while self.problems.contains_key(&shown) {
            shown.push('…');
        }
        self.places.insert(shown.clone(), place);
        shown
    }

    /// A blob that is absent from a shared cache is no loss where every snapshot has its bytes from elsewhere.
    fn forgive_blobs(&mut self, plan: &Plan, seen: &BTreeMap<String, Seen>) {
        let needed: BTreeSet<&str> = plan
            .nodes
            .iter()
            .filter_map(|(path, node)| match &node.content {
                Content::Link { to, blob } => {
                    let planned = matches!(seen.get(path), Some(Seen::Link(got)) if got == to);
                    (planned || self.problems.contains_key(path)).then_some(blob.as_str())
                }
                _ => None,
            })
            .collect();
        self.problems.retain(|path, problem| {
            let blob = plan.nodes.get(path).is_some_and(|node| matches!(node.content, Content::Blob { .. }));
            problem.trouble != Trouble::Missing || !blob || needed.contains(path.as_str())
        });
    }

    /// Snapshots of which not every file is as planned, and the refs to them.
    fn note_broken(&mut self, plan: &Plan) {
        if !matches!(plan.layout, Layout::HubCache | Layout::Quarantine) {
            return;
        }
        let wrong = |path: &str| {
            self.problems.contains_key(path) || above(path).any(|folder| self.problems.contains_key(folder))
        };
        let mut broken = BTreeSet::new();
        for (path, node) in &plan.nodes {
            if let Content::Link { blob, .. } = &node.content
                && (wrong(path) || wrong(blob))
                && let Some(unit) = plan.unit(path)
            {
                broken.insert(unit);
            }
        }
        let refs = plan.nodes.iter().filter(|(path, node)| match (&node.content, path.split_once("/refs/")) {
            (Content::Text(commit), Some((repo, _))) => broken.contains(format!("{repo}/snapshots/{commit}").as_str()),
            _ => false,
        });
        self.broken = refs.map(|(path, _)| path.clone()).chain(broken.iter().map(|unit| (*unit).to_owned())).collect();
    }
}

/// The folders above a path.
pub(super) fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| path.get(..end).unwrap_or_default())
}

fn describe(content: &Content) -> String {
    match content {
        Content::Blob { .. } => "a file".to_owned(),
        Content::Link { to, .. } => format!("a link to `{to}`"),
        Content::Text(text) => format!("`{}`", text.trim_end()),
    }
}

fn describe_seen(seen: &Seen) -> String {
    match seen {
        Seen::File { .. } => "a file".to_owned(),
        Seen::Link(to) => format!("a link to `{}`", visible(to)),
        Seen::Folder => "a folder".to_owned(),
        Seen::Odd | Seen::Unnamed(_) => "something that is neither file, folder nor link".to_owned(),
    }
}
