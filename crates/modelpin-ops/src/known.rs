//! The projects that a store knows by their records, and what each of them needs of it.

use crate::decisions;
use crate::file_names::LOCK;
use crate::files;
use crate::install::remove;
use crate::record::{MAX_PATH, PROJECTS, path_from};
use crate::refusal::{Failure, files as refuse};
use crate::store::{Store, read_small};
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::{Digest, Name, RepoPath};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A project that the store knows.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its folder.
    pub dir: PathBuf,
    /// Its record; none for one that the store does not know yet.
    record: Option<PathBuf>,
}

/// What a project needs of the store: content, and the entry and path that it is for, or none for an import.
pub type Needs = BTreeMap<Digest, Option<(Name, RepoPath)>>;

impl Known {
    /// All that `store` knows, and the one in the folder `here`, if there is one.
    ///
    /// # Errors
    /// The system's.
    pub fn all(store: &Store, here: Option<&Path>) -> Result<Vec<Self>, Failure> {
        let folder = store.root().join(PROJECTS);
        let mut all = Vec::new();
        match std::fs::read_dir(&folder) {
            Ok(listed) => {
                for entry in listed {
                    let record = entry.map_err(Failure::io("list", &folder))?.path();
                    let of = |dir: PathBuf| Self { dir, record: Some(record.clone()) };
                    all.extend(project_of(&record).map(of));
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(Failure::io("list", &folder)(error)),
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
    /// The system's.
    pub fn forget(&self) -> Result<(), Failure> {
        self.record.iter().try_for_each(|record| remove(record))
    }
}

/// The project that the record in a folder is about, if it is one.
fn project_of(record: &Path) -> Option<PathBuf> {
    let bytes = read_small(&record.join("path"), MAX_PATH).ok()?;
    let id = Digest::new(Sha256::digest(&bytes).into()).hex();
    if record.file_name().is_none_or(|name| *name != *id) {
        return None;
    }
    path_from(bytes).filter(|path| path.is_absolute())
}
