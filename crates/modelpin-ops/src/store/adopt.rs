//! Content from a mirror directory, copied and proven like any other.

use super::stage::{Staged, Start};
use super::{BlobLock, Error, Mismatch, Proof, Store, in_pieces};
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

impl Store {
    /// Copies the content that `lock` is about from a mirror's file, hashing it on the way. The lock comes
    /// back, for the next source to be tried where this one was absent or wrong. What has come of the file
    /// from elsewhere stays as it is unless the copy is good.
    ///
    /// # Errors
    /// The system's.
    pub fn adopt(&self, lock: BlobLock, size: u64, from: &Path) -> Result<(Proof, BlobLock), Error> {
        // Links are followed: whatever a mirror is made of, only what is hashed counts.
        match std::fs::metadata(from) {
            Ok(found) if !found.is_file() => return Ok((Proof::Absent, lock)),
            Ok(found) if found.len() != size => {
                return Ok((Proof::Bad(Mismatch::Size { expected: size, got: found.len() }), lock));
            }
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok((Proof::Absent, lock));
            }
            Err(error) => return Err(Error::io("look at", from)(error)),
        }
        let source = File::open(from).map_err(Error::io("open", from))?;
        let digest = lock.digest;
        let staged = self.stage_as("copy", lock, size, Start::Anew)?;
        match copy(source, from, staged) {
            Ok((proof, lock)) => {
                let done = matches!(proof, Proof::Good(_));
                // The copy has its name in the store now, or is wrong; what came from elsewhere is then of no use.
                let _ = std::fs::remove_file(self.unfinished(&digest, if done { "part" } else { "copy" }));
                Ok((proof, lock))
            }
            Err(error) => {
                let _ = std::fs::remove_file(self.unfinished(&digest, "copy"));
                Err(error)
            }
        }
    }
}

fn copy(mut source: File, from: &Path, mut staged: Staged) -> Result<(Proof, BlobLock), Error> {
    match in_pieces(&mut source, u64::MAX, Error::io("read", from), |piece| staged.write(piece)) {
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
