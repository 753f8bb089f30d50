//! The Hugging Face cache that other tools share: files are added to it, nothing in it is changed.

use super::discrepancy::DiscrepancyKind;
use super::error::{Error, SharedConflict};
use super::inspection::Inspection;
use std::io::ErrorKind;
use std::path::Path;

/// Refuses what would have to be changed: whatever exists in a shared cache stays as it is.
pub(super) fn check_unchanged(inspection: &Inspection) -> Result<(), Error> {
    let mut conflicts = Vec::new();
    for (path, found) in &inspection.discrepancies {
        let got = match &found.kind {
            DiscrepancyKind::Digest { got, .. } => got.to_string(),
            DiscrepancyKind::Size { got, .. } => format!("{got} bytes"),
            DiscrepancyKind::Other { got, .. } => got.clone(),
            DiscrepancyKind::Untracked => "an untracked file".to_owned(),
            DiscrepancyKind::Missing | DiscrepancyKind::Denied => continue,
        };
        conflicts.push(SharedConflict { entry: found.name.clone(), path: path.clone(), got });
    }
    if conflicts.is_empty() { Ok(()) } else { Err(Error::SharedCache(conflicts)) }
}

/// The error of finding `got` at `path`, which would have to be changed.
pub(super) fn conflict(path: &str, got: &str) -> Error {
    Error::SharedCache(vec![SharedConflict { entry: None, path: path.to_owned(), got: got.to_owned() }])
}

/// Renames `aside` to `place`, unless something is there: other tools work in the same cache at the same time. Returns
/// whether it did.
pub(super) fn add(aside: &Path, place: &Path) -> Result<bool, Error> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, aside, CWD, place, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(true),
            Err(Errno::EXIST) => return Ok(false),
            // A file system or kernel without this kind of rename.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(Error::io("rename", aside)(error.into())),
        }
    }
    match std::fs::symlink_metadata(place) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            std::fs::rename(aside, place).map(|()| true).map_err(Error::io("rename", aside))
        }
        Err(error) => Err(Error::io("look at", place)(error)),
    }
}
