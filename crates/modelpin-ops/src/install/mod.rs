//! The target: the tree that loaders see, exactly what the lock says.
//!
//! - [`plan`]: what the tree should be, from the lock alone
//! - `look`: what it is
//! - [`inspect`]: the difference, file by file
//! - `place`: making the one the other: blobs, then snapshots, then refs, each visible at once or not at all;
//!   `bring` fetches from the store, `staging` is where things are built, `shared` holds the rules of a cache
//!   that is not ours
//! - `sweep`: removing what must not be there
//! - `stamps`: what was proven, so that a warm run reads no content; `hash` reads the rest

mod bring;
mod hash;
pub mod inspect;
mod look;
mod place;
pub mod plan;
pub mod quarantine;
mod shared;
mod staging;
mod stamps;
mod sweep;
pub mod trees;

pub(crate) use bring::copy;
pub use inspect::{Depth, Inspection, Problem, Trouble};
pub(crate) use place::remove;
pub use plan::{Plan, folder_of};
pub(crate) use shared::barred;

use crate::record::Record;
use crate::refusal::{ErrorClass, Failure, Refusal};
use crate::store::{self, Trace};
use modelpin_schema::Digest;
use modelpin_schema::shell_word;
use plan::Content;
use stamps::Stamps;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// How a target is laid out, and to whom it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A Hugging Face cache of the project's own.
    HubCache,
    /// The Hugging Face cache that other tools share: things are added to it, never changed or removed.
    SharedHubCache,
    /// A folder of plain files for each entry.
    Flat,
    /// A Hugging Face cache of files that can run code and were let in by an exemption;
    /// see [`quarantine`].
    Quarantine,
}

impl Layout {
    /// The file that says for people and backup tools what a folder is, and its text.
    fn mark(self) -> Option<(&'static str, &'static str)> {
        match self {
            // Backup tools skip a folder with this tag (bford.info/cachedir), which suits a cache.
            Self::HubCache => Some((
                "CACHEDIR.TAG",
                "Signature: 8a477f597d28d172789f06886806bc55\n# A Hugging Face cache that modelpin keeps exactly as models.lock says; strangers are removed.\n",
            )),
            Self::Flat => Some((
                ".modelpin-target",
                "modelpin keeps this folder exactly as models.lock says; strangers are removed.\n",
            )),
            Self::Quarantine => Some((
                "CACHEDIR.TAG",
                "Signature: 8a477f597d28d172789f06886806bc55\n# Models with files that can run code, let in by exemptions for `modelpin exec --jail` alone.\n",
            )),
            Self::SharedHubCache => None,
        }
    }

    /// The file, in the project's record, of what was proven.
    fn stamps(self) -> &'static str {
        match self {
            Self::Quarantine => "stamps-quarantine",
            Self::HubCache | Self::SharedHubCache | Self::Flat => "stamps",
        }
    }
}

/// A target on disk.
#[derive(Debug)]
pub struct Target {
    layout: Layout,
    root: PathBuf,
    record: Option<Record>,
    stamps: Stamps,
    /// Content that was placed, and what it looked like.
    placed: BTreeMap<String, Trace>,
    /// The files of which names came or went.
    touched: BTreeSet<(u64, u64)>,
}

impl Target {
    /// The target at `root`, of the project with this `record`.
    ///
    /// # Errors
    /// A file or a symbolic link in its place.
    pub fn open(layout: Layout, root: PathBuf, record: Option<&Record>) -> Result<Self, Failure> {
        let is_folder = |found: std::fs::Metadata| found.is_dir();
        if layout != Layout::SharedHubCache && !std::fs::symlink_metadata(&root).map_or(true, is_folder) {
            return Err(no_folder(&root).into());
        }
        let stamps = Stamps::read(record, layout.stamps(), &root);
        let record = record.cloned();
        Ok(Self { layout, root, record, stamps, placed: BTreeMap::new(), touched: BTreeSet::new() })
    }

