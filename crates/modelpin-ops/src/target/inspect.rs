//! The difference between what a target should be and what it is.

use super::look::{Seen, Trace, look};
use super::plan::{Content, Node};
use super::{Layout, Plan, Target};
use crate::refusal::Failure;
use crate::store;
use modelpin_schema::{Digest, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How closely to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Content that was proven and has not changed since is believed; the rest is hashed.
    Stamps,
    /// As `Stamps`, but the rest is not hashed: a file of the right length will do.
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
}

impl Inspection {
    /// Whether the target is as planned.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether anything is wrong with the folder `unit`, in it, or above it.
    pub(super) fn touches(&self, unit: &str) -> bool {
        let inside = format!("{unit}/");
        let above = unit.match_indices('/').any(|(end, _)| self.problems.contains_key(&unit[..end]));
        let next = self.problems.range(inside.clone()..).next();
        above || self.problems.contains_key(unit) || next.is_some_and(|(path, _)| path.starts_with(&inside))
    }

    /// The paths that the lock does not know.
    pub(super) fn strangers(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().filter(|(_, problem)| problem.trouble == Trouble::Stranger).map(|(path, _)| path.as_str())
    }
}

/// Content to hash.
struct Doubt<'a> {
    path: &'a str,
    node: &'a Node,
    digest: Digest,
    size: u64,
    trace: Trace,
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
            match (&node.content, seen.get(path)) {
                (_, None) => found.note(path, node, Trouble::Missing),
                (Content::Blob { digest, size }, Some(Seen::File { size: got, trace })) => {
                    let (digest, size) = (*digest, *size);
                    if size != *got {
                        found.note(path, node, Trouble::Size { expected: size, got: *got });
                    } else if depth == Depth::Fast
                        || (depth == Depth::Stamps && self.stamps.proves(path, trace, size, &digest))
                    {
                        found.proven += 1;
                        found.bytes += size;
                    } else {
                        doubts.push(Doubt { path, node, digest, size, trace: *trace });
                    }
                }
                (Content::Blob { .. }, Some(Seen::Link(_))) if plan.layout == Layout::SharedHubCache => {
                    self.shared_link(&mut found, path, node)?;
                }
                (Content::Link(to), Some(Seen::Link(got))) if to == got => {}
                (Content::Text(text), Some(Seen::File { size, .. })) if *size == text.len() as u64 => {
                    self.text(&mut found, path, node, text);
                }
                (content, Some(other)) => {
                    found.note(path, node, Trouble::Other { expected: describe(content), got: describe_seen(other) });
                }
            }
        }
        self.hash_all(&mut found, doubts)?;
        if plan.layout != Layout::SharedHubCache {
            found.note_strangers(plan, &seen);
        }
        Ok(found)
    }

    /// Whether the project has ever synced this target.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.stamps.is_empty()
    }

    fn look(&self, plan: &Plan) -> Result<BTreeMap<String, Seen>, Failure> {
        let repos: Vec<String> = plan
            .nodes
            .keys()
            .filter_map(|path| path.split_once('/'))
            .map(|(top, _)| top.to_owned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let only = (plan.layout == Layout::SharedHubCache).then_some(repos.as_slice());
        look(&self.root, only).map_err(Failure::io("list", &self.root))
    }

    /// `huggingface_hub` keeps a blob that repos share outside of them, behind a link; that is as good as a
    /// file, once it is hashed.
    fn shared_link(&self, found: &mut Inspection, path: &str, node: &Node) -> Result<(), Failure> {
        let Content::Blob { digest, size } = node.content else {
            return Ok(());
        };
        match digest_of(&self.root.join(path), size) {
            Ok((got, _)) if got == digest => {
                found.proven += 1;
                found.bytes += size;
            }
            Ok((got, len)) if len == size => found.note(path, node, Trouble::Digest { expected: digest, got }),
            Ok((_, got)) => found.note(path, node, Trouble::Size { expected: size, got }),
            Err(error) => return Err(Failure::io("read", &self.root.join(path))(error)),
        }
        Ok(())
    }

    fn text(&self, found: &mut Inspection, path: &str, node: &Node, text: &str) {
        let got = std::fs::read_to_string(self.root.join(path)).unwrap_or_default();
        if got != text {
            let (expected, got) = (text.trim_end().to_owned(), modelpin_schema::text::visible(got.trim_end()));
            found.note(path, node, Trouble::Other { expected, got });
        }
    }

    /// Hashes all doubtful content, on all cores.
    fn hash_all(&mut self, found: &mut Inspection, doubts: Vec<Doubt<'_>>) -> Result<(), Failure> {
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Vec::with_capacity(doubts.len()));
        let workers = std::thread::available_parallelism().map_or(2, usize::from).min(doubts.len());
        let (root, doubts) = (&self.root, &doubts);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(doubt) = doubts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let result = digest_of(&root.join(doubt.path), doubt.size);
                        results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((doubt, result));
                    }
                });
            }
        });
        for (doubt, result) in results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            let Doubt { path, node, digest, size, trace } = *doubt;
            match result.map_err(Failure::io("read", &self.root.join(path)))? {
                (_, got) if got != size => found.note(path, node, Trouble::Size { expected: size, got }),
                (got, _) if got != digest => found.note(path, node, Trouble::Digest { expected: digest, got }),
                _ => {
                    found.proven += 1;
                    found.bytes += size;
                    self.stamps.record(path, trace, size, digest);
                }
            }
        }
        Ok(())
    }
}

/// The hash and length of a file; of a file longer than `limit`, of its beginning.
fn digest_of(path: &Path, limit: u64) -> std::io::Result<(Digest, u64)> {
    let hashed = store::hash_file(&mut File::open(path)?, limit)?;
    let len = hashed.len();
    Ok((hashed.digest(), len))
}

impl Inspection {
    fn note(&mut self, path: &str, node: &Node, trouble: Trouble) {
        let problem = Problem { name: node.name.clone(), label: node.label.clone(), trouble };
        self.problems.insert(path.to_owned(), problem);
    }

    /// What the plan neither holds nor needs as a folder. Below such a thing nothing else is said.
    fn note_strangers(&mut self, plan: &Plan, seen: &BTreeMap<String, Seen>) {
        let mut folders = BTreeSet::new();
        for path in plan.nodes.keys() {
            folders.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
        }
        let mut above: Option<&str> = None;
        for (path, kind) in seen {
            if above.is_some_and(|above| path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))) {
                continue;
            }
            let trouble = match (folders.contains(path.as_str()), plan.nodes.contains_key(path)) {
                (true, _) if *kind == Seen::Folder => continue,
                (true, _) => Trouble::Other { expected: "a folder".to_owned(), got: describe_seen(kind) },
                // Said already, if it is not what it should be.
                (_, true) if *kind == Seen::Folder => {
                    above = Some(path);
                    continue;
                }
                (_, true) => continue,
                (false, false) => Trouble::Stranger,
            };
            above = Some(path);
            self.problems.insert(path.clone(), Problem { name: None, label: path.clone(), trouble });
        }
    }
}

fn describe(content: &Content) -> String {
    match content {
        Content::Blob { .. } => "a file".to_owned(),
        Content::Link(to) => format!("a link to `{to}`"),
        Content::Text(text) => format!("`{}`", text.trim_end()),
    }
}

fn describe_seen(seen: &Seen) -> String {
    match seen {
        Seen::File { .. } => "a file".to_owned(),
        Seen::Link(to) => format!("a link to `{}`", modelpin_schema::text::visible(to)),
        Seen::Folder => "a folder".to_owned(),
        Seen::Odd => "something that is neither file, folder nor link".to_owned(),
    }
}
