//! What a target is: one walk that follows no link and reads no content.

use crate::store::Trace;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// An ordinary file.
    File { size: u64, trace: Trace },
    /// A symbolic link with this text.
    Link(String),
    /// A folder.
    Folder,
    /// A socket, a device, or a link whose text is not UTF-8.
    Odd,
    /// Something whose name is not UTF-8, and the path by which it can be reached.
    Unnamed(PathBuf),
}

/// Everything below `root`, by path from `root` with `/` between the parts; with `only`, no more than these of
/// its folders.
pub(super) fn look(root: &Path, only: Option<&[String]>) -> Result<BTreeMap<String, Seen>> {
    let mut seen = BTreeMap::new();
    let mut folders = Vec::new();
    match only {
        None => folders.push(String::new()),
        Some(only) => {
            for name in only {
                add(&mut seen, &mut folders, name.clone(), one(&root.join(name))?);
            }
        }
    }
    while let Some(folder) = folders.pop() {
        let listed = match std::fs::read_dir(root.join(&folder)) {
            Ok(listed) => listed,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::new(error.kind(), format!("{folder}: {error}"))),
        };
        for entry in listed {
            let entry = entry?;
            let name = entry.file_name();
            let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match name.to_str() {
                // The listing says so: half of a hub cache are links, and nobody has to ask twice.
                Some(name) if entry.file_type().is_ok_and(|kind| kind.is_symlink()) => {
                    add(&mut seen, &mut folders, path(name), unless_gone(link(&entry.path()))?);
                }
                Some(name) => add(&mut seen, &mut folders, path(name), one(&entry.path())?),
                None => {
                    let place = Path::new(&folder).join(&name);
                    seen.insert(path(&spell(&name)), Seen::Unnamed(place));
                }
            }
        }
    }
    Ok(seen)
}

/// A name that is not UTF-8, as text that no other name can have: none has a `/`.
fn spell(name: &OsStr) -> String {
    format!("{}/", name.as_encoded_bytes().escape_ascii())
}

// In a shared cache other tools come and go: what went since it was listed is not there.
fn add(seen: &mut BTreeMap<String, Seen>, folders: &mut Vec<String>, path: String, found: Option<Seen>) {
    let Some(found) = found else { return };
    if found == Seen::Folder {
        folders.push(path.clone());
    }
    seen.insert(path, found);
}

/// What is at `place`, if anything is.
pub(super) fn one(place: &Path) -> Result<Option<Seen>> {
    let look = || {
        let found = std::fs::symlink_metadata(place)?;
        let kind = found.file_type();
        Ok(if kind.is_symlink() {
            link(place)?
        } else if kind.is_dir() {
            Seen::Folder
        } else if kind.is_file() {
            Seen::File { size: found.len(), trace: Trace::of(&found) }
        } else {
            Seen::Odd
        })
    };
    unless_gone(look())
}

/// What the link at `place` says.
fn link(place: &Path) -> Result<Seen> {
    Ok(std::fs::read_link(place)?.to_str().map_or(Seen::Odd, |text| Seen::Link(text.to_owned())))
}

fn unless_gone(seen: Result<Seen>) -> Result<Option<Seen>> {
    match seen {
        Ok(seen) => Ok(Some(seen)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}
