//! What was judged, remembered in the project's record, so that the same bytes are not judged again.
//!
//! Of an entry of which the lock says exactly what was seen, a digest is remembered: the usual case costs a warm run one
//! line. Of any other, all that was seen, written as a lock is: the same bounds and checks hold when it is read.
//!
//! It is about content, by its SHA-256, and says nothing of files: whoever recalls it has to know by other means that a
//! file is that content. Wherever it is in doubt there is nothing to recall.

use super::Seen;
use crate::refusal::Failure;
use modelpin_rules::Category;
use modelpin_schema::text::line;
use modelpin_schema::{CommitId, Digest, Filter, Lockfile, Name, Pin, Requested};
use modelpin_store::Record;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The name of its file in the record.
const FILE: &str = "judged";

/// What is remembered.
#[derive(Default)]
struct Memory {
    /// By entry, the [`fingerprint`] of what was seen, where it was what the lock said.
    as_locked: BTreeMap<Name, Digest>,
    /// The other entries, as they were seen.
    otherwise: Lockfile,
}

/// What was seen of the pins of `lock`, as far as `record` has it for exactly their files by exactly this scanner.
#[must_use]
pub fn recall(record: Option<&Record>, lock: &Lockfile) -> BTreeMap<Name, Seen> {
    let memory = record.and_then(|record| record.read(FILE)).and_then(|text| read(&text)).unwrap_or_default();
    let one = |name: &Name, pin: &Pin| {
        if let Some(known) = memory.as_locked.get(name) {
            return (fingerprint(name, bare(pin)) == *known).then(|| as_it_says(pin));
        }
        let known = memory.otherwise.pins.get(name)?;
        // The results of conversions are judged as well, so other results are other bytes.
        let same = known.source == pin.source && known.tree() == pin.tree() && known.converted == pin.converted;
        same.then(|| as_it_says(known))
    };
    lock.pins.iter().filter_map(|(name, pin)| Some((name.clone(), one(name, pin)?))).collect()
}

/// The part of `lock` of which nothing is in `seen`.
pub(crate) fn unknown(lock: &Lockfile, seen: &BTreeMap<Name, Seen>) -> Lockfile {
    let pins = lock.pins.iter().filter(|(name, _)| !seen.contains_key(*name));
    Lockfile { pins: pins.map(|(name, pin)| (name.clone(), pin.clone())).collect() }
}

/// What was seen of a pin that says all of it.
fn as_it_says(pin: &Pin) -> Seen {
    let kinds = pin.unconverted().map(|(path, file)| (path.clone(), file.kind)).collect();
    Seen { kinds, facts: pin.facts.clone(), ..Seen::default() }
}

/// Remembers in `record` what was seen of the pins of `lock`, those of them that were seen whole, and nothing else.
///
/// # Errors
/// The system's.
pub fn remember(record: &Record, lock: &Lockfile, seen: &BTreeMap<Name, Seen>) -> Result<(), Failure> {
    let mut otherwise = Lockfile::default();
    let mut text = header();
    for (name, pin) in &lock.pins {
        let Some(seen) = seen.get(name).filter(|seen| seen.unseen.is_empty()) else { continue };
        let mut known = bare(pin);
        seen.kinds.iter().for_each(|(path, kind)| known.set_kind(path, *kind));
        known.facts.clone_from(&seen.facts);
        if known == bare(pin) {
            line(&mut text, format_args!("{} {name}", fingerprint(name, known)));
        } else {
            otherwise.pins.insert(name.clone(), known);
        }
    }
    text.push_str(&otherwise.print());
    Ok(record.write(FILE, &text)?)
}

/// Of a pin, what its bytes are and what they were seen to be and do.
fn bare(pin: &Pin) -> Pin {
    let mut bare = pin.clone();
    (bare.requested, bare.filter) = (Requested::main(), Filter::default());
    (bare.revision, bare.hub.revision_date, bare.hub.tag, bare.hub.repo_id) =
        (CommitId::new([0; 20]), None, None, None);
    (bare.hub.license, bare.ticket, bare.dependencies.adapter) = (None, None, None);
    bare.hub.skipped.clear();
    bare.dependencies.required_by.clear();
    bare.dependencies.pinned.clear();
    bare
}

/// The SHA-256 of a [`bare`] pin as a lock would have it.
fn fingerprint(name: &Name, bare: Pin) -> Digest {
    let lock = Lockfile { pins: [(name.clone(), bare)].into() };
    Digest::new(Sha256::digest(lock.print()).into())
}

fn read(text: &str) -> Option<Memory> {
    let text = text.strip_prefix(&header())?;
    // A lock begins with a comment.
    let (as_locked, otherwise) = text.split_at_checked(text.find('#')?)?;
    let entry = |line: &str| {
        let (digest, name) = line.split_once(' ')?;
        Some((name.parse().ok()?, digest.parse().ok()?))
    };
    let as_locked = as_locked.lines().map(entry).collect::<Option<_>>()?;
    Some(Memory { as_locked, otherwise: Lockfile::read(FILE, otherwise).ok()? })
}

