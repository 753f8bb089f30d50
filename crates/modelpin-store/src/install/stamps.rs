//! What was verified, and the file's times and inode at that moment.
//!
//! A stamp is a hint, not a promise: a file that differs from its stamp by a nanosecond is hashed again. It is taken
//! only when the file's last change is so long past that another change must show in its times, as git does with its
//! index ("racy git"): whoever takes one calls [`wait_for_clock_tick`] first, then looks at the file, then reads it.
//!
//! A file with several hard links (the store's, another repo's, another project's) gets another `changed` time whenever
//! a link is added or removed. What this run itself did so is remembered; otherwise the file is hashed once more.

use super::error::Error;
use crate::record::Record;
use crate::stat::FileStat;
use modelpin_schema::Digest;
use modelpin_schema::text::line;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds; coarser than the clock of any file system that keeps times below a second.
const TICK: i128 = 20_000_000;

/// Nanoseconds; coarser than the clock of a file system that does not. FAT counts in units of two seconds.
const COARSE_TICK: i128 = 2_000_000_000;

/// The stamps of one install tree.
#[derive(Debug)]
pub(super) struct Stamps {
    /// Where they are kept; `None` where this machine keeps no record of the project.
    record: Option<Record>,
    name: &'static str,
    root: String,
    stamps: BTreeMap<String, (FileStat, u64, Digest)>,
    dirty: bool,
}

impl Stamps {
    /// The stamps that `record` has as `name`, if they are of the folder `root`. What cannot be read is ignored.
    pub(super) fn read(record: Option<&Record>, name: &'static str, root: &Path) -> Self {
        // On one line, whatever is in the path.
        let root = root.as_os_str().as_encoded_bytes().escape_ascii().to_string();
        let text = record.and_then(|record| record.read(name)).unwrap_or_default();
        let mut lines = text.lines();
        let known = lines.next() == Some(root.as_str());
        let stamps = if known { lines.map_while(parse).collect() } else { BTreeMap::new() };
        Self { record: record.cloned(), name, root, stamps, dirty: false }
    }

    /// Whether the file at `path` was verified to be `digest` and has not changed since.
    pub(super) fn verifies(&self, path: &str, stat: &FileStat, size: u64, digest: &Digest) -> bool {
        self.stamps.get(path) == Some(&(*stat, size, *digest))
    }

    /// What the file at `path` looked like when it was verified to be `digest`.
    pub(super) fn stat(&self, path: &str, size: u64, digest: &Digest) -> Option<FileStat> {
        let (stat, len, known) = self.stamps.get(path)?;
        (*len == size && known == digest).then_some(*stat)
    }

    /// Whether there are no stamps.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.stamps.is_empty()
    }

    /// Remembers that the file at `path` is verified, unless it could still change without showing it in its times.
    pub(super) fn record(&mut self, path: &str, stat: FileStat, size: u64, digest: Digest) {
        if is_past_tick(stat.changed, now()) && !self.verifies(path, &stat, size, &digest) {
            self.stamps.insert(path.to_owned(), (stat, size, digest));
            self.dirty = true;
        }
    }

    /// Forgets all paths except those that `keep` keeps.
    pub(super) fn keep(&mut self, keep: impl Fn(&str) -> bool) {
        let before = self.stamps.len();
        self.stamps.retain(|path, _| keep(path));
        self.dirty |= self.stamps.len() != before;
    }

    /// Forgets everything, on disk as well.
    pub(super) fn forget(&mut self) -> Result<(), crate::Error> {
        self.stamps.clear();
        self.dirty = false;
        self.record.as_ref().map_or(Ok(()), |record| record.forget(self.name))
    }

    /// Writes the stamps, if there are new ones.
    pub(super) fn save(&mut self) -> Result<(), crate::Error> {
        let Some(record) = self.record.as_ref().filter(|_| self.dirty) else { return Ok(()) };
        let mut text = format!("{}\n", self.root);
        for (path, (stat, size, digest)) in &self.stamps {
            let FileStat { modified, changed, inode, device } = stat;
            line(&mut text, format_args!("{} {size} {modified} {changed} {inode} {device} {path}", digest.hex()));
        }
        record.write(self.name, &text)?;
        self.dirty = false;
        Ok(())
    }
}

/// The times and inode of the file at `path`.
pub(super) fn stat(path: &Path) -> Result<FileStat, Error> {
    std::fs::symlink_metadata(path).map(|found| FileStat::of(&found)).map_err(Error::io("look at", path))
}

