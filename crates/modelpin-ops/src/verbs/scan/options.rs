//! What is scanned, and where it comes from.

use crate::online::Online;
use crate::reporter::Reporter;
use crate::workspace::Workspace;
use modelpin_schema::Lockfile;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// What is scanned, and how.
pub struct Options {
    /// The folder that relative paths start from, without links in it.
    pub dir: PathBuf,
    /// Entries of the lock, files and folders, as they were typed; where there is none, all entries.
    pub words: Vec<OsString>,
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
