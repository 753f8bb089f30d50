//! Content from a mirror directory, copied and proven like any other.

use crate::blob::Proof;
use crate::error::{Error, Mismatch};
use crate::files::open_below;
use crate::hash::in_pieces_or;
use crate::lock::BlobLock;
use crate::stage::Staged;
use crate::store::{Store, blob_in};
use std::fs::File;
use std::path::Path;

impl Store {
    /// Copies the content that `lock` is about from the blobs in the folder `mirror`, hashing it on the way. The lock comes
    /// back, for the next source to be tried where this one was absent or wrong. What has come of the file
    /// from elsewhere stays as it is unless the copy is good.
    ///
    /// A link is followed in the mirror's folder only: of what else it leads to, not even the length is told.
    ///
    /// # Errors
    /// The system's.
    pub fn adopt(&self, lock: BlobLock, size: u64, mirror: &Path) -> Result<(Proof, BlobLock), Error> {
        let from = blob_in(mirror, &lock.digest);
        let opened = open_below(mirror, &from).map_err(Error::io("open", &from))?;
        let Some((source, found)) = opened else { return Ok((Proof::Absent, lock)) };
        if found.len() != size {
            return Ok((Proof::Bad(Mismatch::Size { expected: size, got: found.len() }), lock));
        }
        copy(source, &from, self.stage_anew(lock, size)?)
    }
}

fn copy(mut source: File, from: &Path, mut staged: Staged) -> Result<(Proof, BlobLock), Error> {
    match in_pieces_or(&mut source, u64::MAX, Error::io("read", from), |piece| staged.write(piece)) {
        Ok(()) => {}
        Err(Error::Mismatch(mismatch)) => return Ok((Proof::Bad(mismatch), staged.lock)),
        Err(error) => return Err(error),
    }
    match staged.settle() {
        Ok((verified, lock)) => Ok((Proof::Good(verified), lock)),
        Err((Error::Mismatch(mismatch), lock)) => Ok((Proof::Bad(mismatch), lock)),
        Err((error, _)) => Err(error),
    }
}
