//! What the file system says of a file, without reading its content.

use std::fs::Metadata;

/// What changes when a file's content does, whoever changes it: its times and its identity on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// When its content last changed, in nanoseconds since 1970. Programs can set it.
    pub modified: i128,
    /// When its content or metadata last changed, in nanoseconds since 1970. No program can set it back.
    pub changed: i128,
    /// Its inode number; 0 where the system has none.
    pub inode: u64,
    /// The number of the device it is on; 0 where the system has none.
    pub device: u64,
}

impl FileStat {
    /// What `found` says of a file.
    #[cfg(unix)]
    #[must_use]
    pub fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanos = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Self {
            modified: nanos(found.mtime(), found.mtime_nsec()),
            changed: nanos(found.ctime(), found.ctime_nsec()),
            inode: found.ino(),
            device: found.dev(),
        }
    }

    /// What `found` says of a file.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(found: &Metadata) -> Self {
        let since = |time: std::io::Result<std::time::SystemTime>| {
            let time = time.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            time.map_or(0, |time| i128::try_from(time.as_nanos()).unwrap_or(0))
        };
        let modified = since(found.modified());
        Self { modified, changed: modified.max(since(found.created())), inode: 0, device: 0 }
    }

    /// Which file it is, whatever its names: device and inode.
    #[must_use]
    pub fn identity(&self) -> (u64, u64) {
        (self.device, self.inode)
    }

    /// Whether both are of one file with one content: another hard link to it changes `changed` only.
    #[must_use]
    pub fn is_same_content(&self, other: &Self) -> bool {
        Self { changed: 0, ..*self } == Self { changed: 0, ..*other }
    }
}
