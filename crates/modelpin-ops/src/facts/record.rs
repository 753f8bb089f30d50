//! From facts to the lock.

use super::observed::{Observed, is_scanned_at_lock};
use super::tensor_owner::may_own;
use modelpin_scan::may_be_provisional;
use modelpin_schema::lockfile::{Artifact, CompleteFacts, Identifier};
use modelpin_schema::{FileKind, Lockfile, Name, Pin, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Records in `lock` what was found. What was not scanned stays as it is recorded.
pub fn record(lock: &mut Lockfile, observed: &BTreeMap<Name, Observed>) {
    for (name, observed) in observed {
        if let Some(pin) = lock.pins.get_mut(name) {
            record_entry(pin, observed);
        }
    }
}

fn record_entry(pin: &mut Pin, observed: &Observed) {
    for (path, kind) in &observed.kinds {
        pin.set_kind(path, *kind);
        let recorded = pin.facts.findings.get(path).cloned().unwrap_or_default();
        pin.facts.replace_for_file(path, &observed.facts);
        let undecided = observed.undecided.get(path).into_iter().flatten();
        let kept: BTreeSet<Identifier> = undecided.filter(|rule| recorded.contains(*rule)).cloned().collect();
        if !kept.is_empty() {
            pin.facts.findings.entry(path.clone()).or_default().extend(kept);
        }
    }
    // A fact about the whole is gone only where every file was scanned that could have it.
    let unavailable = |kinds: &[FileKind]| observed.unavailable.iter().any(|path| kinds.contains(&FileKind::of(path)));
    let is_code = |path| pin.files().get(path).is_some_and(|file| file.kind == FileKind::Code);
    let complete = CompleteFacts {
        code: !unavailable(&[FileKind::Code]) && !observed.unavailable.iter().any(is_code),
        configuration: !unavailable(&[FileKind::Config]),
        requirements: !unavailable(&[FileKind::Config, FileKind::Doc, FileKind::Other]),
    };
    pin.facts.replace_whole(&observed.facts, complete);
    pin.dependencies.pinned.retain(|reference, _| pin.facts.references.contains(reference));
}

/// Whether a model in `pin` that `old` did not have, and that is not scanned when a pin is made, may read its tensors
/// from the file at `path`.
fn is_undecided_again(pin: &Pin, old: &Pin, path: &RepoPath) -> bool {
    let is_new = |owner: &RepoPath, file: &Artifact| {
        let was = old.files().get(owner);
        was.is_none_or(|was| was.sha256 != file.sha256) && !is_scanned_at_lock(owner, file.size)
    };
    pin.files().iter().any(|(owner, file)| may_own(owner, path) && is_new(owner, file))
}

/// Copies into `pin`, which was made anew, what `old` records of the same bytes under the same names.
pub fn carry_over(pin: &mut Pin, old: &Pin) {
    if pin.tree() == old.tree() {
        pin.facts.clone_from(&old.facts);
    }
    let mut unchanged: Vec<(RepoPath, FileKind)> = Vec::new();
    for (path, file) in pin.files() {
        if let Some(was) = old.files().get(path).filter(|was| was.sha256 == file.sha256) {
            // A recorded kind does not replace that of a file whose head or name says that it runs.
            let runs = matches!(file.kind, FileKind::Code | FileKind::Pickle);
            unchanged.push((path.clone(), if runs { file.kind } else { was.kind }));
        }
    }
    for (path, kind) in &unchanged {
        pin.set_kind(path, *kind);
        pin.facts.replace_for_file(path, &old.facts);
        if is_undecided_again(pin, old, path)
            && let Some(found) = pin.facts.findings.get_mut(path)
        {
            found.retain(|rule| !may_be_provisional(rule.as_str()));
        }
    }
    pin.facts.findings.retain(|_, found| !found.is_empty());
    // A conversion is a person's decision about one source.
    pin.converted.clone_from(&old.converted);
    pin.drop_orphans();
}
