//! What was proven, and what the file looked like then.
//!
//! A stamp is a remark, not a promise: whatever does not equal it to the nanosecond is hashed again. It is
//! taken only when the file's last change is long enough past that the next one must show in its times.

use super::look::Trace;
use crate::refusal::Failure;
use modelpin_schema::Digest;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HEADER: &str = "modelpin stamps 1";

/// Coarser than the clock of any file system that keeps times below a second.
const TICK: Duration = Duration::from_millis(20);

/// The stamps of one target.
#[derive(Debug)]
pub(super) struct Stamps {
    file: PathBuf,
    root: String,
    stamps: BTreeMap<String, (Trace, u64, Digest)>,
    dirty: bool,
}

impl Stamps {
    /// The stamps in `file`, if they are of the target at `root`. What cannot be read is no stamp.
    pub(super) fn read(file: PathBuf, root: &Path) -> Self {
        let root = root.display().to_string();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let mut lines = text.lines();
        let known = lines.next() == Some(HEADER) && lines.next() == Some(root.as_str());
        let stamps = if known { lines.map_while(parse).collect() } else { BTreeMap::new() };
        Self { file, root, stamps, dirty: false }
    }

    /// Whether the file at `path` was proven to be `digest` and has not changed since.
    pub(super) fn proves(&self, path: &str, trace: &Trace, size: u64, digest: &Digest) -> bool {
        self.stamps.get(path) == Some(&(*trace, size, *digest))
    }

    /// Whether anything was ever proven here.
    pub(super) fn is_empty(&self) -> bool {
        self.stamps.is_empty()
    }

    /// Remembers that the file at `path` is proven.
    pub(super) fn record(&mut self, path: &str, trace: Trace, size: u64, digest: Digest) {
        if !self.proves(path, &trace, size, &digest) {
            self.stamps.insert(path.to_owned(), (trace, size, digest));
            self.dirty = true;
        }
    }

    /// Forgets all paths but these.
    pub(super) fn keep(&mut self, keep: impl Fn(&str) -> bool) {
        let before = self.stamps.len();
        self.stamps.retain(|path, _| keep(path));
        self.dirty |= self.stamps.len() != before;
    }

    /// Writes the stamps, if there are new ones.
    pub(super) fn save(&mut self) -> Result<(), Failure> {
        if !self.dirty {
            return Ok(());
        }
        let newest = self.stamps.values().map(|(trace, _, _)| trace.changed).max().unwrap_or(0);
        wait_past(newest);
        let mut text = format!("{HEADER}\n{}\n", self.root);
        for (path, (trace, size, digest)) in &self.stamps {
            let Trace { modified, changed, inode, device } = trace;
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{} {size} {modified} {changed} {inode} {device} {path}", digest.hex());
        }
        crate::project::replace(&self.file, text.as_bytes())?;
        self.dirty = false;
        Ok(())
    }
}

/// Sleeps until a change could no longer have the time `nanos`.
fn wait_past(nanos: i128) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i128::try_from(now.as_nanos()).unwrap_or(i128::MAX);
    let tick = i128::try_from(TICK.as_nanos()).unwrap_or(0);
    if now.saturating_sub(nanos) < tick {
        std::thread::sleep(TICK);
    }
}

fn parse(line: &str) -> Option<(String, (Trace, u64, Digest))> {
    let mut parts = line.splitn(7, ' ');
    let digest = Digest::from_hex(parts.next()?).ok()?;
    let size = parts.next()?.parse().ok()?;
    let trace = Trace {
        modified: parts.next()?.parse().ok()?,
        changed: parts.next()?.parse().ok()?,
        inode: parts.next()?.parse().ok()?,
        device: parts.next()?.parse().ok()?,
    };
    Some((parts.next()?.to_owned(), (trace, size, digest)))
}
