//! Content that is copied from elsewhere as a whole.

use crate::blob::Proof;
use crate::error::Error;
use crate::lock::BlobLock;
use crate::store::Store;
use bytes::Bytes;

impl Store {
    /// Copies the content that `lock` is about from `pieces`, hashing it on the way. The lock comes back, for the next
    /// source to be tried where this one was wrong or broke off. What was received of the file from elsewhere stays as it
    /// is unless the copy is good.
    ///
    /// # Errors
    /// I/O errors from writing the store. An error of `pieces` is given back with the lock.
    pub fn copy<E>(
        &self,
        lock: BlobLock,
        size: u64,
        pieces: impl Iterator<Item = Result<Bytes, E>>,
    ) -> Result<(Result<Proof, E>, BlobLock), Error> {
        let mut staged = self.stage_anew(lock, size)?;
        for piece in pieces {
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => return Ok((Err(error), staged.lock)),
            };
            match staged.push(piece) {
                Ok(()) => {}
                Err(Error::Mismatch(mismatch)) => return Ok((Ok(Proof::Bad(mismatch)), staged.lock)),
                Err(error) => return Err(error),
            }
        }
        match staged.settle() {
            Ok((verified, lock)) => Ok((Ok(Proof::Good(verified)), lock)),
            Err((Error::Mismatch(mismatch), lock)) => Ok((Ok(Proof::Bad(mismatch)), lock)),
            Err((error, _)) => Err(error),
        }
    }
}
