//! Hashing files in a folder that loaders read, so that what was verified stays distinguishable from what changes
//! meanwhile.

use super::error::Error;
use super::plan::Node;
use super::stamps::wait_for_clock_tick;
use crate::files::open_no_follow;
use crate::hash::{hash_file, on_all_cores};
use crate::stat::FileStat;
use modelpin_schema::Digest;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Result};
use std::path::Path;

/// A file to hash.
pub(super) struct Unverified<'a> {
    pub(super) path: &'a str,
    pub(super) node: &'a Node,
    pub(super) digest: Digest,
    /// The length it should have, in bytes.
    pub(super) size: u64,
    pub(super) stat: FileStat,
    /// Whether a link at its path is part of the plan.
    pub(super) follow: bool,
}

/// What hashing showed.
pub(super) enum Outcome {
    /// It no longer exists.
    Gone,
    /// It was read.
    Read {
        /// Its hash; of a file that is too long, the hash of its beginning.
        got: Digest,
        /// How many bytes were hashed.
        len: u64,
        /// Its times and inode, if they did not change while it was read.
        unchanged: Option<FileStat>,
    },
}

/// Hashes all of `files` on all cores.
pub(super) fn hash_all<'a>(
    root: &Path,
    mut files: Vec<Unverified<'a>>,
) -> std::result::Result<Vec<(Unverified<'a>, Outcome)>, Error> {
    // From here on a change gives the file another time than it has now.
    wait_for_clock_tick(files.iter().map(|file| file.stat.changed));
    // The largest first, so that no single long file is left for the end.
    files.sort_by_key(|file| std::cmp::Reverse(file.size));
    let outcomes = on_all_cores(&files, |file| read(&root.join(file.path), file));
    let mut all = Vec::with_capacity(files.len());
    for (file, outcome) in files.into_iter().zip(outcomes) {
        let outcome = outcome.map_err(Error::io("read", &root.join(file.path)))?;
        all.push((file, outcome));
    }
    Ok(all)
}

fn read(place: &Path, wanted: &Unverified<'_>) -> Result<Outcome> {
    let opened = if wanted.follow { File::open(place) } else { open_no_follow(OpenOptions::new().read(true), place) };
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Outcome::Gone),
        Err(error) => return Err(error),
    };
    let hashed = hash_file(&mut file, wanted.size)?;
    let is_unchanged = FileStat::of(&file.metadata()?) == wanted.stat;
    let len = hashed.size();
    Ok(Outcome::Read { got: hashed.digest(), len, unchanged: is_unchanged.then_some(wanted.stat) })
}

/// Whether the file at `place` is `digest`.
pub(super) fn is(place: &Path, digest: &Digest, size: u64) -> Result<bool> {
    let hashed = hash_file(&mut open_no_follow(OpenOptions::new().read(true), place)?, size)?;
    Ok(hashed.size() == size && hashed.digest() == *digest)
}
