//! What this machine knows of a project, kept in the store and not in the project: it cannot come with a clone, and a
//! project that is read-only has it as well.
//!
//! ```text
//! <store>/projects/<id>/path              the project's canonical path, as bytes
//! <store>/projects/<id>/lock              held while a process changes the project's files or its install trees
//! <store>/projects/<id>/seal              an empty file; see below
//! <store>/projects/<id>/stamps*           files of the install trees that were verified, with their times and inodes
//! <store>/projects/<id>/scanned           entries whose bytes were scanned
//! <store>/projects/<id>/owned             folders that modelpin created
//! <store>/projects/<id>/hub-answers       the hashes that the Hub reported for files of commits
//! <store>/projects/<id>/home/             the folder that loaders get as HF_HOME
//! ```
//!
//! `<id>` is the SHA-256 of the canonical path, so that a copy or another checkout has a record of its own.
//!
//! A store can be in a folder that a clone, an image or a CI cache brings along. So each file of a record begins with
//! the times and inode of `seal` when it was written: a copy of the record has a `seal` with other ones, and what
//! another machine wrote is treated as absent.

use crate::error::Error;
use crate::files::{is_absent, is_ours, open_no_follow, read_small, remove, replace};
use crate::lock::{holder, lock_file};
use crate::stat::FileStat;
use crate::store::Store;
use modelpin_schema::Digest;
use modelpin_schema::text::line;
use sha2::{Digest as _, Sha256};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The folder of records in the store.
const PROJECTS: &str = "projects";
/// The project's folder of files that modelpin creates.
pub const OWN_FOLDER: &str = ".modelpin";
/// The file that lists the folders that modelpin created.
const OWNED: &str = "owned";
/// The file whose times and inode mark this machine's own record.
const SEAL: &str = "seal";
/// Longer than any path, in bytes.
const MAX_PATH: u64 = 64 << 10;
/// The largest file of a record that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// What this machine knows of one project. Nothing is created on disk before something is written.
#[derive(Debug, Clone)]
pub struct Record {
    folder: PathBuf,
    project: PathBuf,
}

/// Which folder something is, whatever its path. Inode numbers are reused, so the time of creation is compared where
/// the file system keeps it; device numbers may change when the machine boots, so they are compared only where it does
/// not.
#[derive(Debug, Clone, Copy)]
struct Identity {
    device: u64,
    inode: u64,
    /// When it was created, in nanoseconds since 1970.
    born: Option<u128>,
}

impl Record {
    /// The record in `store` of the project in the folder `project`.
    ///
    /// # Errors
    /// A project folder that does not exist; a symbolic link where the record would be.
    pub fn of(store: &Store, project: &Path) -> Result<Self, Error> {
        let project = project.canonicalize().map_err(Error::io("find", project))?;
        let folder = store.root().join(PROJECTS).join(id(&project).hex());
        if folder.is_symlink() { Err(Error::LinkedFolder(folder)) } else { Ok(Self { folder, project }) }
    }

