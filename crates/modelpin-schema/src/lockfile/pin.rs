//! One entry of a lock.

use super::{Artifact, Converted, Day, Dependencies, Facts, License, set_digest};
use crate::selection::Reason;
use crate::{CommitId, Digest, FileKind, Filter, RepoId, RepoPath, RepoUid, Requested, Revision, Source, Ticket};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One locked model or dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Which repo, as the manifest says.
    pub source: Source,
    /// Which revision the manifest asks for.
    pub requested: Requested,
    /// Which files the manifest asks for.
    pub filter: Filter,
    /// The commit.
    pub revision: CommitId,
    /// What the Hub said of the repo and the commit when they were locked.
    pub hub: HubMetadata,
    /// The ticket of the last change of this pin.
    pub ticket: Option<Ticket>,
    /// Which entries it depends on, and which depend on it.
    pub dependencies: Dependencies,
    /// What its bytes are and do.
    pub facts: Facts,
    /// What is installed in the place of locked files that can run code, by its path there.
    pub converted: BTreeMap<RepoPath, Converted>,
    /// Shared by the copies of a pin: there can be hundreds of thousands.
    pub(crate) files: Arc<BTreeMap<RepoPath, Artifact>>,
    pub(crate) tree: Digest,
}

/// What the Hub says of a repo and a commit: nothing of it follows from the bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HubMetadata {
    /// The repo's identity on the Hub, which a later repo of the same name does not have.
    pub repo_id: Option<RepoUid>,
    /// What the Hub calls the repo, where that is another name than the source's: a name without an owner belongs to
    /// whom this one names.
    pub canonical: Option<RepoId>,
    /// The tag that a version requirement resolved to.
    pub tag: Option<Revision>,
    /// The day of the commit.
    pub revision_date: Option<Day>,
    /// The licence that the repo's card declares.
    pub license: Option<License>,
    /// How many files of the commit are not locked, by the reason why.
    pub left_out: BTreeMap<Reason, u64>,
    /// Of these those that could run code when they are loaded, as far as their names tell; the first by path where
    /// there are more than [`MAX_LEFT_OUT_CODE`].
    pub left_out_code: BTreeMap<RepoPath, Reason>,
}

/// The most files of one entry that [`HubMetadata::left_out_code`] names: a publisher decides how many there are.
pub const MAX_LEFT_OUT_CODE: usize = 10_000;

impl HubMetadata {
    /// Records that the file at `path` is not locked, and why. Files are given in the order of their paths.
    pub fn leave_out(&mut self, path: &RepoPath, reason: Reason) {
        *self.left_out.entry(reason).or_default() += 1;
        let can_run = matches!(FileKind::of(path), FileKind::Pickle | FileKind::Code);
        if can_run && self.left_out_code.len() < MAX_LEFT_OUT_CODE {
            self.left_out_code.insert(path.clone(), reason);
        }
    }
}

impl Pin {
    /// A pin of `files` of `source` at `revision`, with no further facts; its `tree` is computed from the files.
    #[must_use]
    pub fn new(
        source: Source,
        requested: Requested,
        filter: Filter,
        revision: CommitId,
        files: BTreeMap<RepoPath, Artifact>,
    ) -> Self {
        let tree = tree(&files);
        Self {
            source,
            requested,
            filter,
            revision,
            hub: HubMetadata::default(),
            ticket: None,
            dependencies: Dependencies::default(),
            facts: Facts::default(),
            converted: BTreeMap::new(),
            files: Arc::new(files),
            tree,
        }
    }

    /// The locked files by path.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<RepoPath, Artifact> {
        &self.files
    }

    /// Sets the sort of the file at `path`, by its bytes.
    pub fn set_kind(&mut self, path: &RepoPath, kind: FileKind) {
        if self.files.get(path).is_none_or(|file| file.kind == kind) {
            return;
        }
        if let Some(file) = Arc::make_mut(&mut self.files).get_mut(path) {
            file.kind = kind;
        }
    }

    /// The SHA-256 of the lines `<sha256>  <path>` of all files, sorted by path: what `sha256sum` prints.
    #[must_use]
    pub fn tree(&self) -> Digest {
        self.tree
    }

    /// The size of all files together, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.values().fold(0, |sum, file| sum.saturating_add(file.size))
    }

    /// The same bytes and facts, without what only the manifest, the Hub or other entries say: the parts on which a
    /// scan depends, and its result.
    #[must_use]
    pub fn content_only(&self) -> Self {
        // Exhaustive, so that a new field does not compile before it is decided which of the two it is.
        let Self {
            source,
            requested: _,
            filter: _,
            revision: _,
            hub: _,
            ticket: _,
            dependencies: _,
            facts,
            converted,
            files,
            tree,
        } = self;
        Self {
            source: source.clone(),
            requested: Requested::main(),
            filter: Filter::default(),
            revision: CommitId::new([0; 20]),
            hub: HubMetadata::default(),
            ticket: None,
            dependencies: Dependencies::default(),
            facts: facts.clone(),
            converted: converted.clone(),
            files: Arc::clone(files),
            tree: *tree,
        }
    }

    /// The results of conversions, by path.
    pub fn results(&self) -> impl Iterator<Item = (&RepoPath, Artifact)> {
        self.converted.iter().map(|(path, converted)| (path, converted.artifact()))
    }

    /// The locked files that no result replaces, by path.
    pub fn unconverted(&self) -> impl Iterator<Item = (&RepoPath, &Artifact)> {
        self.files().iter().filter(|(path, _)| self.result_of(path).is_none())
    }

    /// Everything of which the lock knows the bytes: all locked files, then all results.
    pub fn content(&self) -> impl Iterator<Item = (&RepoPath, Artifact)> {
        self.files().iter().map(|(path, file)| (path, *file)).chain(self.results())
    }

    /// The result that replaces the file at `from`, and its path.
    #[must_use]
    pub fn result_of(&self, from: &RepoPath) -> Option<(&RepoPath, &Converted)> {
        self.converted.iter().find(|(_, converted)| converted.from == *from)
    }
}

/// What [`Pin::tree`] should be for `files`.
pub(super) fn tree(files: &BTreeMap<RepoPath, Artifact>) -> Digest {
    set_digest(files.iter().map(|(path, file)| (path, file.sha256)))
}
