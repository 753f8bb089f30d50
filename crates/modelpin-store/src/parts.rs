//! Incomplete downloads, each under a name that no other process opens: `flock` is unreliable on some network file
//! systems and missing on others, and two processes writing to one file would publish a mixture.
//!
//! A later run resumes what an interrupted one left. Where the lock on a blob really excludes others, nobody has that
//! file open any more: it is renamed to this run's own name. Where it may not, its content is copied, so that a process
//! that still writes to it writes to another file.

use crate::error::Error;
use crate::files::{in_folder, make_writable, open_no_follow};
use crate::hash::{ContentHasher, hash_file, in_pieces};
use crate::lock::BlobLock;
use crate::store::Store;
use modelpin_schema::Digest;
use std::fs::{File, Metadata, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const SUFFIX: &str = ".part";

/// Seconds without a change after which an incomplete download counts as abandoned, whatever the locks say.
pub(crate) const ABANDONED: u64 = 24 * 60 * 60;

impl Store {
    /// This run's own path for an incomplete download of `digest`.
    fn own_part(&self, digest: &Digest) -> PathBuf {
        let Run { boot, id } = Run::this();
        self.tmp().join(format!("{}.{boot}-{id}{SUFFIX}", digest.hex()))
    }

    /// What any run left of `digest`, the largest first.
    pub(crate) fn parts(&self, digest: &Digest) -> Vec<(PathBuf, Metadata)> {
        let hex = digest.hex();
        let is_part =
            |name: &str| name.strip_prefix(&hex).is_some_and(|rest| rest.starts_with('.')) && name.ends_with(SUFFIX);
        let listed = std::fs::read_dir(self.tmp()).into_iter().flatten().filter_map(Result::ok);
        let parts = listed.filter(|entry| entry.file_name().to_str().is_some_and(is_part));
        let found = parts.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
        let mut parts: Vec<_> = found.filter(|(_, found)| found.is_file()).collect();
        parts.sort_by_key(|(_, found)| std::cmp::Reverse(found.len()));
        parts
    }

    /// This run's own file for the content that `lock` is for, with what an interrupted run left of it, which is
    /// hashed.
    pub(crate) fn resume(&self, lock: &BlobLock, size: u64) -> Result<(PathBuf, File, ContentHasher), Error> {
        let own = self.own_part(&lock.digest);
        let parts = self.parts(&lock.digest);
        if !parts.iter().any(|(path, _)| *path == own) {
            let trusted = !parts.is_empty() && self.keeps_others_out(lock);
            for (part, found) in parts.iter().filter(|(_, found)| (1..=size).contains(&found.len())) {
                if trusted && is_this_boots(part) && is_ours(found) {
                    // Another run can be quicker where locks do not work after all: then the file is its own.
                    if std::fs::rename(part, &own).is_ok() {
                        break;
                    }
                } else if let Some((file, hashed)) = copied(part, &own, size) {
                    return Ok((own, file, hashed));
                }
            }
        }
        make_writable(&own).map_err(Error::io("reopen", &own))?;
        let mut file = in_folder("open", &own, || {
            open_no_follow(OpenOptions::new().create(true).truncate(false).read(true).write(true), &own)
        })?;
        let mut hashed = hash_file(&mut file, size).map_err(Error::io("read", &own))?;
        if hashed.size() > size {
            file.set_len(0).map_err(Error::io("truncate", &own))?;
            file.rewind().map_err(Error::io("rewind", &own))?;
            hashed = ContentHasher::default();
        }
        Ok((own, file, hashed))
    }

    /// This run's own file for `digest`, empty, whatever an interrupted run left.
    pub(crate) fn start(&self, digest: &Digest) -> Result<(PathBuf, File, ContentHasher), Error> {
        let own = self.own_part(digest);
        let _ = std::fs::remove_file(&own);
        let file = in_folder("open", &own, || OpenOptions::new().create_new(true).read(true).write(true).open(&own))?;
        Ok((own, file, ContentHasher::default()))
    }

    /// Removes incomplete downloads of the content that `lock` is for, which is in the store now.
    pub(crate) fn drop_parts(&self, lock: &BlobLock) {
        let parts = self.parts(&lock.digest);
        let trusted = !parts.is_empty() && self.keeps_others_out(lock);
        for (path, found) in parts {
            if trusted && is_this_boots(&path) || is_older(&found, ABANDONED) {
                let _ = std::fs::remove_file(&path);
            }
        }
    }
}

/// Copies `part` to the new file `own`, hashing it on the way; `None` where that fails.
fn copied(part: &Path, own: &Path, size: u64) -> Option<(File, ContentHasher)> {
    let copied = copy(part, own, size);
    if copied.is_err() {
        let _ = std::fs::remove_file(own);
    }
    copied.ok()
}

fn copy(part: &Path, own: &Path, size: u64) -> std::io::Result<(File, ContentHasher)> {
    let source = open_no_follow(OpenOptions::new().read(true), part)?;
    let mut file = OpenOptions::new().create_new(true).read(true).write(true).open(own)?;
    let mut hashed = ContentHasher::default();
    in_pieces(source, size, |piece| {
        file.write_all(piece)?;
        hashed.update(piece);
        Ok(())
    })?;
    Ok((file, hashed))
}

/// Whether the file was not changed for this many seconds.
pub(crate) fn is_older(found: &Metadata, seconds: u64) -> bool {
    let age = found.modified().ok().and_then(|modified| modified.elapsed().ok());
    age.is_some_and(|age| age.as_secs() >= seconds)
}

/// Whether the file belongs to this user and has one hard link.
fn is_ours(found: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        found.uid() == rustix::process::geteuid().as_raw() && found.nlink() == 1
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        true
    }
}

/// Whether a run on this machine left the file since the machine was booted: a lock that excludes others here may not
/// do so between machines.
fn is_this_boots(part: &Path) -> bool {
    let name = part.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.split('.').nth(1).is_some_and(|run| run.split('-').next() == Some(&Run::this().boot))
}

/// An id of the current boot of this machine, empty where the system has none. Locks work between processes of one
/// boot.
#[must_use]
pub fn boot_id() -> &'static str {
    &Run::this().boot
}

/// What distinguishes this process from all others that could use the store.
pub(crate) struct Run {
    pub(crate) boot: String,
    id: String,
}

impl Run {
    pub(crate) fn this() -> &'static Self {
        static THIS: OnceLock<Run> = OnceLock::new();
        THIS.get_or_init(|| {
            let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
            let boot: String = boot.chars().filter(char::is_ascii_hexdigit).take(12).collect();
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_u32(std::process::id());
            Self { boot, id: format!("{:016x}", hasher.finish()) }
        })
    }
}
