//! Repos, commits and files.

use crate::git;
use crate::state::{State, lock};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What a repo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A model.
    Model,
    /// A dataset.
    Dataset,
    /// A space.
    Space,
}

impl Kind {
    /// The kind whose plural is `word`.
    pub(crate) fn named(word: &str) -> Option<Self> {
        [Self::Model, Self::Dataset, Self::Space].into_iter().find(|kind| kind.plural() == word)
    }

    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
            Self::Space => "spaces",
        }
    }
}

/// How a repo is gated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Access is granted at once to whoever asks.
    Auto,
    /// Its owner grants access.
    Manual,
}

/// What a file holds, and how git keeps it.
#[derive(Debug, Clone)]
pub enum Content {
    /// In git itself.
    Git(Vec<u8>),
    /// Behind an LFS pointer.
    Lfs(Vec<u8>),
    /// Behind an LFS pointer, in a file on disk, served under this path by an external CDN.
    LfsFile {
        /// The file.
        file: PathBuf,
        /// Its path below the served folder.
        served: String,
    },
}

impl Content {
    /// Content in git itself.
    pub fn git(bytes: impl AsRef<[u8]>) -> Self {
        Self::Git(bytes.as_ref().to_vec())
    }

    /// Content behind an LFS pointer.
    pub fn lfs(bytes: impl AsRef<[u8]>) -> Self {
        Self::Lfs(bytes.as_ref().to_vec())
    }
}

/// A stored file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) body: Body,
    pub(crate) size: u64,
    /// The git blob's id: of the content, or of the pointer.
    pub(crate) oid: [u8; 20],
    /// SHA-256 and the pointer's length, for LFS files.
    pub(crate) lfs: Option<(String, usize)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Memory(Bytes),
    Disk { file: PathBuf, served: String },
}

impl File {
    fn new(content: &Content) -> Self {
        match content {
            Content::Git(bytes) => Self {
                oid: git::object_id("blob", bytes),
                size: bytes.len() as u64,
                lfs: None,
                body: Body::Memory(bytes.clone().into()),
            },
            Content::Lfs(bytes) => Self::pointed(
                hex::encode(Sha256::digest(bytes)),
                bytes.len() as u64,
                Body::Memory(bytes.clone().into()),
            ),
            Content::LfsFile { file, served } => {
                let (sha256, size) = hash(file).expect("a readable file");
                Self::pointed(sha256, size, Body::Disk { file: file.clone(), served: served.clone() })
            }
        }
    }

    fn pointed(sha256: String, size: u64, body: Body) -> Self {
        let pointer = git::pointer(&sha256, size);
        Self { body, size, oid: git::object_id("blob", pointer.as_bytes()), lfs: Some((sha256, pointer.len())) }
    }
}

fn hash(file: &Path) -> std::io::Result<(String, u64)> {
    let (mut source, mut hasher, mut size) = (std::fs::File::open(file)?, Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok((hex::encode(hasher.finalize()), size)),
            read => {
                hasher.update(&buffer[..read]);
                size += read as u64;
            }
        }
    }
}

/// A commit.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) folders: BTreeMap<String, [u8; 20]>,
    pub(crate) parent: Option<String>,
    pub(crate) day: u64,
}

/// Everything of one repo.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) uid: String,
    pub(crate) commits: BTreeMap<String, Commit>,
    pub(crate) branches: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) pulls: BTreeMap<u64, String>,
    pub(crate) converts: BTreeMap<String, String>,
    pub(crate) card: serde_json::Value,
    pub(crate) gate: Option<Gate>,
    pub(crate) private: bool,
    pub(crate) disabled: bool,
    pub(crate) granted: Vec<String>,
    pub(crate) flags: BTreeMap<String, String>,
}

impl Stored {
    /// The commit that a branch, tag, conversion, pull request or commit id means. Where a branch and a tag have one
    /// name, it is the branch's.
    pub(crate) fn resolve(&self, revision: &str) -> Option<(&str, &Commit)> {
        let pull = revision.strip_prefix("refs/pr/").and_then(|number| self.pulls.get(&number.parse().ok()?));
        let convert = revision.strip_prefix("refs/convert/").and_then(|name| self.converts.get(name));
        let known = self.branches.get(revision).or_else(|| self.tags.get(revision));
        let named = known.or(pull).or(convert).map(String::as_str);
        let short =
            || self.commits.keys().find(|id| revision.len() >= 7 && id.starts_with(revision)).map(String::as_str);
        let id = named.or_else(short)?;
        self.commits.get_key_value(id).map(|(id, commit)| (id.as_str(), commit))
    }
}

/// A repo of a running Hub. Copies are the same repo.
#[derive(Clone)]
pub struct Repo {
    state: Arc<Mutex<State>>,
    kind: Kind,
    id: String,
}

