//! What a Hub keeps of repos: commits and files.

use crate::git;
use crate::sparse::Sparse;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

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
    /// Behind an LFS pointer, zeros but for a few places.
    Sparse(Sparse),
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
    Sparse(Sparse),
}

impl File {
    pub(crate) fn new(content: &Content) -> Self {
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
            Content::Sparse(sparse) => Self::pointed(sparse.digest(), sparse.size, Body::Sparse(sparse.clone())),
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
    /// Tokens whose accounts asked for access.
    pub(crate) pending: Vec<String>,
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
