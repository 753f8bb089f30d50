//! Content that is copied from elsewhere as a whole.

use crate::blob::Verification;
use crate::error::Error;
use crate::lock::BlobLock;
use crate::store::Store;
use bytes::Bytes;

impl Store {
    /// Stores the content that `lock` is for from `pieces`, hashing it on the way. The lock is returned for the next
    /// source, in case this one has other bytes or fails. An incomplete download of the file from elsewhere is kept
    /// unless the copy is good.
    ///
    /// # Errors
    /// I/O errors from writing to the store. An error of `pieces` is returned with the lock.
    pub fn copy<E>(
        &self,
        lock: BlobLock,
        size: u64,
        pieces: impl Iterator<Item = Result<Bytes, E>>,
    ) -> Result<(Result<Verification, E>, BlobLock), Error> {
        let mut staged = self.stage_temporary(lock, size)?;
        for piece in pieces {
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => return Ok((Err(error), staged.lock)),
            };
            match staged.push(piece) {
                Ok(()) => {}
                Err(Error::Mismatch(mismatch)) => return Ok((Ok(Verification::Bad(mismatch)), staged.lock)),
                Err(error) => return Err(error),
            }
        }
        match staged.finish_with_lock() {
            Ok((verified, lock)) => Ok((Ok(Verification::Good(verified)), lock)),
            Err((Error::Mismatch(mismatch), lock)) => Ok((Ok(Verification::Bad(mismatch)), lock)),
            Err((error, _)) => Err(error),
        }
    }
}
