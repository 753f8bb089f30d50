//! The projects that a store knows by their records, and what each of them needs of it.

use crate::decisions;
use crate::file_names::LOCK;
use crate::files;
use crate::refusal::{Failure, files as refuse};
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::{Digest, Name, RepoPath};
use modelpin_store::{Record, Store};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A project that the store knows.
#[derive(Debug, Clone)]
pub struct KnownProject {
    /// Its folder.
    pub dir: PathBuf,
    /// Its record; none for one that the store does not know yet.
    record: Option<Record>,
}

/// What a project needs of the store: content, and the entry and path that it is for, or none for an import.
pub type Needs = BTreeMap<Digest, Option<(Name, RepoPath)>>;

impl KnownProject {
    /// All that `store` knows, and the one in the folder `here`, if there is one.
    ///
    /// # Errors
    /// I/O errors from listing the store's records.
    pub fn all(store: &Store, here: Option<&Path>) -> Result<Vec<Self>, Failure> {
        let mut all = Vec::new();
        for record in Record::all(store)? {
            all.push(Self { dir: record.project().to_owned(), record: Some(record) });
        }
        let here = here.and_then(|here| here.canonicalize().ok());
        all.extend(
            here.filter(|here| !all.iter().any(|known| known.dir == *here)).map(|dir| Self { dir, record: None }),
        );
        all.sort_by(|a, b| a.dir.cmp(&b.dir));
        Ok(all)
    }

    /// Whether its folder is there no more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.dir.symlink_metadata(), Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
    }

    /// What it locks and imports. Nothing here is written, and nothing of it is believed but digests.
    ///
    /// # Errors
    /// Files that cannot be read or believed: then nobody knows.
    pub fn needs(&self) -> Result<Needs, Failure> {
        let mut needs = Needs::new();
        if let Some(text) = files::read(&self.dir, &self.dir.join(LOCK), lockfile::MAX_BYTES)? {
            let lock = text.read(|text| Lockfile::read(LOCK, text).map_err(refuse::lock_refused))?;
            for (name, pin) in &lock.pins {
                needs.extend(pin.content().map(|(path, file)| (file.sha256, Some((name.clone(), path.clone())))));
            }
        }
        for import in decisions::imported_blobs(&self.dir)? {
            needs.entry(import).or_default();
        }
        Ok(needs)
    }

    /// Forgets it.
    ///
    /// # Errors
    /// I/O errors from removing its record.
    pub fn forget(&self) -> Result<(), Failure> {
        self.record.iter().try_for_each(|record| Ok(record.remove()?))
    }
}
