//! The project's own files: found, read, and written whole or not at all.

use crate::refusal::{Failure, files, wish};
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::manifest::{self, Manifest, SyncTarget};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The manifest's file name.
pub const MANIFEST: &str = "models.toml";
/// The lock's file name.
pub const LOCK: &str = "models.lock";
/// The folder of what modelpin makes in a project.
pub const OWN_FOLDER: &str = ".modelpin";
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
    lock_text: Option<String>,
}

impl Project {
    /// The project of the folder `start`: its manifest is there or in the nearest folder above.
    ///
    /// # Errors
    /// No manifest, or files that cannot be read or believed.
    pub fn find(start: &Path) -> Result<Self, Failure> {
        let dir = start.ancestors().find(|dir| dir.join(MANIFEST).is_file());
        Self::open(dir.ok_or_else(|| files::no_manifest(start))?)
    }

    /// The project whose manifest is in `dir`.
    ///
    /// # Errors
    /// No manifest, or files that cannot be read or believed.
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        let text = read(&dir.join(MANIFEST), manifest::MAX_BYTES)?.ok_or_else(|| files::no_manifest(dir))?;
        let manifest = Manifest::read(MANIFEST, &text)?;
        crate::policy::rules::check(MANIFEST, &manifest)?;
        let lock_text = read(&dir.join(LOCK), lockfile::MAX_BYTES)?;
        let lock =
            lock_text.as_deref().map(|text| Lockfile::read(LOCK, text).map_err(files::lock_refused)).transpose()?;
        Ok(Self { dir: dir.to_owned(), text, manifest, lock, lock_text })
    }

    /// The lock, which must be there and answer the manifest.
    ///
    /// # Errors
    /// A missing or stale lock, with every fact that differs.
    pub fn locked(&self) -> Result<&Lockfile, Failure> {
        let lock = self.lock.as_ref().ok_or_else(files::no_lock)?;
        let stale = lock.stale(&self.manifest);
        crate::refusal::all(stale.iter().map(files::stale).collect())?;
        Ok(lock)
    }

    /// Writes the manifest, unless it is that text already.
    ///
    /// # Errors
    /// The system's.
    pub fn write_manifest(&mut self, text: String) -> Result<(), Failure> {
        let manifest = Manifest::read(MANIFEST, &text)?;
        if text != self.text {
            replace(&self.dir.join(MANIFEST), text.as_bytes())?;
        }
        (self.text, self.manifest) = (text, manifest);
        Ok(())
    }

    /// Writes the lock, unless its text would stay the same.
    ///
    /// # Errors
    /// The system's.
    pub fn write_lock(&mut self, lock: Lockfile) -> Result<(), Failure> {
        let text = lock.print();
        if self.lock_text.as_deref() != Some(&text) {
            replace(&self.dir.join(LOCK), text.as_bytes())?;
        }
        (self.lock, self.lock_text) = (Some(lock), Some(text));
        Ok(())
    }

    /// A path from the manifest: relative ones start at the project's folder.
    #[must_use]
    pub fn path(&self, text: &str) -> PathBuf {
        self.dir.join(text)
    }

    /// Where synced files go; `hf_cache` is this user's shared Hugging Face cache.
    ///
    /// # Errors
    /// A folder of the project that is a symbolic link.
    pub fn target_root(&self, hf_cache: &Path) -> Result<PathBuf, Failure> {
        match &self.manifest.target {
            SyncTarget::Own(folder) | SyncTarget::Flat(folder) => self.inside(folder),
            SyncTarget::HfCache => Ok(hf_cache.to_owned()),
        }
    }

    /// Where files go that an exemption lets in, away from the target.
    ///
    /// # Errors
    /// A symbolic link in its place.
    pub fn quarantine_root(&self) -> Result<PathBuf, Failure> {
        self.inside(&format!("{OWN_FOLDER}/{QUARANTINE}"))
    }

    /// Makes the folder of what modelpin makes in a project, with a `.gitignore` of its own.
    ///
    /// # Errors
    /// A symbolic link in its place; the system's.
    pub fn make_own_folder(&self) -> Result<(), Failure> {
        let folder = self.inside(OWN_FOLDER)?;
        // Another modelpin may be making it.
        std::fs::create_dir_all(&folder).map_err(Failure::io("make the folder", &folder))?;
        let ignore = folder.join(".gitignore");
        if !ignore.exists() {
            replace(&ignore, b"*\n")?;
        }
        Ok(())
    }

    /// A folder of the project that will be written to. A checkout can hold symbolic links, and one on the way
    /// would lead the writing elsewhere. The way to an absolute folder is the system's own.
    fn inside(&self, folder: &str) -> Result<PathBuf, Failure> {
        let mut place = self.dir.clone();
        let absolute = Path::new(folder).is_absolute();
        for part in Path::new(folder).components() {
            place.push(part);
            let checked = !absolute || place == Path::new(folder);
            if checked && std::fs::symlink_metadata(&place).is_ok_and(|found| found.is_symlink()) {
                return Err(wish::linked_folder(&place).into());
            }
        }
        Ok(place)
    }
}

/// The text of a file of at most `max` bytes; none where there is no such file.
///
/// # Errors
/// The system's, a larger file, or one that is not UTF-8.
pub fn read(path: &Path, max: u64) -> Result<Option<String>, Failure> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::io("read", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(Failure::io("read", path))?;
    let fault = |message: String| {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Err(modelpin_schema::fault::Fault::whole(&name, message).into())
    };
    if bytes.len() as u64 > max {
        return fault(format!("the file is larger than {max} bytes, the most that is read"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => fault(format!("the file is not UTF-8 (byte {})", error.utf8_error().valid_up_to())),
    }
}

/// Writes a file whole: a crash leaves the old one or the new one.
///
/// # Errors
/// The system's.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".modelpin-");
        #[cfg(unix)]
        {
            // What `open(2)` would give: the umask still applies, unlike with a temporary file's 0600.
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(Failure::io("write", path))
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
