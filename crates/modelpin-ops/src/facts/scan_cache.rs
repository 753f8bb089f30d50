//! What scans found, kept in the project's record, so that the same bytes are not scanned again.
//!
//! Of an entry of which the lock records exactly what was found, a digest is kept: the usual case costs a warm run
//! one line. Of any other entry all facts are kept, in the format of a lock: the same limits and checks hold when it
//! is read.
//!
//! It is about content, by its SHA-256, and says nothing of files: a caller has to know by other means that a file has
//! that content. A cache that cannot be read as a whole is empty.

use super::observed::Observed;
use crate::refusal::Failure;
use modelpin_rules::Category;
use modelpin_schema::text::line;
use modelpin_schema::{Digest, Lockfile, Name, Pin};
use modelpin_store::Record;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The name of its file in the record.
const FILE: &str = "scanned";

/// What is kept.
#[derive(Default)]
struct Cache {
    /// By entry, the [`fingerprint`] of what was found, where the lock recorded exactly that.
    as_locked: BTreeMap<Name, Digest>,
    /// The other entries, with what was found in their files.
    otherwise: Lockfile,
}

/// What was found in the files of `lock`, as far as `record` has it for exactly these files and this scanner.
#[must_use]
pub fn load(record: Option<&Record>, lock: &Lockfile) -> BTreeMap<Name, Observed> {
    let cache = record.and_then(|record| record.read(FILE)).and_then(|text| read(&text)).unwrap_or_default();
    let one = |name: &Name, pin: &Pin| {
        if let Some(known) = cache.as_locked.get(name) {
            return (fingerprint(name, pin.content_only()) == *known).then(|| recorded(pin));
        }
        let known = cache.otherwise.pins.get(name)?;
        // The results of conversions are scanned as well, so other results are other bytes.
        let same = known.source == pin.source && known.tree() == pin.tree() && known.converted == pin.converted;
        same.then(|| recorded(known))
    };
    lock.pins.iter().filter_map(|(name, pin)| Some((name.clone(), one(name, pin)?))).collect()
}

/// The entries of `lock` of which nothing was `found`.
pub(crate) fn unknown(lock: &Lockfile, found: &BTreeMap<Name, Observed>) -> Lockfile {
    let pins = lock.pins.iter().filter(|(name, _)| !found.contains_key(*name));
    Lockfile { pins: pins.map(|(name, pin)| (name.clone(), pin.clone())).collect() }
}

/// What was found in the files of an entry that records all of it.
fn recorded(pin: &Pin) -> Observed {
    let kinds = pin.unconverted().map(|(path, file)| (path.clone(), file.kind)).collect();
    Observed { kinds, facts: pin.facts.clone(), ..Observed::default() }
}

/// Keeps in `record` what was `found` in the entries of `lock` that were scanned as a whole, and nothing else.
///
/// # Errors
/// I/O errors from writing the record.
pub fn save(record: &Record, lock: &Lockfile, found: &BTreeMap<Name, Observed>) -> Result<(), Failure> {
    let mut otherwise = Lockfile::default();
    let mut text = header();
    for (name, pin) in &lock.pins {
        // What was found late is looked at again until the lock says so.
        let is_kept = |observed: &&Observed| observed.unavailable.is_empty() && observed.late.is_empty();
        let Some(observed) = found.get(name).filter(is_kept) else { continue };
        let mut known = pin.content_only();
        observed.kinds.iter().for_each(|(path, kind)| known.set_kind(path, *kind));
        known.facts.clone_from(&observed.facts);
        if known == pin.content_only() {
            line(&mut text, format_args!("{} {name}", fingerprint(name, known)));
        } else {
            otherwise.pins.insert(name.clone(), known);
        }
    }
    text.push_str(&otherwise.print());
    Ok(record.write(FILE, &text)?)
}

/// The SHA-256 of an entry, as a lock prints it.
fn fingerprint(name: &Name, pin: Pin) -> Digest {
    let lock = Lockfile { pins: [(name.clone(), pin)].into() };
    Digest::new(Sha256::digest(lock.print()).into())
}

fn read(text: &str) -> Option<Cache> {
    let text = text.strip_prefix(&header())?;
    // A lock begins with a comment.
    let (as_locked, otherwise) = text.split_at_checked(text.find('#')?)?;
    let entry = |line: &str| {
        let (digest, name) = line.split_once(' ')?;
        Some((name.parse().ok()?, digest.parse().ok()?))
    };
    let as_locked = as_locked.lines().map(entry).collect::<Option<_>>()?;
    Some(Cache { as_locked, otherwise: Lockfile::read(FILE, otherwise).ok()? })
}