/// Waits until a file that last changed at one of `times` (nanoseconds since 1970) would get another time if it changed
/// now. Where clocks are too coarse or too far apart for that it does not wait; such files get no stamp yet.
pub(super) fn wait_for_clock_tick(times: impl Iterator<Item = i128>) {
    let now = now();
    if times.filter(|time| *time <= now).any(|time| now - time < TICK) {
        std::thread::sleep(Duration::from_nanos(u64::try_from(TICK).unwrap_or(0)));
    }
}

fn is_past_tick(changed: i128, now: i128) -> bool {
    let tick = if changed % 1_000_000_000 == 0 { COARSE_TICK } else { TICK };
    now - changed >= tick
}

fn now() -> i128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(now.as_nanos()).unwrap_or(0)
}

fn parse(line: &str) -> Option<(String, (FileStat, u64, Digest))> {
    let mut parts = line.splitn(7, ' ');
    let digest = Digest::from_hex(parts.next()?).ok()?;
    let size = parts.next()?.parse().ok()?;
    let stat = FileStat {
        modified: parts.next()?.parse().ok()?,
        changed: parts.next()?.parse().ok()?,
        inode: parts.next()?.parse().ok()?,
        device: parts.next()?.parse().ok()?,
    };
    Some((parts.next()?.to_owned(), (stat, size, digest)))
}

#[cfg(test)]
mod tests {
    use super::{Stamps, is_past_tick, now};
    use crate::record::Record;
    use crate::stat::FileStat;
    use crate::store::Store;
    use modelpin_schema::Digest;
    use std::path::Path;
    use tempfile::TempDir;

    const OLD: FileStat = FileStat { modified: 7, changed: 8, inode: 9, device: 10 };
    const ROOT: &str = "/some/root";

    fn digest() -> Digest {
        Digest::new([7; 32])
    }

    fn record() -> (TempDir, Record) {
        let folder = tempfile::tempdir().unwrap();
        let record = Record::of(&Store::new(folder.path().join("store")), folder.path()).unwrap();
        (folder, record)
    }

    fn read(record: &Record, root: &str) -> Stamps {
        Stamps::read(Some(record), "stamps", Path::new(root))
    }

    #[test]
    fn stamps_are_read_as_they_were_written() {
        let (_folder, record) = record();
        let mut stamps = read(&record, ROOT);
        stamps.record("a b/ünïcode.json", OLD, 3, digest());
        stamps.save().unwrap();
        let stamps = read(&record, ROOT);
        assert!(stamps.verifies("a b/ünïcode.json", &OLD, 3, &digest()));
        for other in [
            FileStat { modified: 1, ..OLD },
            FileStat { changed: 1, ..OLD },
            FileStat { inode: 1, ..OLD },
            FileStat { device: 1, ..OLD },
        ] {
            assert!(!stamps.verifies("a b/ünïcode.json", &other, 3, &digest()));
        }
        assert!(!stamps.verifies("a b/ünïcode.json", &OLD, 4, &digest()));
        assert!(!stamps.verifies("a b/ünïcode.json", &OLD, 3, &Digest::new([8; 32])));
        assert!(read(&record, "/other/root").is_empty(), "a folder that was moved is hashed again");
    }

    #[test]
    fn what_cannot_be_read_is_no_stamp() {
        let (_folder, record) = record();
        let hex = digest().hex();
        let line = format!("{hex} 3 7 8 9 10 a");
        for (text, count) in [
            (format!("{ROOT}\n{line}\n"), 1),
            (format!("{ROOT}\n{line}\n{hex} 3 7 8 9"), 1),
            (format!("{ROOT}\n{hex} 3 7 8 9 x b\n"), 0),
            (line, 0),
            (String::new(), 0),
        ] {
            record.write("stamps", &text).unwrap();
            assert_eq!(read(&record, ROOT).stamps.len(), count, "{text}");
        }
        std::fs::write(record.folder().join("stamps"), b"\xff\xfe").unwrap();
        assert!(read(&record, ROOT).is_empty());
    }

    #[test]
    fn what_just_changed_gets_no_stamp() {
        let mut stamps = Stamps::read(None, "stamps", Path::new("/r"));
        stamps.record("a", FileStat { changed: now(), ..OLD }, 3, digest());
        stamps.record("b", FileStat { changed: now() + 5_000_000_000, ..OLD }, 3, digest());
        assert!(stamps.is_empty());
        assert!(!is_past_tick(5_000_000_000, 6_000_000_000), "a clock of whole seconds");
        assert!(is_past_tick(5_000_000_000, 7_000_000_000));
        assert!(is_past_tick(5_000_000_001, 5_100_000_000));
    }
}
