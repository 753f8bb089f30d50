//! What a folder holds: one walk that follows no link and reads no content.

use crate::files::is_absent;
use crate::stat::FileStat;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A regular file.
    File { size: u64, stat: FileStat },
    /// A symbolic link with this text.
    Link(String),
    /// A folder.
    Folder,
    /// A socket, a device, or a link whose text is not UTF-8.
    Other,
    /// Something whose name is not UTF-8, and the path by which it can be reached.
    NonUtf8Name(PathBuf),
}

/// Everything below `root`, by path from `root` with `/` between the parts; with `only`, no more than these of
/// its folders.
pub(super) fn walk(root: &Path, only: Option<&[String]>) -> Result<BTreeMap<String, Found>> {
    let mut walk = Walk::default();
    match only {
        None => walk.open.push(String::new()),
        Some(only) => {
            for name in only {
                walk.add(name.clone(), at(&root.join(name))?);
            }
        }
    }
    while let Some(folder) = walk.open.pop() {
        walk.list(root, &folder)?;
    }
    Ok(walk.found)
}

#[derive(Default)]
struct Walk {
    found: BTreeMap<String, Found>,
    /// Folders that are not listed yet.
    open: Vec<String>,
}

impl Walk {
    fn list(&mut self, root: &Path, folder: &str) -> Result<()> {
        let listed = match std::fs::read_dir(root.join(folder)) {
            Ok(listed) => listed,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::new(error.kind(), format!("{folder}: {error}"))),
        };
        for entry in listed {
            let entry = entry?;
            let name = entry.file_name();
            let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match name.to_str() {
                // The listing says so, which saves a system call: half of a Hub cache are links.
                Some(name) if entry.file_type().is_ok_and(|kind| kind.is_symlink()) => {
                    self.add(path(name), unless_gone(link(&entry.path()))?);
                }
                Some(name) => self.add(path(name), at(&entry.path())?),
                None => {
                    let place = Path::new(folder).join(&name);
                    self.found.insert(path(&escape(&name)), Found::NonUtf8Name(place));
                }
            }
        }
        Ok(())
    }

    /// Adds what was found at `path`: nothing, where another tool removed it since it was listed.
    fn add(&mut self, path: String, found: Option<Found>) {
        let Some(found) = found else { return };
        if found == Found::Folder {
            self.open.push(path.clone());
        }
        self.found.insert(path, found);
    }
}

/// A name that is not UTF-8, as text that no other name can have: none contains a `/`.
fn escape(name: &OsStr) -> String {
    format!("{}/", name.as_encoded_bytes().escape_ascii())
}

/// What is at `place`, if anything is.
pub(super) fn at(place: &Path) -> Result<Option<Found>> {
    unless_gone(there(place))
}

fn there(place: &Path) -> Result<Found> {
    let found = std::fs::symlink_metadata(place)?;
    let kind = found.file_type();
    if kind.is_symlink() {
        return link(place);
    }
    Ok(if kind.is_dir() {
        Found::Folder
    } else if kind.is_file() {
        Found::File { size: found.len(), stat: FileStat::of(&found) }
    } else {
        Found::Other
    })
}

/// The text of the link at `place`.
fn link(place: &Path) -> Result<Found> {
    Ok(std::fs::read_link(place)?.to_str().map_or(Found::Other, |text| Found::Link(text.to_owned())))
}

fn unless_gone(found: Result<Found>) -> Result<Option<Found>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
