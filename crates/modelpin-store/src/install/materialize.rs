//! Copying content from the store into a folder that loaders read.

use super::error::Error;
use super::stamps::stat;
use crate::blob::Verified;
use crate::files::{changed, copy_verified, is_ours, open_no_follow, read_only, remove};
use crate::hash::hash_file;
use crate::stat::FileStat;
use modelpin_schema::Digest;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Result};
use std::path::Path;

/// Copies verified content out of the store, without using disk space where the file system can share it.
pub(super) struct Materializer<'a> {
    verified: &'a BTreeMap<Digest, Verified>,
    /// What blobs in the store look like now, since they have another hard link or were hashed again.
    stats: BTreeMap<Digest, FileStat>,
    /// False once the file system said that it cannot share blocks.
    may_reflink: bool,
}

impl<'a> Materializer<'a> {
    pub(super) fn new(verified: &'a BTreeMap<Digest, Verified>) -> Self {
        Self { verified, stats: BTreeMap::new(), may_reflink: true }
    }

    /// Creates `to` with content of the store: sharing blocks on the disk if the file system can, otherwise as a hard
    /// link (with `may_link`: people do not edit the file), otherwise as a copy that is hashed on the way. Returns what
    /// the new file looks like.
    pub(super) fn create(
        &mut self,
        digest: &Digest,
        size: u64,
        to: &Path,
        may_link: bool,
    ) -> std::result::Result<FileStat, Error> {
        let from = match self.verified.get(digest) {
            Some(verified) if verified.size() == size => verified,
            // The lock has two files with one hash and two lengths: one of them was edited.
            Some(verified) => {
                return Err(Error::SizeMismatch { digest: *digest, expected: size, got: verified.size() });
            }
            None => return Err(Error::NotVerified(*digest)),
        };
        remove(to)?;
        let before = self.check(from).map_err(Error::io("read", from.path()))?;
        let is_safe = is_immutable(from.path()).map_err(Error::io("look at", from.path()))?;
        if is_safe && self.reflink(from.path(), to)? {
            return stat(to);
        }
        if is_safe && may_link && std::fs::hard_link(from.path(), to).is_ok() {
            let linked = stat(to)?;
            if !linked.is_same_content(&before) {
                return Err(Error::io("link", to)(changed()));
            }
            // The new link gave the file another time, and the next entry may need the same file.
            self.stats.insert(*digest, linked);
        } else {
            copy_verified(from.path(), digest, size, to).map_err(Error::io("copy", to))?;
        }
        stat(to)
    }

    /// Makes `to` a copy of `from` that shares its blocks; returns false where that is not possible.
    fn reflink(&mut self, from: &Path, to: &Path) -> std::result::Result<bool, Error> {
        if !self.may_reflink {
            return Ok(false);
        }
        let Err(error) = reflink(from, to) else { return Ok(true) };
        // Neither the store nor the install tree moves while this runs: what they cannot share now they never can.
        self.may_reflink = !matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::CrossesDevices);
        remove(to)?;
        Ok(false)
    }

    /// Makes sure that the blob in the store is still what was verified, perhaps an hour ago: by its times and inode,
    /// otherwise by its hash.
    fn check(&mut self, from: &Verified) -> Result<FileStat> {
        let now = FileStat::of(&from.path().symlink_metadata()?);
        if now == *self.stats.get(&from.digest()).unwrap_or(&from.stat()) {
            return Ok(now);
        }
        let mut file = open_no_follow(OpenOptions::new().read(true), from.path())?;
        let now = FileStat::of(&file.metadata()?);
        let hashed = hash_file(&mut file, from.size())?;
        if hashed.size() != from.size() || hashed.digest() != from.digest() {
            return Err(changed());
        }
        self.stats.insert(from.digest(), now);
        Ok(now)
    }
}

/// Whether nobody else can change the file at `path`. A file of another user, or one that is writable, is copied and
/// hashed on the way instead.
fn is_immutable(path: &Path) -> Result<bool> {
    let found = path.symlink_metadata()?;
    Ok(is_ours(&found) && found.permissions().readonly())
}

/// Creates `to` as a read-only copy of `from` that shares its blocks, on file systems that have such a thing: btrfs,
/// XFS, bcachefs, APFS.
#[cfg(unix)]
fn reflink(from: &Path, to: &Path) -> Result<()> {
    reflink_copy::reflink(from, to)?;
    read_only(&File::open(to)?)
}

/// The documentation of `reflink-copy` 0.1 calls its implementation for Windows untested.
#[cfg(not(unix))]
fn reflink(_: &Path, _: &Path) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}
