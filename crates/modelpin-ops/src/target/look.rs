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
                add(&mut seen, &mut folders, name.clone(), &root.join(name))?;
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
                Some(name) => add(&mut seen, &mut folders, path(name), &entry.path())?,
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

fn add(seen: &mut BTreeMap<String, Seen>, folders: &mut Vec<String>, path: String, place: &Path) -> Result<()> {
    // In a shared cache other tools come and go: what went since it was listed is not there.
    let Some(found) = one(place)? else {
        return Ok(());
    };
    if found == Seen::Folder {
        folders.push(path.clone());
    }
    seen.insert(path, found);
    Ok(())
}

/// What is at `place`, if anything is.
pub(super) fn one(place: &Path) -> Result<Option<Seen>> {
    let look = || {
        let found = std::fs::symlink_metadata(place)?;
        let kind = found.file_type();
        Ok(if kind.is_symlink() {
            std::fs::read_link(place)?.to_str().map_or(Seen::Odd, |text| Seen::Link(text.to_owned()))
        } else if kind.is_dir() {
            Seen::Folder
        } else if kind.is_file() {
            Seen::File { size: found.len(), trace: Trace::of(&found) }
        } else {
            Seen::Odd
        })
    };
    match look() {
        Ok(seen) => Ok(Some(seen)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_gone(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
