//! From facts to the lock.

use super::owner::may_own;
use super::{Seen, is_seen_at_lock};
use modelpin_scan::may_be_provisional;
use modelpin_schema::lockfile::{Artifact, Identifier};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Records in `lock` what was seen. What was not seen stays as it is recorded.
pub fn record(lock: &mut Lockfile, seen: &BTreeMap<Name, Seen>) {
    for (name, seen) in seen {
        if let Some(pin) = lock.pins.get_mut(name) {
            one(pin, seen);
        }
    }
}

fn one(pin: &mut Pin, seen: &Seen) {
    for (path, kind) in &seen.kinds {
        pin.set_kind(path, *kind);
        put(&mut pin.facts.globals, path, &seen.facts.globals);
        put(&mut pin.facts.templates, path, &seen.facts.templates);
        let known = pin.facts.findings.remove(path).unwrap_or_default();
        let open = seen.open.get(path).into_iter().flatten().filter(|rule| known.contains(*rule)).cloned();
        let found: BTreeSet<Identifier> =
            seen.facts.findings.get(path).into_iter().flatten().cloned().chain(open).collect();
        if !found.is_empty() {
            pin.facts.findings.insert(path.clone(), found);
        }
    }
    // Facts of the whole are known anew only where no file is unseen that could tell of one.
    let unseen = |kinds: &[FileKind]| seen.unseen.iter().any(|path| kinds.contains(&FileKind::of(path)));
    let is_code = |path| pin.files().get(path).is_some_and(|file| file.kind == FileKind::Code);
    if !unseen(&[FileKind::Code]) && !seen.unseen.iter().any(is_code) {
        pin.facts.capabilities.clear();
    }
    if !unseen(&[FileKind::Config]) {
        pin.facts.auto_map.clear();
        pin.facts.references.clear();
        pin.facts.base = None;
    }
    if !unseen(&[FileKind::Config, FileKind::Doc, FileKind::Other]) {
        pin.facts.requires.clear();
    }
    pin.facts.capabilities.extend(seen.facts.capabilities.iter().cloned());
    pin.facts.auto_map.extend(seen.facts.auto_map.iter().cloned());
    pin.facts.references.extend(seen.facts.references.iter().cloned());
    pin.facts.base = seen.facts.base.clone().or_else(|| pin.facts.base.take());
    pin.dependencies.pinned.retain(|reference, _| pin.facts.references.contains(reference));
    pin.facts.requires.extend(seen.facts.requires.iter().map(|(name, how)| (name.clone(), how.clone())));
}

fn put<T: Clone>(into: &mut BTreeMap<RepoPath, T>, path: &RepoPath, from: &BTreeMap<RepoPath, T>) {
    match from.get(path) {
        Some(facts) => into.insert(path.clone(), facts.clone()),
        None => into.remove(path),
    };
}

/// Whether a model in `pin` that `old` had not, and that is not looked at when a pin is made, may read its tensors from the
/// file at `path`.
fn is_open_again(pin: &Pin, old: &Pin, path: &RepoPath) -> bool {
    let is_new = |owner: &RepoPath, file: &Artifact| {
        let was = old.files().get(owner);
        was.is_none_or(|was| was.sha256 != file.sha256) && !is_seen_at_lock(owner, file.size)
    };
    pin.files().iter().any(|(owner, file)| may_own(owner, path) && is_new(owner, file))
}

/// Takes over into `pin`, which was made anew, what `old` knows of the same bytes under the same names.
pub fn carry(pin: &mut Pin, old: &Pin) {
    if pin.tree() == old.tree() {
        pin.facts.clone_from(&old.facts);
    }
    let same: Vec<(RepoPath, FileKind)> = pin
        .files()
        .iter()
        .filter_map(|(path, file)| {
            let was = old.files().get(path).filter(|was| was.sha256 == file.sha256)?;
            // What the head of a file shows, or its name, is not given up for what somebody recorded.
            let runs = matches!(file.kind, FileKind::Code | FileKind::Pickle);
            Some((path.clone(), if runs { file.kind } else { was.kind }))
        })
        .collect();
    for (path, kind) in &same {
        pin.set_kind(path, *kind);
        put(&mut pin.facts.globals, path, &old.facts.globals);
        put(&mut pin.facts.templates, path, &old.facts.templates);
        put(&mut pin.facts.findings, path, &old.facts.findings);
        if is_open_again(pin, old, path)
            && let Some(found) = pin.facts.findings.get_mut(path)
        {
            found.retain(|rule| !may_be_provisional(rule.as_str()));
        }
    }
    pin.facts.findings.retain(|_, found| !found.is_empty());
    // Nothing is converted without a person's word, which was about one source.
    pin.converted.clone_from(&old.converted);
    pin.drop_orphans();
}
