//! Making a folder what it should be.
//!
//! At every moment loaders find either the old files or the new ones: blobs are placed under names that nothing refers
//! to yet; the snapshot that refers to them is built aside and becomes visible by one rename; a ref is moved to it
//! last. What an interrupted run leaves aside is an untracked file for the next one, which removes it.

use super::error::Error;
use super::inspection::Inspection;
use super::layout::Layout;
use super::materialize::Materializer;
use super::plan::{Content, Node, Plan};
use super::staging::{self, Staging};
use super::stamps::stat;
use super::tree::InstallTree;
use super::{shared, verify};
use crate::blob::Verified;
use crate::files::{copy_verified, remove};
use crate::stat::FileStat;
use modelpin_schema::{Digest, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// One pass over a folder.
struct Pass<'a> {
    tree: &'a InstallTree,
    plan: &'a Plan,
    inspection: &'a Inspection,
    materializer: Materializer<'a>,
    staging: Staging,
    /// Files with locked content that were placed, and what they looked like.
    placed: Vec<(String, FileStat)>,
}

impl InstallTree {
    /// Makes the folder what `plan` says, given what an `inspection` found (not a [`Fast`](super::Depth::Fast) one) and
    /// the `verified` content that it lacks. Returns the entries whose files changed.
    ///
    /// # Errors
    /// In a shared cache, whatever would have to be changed; content that was not verified or changed meanwhile; I/O
    /// errors from writing to the folder.
    pub fn apply(
        &mut self,
        plan: &Plan,
        inspection: &Inspection,
        verified: &BTreeMap<Digest, Verified>,
    ) -> Result<BTreeSet<Name>, Error> {
        if plan.layout == Layout::SharedHubCache {
            shared::check_unchanged(inspection)?;
        }
        self.create()?;
        if plan.layout == Layout::SharedHubCache {
            staging::clean_up(&self.root)?;
        }
        let staging = Staging::new(&self.root)?;
        let materializer = Materializer::new(verified);
        let mut pass = Pass { tree: self, plan, inspection, materializer, staging, placed: Vec::new() };
        let changed = pass.run()?;
        let placed = pass.placed;
        self.touched.extend(placed.iter().map(|(_, stat)| stat.identity()));
        self.placed.extend(placed);
        Ok(changed)
    }

    /// The absolute path of `path`, with real folders above it: a file or link where a folder should be is removed,
    /// never followed.
    fn path(&self, path: &str) -> Result<PathBuf, Error> {
        let mut place = self.root.clone();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            place.push(part);
            if parts.peek().is_none() {
                break;
            }
            match std::fs::symlink_metadata(&place) {
                Ok(found) if found.is_dir() => continue,
                Ok(_) if self.layout == Layout::SharedHubCache => {
                    return Err(shared::conflict(path, "a file or link where a folder should be"));
                }
                Ok(_) => remove(&place)?,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("look at", &place)(error)),
            }
            match std::fs::create_dir(&place) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(Error::io("make the folder", &place)(error));
                }
                _ => {}
            }
        }
        Ok(place)
    }
}

