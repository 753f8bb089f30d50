//! Making a target what it should be.
//!
//! The order keeps every moment honest: blobs are placed under names that nothing refers to yet; the snapshot
//! that refers to them is built aside and becomes visible by one rename; a ref is moved to it last. What an
//! interrupted run leaves aside is a stranger to the next one, which removes it.

use super::look::Trace;
use super::plan::Content;
use super::{Inspection, Layout, Plan, Target, Trouble};
use crate::project::replace;
use crate::refusal::content::{self, Origin};
use crate::refusal::{Class, Failure, Refusal};
use crate::store::{Verified, hash_file, read_only};
use modelpin_schema::{Digest, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The folder in a target in which snapshots are built. Its name is none that a loader looks for.
const STAGING: &str = ".modelpin-staging";

impl Target {
    /// Makes the target what `plan` says, given what `found` says of it and proof of all content that it
    /// lacks. Returns the entries whose files changed.
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
            refuse_changes(found)?;
        }
        std::fs::create_dir_all(&self.root).map_err(Failure::io("make the folder", &self.root))?;
        let staging = self.root.join(STAGING);
        remove(&staging)?;
        let mut changed = BTreeSet::new();
        let wrong = |path: &str| found.problems.contains_key(path);
        for (path, node) in plan.nodes.iter().filter(|(path, _)| wrong(path)) {
            changed.extend(node.name.clone());
            match &node.content {
                Content::Text(text) if !path.contains('/') => replace(&self.path(path)?, text.as_bytes())?,
                Content::Blob { digest, size } if plan.layout != Layout::Flat => {
                    self.place_blob(path, *digest, *size, proven)?;
                }
                _ => {}
            }
        }
        for unit in plan.units.keys() {
            if found.touches(unit) {
                self.place_unit(plan, unit, found, proven)?;
            }
        }
        for (path, node) in plan.nodes.iter().filter(|(path, _)| wrong(path) && path.contains('/')) {
            if let Content::Text(text) = &node.content {
                let place = self.path(path)?;
                if place.is_dir() {
                    remove(&place)?;
                }
                replace(&place, text.as_bytes())?;
            }
        }
        remove(&staging)?;
        self.stamp(plan, found)?;
        Ok(changed)
    }

    /// Removes what the lock does not know: refs first, so that no ref ever points at nothing. Returns how
    /// many things there were.
    ///
    /// # Errors
    /// The system's.
    pub fn sweep(&self, found: &Inspection) -> Result<usize, Failure> {
        let mut strangers: Vec<&str> = found.strangers().collect();
        strangers.sort_by_key(|path| !path.contains("/refs"));
        for path in &strangers {
            remove(&self.root.join(path))?;
        }
        Ok(strangers.len())
    }

    /// Removes whatever is there and is not what it has to be, in a target of the project's own.
    ///
    /// # Errors
    /// The system's.
    pub fn withdraw(&self, found: &Inspection) -> Result<(), Failure> {
        if self.layout == Layout::SharedHubCache {
            return Ok(());
        }
        let wrong = found.problems.iter().filter(|(_, problem)| problem.trouble != Trouble::Missing);
        wrong.map(|(path, _)| path).try_for_each(|path| remove(&self.root.join(path)))
    }

    /// Remembers what is proven.
    ///
    /// # Errors
    /// The system's.
    pub fn save_stamps(&mut self, plan: &Plan) -> Result<(), Failure> {
        self.stamps.keep(|path| plan.nodes.contains_key(path));
        self.stamps.save()
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
                    return Err(foreign(path, "a file or link where a folder has to be").into());
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

    fn place_blob(
        &self,
        path: &str,
        digest: Digest,
        size: u64,
        proven: &BTreeMap<Digest, Verified>,
    ) -> Result<(), Failure> {
        let place = self.path(path)?;
        let folder = place.parent().unwrap_or(&self.root);
        let aside = folder.join(format!(".modelpin-{}", digest.hex()));
        remove(&aside)?;
        bring(proof(proven, &digest, size)?, &aside, true)?;
        if place.is_dir() {
            remove(&place)?;
        }
        std::fs::rename(&aside, &place).map_err(Failure::io("rename", &aside))
    }

    /// Builds a snapshot, or the folder of a flat entry, aside and makes it visible at once.
    fn place_unit(
        &self,
        plan: &Plan,
        unit: &str,
        found: &Inspection,
        proven: &BTreeMap<Digest, Verified>,
    ) -> Result<(), Failure> {
        let place = self.path(unit)?;
        if plan.layout == Layout::SharedHubCache && place.is_dir() {
            return self.add_links(plan, unit, found);
        }
        let aside = self.root.join(STAGING).join("unit");
        remove(&aside)?;
        let prefix = format!("{unit}/");
        for (path, node) in plan.nodes.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix)) {
            let inner = path.strip_prefix(&prefix).unwrap_or(path);
            let new = aside.join(inner);
            let folder = new.parent().unwrap_or(&aside);
            std::fs::create_dir_all(folder).map_err(Failure::io("make the folder", folder))?;
            match &node.content {
                Content::Link(to) => link(to, &new)?,
                // A file that is as it should be moves over without a copy.
                Content::Blob { .. } if !found.problems.contains_key(path) => {
                    std::fs::hard_link(self.root.join(path), &new).map_err(Failure::io("link", &new))?;
                }
                Content::Blob { digest, size } => bring(proof(proven, digest, *size)?, &new, false)?,
                Content::Text(_) => {}
            }
        }
        swap(&aside, &place)
    }

    /// In a shared cache: only what is missing.
    fn add_links(&self, plan: &Plan, unit: &str, found: &Inspection) -> Result<(), Failure> {
        let prefix = format!("{unit}/");
        for path in found.problems.keys().filter(|path| path.starts_with(&prefix)) {
            if let Some(Content::Link(to)) = plan.nodes.get(path).map(|node| &node.content) {
                link(to, &self.path(path)?)?;
            }
        }
        Ok(())
    }

    /// Takes the stamps of all content that was placed.
    fn stamp(&mut self, plan: &Plan, found: &Inspection) -> Result<(), Failure> {
        for (path, digest, size) in plan.digests() {
            let rebuilt = plan.layout == Layout::Flat || found.problems.contains_key(path);
            if rebuilt {
                let place = self.root.join(path);
                let seen: Metadata = std::fs::symlink_metadata(&place).map_err(Failure::io("look at", &place))?;
                self.stamps.record(path, Trace::of(&seen), size, digest);
            }
        }
        Ok(())
    }
}