    /// The records of all projects that `store` knows.
    ///
    /// # Errors
    /// I/O errors from listing the folder of records.
    pub fn all(store: &Store) -> Result<Vec<Self>, Error> {
        let folder = store.root().join(PROJECTS);
        let listed = match std::fs::read_dir(&folder) {
            Ok(listed) => listed,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("list", &folder)(error)),
        };
        let mut all = Vec::new();
        for entry in listed {
            all.extend(Self::read_from(entry.map_err(Error::io("list", &folder))?.path()));
        }
        Ok(all)
    }

    /// The record in `folder`, if it is one of the project that its name says.
    fn read_from(folder: PathBuf) -> Option<Self> {
        let project = path_from(read_small(&folder.join("path"), MAX_PATH).ok()?).filter(|path| path.is_absolute())?;
        let is_named = folder.file_name().is_some_and(|name| *name == *id(&project).hex());
        is_named.then_some(Self { folder, project })
    }

    /// The project's folder, which may no longer exist.
    #[must_use]
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// Removes the record.
    ///
    /// # Errors
    /// I/O errors from removing its folder.
    pub fn remove(&self) -> Result<(), Error> {
        remove(&self.folder)
    }

    /// The record's folder, which may not exist.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that loaders get as `HF_HOME`.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Creates the folder, so that something can be written to it and the store knows the project.
    ///
    /// # Errors
    /// I/O errors from creating the folder or its files.
    pub fn create(&self) -> Result<(), Error> {
        let path = self.folder.join("path");
        let bytes = self.project.as_os_str().as_encoded_bytes();
        if self.seal().is_some() && read_small(&path, MAX_PATH).is_ok_and(|known| known == bytes) {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder).map_err(Error::io("make the folder", &self.folder))?;
        if self.seal().is_none() {
            replace(&self.folder.join(SEAL), b"")?;
        }
        replace(&path, bytes)
    }

    /// Keeps other processes from changing the project's files and its install trees until the result is dropped. If
    /// another process holds the lock, `waiting` is called once, with that process where it is known. In a read-only
    /// store there is no lock; each file of a project is replaced atomically all the same.
    ///
    /// # Errors
    /// I/O errors from the lock file.
    pub fn lock(&self, waiting: &dyn Fn(Option<u32>)) -> Result<Option<File>, Error> {
        let path = self.folder.join("lock");
        unless_read_only(self.create().and_then(|()| lock_file(&path, &|| waiting(holder(&path)))))
    }

    /// Whether modelpin created the folder at `place` for this project, on this machine. A project that was moved keeps
    /// its folders, where the file system records when they were created.
    #[must_use]
    pub fn owns(&self, place: &Path) -> bool {
        let Ok(found) = std::fs::symlink_metadata(place) else { return false };
        let Some(path) = place.canonicalize().ok().filter(|_| found.is_dir()) else { return false };
        let identity = Identity::of(&found);
        self.owned().any(|(of, owned)| of == id(&path) && owned == identity)
            || identity.born.is_some() && self.moved().any(|other| other.owned().any(|(_, owned)| owned == identity))
    }

    /// Whether `place` is in the project's `.modelpin` folder.
    #[must_use]
    pub fn is_in_own_folder(&self, place: &Path) -> bool {
        place.canonicalize().is_ok_and(|real| real.starts_with(self.project.join(OWN_FOLDER)))
    }

    /// Remembers that modelpin created the folder at `place`, or found nothing in it that is not in the lock.
    ///
    /// # Errors
    /// I/O errors from looking at `place` or writing the record.
    pub fn record_ownership(&self, place: &Path) -> Result<(), Error> {
        let path = place.canonicalize().map_err(Error::io("find", place))?;
        let found = std::fs::symlink_metadata(&path).map_err(Error::io("look at", &path))?;
        let new = id(&path);
        let identity = Identity::of(&found);
        if self.owned().any(|owned| owned == (new, identity)) {
            return Ok(());
        }
        let mut text = String::new();
        for (of, Identity { device, inode, born }) in self.owned().filter(|(of, _)| *of != new).chain([(new, identity)])
        {
            let born = born.map_or_else(|| "-".to_owned(), |born| born.to_string());
            line(&mut text, format_args!("{} {device} {inode} {born}", of.hex()));
        }
        self.write(OWNED, &text)
    }

    /// The folders that modelpin created: the SHA-256 of each path, and which folder it was.
    fn owned(&self) -> impl Iterator<Item = (Digest, Identity)> + use<> {
        let text = self.read(OWNED).unwrap_or_default();
        let parsed: Vec<_> = text.lines().map_while(parse).collect();
        parsed.into_iter()
    }

    /// The records of projects whose folder no longer exists.
    fn moved(&self) -> impl Iterator<Item = Self> + use<> {
        let all = self.folder.parent().and_then(|all| std::fs::read_dir(all).ok());
        let one = |entry: std::fs::DirEntry| {
            let folder = entry.path();
            let project = path_from(read_small(&folder.join("path"), MAX_PATH).ok()?)?;
            (!project.exists()).then_some(Self { folder, project })
        };
        all.into_iter().flatten().filter_map(Result::ok).filter_map(one)
    }

    /// The text of the record's file `name`, if this user wrote it on this machine.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<String> {
        let file = open_no_follow(OpenOptions::new().read(true), &self.folder.join(name)).ok()?;
        let found = file.metadata().ok()?;
        if !found.is_file() || !is_ours(&found) {
            return None;
        }
        let mut text = String::new();
        file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
        let header = self.seal().map(header)?;
        text.strip_prefix(&header).map(ToOwned::to_owned)
    }

    /// Writes the record's file `name`. Does nothing in a read-only store.
    ///
    /// # Errors
    /// I/O errors from writing the file.
    pub fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        unless_read_only(self.try_write(name, text))?;
        Ok(())
    }

    fn try_write(&self, name: &str, text: &str) -> Result<(), Error> {
        self.create()?;
        let header = self.seal().map(header).unwrap_or_default();
        replace(&self.folder.join(name), format!("{header}{text}").as_bytes())
    }

    /// Removes the record's file `name`.
    ///
    /// # Errors
    /// I/O errors from removing the file.
    pub fn forget(&self, name: &str) -> Result<(), Error> {
        remove(&self.folder.join(name))
    }

    /// The times and inode of the seal, if it exists.
    fn seal(&self) -> Option<FileStat> {
        let found = std::fs::symlink_metadata(self.folder.join(SEAL)).ok()?;
        (found.is_file() && is_ours(&found)).then(|| FileStat::of(&found))
    }
}

