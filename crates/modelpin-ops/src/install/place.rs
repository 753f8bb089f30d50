//! Making a target what it should be.
//!
//! The order keeps every moment honest: blobs are placed under names that nothing refers to yet; the snapshot
//! that refers to them is built aside and becomes visible by one rename; a ref is moved to it last. What an
//! interrupted run leaves aside is a stranger to the next one, which removes it.

use super::bring::{Bringer, copy};
use super::plan::{Content, Node};
use super::staging::{self, Staging};
use super::stamps::trace;
use super::{Inspection, Layout, Plan, Target, hash, shared};
use crate::refusal::Failure;
use crate::store::{Trace, Verified};
use modelpin_schema::{Digest, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// One pass over a target.
struct Pass<'a> {
    target: &'a Target,
    plan: &'a Plan,
    found: &'a Inspection,
    bringer: Bringer<'a>,
    staging: Staging,
    /// Files with locked content that were placed, and what they looked like.
    placed: Vec<(String, Trace)>,
}

impl Target {
    /// Makes the target what `plan` says, given what `found` says of it (an inspection that is not
    /// [`Fast`](super::Depth::Fast)) and proof of all content that it lacks. Returns the entries whose files
    /// changed.
    ///
    /// # Errors
    /// In a shared cache, whatever would have to be changed; content without proof; the system's.
    pub fn apply(
        &mut self,
        plan: &Plan,
        found: &Inspection,
        proven: &BTreeMap<Digest, Verified>,
    ) -> Result<BTreeSet<Name>, Failure> {
        if plan.layout == Layout::SharedHubCache {
            shared::refuse_changes(found)?;
        }
        self.make()?;
        if plan.layout == Layout::SharedHubCache {
            staging::tidy(&self.root)?;
        }
        let staging = Staging::new(&self.root)?;
        let bringer = Bringer::new(proven);
        let mut pass = Pass { target: self, plan, found, bringer, staging, placed: Vec::new() };
        let changed = pass.run()?;
        let placed = pass.placed;
        self.touched.extend(placed.iter().map(|(_, looks)| looks.identity()));
        self.placed.extend(placed);
        Ok(changed)
    }

    /// The place of `path`, with real folders above it: a file or link where a folder must be is removed,
    /// never followed.
    fn path(&self, path: &str) -> Result<PathBuf, Failure> {
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
                    return Err(shared::foreign(path, "a file or link where a folder has to be").into());
                }
                Ok(_) => remove(&place)?,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::io("look at", &place)(error)),
            }
            match std::fs::create_dir(&place) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(Failure::io("make the folder", &place)(error));
                }
                _ => {}
            }
        }
        Ok(place)
    }
}