/// A line that names this scanner: its version, and the SHA-256 of its rules.
fn header() -> String {
    let mut hasher = Sha256::new();
    for rule in modelpin_rules::of(Category::Scan) {
        hasher.update(format!("{} {} {}\n", rule.id, rule.severity.word(), rule.property.word()));
    }
    let rules = Digest::new(hasher.finalize().into());
    format!("# scanned by modelpin {} {rules}\n", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::{FILE, load, save};
    use crate::facts::Observed;
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

    fn observed() -> Observed {
        let path: modelpin_schema::RepoPath = "a.bin".parse().unwrap();
        let mut observed = Observed { kinds: [(path.clone(), FileKind::Pickle)].into(), ..Observed::default() };
        observed.facts.globals.insert(path, ["posix.system".parse().unwrap()].into());
        observed
    }

    #[test]
    fn what_was_found_is_loaded_for_the_same_bytes_only() {
        let (_folder, record) = record();
        assert!(load(Some(&record), &lock(1)).is_empty());
        let all = [("chat".parse().unwrap(), observed())].into();
        save(&record, &lock(1), &all).unwrap();
        assert_eq!(load(Some(&record), &lock(1)), all);
        assert!(load(Some(&record), &lock(2)).is_empty());
    }

    #[test]
    fn of_what_the_lock_records_itself_a_digest_is_kept() {
        let (_folder, record) = record();
        let same = Observed { kinds: [("a.bin".parse().unwrap(), FileKind::Other)].into(), ..Observed::default() };
        let all = [("chat".parse().unwrap(), same)].into();
        save(&record, &lock(1), &all).unwrap();
        assert_eq!(load(Some(&record), &lock(1)), all);
        assert!(load(Some(&record), &lock(2)).is_empty());
        let mut edited = lock(1);
        edited.pins.values_mut().for_each(|pin| pin.set_kind(&"a.bin".parse().unwrap(), FileKind::Safetensors));
        assert!(load(Some(&record), &edited).is_empty(), "it says something else of the same bytes");
        let other = Lockfile { pins: [("other".parse().unwrap(), lock(1).pins.into_values().next().unwrap())].into() };
        assert!(load(Some(&record), &other).is_empty());

        let text = record.read(FILE).unwrap();
        assert!(!text.contains("a.bin"), "{text}");
        let line = text.lines().nth(1).unwrap();
        let (digest, _) = line.split_once(' ').unwrap();
        for forged in [line.to_uppercase(), digest.to_owned(), format!("{line}\n{digest} ../x"), "#".to_owned()] {
            record.write(FILE, &text.replace(line, &forged)).unwrap();
            assert!(load(Some(&record), &lock(1)).is_empty(), "{forged}");
        }
    }

    #[test]
    fn what_was_found_is_loaded_for_the_same_results_only() {
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
        let all = [("chat".parse().unwrap(), Observed::default())].into();
        save(&record, &now, &all).unwrap();
        assert_eq!(load(Some(&record), &now), all, "what is replaced was not scanned");
        assert!(load(Some(&record), &lock(1)).is_empty(), "now it has to be");
        let pin = now.pins.values_mut().next().unwrap();
        pin.converted.values_mut().for_each(|converted| converted.sha256 = Digest::new([3; 32]));
        assert!(load(Some(&record), &now).is_empty());
    }

    #[test]
    fn an_incomplete_scan_is_not_kept() {
        let (_folder, record) = record();
        let part = Observed { unavailable: ["b.bin".parse().unwrap()].into(), ..observed() };
        save(&record, &lock(1), &[("chat".parse().unwrap(), part)].into()).unwrap();
        assert!(load(Some(&record), &lock(1)).is_empty());
    }

    #[test]
    fn an_invalid_cache_is_empty() {
        let (_folder, record) = record();
        let all = [("chat".parse().unwrap(), observed())].into();
        save(&record, &lock(1), &all).unwrap();
        let text = record.read(FILE).unwrap();
        for forged in [
            text.replacen("modelpin 0", "modelpin 9", 1),
            text.replacen("# scanned", "# Scanned", 1),
            text.replacen("\"a.bin\" = {", "\"c.bin\" = {", 1),
            text.replacen("version = 1", "version = 2", 1),
            text.get(..text.len() - 4).unwrap().to_owned(),
        ] {
            assert_ne!(forged, text);
            record.write(FILE, &forged).unwrap();
            assert!(load(Some(&record), &lock(1)).is_empty());
        }
    }
}
