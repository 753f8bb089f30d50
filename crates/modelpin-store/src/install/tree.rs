//! A folder that loaders read, on disk.

use super::error::Error;
use super::layout::Layout;
use super::plan::Plan;
use super::stamps::{Stamps, stat, wait_for_clock_tick};
use crate::record::Record;
use crate::stat::FileStat;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder that loaders read, on disk.
#[derive(Debug)]
pub struct InstallTree {
    pub(super) layout: Layout,
    pub(super) root: PathBuf,
    record: Option<Record>,
    pub(super) stamps: Stamps,
    /// By path: what files looked like when they were placed.
    pub(super) placed: BTreeMap<String, FileStat>,
    /// Files, by device and inode, that gained or lost a hard link in this run.
    pub(super) touched: BTreeSet<(u64, u64)>,
}

impl InstallTree {
    /// The folder `root`, of the project with this `record`.
    ///
    /// # Errors
    /// A file or a symbolic link in its place.
    pub fn open(layout: Layout, root: PathBuf, record: Option<&Record>) -> Result<Self, Error> {
        if layout != Layout::SharedHubCache && !std::fs::symlink_metadata(&root).map_or(true, |found| found.is_dir()) {
            return Err(Error::NotAFolder(root));
        }
        let stamps = Stamps::read(record, layout.stamps(), &root);
        let record = record.cloned();
        Ok(Self { layout, root, record, stamps, placed: BTreeMap::new(), touched: BTreeSet::new() })
    }

    /// Whether this machine's modelpin created the folder for this project, so that it may remove things from it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.owns(&self.root))
    }

    /// Creates the folder and remembers that it is ours. One that exists has nothing in it that would be removed:
    /// [`InstallTree::check_removable`] made sure.
    pub(super) fn create(&self) -> Result<(), Error> {
        let is_new = match std::fs::read_dir(&self.root) {
            Ok(mut listed) => listed.next().is_none(),
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        std::fs::create_dir_all(&self.root).map_err(Error::io("make the folder", &self.root))?;
        match &self.record {
            Some(record) if is_new && self.layout != Layout::SharedHubCache => Ok(record.record_ownership(&self.root)?),
            _ => self.keep_ownership(),
        }
    }

    /// Remembers that the folder is ours where it was ours in another place, or where it is in the project's
    /// `.modelpin` folder. Anywhere else people may put files into a folder that came with a clone.
    ///
    /// # Errors
    /// I/O errors from writing the project's record.
    pub fn keep_ownership(&self) -> Result<(), Error> {
        let Some(record) = self.record.as_ref().filter(|_| self.layout != Layout::SharedHubCache) else {
            return Ok(());
        };
        if record.owns(&self.root) || record.is_in_own_folder(&self.root) {
            record.record_ownership(&self.root)?;
        }
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder, where it holds a plain folder for each entry.
    #[must_use]
    pub fn flat_root(&self) -> Option<&Path> {
        (self.layout == Layout::Flat).then_some(&self.root)
    }

    /// Remembers which files of `plan` were verified, so that the next inspection need not hash them.
    ///
    /// # Errors
    /// I/O errors from looking at files or from writing the project's record.
    pub fn save_stamps(&mut self, plan: &Plan) -> Result<(), Error> {
        self.stamps.keep(|path| plan.nodes.contains_key(path));
        let mut moved = Vec::new();
        for (path, digest, size) in plan.digests() {
            let known = self.placed.get(path).copied().or_else(|| self.stamps.stat(path, size, &digest));
            if let Some(known) = known.filter(|known| self.touched.contains(&known.identity())) {
                let now = stat(&self.root.join(path))?;
                if now.is_same_content(&known) {
                    moved.push((path, now, size, digest));
                }
            }
        }
        wait_for_clock_tick(moved.iter().map(|(_, stat, ..)| stat.changed));
        for (path, before, size, digest) in moved {
            if stat(&self.root.join(path))? == before {
                self.stamps.record(path, before, size, digest);
            }
        }
        Ok(self.stamps.save()?)
    }
}
