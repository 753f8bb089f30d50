//! Every file of a folder that a loader may read, in order. Nothing is opened, and no link leads out.

use crate::refusal::{Failure, usage};
use crate::scanning::ScanInput;
use modelpin_rules::file;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Files and folders that are listed at most.
const MOST: usize = 500_000;

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Every file, by its path from the folder with `/` between the parts.
    pub(super) files: BTreeMap<String, ScanInput>,
    /// Folders that were passed over, by their paths from the folder.
    pub(super) skipped: Vec<String>,
}

/// A walk under way.
struct Walk {
    root: PathBuf,
    /// The blobs of the cache that the root is a snapshot of; its links lead there.
    blobs: Option<PathBuf>,
    /// Folders that are still to be listed, with their paths from the root.
    open: Vec<(PathBuf, String)>,
    /// Files that a link of the folder leads to.
    linked: BTreeSet<PathBuf>,
    found: Walked,
}

/// Lists the folder `root`, a path without links in it; `shown` is what the user calls it.
///
/// A link to a file in the folder is followed: the file is scanned under both names. A link to a folder in it
/// needs no following, since that folder is listed where it lies. Any other link is a finding.
///
/// # Errors
/// A folder with more in it than is looked at.
pub(super) fn walk(root: &Path, shown: &str) -> Result<Walked, Failure> {
    let open = vec![(root.to_owned(), String::new())];
    let linked = BTreeSet::new();
    let found = Walked::default();
    let mut walk = Walk { root: root.to_owned(), blobs: blobs_of(root), open, linked, found };
    let mut count = 0_usize;
    while let Some((folder, path)) = walk.open.pop() {
        let mut listed = match std::fs::read_dir(&folder) {
            Ok(listed) => listed,
            Err(error) => {
                let name = if path.is_empty() { ".".to_owned() } else { path };
                walk.add(
                    name,
                    ScanInput::NotScanned(&file::UNREADABLE, format!("the folder cannot be listed: {error}")),
                );
                continue;
            }
        };
        for entry in &mut listed {
            count += 1;
            if count > MOST {
                return Err(usage::vast_folder(shown, MOST).into());
            }
            match entry {
                Ok(entry) => walk.look(&entry.path(), &entry.file_name(), &path),
                Err(error) => {
                    let place =
                        ScanInput::NotScanned(&file::UNREADABLE, format!("the folder cannot be listed: {error}"));
                    walk.add(if path.is_empty() { ".".to_owned() } else { path.clone() }, place);
                    break;
                }
            }
        }
    }
    walk.drop_blobs();
    walk.found.skipped.sort();
    Ok(walk.found)
}

impl Walk {
    fn look(&mut self, place: &Path, name: &OsStr, above: &str) {
        let name = name.to_str().map_or_else(|| name.as_encoded_bytes().escape_ascii().to_string(), str::to_owned);
        let path = if above.is_empty() { name.clone() } else { format!("{above}/{name}") };
        let kind = match std::fs::symlink_metadata(place) {
            Ok(found) => found.file_type(),
            Err(error) => return self.add(path, ScanInput::NotScanned(&file::UNREADABLE, error.to_string())),
        };
        if kind.is_symlink() {
            self.link(place, path);
        } else if !kind.is_dir() {
            self.add(path, ScanInput::at(place.to_owned()));
        } else if is_git(place) {
            self.found.skipped.push(path);
        } else {
            self.open.push((place.to_owned(), path));
        }
    }

    fn link(&mut self, link: &Path, path: String) {
        let place = match link.canonicalize() {
            Ok(real) if real.is_dir() => {
                if self.is_listed(&real) {
                    return;
                }
                ScanInput::link_out(link)
            }
            Ok(real) if self.is_inside(&real) => {
                self.linked.insert(real.clone());
                ScanInput::at(real)
            }
            Ok(_) => ScanInput::link_out(link),
            Err(error) => ScanInput::NotScanned(&file::UNREADABLE, format!("a link that leads nowhere: {error}")),
        };
        self.add(path, place);
    }

    fn is_inside(&self, real: &Path) -> bool {
        real.starts_with(&self.root) || self.blobs.as_ref().is_some_and(|blobs| real.starts_with(blobs))
    }

    /// Whether the walk comes through the folder at `real` by itself.
    fn is_listed(&self, real: &Path) -> bool {
        real.starts_with(&self.root) && !real.ancestors().take_while(|above| *above != self.root).any(is_git)
    }

    fn add(&mut self, mut path: String, place: ScanInput) {
        // Two names that are not UTF-8 may look alike; neither may hide the other.
        while self.found.files.contains_key(&path) {
            path.push('?');
        }
        self.found.files.insert(path, place);
    }

    /// In a Hugging Face cache the snapshots' links have the names and the blobs the bytes: what was found by
    /// name is not scanned once more without one.
    fn drop_blobs(&mut self) {
        let linked = &self.linked;
        let root = &self.root;
        self.found.files.retain(|path, place| match place {
            ScanInput::File(at, _) => {
                !(linked.contains(at) && root.join(path) == *at && at.parent().is_some_and(is_cache_blobs))
            }
            ScanInput::NotScanned(..) => true,
        });
    }
}

/// Where the links of a snapshot in a Hugging Face cache lead; `root` is the snapshot, or a folder in it, or the
/// folder of all snapshots.
fn blobs_of(root: &Path) -> Option<PathBuf> {
    let snapshots = root.ancestors().find(|above| above.file_name().is_some_and(|name| name == "snapshots"))?;
    let blobs = snapshots.parent()?.join("blobs");
    std::fs::symlink_metadata(&blobs).is_ok_and(|found| found.is_dir()).then_some(blobs)
}

fn is_cache_blobs(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "blobs")
        && folder.parent().is_some_and(|repo| repo.join("snapshots").is_dir())
}

/// Whether `folder` is git's own, which holds no file that a loader reads by its name.
fn is_git(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == ".git")
        && folder.join("HEAD").is_file()
        && folder.join("objects").is_dir()
}
