//! Content that is wanted.

use modelpin_schema::{Artifact, CommitId, Digest, Name, Pin, RepoPath, RepoUid, Source};

/// Content that is wanted, and where the Hub has it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The SHA-256 that it must have.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// The entry that it is for; one of several, where they share it.
    pub name: Name,
    /// Its path in the repo.
    pub path: RepoPath,
    /// The repo.
    pub source: Source,
    /// The commit.
    pub commit: CommitId,
    /// The identity that the repo was locked with.
    pub repo_id: Option<RepoUid>,
}

impl Wanted {
    /// All content of `pin`.
    pub fn all<'a>(name: &'a Name, pin: &'a Pin) -> impl Iterator<Item = Self> + 'a {
        pin.files().iter().map(move |(path, file)| Self::of(name, pin, path, file))
    }

    /// The content of one file of `pin`.
    #[must_use]
    pub fn of(name: &Name, pin: &Pin, path: &RepoPath, file: &Artifact) -> Self {
        Self {
            digest: file.sha256,
            size: file.size,
            name: name.clone(),
            path: path.clone(),
            source: pin.source.clone(),
            commit: pin.revision,
            repo_id: pin.hub.repo_id.clone(),
        }
    }
}
