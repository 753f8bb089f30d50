//! Where the bytes of a locked file are on this machine: the one answer for every verb.
//!
//! In this order:
//!
//! 1. the target, where a loader finds the file;
//! 2. the content store, by digest;
//! 3. the quarantine, which has the files that an exemption lets in, also after the store was pruned.
//!
//! Mirrors are not places but [sources](crate::sources): what they have comes into the store first.
//!
//! A file of another length than the lock says is not the locked one, and is passed over. Nothing is hashed here: what
//! is located is not verified. Whoever needs more hashes it, or takes content that this run has verified: [`verified`].

use crate::refusal::Failure;
use crate::workspace::Workspace;
use modelpin_schema::{Artifact, Digest, Name, Pin, RepoPath};
use modelpin_store::install::Location;
use modelpin_store::install::{Layout, folder_of};
use modelpin_store::{Store, Verified};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// A file that should have the locked bytes. It is not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its length in bytes.
    pub(crate) size: u64,
}

/// The folders of a workspace that may have locked files, looked up once for all of them.
pub(crate) struct Locations<'a> {
    target: Tree,
    quarantine: Option<Tree>,
    store: &'a Store,
}

/// A folder with locked files.
struct Tree {
    layout: Layout,
    /// Without links in it, as far as it is there.
    root: PathBuf,
}

/// What a loader finds in the target in the place of a locked file.
pub(crate) enum InTarget {
    /// Something in the target, by its path without links.
    Real(PathBuf),
    /// A link at this path, which leads out of the target.
    LeadsOut(PathBuf),
    /// Something that cannot be looked at.
    Unreadable(Error),
}

impl Workspace {
    /// The folders that may have locked files.
    ///
    /// # Errors
    /// A target elsewhere that only models.toml names; a link in the place of the target.
    pub(crate) fn locations(&self) -> Result<Locations<'_>, Failure> {
        let Location { layout, root } = self.project.target()?;
        // A link in the place of the quarantine is refused by whoever installs; nothing is located through it.
        let quarantine = self.project.quarantine_root().ok();
        let quarantine = quarantine.map(|root| Tree::new(Layout::Quarantine, root));
        Ok(Locations { target: Tree::new(layout, root), quarantine, store: &self.store })
    }
}

impl Locations<'_> {
    /// Where the bytes of the locked `file` at `path` of the entry `name` are.
    pub(crate) fn locate(&self, name: &Name, pin: &Pin, path: &RepoPath, file: &Artifact) -> Option<Located> {
        let installed = |tree: &Tree| match tree.find(name, pin, path)? {
            InTarget::Real(path) => ordinary_file(path),
            InTarget::LeadsOut(_) | InTarget::Unreadable(_) => None,
        };
        let is_locked = |located: &Located| located.size == file.size;
        let in_target = installed(&self.target).filter(is_locked);
        let in_store = || locate_content(self.store, &file.sha256).filter(is_locked);
        let in_quarantine = || self.quarantine.as_ref().and_then(installed).filter(is_locked);
        in_target.or_else(in_store).or_else(in_quarantine)
    }

    /// What a loader finds in the target in the place of a locked file, whatever it is; none where nothing is.
    pub(crate) fn in_target(&self, name: &Name, pin: &Pin, path: &RepoPath) -> Option<InTarget> {
        self.target.find(name, pin, path)
    }
}

impl Tree {
    fn new(layout: Layout, root: PathBuf) -> Self {
        // What is not there has no path without links, and nothing in it.
        Self { layout, root: root.canonicalize().unwrap_or(root) }
    }

    fn find(&self, name: &Name, pin: &Pin, path: &RepoPath) -> Option<InTarget> {
        let place = self.root.join(folder_of(self.layout, name, pin)).join(path.as_str());
        match place.canonicalize() {
            Ok(real) if real.starts_with(&self.root) => Some(InTarget::Real(real)),
            Ok(_) => Some(InTarget::LeadsOut(place)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
            Err(error) => Some(InTarget::Unreadable(error)),
        }
    }
}

/// The content with the digest in the store, of whatever length.
pub(crate) fn locate_content(store: &Store, digest: &Digest) -> Option<Located> {
    let stored = store.blob_path(digest);
    if stored.symlink_metadata().is_ok_and(|found| found.is_file()) { ordinary_file(stored) } else { None }
}

/// Where content is that this run has verified: in the store, else in the target or the quarantine.
pub(crate) fn verified<'a>(
    digest: &Digest,
    stored: &'a BTreeMap<Digest, Verified>,
    installed: &'a BTreeMap<Digest, PathBuf>,
) -> Option<&'a Path> {
    stored.get(digest).map(Verified::path).or_else(|| installed.get(digest).map(PathBuf::as_path))
}

fn ordinary_file(path: PathBuf) -> Option<Located> {
    let found = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some(Located { path, size: found.len() })
}
