//! The files of a locked entry: in the target where they are there, else in the store.

use super::known_decisions::{Decided, Decision};
use super::missing::Missing;
use super::options::Locked;
use super::report::FileDecisions;
use crate::file_names::LOCK;
use crate::locate::{InTarget, locate_content};
use crate::project::called_from;
use crate::project::find_entry;
use crate::refusal::{Failure, Line};
use crate::scanning::{Opened, ScanInput};
use modelpin_scan::{Report, Source as _};
use modelpin_schema::lockfile::LockKey;
use modelpin_schema::{Artifact, Digest, Lockfile, Name, Pin, RepoPath};
use modelpin_store::Verified;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Bytes that are hashed at once.
const STEP: usize = 64 << 10;

/// A locked file.
pub(super) struct LockedFile<'a> {
    /// Its path in the repo.
    pub(super) path: &'a RepoPath,
    /// What the lock says of it.
    pub(super) file: Artifact,
    /// Where its bytes are; nowhere in the target, where there is none.
    pub(super) place: Option<ScanInput>,
    /// The line of the lock that is about it.
    pub(super) line: Option<Line>,
}

/// A locked entry.
pub(super) struct Entry<'a> {
    pub(super) name: &'a Name,
    pub(super) pin: &'a Pin,
    /// Its files, without those in whose place there is the result of a conversion.
    pub(super) files: Vec<LockedFile<'a>>,
}

/// The entry `name`, with its files as they are in the target.
///
/// # Errors
/// No such entry; an invalid target.
pub(super) fn entry<'a>(locked: Locked<'a>, dir: &Path, name: &Name) -> Result<Entry<'a>, Failure> {
    let Locked { workspace, lock, .. } = locked;
    let (name, pin) = find_entry(lock, name)?;
    let locations = workspace.locations()?;
    let lock_file = called_from(dir, &workspace.project.dir.join(LOCK));
    // A lock that was made for this scan has no lines that a user could look at.
    let lines = workspace.project.lock.as_ref().map(Lockfile::line_index);
    let mut files = Vec::new();
    for (path, file) in pin.content() {
        let place = locations.in_target(name, pin, path).map(place);
        // Its result is in its place, and is scanned; it is not fetched for a scan alone.
        let is_stored = || locate_content(&workspace.store, &file.sha256).is_some();
        if place.is_none() && pin.result_of(path).is_some() && !is_stored() {
            continue;
        }
        if matches!(&place, Some(ScanInput::File(_, size)) if *size != file.size) {
            let note = format!("`{name}`: `{path}` has another length than in models.lock; `modelpin verify`");
            workspace.note(note);
        }
        let is_result = pin.converted.contains_key(path);
        let spot = if is_result { LockKey::InTable("converted", path.as_str()) } else { LockKey::File(path) };
        let line = lines.as_ref().and_then(|lines| lines.line(name, spot));
        let line = line.map(|line| Line { file: lock_file.clone(), line });
        files.push(LockedFile { path, file, place, line });
    }
    Ok(Entry { name, pin, files })
}

/// What a loader finds in the target, for the scanner.
fn place(found: InTarget) -> ScanInput {
    match found {
        InTarget::Real(real) => ScanInput::at(real),
        InTarget::LeadsOut(link) => ScanInput::link_out(&link),
        InTarget::Unreadable(error) => ScanInput::NotScanned(&modelpin_rules::file::UNREADABLE, error.to_string()),
    }
}

impl<'a> Entry<'a> {
    /// Adds what is not in the target to what is fetched.
    pub(super) fn missing(&self, missing: &mut Missing<'a>) {
        for file in self.files.iter().filter(|file| file.place.is_none()) {
            missing.push(self.name, self.pin, file.path, file.file);
        }
    }

    /// The place of one of its files: in the target, or among what was fetched.
    pub(super) fn place_of(file: &LockedFile<'_>, fetched: &BTreeMap<Digest, Verified>) -> ScanInput {
        let stored = || fetched.get(&file.file.sha256).map(|verified| ScanInput::at(verified.path().to_owned()));
        let gone =
            || ScanInput::NotScanned(&modelpin_rules::file::UNREADABLE, "it went from the store meanwhile".to_owned());
        file.place.clone().or_else(stored).unwrap_or_else(gone)
    }

    /// What is decided about one of its files, whose scan is `report`. A decision about a file is one about its exact
    /// bytes, which are hashed again where they are in the target.
    pub(super) fn decisions(&self, file: &LockedFile<'_>, decided: &Decided<'_>, report: &Report) -> FileDecisions {
        let is_locked = || match &file.place {
            None => true,
            Some(ScanInput::File(real, _)) => has(real, &file.file),
            Some(ScanInput::NotScanned(..)) => false,
        };
        let whole = decided.about(self.name, self.pin, file.path, &file.file).filter(|_| is_locked());
        let by_rule: BTreeMap<&'static str, Decision> = report
            .findings
            .iter()
            .filter_map(|finding| Some((finding.rule.id, decided.about_finding(self.name, finding)?)))
            .collect();
        FileDecisions { whole, by_rule }
    }
}

/// Whether the file at `real` has the bytes of `file`.
fn has(real: &Path, file: &Artifact) -> bool {
    let Some(opened) = Opened::new(real).ok().filter(|opened| opened.size() == file.size) else { return false };
    let mut hasher = Sha256::new();
    let mut window = vec![0; STEP];
    let mut at = 0_u64;
    while at < file.size {
        let Some(chunk) = opened.read_at(at, &mut window).ok().and_then(|count| window.get(..count)) else {
            return false;
        };
        if chunk.is_empty() {
            return false;
        }
        hasher.update(chunk);
        at = at.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
    }
    Digest::new(hasher.finalize().into()) == file.sha256
}
