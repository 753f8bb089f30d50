//! The project's own files: found, and read.

pub use crate::file_names::{LOCK, MANIFEST, OWN_FOLDER};

use crate::discover::{self, Discovery};
use crate::files;
use crate::refusal::{Failure, files as refuse, places, usage};
use crate::settings::{Address, UserSettings};
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::manifest::{self, Manifest};
use modelpin_schema::{Name, Pin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// In it, the folder of files that an exemption lets in.
const QUARANTINE: &str = "quarantine";

/// A project on disk.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder of the manifest.
    pub dir: PathBuf,
    /// The manifest as text.
    pub text: String,
    /// The manifest.
    pub manifest: Manifest,
    /// The lock, where there is one.
    pub lock: Option<Lockfile>,
    /// The lock as text, where there is one.
    pub(crate) lock_text: Option<String>,
    /// Who runs modelpin, and may say more than the project's files.
    pub(crate) settings: Arc<UserSettings>,
}

impl Project {
    /// The project of the folder `start`: its manifest is there or in the nearest folder above.
    ///
    /// # Errors
    /// No manifest, or files that cannot be read or believed.
    pub fn find(start: &Path, settings: Arc<UserSettings>) -> Result<Self, Failure> {
        match discover::discover(start, &settings)? {
            Discovery::Found(dir) => Self::open(&dir, settings),
            Discovery::None { border } => Err(refuse::no_manifest(start, border.as_deref()).into()),
        }
    }

    /// The project of the folder `start`, if there is one.
    ///
    /// # Errors
    /// Files that cannot be read or believed.
    pub fn find_any(start: &Path, settings: Arc<UserSettings>) -> Result<Option<Self>, Failure> {
        match discover::discover(start, &settings)? {
            Discovery::Found(dir) => Self::open(&dir, settings).map(Some),
            Discovery::None { .. } => Ok(None),
        }
    }

    /// The project whose manifest is in `dir`.
    ///
    /// # Errors
    /// No manifest, or files that cannot be read or believed.
    pub fn open(dir: &Path, settings: Arc<UserSettings>) -> Result<Self, Failure> {
        // Without links on the way, so that what is in it can be told from what is not.
        let dir = &dir.canonicalize().map_err(Failure::io("find", dir))?;
        settings.check_own(dir)?;
        let text = files::read(dir, &dir.join(MANIFEST), manifest::MAX_BYTES)?;
        let text = text.ok_or_else(|| refuse::no_manifest(dir, None))?;
        let manifest = text.read(|text| {
            let manifest = Manifest::read(MANIFEST, text)?;
            modelpin_policy::check_levels(MANIFEST, &manifest)?;
            Ok(manifest)
        })?;
        let lock_text = files::read(dir, &dir.join(LOCK), lockfile::MAX_BYTES)?;
        let believe = |text: &str| Lockfile::read(LOCK, text).map_err(refuse::lock_refused);
        let lock = lock_text.as_ref().map(|text| text.read(believe)).transpose()?;
        let text = text.into_string();
        let lock_text = lock_text.map(files::Text::into_string);
        Ok(Self { dir: dir.to_owned(), text, manifest, lock, lock_text, settings })
    }

    /// The Hub that it comes from, and what that is given.
    ///
    /// # Errors
    /// An address that is none.
    pub fn hub(&self) -> Result<Address, Failure> {
        self.settings.hub(self.manifest.endpoint.as_deref())
    }

    /// The lock, which must be there and up to date with the manifest.
    ///
    /// # Errors
    /// A missing or stale lock, with every fact that differs.
    pub fn locked(&self) -> Result<&Lockfile, Failure> {
        let lock = self.lock.as_ref().ok_or_else(refuse::no_lock)?;
        let stale = lock.stale(&self.manifest);
        crate::refusal::fail_if_any(stale.iter().map(refuse::stale).collect())?;
        Ok(lock)
    }

    /// A path from the project's folder.
    #[must_use]
    pub fn path(&self, text: &str) -> PathBuf {
        self.dir.join(text)
    }

    /// Where files go that an exemption lets in, away from the target.
    ///
    /// # Errors
    /// A symbolic link in its place.
    pub fn quarantine_root(&self) -> Result<PathBuf, Failure> {
        self.inside(format!("{OWN_FOLDER}/{QUARANTINE}"))
    }

    /// Makes the folder of what modelpin makes in a project, with a `.gitignore` of its own.
    ///
    /// # Errors
    /// A symbolic link in its place; I/O errors from making it.
    pub fn make_own_folder(&self) -> Result<(), Failure> {
        let folder = self.inside(OWN_FOLDER)?;
        // Another modelpin may be making it.
        std::fs::create_dir_all(&folder).map_err(Failure::io("make the folder", &folder))?;
        let ignore = folder.join(".gitignore");
        if !ignore.exists() {
            modelpin_store::files::replace(&ignore, b"*\n")?;
        }
        Ok(())
    }

    /// A folder of the project, by a path that does not lead out of it. A checkout can hold symbolic links, and one on
    /// the way would lead elsewhere.
    ///
    /// # Errors
    /// A symbolic link or a file on the way.
    pub(crate) fn inside(&self, folder: impl AsRef<Path>) -> Result<PathBuf, Failure> {
        let mut place = self.dir.clone();
        for part in folder.as_ref().components() {
            place.push(part);
            match std::fs::symlink_metadata(&place) {
                Ok(found) if found.is_symlink() => return Err(places::linked_folder(&place).into()),
                Ok(found) if !found.is_dir() => return Err(places::no_folder(&place).into()),
                _ => {}
            }
        }
        Ok(place)
    }
}

/// The entry `name` of `lock`.
///
/// # Errors
/// No such entry, with the names that there are.
pub(crate) fn find_entry<'a>(lock: &'a Lockfile, name: &Name) -> Result<(&'a Name, &'a Pin), Failure> {
    let found = lock.pins.get_key_value(name);
    found.ok_or_else(|| usage::unknown_name(name, &lock.pins.keys().collect::<Vec<_>>()).into())
}

/// `to` as it is called in the folder `from`: what is on the way up becomes `..`.
#[must_use]
pub fn called_from(from: &Path, to: &Path) -> String {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| PathBuf::from(".."));
    let down: PathBuf = up.chain(to.components().skip(common).map(|part| PathBuf::from(part.as_os_str()))).collect();
    down.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::called_from;
    use std::path::Path;

    #[test]
    fn the_lock_is_called_from_where_the_command_was_given() {
        for (from, called) in [("/a/b", "models.lock"), ("/a", "b/models.lock"), ("/a/b/c/d", "../../models.lock")] {
            assert_eq!(called_from(Path::new(from), Path::new("/a/b/models.lock")), called);
        }
    }
}