impl Pass<'_> {
    fn run(&mut self) -> Result<BTreeSet<Name>, Error> {
        let mut changed = BTreeSet::new();
        let plan = self.plan;
        let wrong: Vec<(&String, &Node)> =
            plan.nodes.iter().filter(|(path, _)| self.inspection.discrepancies.contains_key(*path)).collect();
        for (path, node) in &wrong {
            changed.extend(node.name.clone());
            match &node.content {
                Content::Text(text) if !path.contains('/') => self.place_text(path, text)?,
                Content::Blob { digest, size } if plan.unit(path).is_none() => {
                    self.place_blob(path, *digest, *size)?;
                }
                _ => {}
            }
        }
        for unit in plan.units.keys() {
            if self.inspection.is_wrong(unit) {
                self.place_unit(unit)?;
            }
        }
        for (path, node) in wrong {
            if let Content::Text(text) = &node.content
                && path.contains('/')
            {
                self.place_text(path, text)?;
            }
        }
        Ok(changed)
    }

    fn place_text(&self, path: &str, text: &str) -> Result<(), Error> {
        let aside = self.staging.place("text");
        write_synced(&aside, text).map_err(Error::io("write", &aside))?;
        let place = self.tree.path(path)?;
        if self.plan.layout != Layout::SharedHubCache {
            return replace(&aside, &place);
        }
        if shared::add(&aside, &place)? || std::fs::read(&place).is_ok_and(|found| found == text.as_bytes()) {
            return Ok(());
        }
        Err(shared::conflict(path, "another commit, written meanwhile"))
    }

    fn place_blob(&mut self, path: &str, digest: Digest, size: u64) -> Result<(), Error> {
        let aside = self.staging.place("blob");
        let stat = self.materializer.create(&digest, size, &aside, true)?;
        let place = self.tree.path(path)?;
        if self.plan.layout != Layout::SharedHubCache {
            replace(&aside, &place)?;
        } else if !shared::add(&aside, &place)? {
            if !verify::is(&place, &digest, size).map_err(Error::io("read", &place))? {
                return Err(shared::conflict(path, "other content, written meanwhile"));
            }
            return Ok(());
        }
        self.placed.push((path.to_owned(), stat));
        Ok(())
    }

    /// Builds a snapshot, or the folder of a flat entry, aside and makes it visible at once.
    fn place_unit(&mut self, unit: &str) -> Result<(), Error> {
        let place = self.tree.path(unit)?;
        let shared = self.plan.layout == Layout::SharedHubCache;
        if shared && std::fs::symlink_metadata(&place).is_ok() {
            return self.add_links(unit);
        }
        let aside = self.staging.place("unit");
        std::fs::create_dir(&aside).map_err(Error::io("make the folder", &aside))?;
        let plan = self.plan;
        let mut last = aside.clone();
        for (path, node) in below(plan, unit) {
            let new = aside.join(path.strip_prefix(unit).unwrap_or(path).trim_start_matches('/'));
            let folder = new.parent().unwrap_or(&aside);
            if folder != last {
                std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
                folder.clone_into(&mut last);
            }
            match &node.content {
                Content::Link { to, .. } => link(to, &new)?,
                Content::Blob { digest, size } => {
                    let stat = if self.inspection.discrepancies.contains_key(path) {
                        // People edit plain folders; nobody edits a cache.
                        self.materializer.create(digest, *size, &new, plan.layout != Layout::Flat)?
                    } else {
                        self.carry_over(path, digest, *size, &new)?
                    };
                    self.placed.push((path.clone(), stat));
                }
                Content::Text(_) => {}
            }
        }
        if !shared {
            return swap(&aside, &place);
        }
        if shared::add(&aside, &place)? {
            return Ok(());
        }
        remove(&aside)?;
        self.add_links(unit)
    }

    /// Links or copies a file that is as it should be into a folder that is built anew. The inspection may be an hour
    /// old, so the file is checked again.
    fn carry_over(&self, path: &str, digest: &Digest, size: u64, new: &Path) -> Result<FileStat, Error> {
        let place = self.tree.root.join(path);
        let before = stat(&place)?;
        let is_stamped = self.tree.stamps.verifies(path, &before, size, digest);
        if !is_stamped && !verify::is(&place, digest, size).map_err(Error::io("read", &place))? {
            return Err(Error::Changed(place));
        }
        if std::fs::hard_link(&place, new).is_err() {
            copy_verified(&place, digest, size, new).map_err(Error::io("copy", new))?;
            return stat(new);
        }
        Ok(before)
    }

    /// In a shared cache: only what is missing.
    fn add_links(&self, unit: &str) -> Result<(), Error> {
        for (path, node) in below(self.plan, unit).filter(|(path, _)| self.inspection.discrepancies.contains_key(*path))
        {
            if let Content::Link { to, .. } = &node.content {
                let place = self.tree.path(path)?;
                if std::fs::read_link(&place).is_ok_and(|found| found == Path::new(to)) {
                    continue;
                }
                if std::fs::symlink_metadata(&place).is_ok() {
                    return Err(shared::conflict(path, "another file, written meanwhile"));
                }
                link(to, &place)?;
            }
        }
        Ok(())
    }
}

fn write_synced(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The files of a plan in a folder.
fn below<'a>(plan: &'a Plan, folder: &'a str) -> impl Iterator<Item = (&'a String, &'a Node)> {
    plan.nodes.range(format!("{folder}/")..).take_while(move |(path, _)| is_above(folder, path))
}

fn is_above(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(unix)]
fn link(to: &str, at: &Path) -> Result<(), Error> {
    std::os::unix::fs::symlink(to, at).map_err(Error::io("link", at))
}

#[cfg(not(unix))]
fn link(to: &str, at: &Path) -> Result<(), Error> {
    std::os::windows::fs::symlink_file(to.replace('/', "\\"), at).map_err(Error::io("link", at))
}

/// Puts a file in the place of whatever is at `place`.
fn replace(aside: &Path, place: &Path) -> Result<(), Error> {
    if std::fs::symlink_metadata(place).is_ok_and(|found| found.is_dir()) {
        remove(place)?;
    }
    std::fs::rename(aside, place).map_err(Error::io("replace", place))
}

/// Puts the folder `aside` in the place of whatever is at `place`, in one step where the system has one.
fn swap(aside: &Path, place: &Path) -> Result<(), Error> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, aside, CWD, place, RenameFlags::EXCHANGE).is_ok() {
            return Ok(remove(aside)?);
        }
    }
    if std::fs::symlink_metadata(place).is_ok() {
        let old = aside.with_extension("old");
        std::fs::rename(place, &old).map_err(Error::io("rename", place))?;
        std::fs::rename(aside, place).map_err(Error::io("rename", aside))?;
        return Ok(remove(&old)?);
    }
    std::fs::rename(aside, place).map_err(Error::io("rename", aside))
}