/// A line that names this scanner: its version, and the SHA-256 of its rules.
fn header() -> String {
    let mut hasher = Sha256::new();
    for rule in modelpin_rules::of(Category::Scan) {
        hasher.update(format!("{} {} {}\n", rule.id, rule.severity.word(), rule.property.word()));
    }
    let rules = Digest::new(hasher.finalize().into());
    format!("# judged by modelpin {} {rules}\n", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::{FILE, recall, remember};
    use crate::facts::Seen;
    use modelpin_schema::lockfile::{Converted, Pin};
    use modelpin_schema::{Artifact, Digest, FileKind, Filter, Lockfile};
    use modelpin_store::Record;
    use modelpin_store::Store;
    use tempfile::TempDir;

    fn record() -> (TempDir, Record) {
        let folder = tempfile::tempdir().unwrap();
        let record = Record::of(&Store::new(folder.path().join("store")), folder.path()).unwrap();
        (folder, record)
    }

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
        let (_folder, record) = record();
        assert!(recall(Some(&record), &lock(1)).is_empty());
        let all = [("chat".parse().unwrap(), seen())].into();
        remember(&record, &lock(1), &all).unwrap();
        assert_eq!(recall(Some(&record), &lock(1)), all);
        assert!(recall(Some(&record), &lock(2)).is_empty());
    }

    #[test]
    fn of_what_the_lock_says_itself_a_digest_is_remembered() {
        let (_folder, record) = record();
        let same = Seen { kinds: [("a.bin".parse().unwrap(), FileKind::Other)].into(), ..Seen::default() };
        let all = [("chat".parse().unwrap(), same)].into();
        remember(&record, &lock(1), &all).unwrap();
        assert_eq!(recall(Some(&record), &lock(1)), all);
        assert!(recall(Some(&record), &lock(2)).is_empty());
        let mut edited = lock(1);
        edited.pins.values_mut().for_each(|pin| pin.set_kind(&"a.bin".parse().unwrap(), FileKind::Safetensors));
        assert!(recall(Some(&record), &edited).is_empty(), "it says something else of the same bytes");
        let other = Lockfile { pins: [("other".parse().unwrap(), lock(1).pins.into_values().next().unwrap())].into() };
        assert!(recall(Some(&record), &other).is_empty());

        let text = record.read(FILE).unwrap();
        assert!(!text.contains("a.bin"), "{text}");
        let line = text.lines().nth(1).unwrap();
        let (digest, _) = line.split_once(' ').unwrap();
        for forged in [line.to_uppercase(), digest.to_owned(), format!("{line}\n{digest} ../x"), "#".to_owned()] {
            record.write(FILE, &text.replace(line, &forged)).unwrap();
            assert!(recall(Some(&record), &lock(1)).is_empty(), "{forged}");
        }
    }

    #[test]
    fn what_was_seen_is_recalled_for_the_same_results_only() {
        let (_folder, record) = record();
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
        remember(&record, &now, &all).unwrap();
        assert_eq!(recall(Some(&record), &now), all, "what is replaced was not looked at");
        assert!(recall(Some(&record), &lock(1)).is_empty(), "now it has to be");
        let pin = now.pins.values_mut().next().unwrap();
        pin.converted.values_mut().for_each(|converted| converted.sha256 = Digest::new([3; 32]));
        assert!(recall(Some(&record), &now).is_empty());
    }

    #[test]
    fn what_was_seen_in_part_is_not_remembered() {
        let (_folder, record) = record();
        let part = Seen { unseen: ["b.bin".parse().unwrap()].into(), ..seen() };
        remember(&record, &lock(1), &[("chat".parse().unwrap(), part)].into()).unwrap();
        assert!(recall(Some(&record), &lock(1)).is_empty());
    }

    #[test]
    fn a_memory_in_doubt_is_none() {
        let (_folder, record) = record();
        let all = [("chat".parse().unwrap(), seen())].into();
        remember(&record, &lock(1), &all).unwrap();
        let text = record.read(FILE).unwrap();
        for forged in [
            text.replacen("modelpin 0", "modelpin 9", 1),
            text.replacen("# judged", "# Judged", 1),
            text.replacen("\"a.bin\" = {", "\"c.bin\" = {", 1),
            text.replacen("version = 1", "version = 2", 1),
            text.get(..text.len() - 4).unwrap().to_owned(),
        ] {
            assert_ne!(forged, text);
            record.write(FILE, &forged).unwrap();
            assert!(recall(Some(&record), &lock(1)).is_empty());
        }
    }
}
