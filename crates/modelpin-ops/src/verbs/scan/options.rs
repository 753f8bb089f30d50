//! What is scanned, and where it comes from.

use crate::online::Online;
use crate::reporter::Reporter;
use crate::workspace::Workspace;
use modelpin_hub::Hub;
use modelpin_schema::{Lockfile, RepoKind};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// What is scanned, and how.
pub struct Options {
    /// The folder that relative paths start from, without links in it.
    pub dir: PathBuf,
    /// Entries of the lock, files, folders and repos on the Hub, as they were typed; where there is none, all entries.
    pub words: Vec<OsString>,
    /// The Hub that repos are on. Without one, the run is offline.
    pub hub: Option<Hub>,
    /// Whether repos are of models or of datasets.
    pub kind: RepoKind,
    /// Whether all files of a repo are scanned, not only those that `modelpin add` would lock.
    pub all_files: bool,
    /// How many files are scanned at once, at most.
    pub jobs: usize,
    /// Is told what happens.
    pub reporter: Arc<dyn Reporter>,
}

/// A project with the lock that is scanned.
#[derive(Clone, Copy)]
pub(super) struct Locked<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) online: &'a Online,
    pub(super) lock: &'a Lockfile,
}
