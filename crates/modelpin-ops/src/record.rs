//! What this machine knows of a project, kept in the store and not in the project: it cannot come with a clone, and a
//! project that is read-only has one as well.
//!
//! ```text
//! <store>/projects/<id>/path        the project's canonical path, as bytes
//! <store>/projects/<id>/lock        held while a process changes the project's files or its trees
//! <store>/projects/<id>/home/       what loaders are given for HF_HOME
//! ```
//!
//! `<id>` is the SHA-256 of the canonical path, so that a copy or another checkout has a record of its own.

use crate::project::replace;
use crate::refusal::Failure;
use crate::store::{self, Store};
use crate::target::io;
use modelpin_schema::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The folder of records in a store.
const PROJECTS: &str = "projects";

/// The record of one project. Nothing is created before something is written.
#[derive(Debug, Clone)]
pub struct Record {
    folder: PathBuf,
    project: PathBuf,
}

impl Record {
    /// The record in `store` of the project in the folder `project`.
    ///
    /// # Errors
    /// A folder that is not there; the system's.
    pub fn of(store: &Store, project: &Path) -> Result<Self, Failure> {
        let project = project.canonicalize().map_err(Failure::io("find", project))?;
        let id = Sha256::digest(project.as_os_str().as_encoded_bytes());
        Ok(Self { folder: store.root().join(PROJECTS).join(Digest::new(id.into()).hex()), project })
    }

    /// Its folder, which need not be there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that loaders are given for `HF_HOME`.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Makes the folder, so that something can be written to it and the store knows the project.
    ///
    /// # Errors
    /// The system's.
    pub fn make(&self) -> Result<(), Failure> {
        let path = self.folder.join("path");
        let bytes = self.project.as_os_str().as_encoded_bytes();
        if std::fs::read(&path).is_ok_and(|known| known == bytes) {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder).map_err(Failure::io("make the folder", &self.folder))?;
        replace(&path, bytes)
    }

    /// Keeps other processes from changing the project's files and its trees until the result is dropped. `waiting` is
    /// called once, with the process that holds the lock where that is known, if there is one.
    ///
    /// # Errors
    /// The system's.
    pub fn lock(&self, waiting: &dyn Fn(Option<u32>)) -> Result<File, Failure> {
        self.make()?;
        let path = self.folder.join("lock");
        store::lock_file(&path, &|| waiting(store::holder(&path))).map_err(io)
    }
}
