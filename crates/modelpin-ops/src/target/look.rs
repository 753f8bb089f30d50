//! What a target is: one walk that follows no link and reads no content.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// An ordinary file.
    File { size: u64, trace: Trace },
    /// A symbolic link with this text.
    Link(String),
    /// A folder.
    Folder,
    /// A socket, a device, or a name or link that is not UTF-8.
    Odd,
}

/// What changes when a file's content does, whoever changes it: its times and its identity on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) modified: i128,
    pub(super) changed: i128,
    pub(super) inode: u64,
    pub(super) device: u64,
}

impl Trace {
    #[cfg(unix)]
    pub(super) fn of(found: &Metadata) -> Self {
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
    pub(super) fn of(found: &Metadata) -> Self {
        let since = |time: Result<std::time::SystemTime>| {
            let time = time.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
            time.map_or(0, |time| i128::try_from(time.as_nanos()).unwrap_or(0))
        };
        Self { modified: since(found.modified()), changed: since(found.created()), inode: 0, device: 0 }
    }
}

/// Everything below `root`, or below its folders `only`, by path from `root` with `/` between the parts.
pub(super) fn look(root: &Path, only: Option<&[String]>) -> Result<BTreeMap<String, Seen>> {
    let mut seen = BTreeMap::new();
    let mut folders: Vec<String> = only.map_or_else(|| vec![String::new()], <[String]>::to_vec);
    while let Some(folder) = folders.pop() {
        let listed = match std::fs::read_dir(root.join(&folder)) {
            Ok(listed) => listed,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(named(error, &folder)),
        };
        for entry in listed {
            let entry = entry?;
            let name = entry.file_name();
            let odd = name.to_str().is_none();
            let name = name.to_string_lossy();
            let path = if folder.is_empty() { name.into_owned() } else { format!("{folder}/{name}") };
            let found = if odd { Seen::Odd } else { one(&entry.path())? };
            if found == Seen::Folder {
                folders.push(path.clone());
            }
            seen.insert(path, found);
        }
    }
    Ok(seen)
}

fn one(path: &Path) -> Result<Seen> {
    let found = std::fs::symlink_metadata(path)?;
    let kind = found.file_type();
    Ok(if kind.is_symlink() {
        std::fs::read_link(path)?.to_str().map_or(Seen::Odd, |text| Seen::Link(text.to_owned()))
    } else if kind.is_dir() {
        Seen::Folder
    } else if kind.is_file() {
        Seen::File { size: found.len(), trace: Trace::of(&found) }
    } else {
        Seen::Odd
    })
}

fn named(error: Error, folder: &str) -> Error {
    Error::new(error.kind(), format!("{folder}: {error}"))
}
