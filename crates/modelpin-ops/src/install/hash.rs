//! Hashing what is in a target, so that what is proven stays told from what changes meanwhile.

use super::plan::Node;
use super::stamps::settle;
use crate::refusal::Failure;
use crate::store::{Trace, hash_file, on_all_cores, open_no_follow};
use modelpin_schema::Digest;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Result};
use std::path::Path;

/// Content to hash.
pub(super) struct Doubt<'a> {
    pub(super) path: &'a str,
    pub(super) node: &'a Node,
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) trace: Trace,
    /// Whether a link at its path is part of the plan.
    pub(super) follow: bool,
}

/// What hashing showed.
pub(super) enum Outcome {
    /// It is not there any more.
    Gone,
    /// The hash and length; of a file that is too long, of its beginning.
    Read {
        got: Digest,
        len: u64,
        /// What the file looked like all the while, if it did not change.
        still: Option<Trace>,
    },
}

/// Hashes all of `doubts` on all cores.
pub(super) fn all<'a>(
    root: &Path,
    mut doubts: Vec<Doubt<'a>>,
) -> std::result::Result<Vec<(Doubt<'a>, Outcome)>, Failure> {
    // From here on a change gives the file another time than it has now.
    settle(doubts.iter().map(|doubt| doubt.trace.changed));
    // The largest first, so that no single long file is left for the end.
    doubts.sort_by_key(|doubt| std::cmp::Reverse(doubt.size));
    let outcomes = on_all_cores(&doubts, |doubt| read(&root.join(doubt.path), doubt));
    let named = |(doubt, outcome): (Doubt<'a>, Result<Outcome>)| {
        let outcome = outcome.map_err(Failure::io("read", &root.join(doubt.path)))?;
        Ok((doubt, outcome))
    };
    doubts.into_iter().zip(outcomes).map(named).collect()
}

fn read(place: &Path, doubt: &Doubt<'_>) -> Result<Outcome> {
    let opened = if doubt.follow { File::open(place) } else { open_no_follow(OpenOptions::new().read(true), place) };
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Outcome::Gone),
        Err(error) => return Err(error),
    };
    let hashed = hash_file(&mut file, doubt.size)?;
    let still = Trace::of(&file.metadata()?) == doubt.trace;
    let len = hashed.len();
    Ok(Outcome::Read { got: hashed.digest(), len, still: still.then_some(doubt.trace) })
}

/// Whether the file at `place` is `digest`.
pub(super) fn is(place: &Path, digest: &Digest, size: u64) -> Result<bool> {
    let hashed = hash_file(&mut open_no_follow(OpenOptions::new().read(true), place)?, size)?;
    Ok(hashed.len() == size && hashed.digest() == *digest)
}
