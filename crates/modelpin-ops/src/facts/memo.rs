//! What was seen, remembered in the project's own folder, so that bytes that did not change are not judged again.
//!
//! The memory is written as a lock is: the same bounds and checks hold when it is read. It is no proof of
//! anything. Whoever recalls it has to know by other means that the bytes are still those that were seen, and
//! wherever it is in doubt there is nothing to recall.

use super::Seen;
use crate::project::replace;
use crate::refusal::Failure;
use crate::store::open_no_follow;
use modelpin_schema::lockfile::MAX_BYTES;
use modelpin_schema::{Lockfile, Name};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Read as _;
use std::path::Path;

/// The file's name.
const FILE: &str = "seen";

/// What was seen of the pins of `lock`, as far as it is remembered in `folder` for exactly their files by exactly
/// this scanner.
#[must_use]
pub fn recall(folder: &Path, lock: &Lockfile) -> BTreeMap<Name, Seen> {
    let Some(memory) = read(&folder.join(FILE)) else {
        return BTreeMap::new();
    };
    let same = lock.pins.iter().filter_map(|(name, pin)| {
        let known = memory.pins.get(name).filter(|known| known.source == pin.source && known.tree() == pin.tree())?;
        // The results of conversions are judged as well, so other results are other bytes.
        if known.converted != pin.converted {
            return None;
        }
        let kinds = known.standing().map(|(path, file)| (path.clone(), file.kind)).collect();
        Some((name.clone(), Seen { kinds, facts: known.facts.clone(), unseen: BTreeSet::new() }))
    });
    same.collect()
}

/// Remembers in `folder` what was seen of the pins of `lock`, those of them that were seen whole, and nothing else.
///
/// # Errors
/// The system's.
pub fn remember(folder: &Path, lock: &Lockfile, seen: &BTreeMap<Name, Seen>) -> Result<(), Failure> {
    let mut memory = Lockfile::default();
    for (name, pin) in &lock.pins {
        let Some(seen) = seen.get(name).filter(|seen| seen.unseen.is_empty()) else { continue };
        let mut pin = pin.clone();
        (pin.adapter, pin.via, pin.edges) = (None, BTreeSet::new(), BTreeMap::new());
        seen.kinds.iter().for_each(|(path, kind)| pin.set_kind(path, *kind));
        pin.facts.clone_from(&seen.facts);
        memory.pins.insert(name.clone(), pin);
    }
    replace(&folder.join(FILE), format!("{}{}", header(), memory.print()).as_bytes())
}

fn read(path: &Path) -> Option<Lockfile> {
    let file = open_no_follow(OpenOptions::new().read(true), path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Lockfile::read(FILE, text.strip_prefix(&header())?).ok()
}

/// A line that names this scanner: its version, and the SHA-256 of its rules.
fn header() -> String {
    let mut hasher = Sha256::new();
    for (_, rule) in modelpin_scan::rules::all() {
        hasher.update(format!("{} {}\n", rule.id, rule.severity.word()));
    }
    let rules = modelpin_schema::Digest::new(hasher.finalize().into());
    format!("# seen by modelpin {} {rules}\n", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::{FILE, recall, remember};
    use crate::facts::Seen;
    use modelpin_schema::lockfile::{Converted, Pin};
    use modelpin_schema::{Artifact, Digest, FileKind, Filter, Lockfile};

    fn lock(byte: u8) -> Lockfile {
        let file = Artifact { kind: FileKind::Other, size: 1, sha256: Digest::new([byte; 32]) };
        let files = [("a.bin".parse().unwrap(), file)].into();
        let source = "hf:model/acme/chat".parse().unwrap();
        let pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), "13".repeat(20).parse().unwrap(), files);
        Lockfile { pins: [("chat".parse().unwrap(), pin)].into() }
    }

    fn seen() -> Seen {
        let path: modelpin_schema::RepoPath = "a.bin".parse().unwrap();
        let mut seen = Seen { kinds: [(path.clone(), FileKind::Pickle)].into(), ..Seen::default() };
        seen.facts.globals.insert(path, ["posix.system".parse().unwrap()].into());
        seen
    }

    #[test]
    fn what_was_seen_is_recalled_for_the_same_bytes_only() {
        let folder = tempfile::tempdir().unwrap();
        assert!(recall(folder.path(), &lock(1)).is_empty());
        let all = [("chat".parse().unwrap(), seen())].into();
        remember(folder.path(), &lock(1), &all).unwrap();
        assert_eq!(recall(folder.path(), &lock(1)), all);
        assert!(recall(folder.path(), &lock(2)).is_empty());
    }

    #[test]
    fn what_was_seen_is_recalled_for_the_same_results_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut now = lock(1);
        let pin = now.pins.values_mut().next().unwrap();
        let converted = Converted {
            from: "a.bin".parse().unwrap(),
            source: Digest::new([1; 32]),
            converter: 1,
            size: 1,
            sha256: Digest::new([2; 32]),
        };
        pin.converted.insert("a.safetensors".parse().unwrap(), converted);
        let all = [("chat".parse().unwrap(), Seen::default())].into();
        remember(folder.path(), &now, &all).unwrap();
        assert_eq!(recall(folder.path(), &now), all, "what is replaced was not looked at");
        assert!(recall(folder.path(), &lock(1)).is_empty(), "now it has to be");
        let pin = now.pins.values_mut().next().unwrap();
        pin.converted.values_mut().for_each(|converted| converted.sha256 = Digest::new([3; 32]));
        assert!(recall(folder.path(), &now).is_empty());
    }

    #[test]
    fn what_was_seen_in_part_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let part = Seen { unseen: ["b.bin".parse().unwrap()].into(), ..seen() };
        remember(folder.path(), &lock(1), &[("chat".parse().unwrap(), part)].into()).unwrap();
        assert!(recall(folder.path(), &lock(1)).is_empty());
    }

    #[test]
    fn a_memory_in_doubt_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let all = [("chat".parse().unwrap(), seen())].into();
        remember(folder.path(), &lock(1), &all).unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        for forged in [
            text.replacen("modelpin 0", "modelpin 9", 1),
            text.replacen("# seen", "# Seen", 1),
            text.replacen("\"a.bin\" = {", "\"c.bin\" = {", 1),
            text.replacen("version = 1", "version = 2", 1),
            text.get(..text.len() - 4).unwrap().to_owned(),
        ] {
            assert_ne!(forged, text);
            std::fs::write(folder.path().join(FILE), forged).unwrap();
            assert!(recall(folder.path(), &lock(1)).is_empty());
        }
    }
}
