//! `vendor`: copies of all locked files, for places without a network.

use crate::convert;
use crate::project::Project;
use crate::refusal::{Failure, wish};
use crate::session::Session;
use crate::store::{Store, Verified, blob_in};
use crate::transfer::{self, Wanted};
use modelpin_schema::Digest;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// The list of what is in a vendored directory, which is also the sign that it is one.
const SUMS: &str = "SHA256SUMS";

/// What `vendor` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vendored {
    /// Files in the directory.
    pub files: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Files that were copied this time.
    pub copied: usize,
    /// Files that no lock wants any more, which were removed.
    pub removed: usize,
}

/// Makes `dir` hold exactly the content of the lock, results of conversions and their sources included, by digest, with a `SHA256SUMS` that `sha256sum` checks.
/// The lock can be synced from it as a `[[mirror]]`.
///
/// # Errors
/// A stale lock; content that cannot be had; the system's.
pub async fn run(session: &Session, project: &Project, dir: &Path) -> Result<Vendored, Failure> {
    let lock = project.locked()?;
    check_own(dir)?;
    let wanted = lock.pins.iter().flat_map(|(name, pin)| Wanted::all(name, pin)).collect();
    let mut proven = transfer::fetch(session, wanted).await?;
    let results = lock.pins.values().flat_map(|pin| pin.results().map(|(_, file)| file.sha256)).collect();
    proven.extend(convert::bring(session, lock, &results, &proven).await?);
    let there = Store::new(dir.to_owned());
    let (mut copied, mut bytes) = (0, 0_u64);
    let mut sums = String::new();
    for verified in proven.values() {
        bytes = bytes.saturating_add(verified.size());
        copied += usize::from(place(&there, dir, verified)?);
        let path = blob_in(Path::new(""), &verified.digest());
        // Writing to a `String` cannot fail.
        let _ = writeln!(sums, "{}  {}", verified.digest().hex(), path.display());
    }
    let keep: BTreeSet<Digest> = proven.keys().copied().collect();
    let mut removed = 0;
    for blob in there.blobs().map_err(crate::target::io)? {
        if !keep.contains(&blob.digest) {
            there.discard(&blob.digest).map_err(crate::target::io)?;
            removed += 1;
        }
    }
    crate::project::replace(&dir.join(SUMS), sums.as_bytes())?;
    Ok(Vendored { files: proven.len(), bytes, copied, removed })
}

/// What the lock does not want is removed from a vendored directory, so a directory of blobs that is something else, such
/// as the store, must not become one.
fn check_own(dir: &Path) -> Result<(), Failure> {
    if dir.join(SUMS).is_file() || !dir.join("blobs").exists() {
        return Ok(());
    }
    Err(wish::other(
        format!("`{}` holds blobs that `vendor` did not put there", dir.display()),
        "an empty directory, or one with a `SHA256SUMS` that `vendor` made",
        "a directory with `blobs` and without `SHA256SUMS`".to_owned(),
        "what this lock does not want would be removed from it",
        "`modelpin vendor DIR` with a directory of its own",
    )
    .into())
}

/// Copies a blob, unless it is there already with the right bytes.
fn place(there: &Store, dir: &Path, verified: &Verified) -> Result<bool, Failure> {
    use crate::store::Proof;
    if matches!(there.prove(&verified.digest(), verified.size()).map_err(crate::target::io)?, Proof::Good(_)) {
        return Ok(false);
    }
    let place = blob_in(dir, &verified.digest());
    let folder = place.parent().unwrap_or(dir);
    std::fs::create_dir_all(folder).map_err(Failure::io("make the folder", folder))?;
    let aside = folder.join(format!(".{}", verified.digest().hex()));
    std::fs::copy(verified.path(), &aside).map_err(Failure::io("copy", &aside))?;
    std::fs::rename(&aside, &place).map_err(Failure::io("rename", &aside))?;
    Ok(true)
}
