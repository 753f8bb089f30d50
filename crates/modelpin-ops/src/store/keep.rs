//! Looking after the store as a whole: what is there, what nobody needs, what is damaged.

use super::{Error, Mismatch, Proof, Store};
use modelpin_schema::Digest;
use std::collections::BTreeSet;
use std::fs::{DirEntry, read_dir};
use std::io::ErrorKind;
use std::path::Path;

/// A blob in the store, by its name and length alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blob {
    /// What its name says.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
}

/// What pruning removed, or would have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Blobs.
    pub blobs: usize,
    /// Unfinished files.
    pub parts: usize,
    /// Bytes of both.
    pub bytes: u64,
}

impl Store {
    /// All blobs, sorted by digest.
    ///
    /// # Errors
    /// The system's.
    pub fn blobs(&self) -> Result<Vec<Blob>, Error> {
        let mut blobs = Vec::new();
        for folder in entries(&self.root.join("blobs").join("sha256"))? {
            for file in entries(&folder.path())? {
                let Ok(digest) = Digest::from_hex(&file.file_name().to_string_lossy()) else {
                    continue;
                };
                let found = file.metadata().map_err(Error::io("look at", &file.path()))?;
                if found.is_file() {
                    blobs.push(Blob { digest, size: found.len() });
                }
            }
        }
        blobs.sort_unstable();
        Ok(blobs)
    }

    /// Removes every blob that is not in `keep`, and what unfinished runs left; with `dry_run` it only counts.
    ///
    /// # Errors
    /// The system's.
    pub fn prune(&self, keep: &BTreeSet<Digest>, dry_run: bool) -> Result<Pruned, Error> {
        let mut pruned = Pruned::default();
        for blob in self.blobs()? {
            if keep.contains(&blob.digest) {
                continue;
            }
            pruned.blobs += 1;
            pruned.bytes += blob.size;
            if !dry_run {
                let _lock = self.lock(&blob.digest, &|| {})?;
                self.discard(&blob.digest)?;
            }
        }
        for part in entries(&self.tmp())? {
            let path = part.path();
            if self.in_use(&path) {
                continue;
            }
            pruned.parts += 1;
            pruned.bytes += part.metadata().map_or(0, |found| found.len());
            if !dry_run {
                std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
        }
        Ok(pruned)
    }

    /// Whether another process is writing the unfinished file. A git file has no lock: a minute old, it is
    /// nobody's.
    fn in_use(&self, part: &Path) -> bool {
        let hex = part.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if part.extension().is_some_and(|extension| extension == "part") && Digest::from_hex(&hex).is_ok() {
            let lock = std::fs::OpenOptions::new().write(true).open(self.locks().join(format!("{hex}.lock")));
            return lock.is_ok_and(|lock| lock.try_lock().is_err());
        }
        let age = part.metadata().and_then(|found| found.modified()).ok().and_then(|modified| modified.elapsed().ok());
        age.is_none_or(|age| age.as_secs() < 60)
    }

    /// Hashes every blob and returns those that are not what their names say.
    ///
    /// # Errors
    /// The system's.
    pub fn verify(&self) -> Result<Vec<(Blob, Mismatch)>, Error> {
        let mut bad = Vec::new();
        for blob in self.blobs()? {
            if let Proof::Bad(mismatch) = self.prove(&blob.digest, blob.size)? {
                bad.push((blob, mismatch));
            }
        }
        Ok(bad)
    }
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> Result<Vec<DirEntry>, Error> {
    let listed = match read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(Error::io("list", folder)(error)),
    };
    listed.collect::<Result<_, _>>().map_err(Error::io("list", folder))
}
