//! What a look at a file tells, without reading it.

use std::fs::Metadata;

/// What changes when a file's content does, whoever changes it: its times and its identity on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) modified: i128,
    /// The time of the last change of anything, which no program can set back.
    pub(crate) changed: i128,
    pub(crate) inode: u64,
    pub(crate) device: u64,
}

impl Trace {
    #[cfg(unix)]
    pub(crate) fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanos = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Self {
            modified: nanos(found.mtime(), found.mtime_nsec()),
            changed: nanos(found.ctime(), found.ctime_nsec()),
            inode: found.ino(),
            device: found.dev(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(found: &Metadata) -> Self {
        let since = |time: std::io::Result<std::time::SystemTime>| {
            let time = time.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            time.map_or(0, |time| i128::try_from(time.as_nanos()).unwrap_or(0))
        };
        let modified = since(found.modified());
        Self { modified, changed: modified.max(since(found.created())), inode: 0, device: 0 }
    }

    /// Which file it is, whatever its names.
    pub(crate) fn identity(&self) -> (u64, u64) {
        (self.device, self.inode)
    }

    /// Whether both are of one file with one content: another name for it changes no more than `changed`.
    pub(crate) fn is_same_content(&self, other: &Self) -> bool {
        Self { changed: 0, ..*self } == Self { changed: 0, ..*other }
    }
}
