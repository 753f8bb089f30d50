//! Free space on the store's disk, and how much still has to be downloaded.

use crate::store::Store;
use modelpin_schema::Digest;

impl Store {
    /// Free bytes on the store's disk, where the system tells.
    #[must_use]
    pub fn free_space(&self) -> Option<u64> {
        #[cfg(unix)]
        {
            // The store's folder may not exist yet.
            let folder = self.root().ancestors().find(|folder| folder.exists())?;
            let disk = rustix::fs::statvfs(folder).ok()?;
            Some(disk.f_bavail.saturating_mul(disk.f_frsize))
        }
        #[cfg(not(unix))]
        None
    }

    /// How many of the `size` bytes of `digest` are neither in the store nor left by an interrupted run. An estimate
    /// for progress messages: only lengths are looked at.
    #[must_use]
    pub fn missing_bytes(&self, digest: &Digest, size: u64) -> u64 {
        let len = |path| std::fs::symlink_metadata(path).map_or(0, |found| found.len());
        let part = self.parts(digest).first().map_or(0, |(_, found)| found.len());
        size.saturating_sub(len(self.blob_path(digest)).max(part))
    }
}
