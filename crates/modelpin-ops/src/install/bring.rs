//! From the store into a target.

use super::place::remove;
use super::stamps::trace;
use crate::refusal::Failure;
use crate::refusal::content::{self, Origin};
use crate::store::{Hashed, Trace, Verified, hash_file, in_pieces, is_ours, open_no_follow, read_only};
use modelpin_schema::Digest;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write as _};
use std::path::Path;

/// Brings content that is proven.
pub(super) struct Bringer<'a> {
    proven: &'a BTreeMap<Digest, Verified>,
    /// What blobs in the store look like since they have another name.
    seals: BTreeMap<Digest, Trace>,
    /// Whether the file system has not said yet that it cannot share blocks.
    may_share: bool,
}

impl<'a> Bringer<'a> {
    pub(super) fn new(proven: &'a BTreeMap<Digest, Verified>) -> Self {
        Self { proven, seals: BTreeMap::new(), may_share: true }
    }

    /// Brings content from the store to `to`, where nothing is: shared on the disk if the file system can,
    /// else (unless people may edit the file) as another name of the same file, else copied and hashed on the
    /// way. Returns what it looks like there.
    pub(super) fn bring(
        &mut self,
        digest: &Digest,
        size: u64,
        to: &Path,
        may_link: bool,
    ) -> std::result::Result<Trace, Failure> {
        let from = match self.proven.get(digest) {
            Some(proof) if proof.size() == size => proof,
            // Two files of the lock with one hash and two lengths: one of them was edited.
            Some(proof) => {
                let got = format!("{} bytes of {digest}", proof.size());
                return Err(content::size(&Origin::Store, size, &got).into());
            }
            None => return Err(Failure::internal(format_args!("{digest} was not verified"))),
        };
        remove(to)?;
        let seal = self.check(from).map_err(Failure::io("read", from.path()))?;
        let settled = is_settled(from.path()).map_err(Failure::io("look at", from.path()))?;
        if !settled || !self.share(from.path(), to)? {
            if settled && may_link && std::fs::hard_link(from.path(), to).is_ok() {
                let linked = trace(to)?;
                if !linked.is_same_content(&seal) {
                    return Err(Failure::io("link", to)(changed()));
                }
                // The new name gave the file another time, and the next entry may want the same file.
                self.seals.insert(*digest, linked);
            } else {
                copy(from.path(), digest, size, to).map_err(Failure::io("copy", to))?;
            }
        }
        trace(to)
    }

    /// Makes `to` a copy of `from` that shares its blocks, where that can be.
    fn share(&mut self, from: &Path, to: &Path) -> std::result::Result<bool, Failure> {
        if !self.may_share {
            return Ok(false);
        }
        let Err(error) = reflink(from, to) else { return Ok(true) };
        // Neither the store nor the target moves while this runs: what they cannot share now they never can.
        self.may_share = !matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::CrossesDevices);
        remove(to)?;
        Ok(false)
    }

    /// Makes sure that the blob in the store is still what was proven, which may be an hour ago: by its looks,
    /// else by its hash.
    fn check(&mut self, from: &Verified) -> Result<Trace> {
        let now = Trace::of(&from.path().symlink_metadata()?);
        if now == *self.seals.get(&from.digest()).unwrap_or(&from.seal()) {
            return Ok(now);
        }
        let mut file = open_no_follow(OpenOptions::new().read(true), from.path())?;
        let now = Trace::of(&file.metadata()?);
        let hashed = hash_file(&mut file, from.size())?;
        if hashed.len() != from.size() || hashed.digest() != from.digest() {
            return Err(changed());
        }
        self.seals.insert(from.digest(), now);
        Ok(now)
    }
}

/// Whether nobody else can change the file at `path`: another user's, or one that can be written, is copied and hashed on the
/// way.
fn is_settled(path: &Path) -> Result<bool> {
    let found = path.symlink_metadata()?;
    Ok(is_ours(&found) && found.permissions().readonly())
}

fn changed() -> Error {
    Error::new(ErrorKind::InvalidData, "the content changed since it was proven")
}

/// Copies what has to be `digest`, hashing it on the way.
pub(crate) fn copy(from: &Path, digest: &Digest, size: u64, to: &Path) -> Result<()> {
    let mut source = open_no_follow(OpenOptions::new().read(true), from)?;
    let mut file = File::options().write(true).create_new(true).open(to)?;
    let mut hashed = Hashed::default();
    in_pieces(
        &mut source,
        size.saturating_add(1),
        |error| error,
        |piece| {
            file.write_all(piece)?;
            hashed.update(piece);
            Ok(())
        },
    )?;
    if hashed.len() != size || hashed.digest() != *digest {
        return Err(changed());
    }
    file.sync_data()?;
    read_only(&file)
}

/// A copy that shares its blocks with the original, on file systems that have such a thing.
#[cfg(target_os = "linux")]
fn reflink(from: &Path, to: &Path) -> Result<()> {
    let source = File::open(from)?;
    let target = File::create_new(to)?;
    rustix::fs::ioctl_ficlone(&target, &source)?;
    read_only(&target)
}

#[cfg(not(target_os = "linux"))]
fn reflink(_: &Path, _: &Path) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}