/// `None` in a read-only store.
fn unless_read_only<T>(done: Result<T, Error>) -> Result<Option<T>, Error> {
    match done {
        Err(Error::Io { source, .. })
            if matches!(source.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) =>
        {
            Ok(None)
        }
        done => done.map(Some),
    }
}

/// The first line of each file. The device is left out: many file systems get another number at each boot.
fn header(FileStat { modified, changed, inode, .. }: FileStat) -> String {
    format!("modelpin record 1 {modified} {changed} {inode}\n")
}

fn id(path: &Path) -> Digest {
    Digest::new(Sha256::digest(path.as_os_str().as_encoded_bytes()).into())
}

fn parse(line: &str) -> Option<(Digest, Identity)> {
    let mut parts = line.split(' ');
    let of = Digest::from_hex(parts.next()?).ok()?;
    let device = parts.next()?.parse().ok()?;
    let inode = parts.next()?.parse().ok()?;
    let born = match parts.next()? {
        "-" => None,
        born => Some(born.parse().ok()?),
    };
    Some((of, Identity { device, inode, born }))
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.inode == other.inode && self.born == other.born && (self.born.is_some() || self.device == other.device)
    }
}

impl Identity {
    fn of(found: &Metadata) -> Self {
        let (device, inode) = FileStat::of(found).identity();
        let born = found.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        Self { device, inode, born: born.map(|born| born.as_nanos()) }
    }
}

#[cfg(unix)]
fn path_from(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_from(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::store::Store;
    use std::path::{Path, PathBuf};
    use tempfile::TempDir;

    fn scene() -> (TempDir, Record, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        std::fs::create_dir_all(project.join("models")).unwrap();
        let record = Record::of(&Store::new(folder.path().join("store")), &project).unwrap();
        (folder, record, project)
    }

    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }

    #[test]
    fn what_was_written_here_is_read_and_no_copy_of_it() {
        let (folder, record, project) = scene();
        assert_eq!(record.read("scanned"), None);
        record.write("scanned", "all\n").unwrap();
        assert_eq!(record.read("scanned").as_deref(), Some("all\n"));

        let brought = folder.path().join("brought");
        let other = Record::of(&Store::new(brought), &project).unwrap();
        copy(record.folder(), other.folder());
        assert_eq!(other.read("scanned"), None, "it came from elsewhere");
        other.write("scanned", "again\n").unwrap();
        assert_eq!(other.read("scanned").as_deref(), Some("again\n"));
    }

    #[test]
    fn another_project_has_another_record() {
        let (folder, record, _) = scene();
        let other = Record::of(&Store::new(folder.path().join("store")), folder.path()).unwrap();
        record.write("scanned", "all\n").unwrap();
        assert_ne!(record.folder(), other.folder());
        assert_eq!(other.read("scanned"), None);
    }

    #[test]
    fn a_folder_is_owned_as_long_as_it_is_that_folder() {
        let (folder, record, project) = scene();
        let models = project.join("models");
        assert!(!record.owns(&models));
        record.record_ownership(&models).unwrap();
        assert!(record.owns(&models));
        std::fs::write(models.join("new"), "").unwrap();
        assert!(record.owns(&models), "whatever is in it");
        std::fs::create_dir(project.join("other")).unwrap();
        assert!(!record.owns(&project.join("other")));

        std::fs::rename(&models, project.join("aside")).unwrap();
        std::fs::create_dir(&models).unwrap();
        assert!(!record.owns(&models), "a new folder of that name");
        std::fs::remove_dir(&models).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(project.join("aside"), &models).unwrap();
            assert!(!record.owns(&models), "a link to it");
        }
        let copy = Record::of(&Store::new(folder.path().join("elsewhere")), &project).unwrap();
        assert!(!copy.owns(&project.join("aside")), "another store knows nothing");
    }

    #[test]
    fn a_project_that_was_moved_keeps_its_folders() {
        let (folder, record, project) = scene();
        record.record_ownership(&project.join("models")).unwrap();
        let born = std::fs::metadata(project.join("models")).unwrap().created();
        let moved = folder.path().join("moved");
        std::fs::rename(&project, &moved).unwrap();
        let record = Record::of(&Store::new(folder.path().join("store")), &moved).unwrap();
        assert_eq!(record.owns(&moved.join("models")), born.is_ok());
    }
}