    /// Whether this machine's modelpin made its folder for this project, so that it may remove things from it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.owns(&self.root))
    }

    /// Refuses to remove or replace, in a folder that modelpin did not make here, what `found` has to say of it.
    ///
    /// # Errors
    /// A folder that is not ours, with something in it that is not as planned.
    pub fn refuse_foreign(&self, found: &Inspection) -> Result<(), Failure> {
        let wrong = found.problems.iter().find(|(_, problem)| problem.trouble != Trouble::Missing);
        match wrong {
            Some((path, _)) if self.layout != Layout::SharedHubCache && !self.is_ours() => {
                Err(not_ours(&self.root, path).into())
            }
            _ => Ok(()),
        }
    }

    /// Makes its folder, and remembers that it is ours. One that is there has nothing in it that would be removed:
    /// [`Target::refuse_foreign`] said so.
    fn make(&self) -> Result<(), Failure> {
        let is_new = match std::fs::read_dir(&self.root) {
            Ok(mut listed) => listed.next().is_none(),
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        std::fs::create_dir_all(&self.root).map_err(Failure::io("make the folder", &self.root))?;
        match &self.record {
            Some(record) if is_new && self.layout != Layout::SharedHubCache => record.own(&self.root),
            _ => self.adopt(),
        }
    }

    /// Remembers that a folder is ours that was it in another place, or that came just as planned in modelpin's own folder
    /// of the project. Anywhere else people may put something into a folder that came with a clone.
    ///
    /// # Errors
    /// The system's.
    pub fn adopt(&self) -> Result<(), Failure> {
        let Some(record) = self.record.as_ref().filter(|_| self.layout != Layout::SharedHubCache) else {
            return Ok(());
        };
        if record.owns(&self.root) || record.is_in_own_folder(&self.root) { record.own(&self.root) } else { Ok(()) }
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its folder, where it is plain folders of entries.
    #[must_use]
    pub fn folders(&self) -> Option<&Path> {
        (self.layout == Layout::Flat).then_some(&self.root)
    }

    /// Where content is that `found` shows to be as planned.
    #[must_use]
    pub fn proven(&self, plan: &Plan, found: &Inspection) -> BTreeMap<Digest, PathBuf> {
        let fine = |path: &str| !found.problems.contains_key(path);
        let whole = plan.nodes.iter().filter(|(path, node)| match &node.content {
            Content::Link { blob, .. } => fine(path) && fine(blob),
            Content::Blob { .. } | Content::Text(_) => fine(path),
        });
        let content = whole.filter_map(|(path, node)| plan.content(&node.content).map(|(digest, _)| (digest, path)));
        // In a shared cache links lead to wherever other tools keep the bytes.
        content.filter_map(|(digest, path)| Some((digest, self.root.join(path).canonicalize().ok()?))).collect()
    }
}

/// The system's trouble, from the store's words.
pub(crate) fn io(error: store::Error) -> Failure {
    match error {
        store::Error::Io { doing, path, source } => Failure::Io { doing, path, source },
        store::Error::Mismatch(mismatch) => {
            Failure::internal(format_args!("an unexpected difference in the store: {mismatch}"))
        }
    }
}

fn no_folder(root: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{}` cannot be the target", root.display())).expected("a folder, or nothing yet").got("a file or a symbolic link").why("what is written to a target must not end up elsewhere").help("remove it, or choose another folder with `[sync] target` in models.toml or `--target`; then `modelpin sync`")
}

fn not_ours(root: &Path, path: &str) -> Refusal {
    let shown = root.display();
    Refusal::new(ErrorClass::Usage, format!("`{shown}` is not modelpin's to tidy")).expected("a folder that modelpin made on this machine, or one with nothing in it but what models.lock says").got(format!("`{path}`, in a folder that came from elsewhere")).why("whatever the lock does not know is removed from a target, and somebody may have made it").help(format!(
            "move it away (`mv {word} {word}.old`), then `modelpin sync`; or choose another folder with `[sync] target` in models.toml or `--target`",
            word = shell_word(&shown.to_string())
        ))
}

#[cfg(test)]
mod tests;