fn proof<'a>(proven: &'a BTreeMap<Digest, Verified>, digest: &Digest, size: u64) -> Result<&'a Verified, Failure> {
    match proven.get(digest) {
        Some(proof) if proof.size() == size => Ok(proof),
        // Two files of the lock with one hash and two lengths: one of them was edited.
        Some(proof) => Err(content::size(&Origin::Store, size, &format!("{} bytes of {digest}", proof.size())).into()),
        None => Err(Failure::Tool { program: "sync", message: format!("{digest} was not proven") }),
    }
}

/// Brings content from the store: shared on the disk if the file system can, else (unless people may edit the
/// file) as another name of the same file, else copied and hashed again on the way.
fn bring(from: &Verified, to: &Path, may_link: bool) -> Result<(), Failure> {
    if reflink(from.path(), to).is_ok() {
        return Ok(());
    }
    remove(to)?;
    if may_link && std::fs::hard_link(from.path(), to).is_ok() {
        return Ok(());
    }
    let copy = || -> std::io::Result<()> {
        let mut file = File::options().read(true).write(true).create_new(true).open(to)?;
        std::io::copy(&mut File::open(from.path())?, &mut file)?;
        std::io::Seek::rewind(&mut file)?;
        let hashed = hash_file(&mut file, from.size())?;
        if hashed.len() != from.size() || hashed.digest() != from.digest() {
            return Err(std::io::Error::new(ErrorKind::InvalidData, "the copy differs from the store's blob"));
        }
        file.sync_data()?;
        read_only(&file)
    };
    copy().map_err(Failure::io("copy", to))
}

/// A copy that shares its blocks with the original, on file systems that have such a thing.
#[cfg(target_os = "linux")]
fn reflink(from: &Path, to: &Path) -> std::io::Result<()> {
    let source = File::open(from)?;
    let target = File::create_new(to)?;
    rustix::fs::ioctl_ficlone(&target, &source)?;
    read_only(&target)
}

#[cfg(not(target_os = "linux"))]
fn reflink(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn link(to: &str, at: &Path) -> Result<(), Failure> {
    std::os::unix::fs::symlink(to, at).map_err(Failure::io("link", at))
}

#[cfg(not(unix))]
fn link(to: &str, at: &Path) -> Result<(), Failure> {
    std::os::windows::fs::symlink_file(to.replace('/', "\\"), at).map_err(Failure::io("link", at))
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
        remove(&old)?;
        std::fs::rename(place, &old).map_err(Failure::io("rename", place))?;
        std::fs::rename(aside, place).map_err(Failure::io("rename", aside))?;
        return remove(&old);
    }
    std::fs::rename(aside, place).map_err(Failure::io("rename", aside))
}

/// Removes whatever is at `path`: a link itself, never what it points at. Nothing there is as good.
fn remove(path: &Path) -> Result<(), Failure> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// In a shared cache whatever is there stays, so what is there and wrong is a refusal.
fn refuse_changes(found: &Inspection) -> Result<(), Failure> {
    let wrong = found.problems.iter().filter(|(_, problem)| problem.trouble != Trouble::Missing);
    let refusals = wrong.map(|(path, problem)| {
        let got = match &problem.trouble {
            Trouble::Digest { got, .. } => got.to_string(),
            Trouble::Size { got, .. } => format!("{got} bytes"),
            Trouble::Other { got, .. } => got.clone(),
            Trouble::Missing | Trouble::Stranger => String::new(),
        };
        Refusal { name: problem.name.clone(), ..foreign(path, &got) }
    });
    crate::refusal::all(refusals.collect())
}

fn foreign(path: &str, got: &str) -> Refusal {
    Refusal {
        class: Class::Integrity,
        name: None,
        path: Some(path.to_owned()),
        what: "the shared Hugging Face cache holds something else than models.lock".to_owned(),
        expected: "what the lock says, or nothing".to_owned(),
        got: got.to_owned(),
        why: "other tools use this cache, so modelpin adds to it and changes nothing".to_owned(),
        help: "remove that file with the tool that made it (`hf cache`), or use a target of the project's own"
            .to_owned(),
    }
}