impl Pass<'_> {
    fn run(&mut self) -> Result<BTreeSet<Name>, Failure> {
        let mut changed = BTreeSet::new();
        let plan = self.plan;
        let wrong: Vec<(&String, &Node)> =
            plan.nodes.iter().filter(|(path, _)| self.found.problems.contains_key(*path)).collect();
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
            if self.found.is_wrong(unit) {
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

    fn place_text(&self, path: &str, text: &str) -> Result<(), Failure> {
        let aside = self.staging.place("text");
        let write = || {
            let mut file = std::fs::File::create(&aside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(Failure::io("write", &aside))?;
        let place = self.target.path(path)?;
        if self.plan.layout != Layout::SharedHubCache {
            return replace(&aside, &place);
        }
        if shared::add(&aside, &place)? || std::fs::read(&place).is_ok_and(|found| found == text.as_bytes()) {
            return Ok(());
        }
        Err(shared::foreign(path, "another commit, which came meanwhile").into())
    }

    fn place_blob(&mut self, path: &str, digest: Digest, size: u64) -> Result<(), Failure> {
        let aside = self.staging.place("blob");
        let looks = self.bringer.bring(&digest, size, &aside, true)?;
        let place = self.target.path(path)?;
        if self.plan.layout != Layout::SharedHubCache {
            replace(&aside, &place)?;
        } else if !shared::add(&aside, &place)? {
            if !hash::is(&place, &digest, size).map_err(Failure::io("read", &place))? {
                return Err(shared::foreign(path, "other bytes, which came meanwhile").into());
            }
            return Ok(());
        }
        self.placed.push((path.to_owned(), looks));
        Ok(())
    }

    /// Builds a snapshot, or the folder of a flat entry, aside and makes it visible at once.
    fn place_unit(&mut self, unit: &str) -> Result<(), Failure> {
        let place = self.target.path(unit)?;
        let shared = self.plan.layout == Layout::SharedHubCache;
        if shared && std::fs::symlink_metadata(&place).is_ok() {
            return self.add_links(unit);
        }
        let aside = self.staging.place("unit");
        std::fs::create_dir(&aside).map_err(Failure::io("make the folder", &aside))?;
        let plan = self.plan;
        let mut last = aside.clone();
        for (path, node) in below(plan, unit) {
            let new = aside.join(path.strip_prefix(unit).unwrap_or(path).trim_start_matches('/'));
            let folder = new.parent().unwrap_or(&aside);
            if folder != last {
                std::fs::create_dir_all(folder).map_err(Failure::io("make the folder", folder))?;
                folder.clone_into(&mut last);
            }
            match &node.content {
                Content::Link { to, .. } => link(to, &new)?,
                Content::Blob { digest, size } => {
                    let looks = match self.found.problems.contains_key(path) {
                        // People edit plain folders; nobody edits a cache.
                        true => self.bringer.bring(digest, *size, &new, plan.layout != Layout::Flat)?,
                        false => self.carry(path, digest, *size, &new)?,
                    };
                    self.placed.push((path.clone(), looks));
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

    /// Takes a file that is as it should be over into a folder that is built anew, without a copy where the
    /// file system can. The inspection may be an hour old, so it is not taken at its word.
    fn carry(&self, path: &str, digest: &Digest, size: u64, new: &Path) -> Result<Trace, Failure> {
        let place = self.target.root.join(path);
        let looks = trace(&place)?;
        let read = Failure::io("read", &place);
        if !self.target.stamps.proves(path, &looks, size, digest) && !hash::is(&place, digest, size).map_err(read)? {
            return Err(Failure::changed(place.display()));
        }
        if std::fs::hard_link(&place, new).is_err() {
            copy(&place, digest, size, new).map_err(Failure::io("copy", new))?;
            return trace(new);
        }
        Ok(looks)
    }

    /// In a shared cache: only what is missing.
    fn add_links(&self, unit: &str) -> Result<(), Failure> {
        for (path, node) in below(self.plan, unit).filter(|(path, _)| self.found.problems.contains_key(*path)) {
            if let Content::Link { to, .. } = &node.content {
                let place = self.target.path(path)?;
                if std::fs::read_link(&place).is_ok_and(|found| found == Path::new(to)) {
                    continue;
                }
                if std::fs::symlink_metadata(&place).is_ok() {
                    return Err(shared::foreign(path, "another file, which came meanwhile").into());
                }
                link(to, &place)?;
            }
        }
        Ok(())
    }
}

/// The files of a plan in a folder.
fn below<'a>(plan: &'a Plan, folder: &'a str) -> impl Iterator<Item = (&'a String, &'a Node)> {
    plan.nodes.range(format!("{folder}/")..).take_while(move |(path, _)| is_above(folder, path))
}

fn is_above(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(unix)]
fn link(to: &str, at: &Path) -> Result<(), Failure> {
    std::os::unix::fs::symlink(to, at).map_err(Failure::io("link", at))
}

#[cfg(not(unix))]
fn link(to: &str, at: &Path) -> Result<(), Failure> {
    std::os::windows::fs::symlink_file(to.replace('/', "\\"), at).map_err(Failure::io("link", at))
}

/// Puts a file in the place of whatever is at `place`.
fn replace(aside: &Path, place: &Path) -> Result<(), Failure> {
    if std::fs::symlink_metadata(place).is_ok_and(|found| found.is_dir()) {
        remove(place)?;
    }
    std::fs::rename(aside, place).map_err(Failure::io("replace", place))
}

/// Puts the folder `aside` in the place of whatever is at `place`, in one step where the system has one.
fn swap(aside: &Path, place: &Path) -> Result<(), Failure> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, aside, CWD, place, RenameFlags::EXCHANGE).is_ok() {
            return remove(aside);
        }
    }
    if std::fs::symlink_metadata(place).is_ok() {
        let old = aside.with_extension("old");
        std::fs::rename(place, &old).map_err(Failure::io("rename", place))?;
        std::fs::rename(aside, place).map_err(Failure::io("rename", aside))?;
        return remove(&old);
    }
    std::fs::rename(aside, place).map_err(Failure::io("rename", aside))
}

/// Removes whatever is at `path`: a link itself, never what it points at. Nothing there is as good.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Failure::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
