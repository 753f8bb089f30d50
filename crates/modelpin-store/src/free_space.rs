//! What the store's disk has room for, and what still has to come.

use crate::store::Store;
use modelpin_schema::Digest;

impl Store {
    /// Bytes that the store's disk has room for, where the system tells.
    #[must_use]
    pub fn room(&self) -> Option<u64> {
        #[cfg(unix)]
        {
            // The store's folder may still have to be made.
            let folder = self.root().ancestors().find(|folder| folder.exists())?;
            let disk = rustix::fs::statvfs(folder).ok()?;
            Some(disk.f_bavail.saturating_mul(disk.f_frsize))
        }
        #[cfg(not(unix))]
        None
    }

    /// How many of the `size` bytes of `digest` are neither in the store nor left by an earlier run. They are counted
    /// and not looked at: good for saying what is to be expected.
    #[must_use]
    pub fn missing(&self, digest: &Digest, size: u64) -> u64 {
        let len = |path| std::fs::symlink_metadata(path).map_or(0, |found| found.len());
        let part = self.parts(digest).first().map_or(0, |(_, found)| found.len());
        size.saturating_sub(len(self.blob_path(digest)).max(part))
    }
}
