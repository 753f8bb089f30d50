//! Removing from a folder what should not be in it. Refs go first, so that none ever points at nothing.

use super::discrepancy::DiscrepancyKind;
use super::error::Error;
use super::inspection::Inspection;
use super::layout::Layout;
use super::staging;
use super::tree::InstallTree;
use super::walk::{Found, at, walk};
use crate::files::remove;
use std::io::ErrorKind;
use std::path::Path;

impl InstallTree {
    /// Refuses to remove or replace anything that `inspection` lists, in a folder that modelpin did not create here.
    ///
    /// # Errors
    /// A folder that is not ours, with something in it that is not as planned.
    pub fn check_removable(&self, inspection: &Inspection) -> Result<(), Error> {
        let mut existing = inspection.discrepancies.iter().filter(|(_, found)| found.kind != DiscrepancyKind::Missing);
        match existing.next() {
            Some((path, _)) if self.layout != Layout::SharedHubCache && !self.is_ours() => {
                Err(Error::NotOurs { root: self.root.clone(), path: path.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Removes untracked and excluded files, and returns how many there were. Removes nothing from a shared cache.
    ///
    /// # Errors
    /// I/O errors from removing files.
    pub fn prune(&mut self, inspection: &Inspection) -> Result<usize, Error> {
        let unwanted: Vec<&str> = inspection.unwanted().collect();
        let count = unwanted.len();
        self.remove_all(inspection, unwanted)?;
        Ok(count)
    }

    /// Removes everything that exists and is not as planned, if the folder is ours; in a Hub cache also every
    /// incomplete snapshot, with its refs, so that a loader finds no half of a model.
    ///
    /// # Errors
    /// I/O errors from removing files.
    pub fn remove_invalid(&mut self, inspection: &Inspection) -> Result<(), Error> {
        if !self.is_ours() {
            return Ok(());
        }
        let mut paths: Vec<&str> = inspection.broken.iter().map(String::as_str).collect();
        for (path, found) in &inspection.discrepancies {
            if found.kind != DiscrepancyKind::Missing {
                paths.push(path);
            }
        }
        self.remove_all(inspection, paths)
    }

    /// Removes the folder itself, if it is ours and pruning left nothing but its marker.
    ///
    /// # Errors
    /// I/O errors from removing the folder or from writing the project's record.
    pub fn remove(mut self) -> Result<(), Error> {
        if !self.is_ours() {
            return Ok(());
        }
        if let Some((marker, _)) = self.layout.marker() {
            remove(&self.root.join(marker))?;
        }
        match std::fs::remove_dir(&self.root) {
            // Another process is building something in it: the next run removes it.
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
                return Err(Error::io("remove", &self.root)(error));
            }
            _ => {}
        }
        Ok(self.stamps.forget()?)
    }

    fn remove_all(&mut self, inspection: &Inspection, mut paths: Vec<&str>) -> Result<(), Error> {
        if self.layout == Layout::SharedHubCache {
            return Ok(());
        }
        paths.sort_by_key(|path| !path.contains("/refs"));
        for path in paths {
            let place = self.root.join(inspection.place(path));
            if staging::is_staging(&place) {
                staging::remove_abandoned(&place)?;
            } else {
                self.note_touched(&place)?;
                remove(&place)?;
            }
        }
        Ok(())
    }

    /// Remembers which files are about to lose a hard link.
    fn note_touched(&mut self, place: &Path) -> Result<(), Error> {
        let found = match at(place).map_err(Error::io("look at", place))? {
            Some(Found::Folder) => walk(place, None).map_err(Error::io("list", place))?.into_values().collect(),
            found => Vec::from_iter(found),
        };
        for found in found {
            if let Found::File { stat, .. } = found {
                self.touched.insert(stat.identity());
            }
        }
        Ok(())
    }
}
