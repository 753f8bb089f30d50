//! The store as a whole: what it holds, removing what nobody needs, finding what is damaged.

use crate::blob::Verification;
use crate::error::{Error, Mismatch};
use crate::hash::on_all_cores;
use crate::lock::StoreLock;
use crate::parts::{ABANDONED, is_older};
use crate::store::Store;
use modelpin_schema::Digest;
use std::fs::{DirEntry, read_dir};
use std::io::ErrorKind;
use std::path::Path;

/// Seconds; longer than any small git file takes to download.
const GIT_FILE_MAX_AGE: u64 = 60;

/// A blob in the store, by its name and length alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blob {
    /// The hash that is its name.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// What pruning removed or, in a dry run, would have removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many blobs.
    pub blobs: usize,
    /// How many incomplete downloads.
    pub parts: usize,
    /// How many files of Xet chunks.
    pub chunks: usize,
    /// The size of all of them in bytes.
    pub bytes: u64,
}

impl Store {
    /// All blobs, sorted by digest.
    ///
    /// # Errors
    /// I/O errors from listing the store.
    pub fn blobs(&self) -> Result<Vec<Blob>, Error> {
        let mut blobs = Vec::new();
        for folder in entries(&self.root().join("blobs").join("sha256"))? {
            // What a link points to is not the store's and must not be removed.
            if !folder.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            for file in entries(&folder.path())? {
                let path = file.path();
                let digest = Digest::from_hex(&file.file_name().to_string_lossy());
                let Some(digest) = digest.ok().filter(|digest| self.blob_path(digest) == path) else {
                    continue;
                };
                match file.metadata() {
                    Ok(found) if found.is_file() => blobs.push(Blob { digest, size: found.len() }),
                    Ok(_) => {}
                    // Pruned meanwhile.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(Error::io("look at", &path)(error)),
                }
            }
        }
        blobs.sort_unstable();
        Ok(blobs)
    }

    /// Removes every blob for which `is_needed` is false, all chunks, and incomplete downloads. Blobs that another
    /// process has locked stay; so do recent files, where `lock` is on a file system whose locks do not work. Without
    /// `lock` this is a dry run.
    ///
    /// # Errors
    /// I/O errors from listing the store or removing files.
    pub fn prune(&self, is_needed: &dyn Fn(&Digest) -> bool, lock: Option<&StoreLock>) -> Result<Pruned, Error> {
        let mut pruned = Pruned::default();
        let dry_run = lock.is_none();
        let is_sure = lock.is_none_or(StoreLock::keeps_others_out);
        for blob in self.blobs()? {
            let lately =
                || !is_sure && !self.blob_path(&blob.digest).metadata().is_ok_and(|found| is_older(&found, ABANDONED));
            if !is_needed(&blob.digest)
                && !lately()
                && self.unless_in_use(&blob.digest, dry_run, || self.remove_blob(&blob.digest))?
            {
                pruned.blobs += 1;
                pruned.bytes += blob.size;
            }
        }
        let (chunks, bytes) = self.prune_chunks(dry_run)?;
        pruned.chunks += chunks;
        pruned.bytes += bytes;
        for part in entries(&self.tmp())? {
            let path = part.path();
            let Some(found) = part.metadata().ok().filter(|found| !found.is_dir()) else {
                continue;
            };
            let remove = || std::fs::remove_file(&path).map_err(Error::io("remove", &path));
            let name = part.file_name().to_string_lossy().into_owned();
            let gone = match Digest::from_hex(name.split('.').next().unwrap_or_default()) {
                Ok(_) if !is_sure && !is_older(&found, ABANDONED) => false,
                Ok(digest) => self.unless_in_use(&digest, dry_run, remove)?,
                // A git file has no lock, but is downloaded in seconds: an older one is abandoned.
                Err(_) if !is_older(&found, GIT_FILE_MAX_AGE) => false,
                Err(_) if dry_run => true,
                Err(_) => remove().map(|()| true)?,
            };
            if gone {
                pruned.parts += 1;
                pruned.bytes += found.len();
            }
        }
        Ok(pruned)
    }

    /// Removes all files of Xet chunks, even while another process uses them: a missing chunk is downloaded again.
    /// Returns their number and size in bytes; with `dry_run` that is all it does.
    ///
    /// # Errors
    /// I/O errors from listing or removing files.
    pub fn prune_chunks(&self, dry_run: bool) -> Result<(usize, u64), Error> {
        let mut files = 0;
        let mut bytes = 0;
        let mut open = vec![self.chunks()];
        open.retain(|folder| folder.symlink_metadata().is_ok_and(|found| found.is_dir()));
        while let Some(folder) = open.pop() {
            for entry in entries(&folder)? {
                let path = entry.path();
                let kind = entry.file_type().ok();
                if kind.is_some_and(|kind| kind.is_dir()) {
                    open.push(path);
                    continue;
                }
                let size = entry.metadata().map_or(0, |found| found.len());
                if !dry_run && let Err(error) = std::fs::remove_file(&path) {
                    if error.kind() == ErrorKind::NotFound {
                        continue;
                    }
                    return Err(Error::io("remove", &path)(error));
                }
                files += 1;
                bytes += size;
            }
        }
        Ok((files, bytes))
    }

    /// Runs `remove`, unless another process has locked `digest`; with `dry_run`, only returns whether it would.
    fn unless_in_use(
        &self,
        digest: &Digest,
        dry_run: bool,
        remove: impl FnOnce() -> Result<(), Error>,
    ) -> Result<bool, Error> {
        if dry_run {
            return Ok(!self.is_locked(digest));
        }
        let Some(_lock) = self.try_lock(digest)? else {
            return Ok(false);
        };
        remove().map(|()| true)
    }

    /// Hashes every blob, on all cores, and returns those that are not what their names say.
    ///
    /// # Errors
    /// I/O errors from reading the store.
    pub fn verify_all(&self) -> Result<Vec<(Blob, Mismatch)>, Error> {
        let mut blobs = self.blobs()?;
        // The largest first, so that no single long file is left for the end.
        blobs.sort_unstable_by_key(|blob| std::cmp::Reverse(blob.size));
        let proofs = on_all_cores(&blobs, |blob| self.verify(&blob.digest, blob.size));
        let mut bad = Vec::new();
        for (blob, proof) in blobs.into_iter().zip(proofs) {
            if let Verification::Bad(mismatch) = proof? {
                bad.push((blob, mismatch));
            }
        }
        bad.sort_unstable_by_key(|(blob, _)| *blob);
        Ok(bad)
    }
}

/// The entries of a folder; none where it does not exist.
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