impl Repo {
    pub(crate) fn new(state: Arc<Mutex<State>>, kind: Kind, id: &str) -> Self {
        lock(&state).create(kind, id);
        Self { state, kind, id: id.to_owned() }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Stored) -> T) -> T {
        change(lock(&self.state).repos.get_mut(&(self.kind, self.id.clone())).expect("the repo is there"))
    }

    /// Commits these files to `main`, on top of what is there. Returns the commit.
    pub fn commit(&self, files: &[(&str, Content)]) -> String {
        self.commit_on("main", files)
    }

    /// Commits these files to a branch, on top of what is there (or of `main`, where the branch is new).
    pub fn commit_on(&self, branch: &str, files: &[(&str, Content)]) -> String {
        let files: Vec<(String, File)> =
            files.iter().map(|(path, content)| ((*path).to_owned(), File::new(content))).collect();
        self.change(|repo| {
            let parent = repo.branches.get(branch).or_else(|| repo.branches.get("main")).cloned();
            let mut all = parent
                .as_ref()
                .and_then(|id| repo.commits.get(id))
                .map(|commit| commit.files.clone())
                .unwrap_or_default();
            all.extend(files);
            add(repo, branch, parent, all)
        })
    }

    /// Commits the removal of these files to `main`.
    pub fn remove(&self, paths: &[&str]) -> String {
        self.change(|repo| {
            let parent = repo.branches.get("main").cloned();
            let mut all = parent
                .as_ref()
                .and_then(|id| repo.commits.get(id))
                .map(|commit| commit.files.clone())
                .unwrap_or_default();
            all.retain(|path, _| !paths.contains(&path.as_str()));
            add(repo, "main", parent, all)
        })
    }

    /// Rewrites the repo's history: one new commit with these files, everything else is gone.
    pub fn force_push(&self, files: &[(&str, Content)]) -> String {
        self.change(|repo| {
            repo.commits.clear();
            repo.tags.clear();
        });
        self.change(|repo| repo.branches.clear());
        self.commit(files)
    }

    /// Makes a branch.
    pub fn branch(&self, name: &str, commit: &str) {
        self.change(|repo| repo.branches.insert(name.to_owned(), commit.to_owned()));
    }

    /// Makes a tag.
    pub fn tag(&self, name: &str, commit: &str) {
        self.change(|repo| repo.tags.insert(name.to_owned(), commit.to_owned()));
    }

    /// Makes the ref of a pull request.
    pub fn pull_request(&self, number: u64, commit: &str) {
        self.change(|repo| repo.pulls.insert(number, commit.to_owned()));
    }

    /// Makes the ref of what the Hub converts a dataset to, such as `parquet`.
    pub fn convert(&self, name: &str, commit: &str) {
        self.change(|repo| repo.converts.insert(name.to_owned(), commit.to_owned()));
    }

    /// Gives the repo another name; the old one redirects.
    #[must_use]
    pub fn rename(&self, id: &str) -> Self {
        lock(&self.state).rename(self.kind, &self.id, id);
        Self { id: id.to_owned(), ..self.clone() }
    }

    /// Deletes the repo and registers another one under its name.
    pub fn recreate(&self) {
        self.delete();
        lock(&self.state).create(self.kind, &self.id);
    }

    /// Deletes the repo.
    pub fn delete(&self) {
        lock(&self.state).repos.remove(&(self.kind, self.id.clone()));
    }

    /// Gates the repo.
    pub fn gate(&self, gate: Gate) {
        self.change(|repo| repo.gate = Some(gate));
    }

    /// Lets the holder of `token` through the gate.
    pub fn grant(&self, token: &str) {
        self.change(|repo| repo.granted.push(token.to_owned()));
    }

    /// Hides the repo from everyone without a known token.
    pub fn make_private(&self) {
        self.change(|repo| repo.private = true);
    }

    /// Disables the repo.
    pub fn disable(&self) {
        self.change(|repo| repo.disabled = true);
    }

    /// Sets the card's data, such as `{"license": "mit"}`.
    pub fn card(&self, card: serde_json::Value) {
        self.change(|repo| repo.card = card);
    }

    /// Makes the scanners flag a file.
    pub fn flag(&self, path: &str, level: &str) {
        self.change(|repo| repo.flags.insert(path.to_owned(), level.to_owned()));
    }

    /// The commit of `main`.
    #[must_use]
    pub fn head(&self) -> String {
        self.change(|repo| repo.branches.get("main").cloned().expect("a commit on main"))
    }

    /// The repo's unchanging identity.
    #[must_use]
    pub fn uid(&self) -> String {
        self.change(|repo| repo.uid.clone())
    }
}

/// Adds a commit: each is a day after the one before, from 2026-01-01.
fn add(repo: &mut Stored, branch: &str, parent: Option<String>, files: BTreeMap<String, File>) -> String {
    let day = repo.commits.len() as u64;
    let blobs = files.iter().map(|(path, file)| (path.clone(), file.oid)).collect();
    let (tree, folders) = git::tree(&blobs);
    let id = git::commit(&tree, parent.as_deref(), FIRST_DAY + day * 86_400, &format!("Commit {day} of {}", repo.uid));
    repo.commits.insert(id.clone(), Commit { files, folders, parent, day });
    repo.branches.insert(branch.to_owned(), id.clone());
    id
}

/// 2026-01-01T00:00:00Z.
const FIRST_DAY: u64 = 1_767_225_600;
