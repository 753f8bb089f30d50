//! One file, from the store or a mirror.

use super::failure::{mismatched, store_failure};
use super::wanted::Wanted;
use crate::online::{Online, waiting_for};
use crate::refusal::content::Origin;
use crate::refusal::{Failure, Refusal};
use crate::reporter::Event;
use crate::sources::{Mirror, SourceError};
use modelpin_store::{BlobLock, Mismatch, Verification, Verified};

/// What the store and the mirrors have of a file.
pub(super) enum Local {
    Verified(Verified),
    /// The lock on the blob, and why what was there is not good, if something was.
    Absent(BlobLock, Option<Refusal>),
}

/// The store's own blob, then the mirrors', each hashed before it is believed.
pub(super) fn find(online: &Online, wanted: &Wanted) -> Result<Local, Failure> {
    let digest = &wanted.digest;
    let size = wanted.size;
    let failure = |error| store_failure(wanted, &Origin::Store, error);
    // Most often the blob is there and good: then there is nothing to lock, not even in a store that is read-only.
    if let Verification::Good(verified) = online.store.verify(digest, size).map_err(failure)? {
        return Ok(hit(online, verified));
    }
    let mut lock = lock_blob(online, wanted)?;
    let mut refusal = None;
    match online.store.verify(digest, size).map_err(failure)? {
        Verification::Good(verified) => return Ok(hit(online, verified)),
        Verification::Bad(mismatch) => {
            if !online.store.remove_if_damaged(digest).map_err(failure)? {
                return Err(mismatched(wanted, &Origin::Store, &mismatch).into());
            }
            online.note(format_args!("removed a corrupted copy of `{}` from the cache", wanted.path));
            refusal = Some(mismatched(wanted, &Origin::Store, &mismatch));
        }
        Verification::Absent => {}
    }
    for mirror in &online.mirrors {
        let (proof, unlocked) = copy(online, wanted, mirror, lock)?;
        lock = unlocked;
        match proof {
            Verification::Good(verified) => return Ok(hit(online, verified)),
            Verification::Bad(mismatch) => {
                let origin = mirror.origin();
                let path = &wanted.path;
                online
                    .note(format_args!("the copy of `{path}` in {origin} does not match models.lock; it is not used"));
                refusal = Some(mismatched(wanted, &origin, &mismatch));
            }
            Verification::Absent => {}
        }
    }
    Ok(Local::Absent(lock, refusal))
}

/// Copies a mirror's bytes into the store. A mirror that is unavailable counts as one that does not have the file.
fn copy(
    online: &Online,
    wanted: &Wanted,
    mirror: &Mirror,
    lock: BlobLock,
) -> Result<(Verification, BlobLock), Failure> {
    let source = mirror.source();
    let body = match source.open(&wanted.digest, 0) {
        Ok(Some(body)) => body,
        Ok(None) => return Ok((Verification::Absent, lock)),
        Err(error) => return unavailable(online, mirror, error).map(|()| (Verification::Absent, lock)),
    };
    if let Some(got) = body.length.filter(|length| *length != wanted.size) {
        return Ok((Verification::Bad(Mismatch::Size { expected: wanted.size, got }), lock));
    }
    let copied = online.store.copy(lock, wanted.size, body.pieces);
    match copied.map_err(|error| store_failure(wanted, &mirror.origin(), error))? {
        (Ok(proof), lock) => Ok((proof, lock)),
        (Err(error), lock) => unavailable(online, mirror, error).map(|()| (Verification::Absent, lock)),
    }
}

/// Reports that a mirror is unavailable.
///
/// # Errors
/// I/O errors from reading a local file.
fn unavailable(online: &Online, mirror: &Mirror, error: SourceError) -> Result<(), Failure> {
    match error {
        SourceError::Io { doing, path, source } => Err(Failure::Io { doing, path, source }),
        SourceError::Unavailable(_) | SourceError::Hub(_) => {
            online.note(format_args!("{} is unavailable: {error}", mirror.origin()));
            mirror.source().failed(&error);
            Ok(())
        }
    }
}

/// The lock on the file's blob, however long another process holds it.
pub(super) fn lock_blob(online: &Online, wanted: &Wanted) -> Result<BlobLock, Failure> {
    let work = format!("fetches `{}`", wanted.path);
    let waiting = || online.note(waiting_for(online.store.holder(&wanted.digest), &work));
    online.store.lock(&wanted.digest, &waiting).map_err(|error| store_failure(wanted, &Origin::Store, error))
}

fn hit(online: &Online, verified: Verified) -> Local {
    online.reporter.report(Event::CacheHit(verified.size()));
    Local::Verified(verified)
}
