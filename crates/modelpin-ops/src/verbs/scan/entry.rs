//! The files of a locked entry: in the target where they are there, else in the store.

use super::Home;
use crate::places::Location;
use crate::project::{LOCK, called_from};
use crate::refusal::{Failure, Line, Refusal, files, wish};
use crate::reporter::{Event, Reporter};
use crate::scanning::Place;
use crate::target::folder_of;
use modelpin_schema::lockfile::Spot;
use modelpin_schema::{Artifact, Lockfile, Name, Pin, RepoPath};
use std::io::ErrorKind;
use std::path::Path;

/// A locked file.
pub(super) struct Locked {
    /// Its path in the repo.
    pub(super) path: String,
    /// Where its bytes are.
    pub(super) place: Place,
    /// The line of the lock that is about it.
    pub(super) line: Option<Line>,
}

/// The entry `name` with all its files.
///
/// # Errors
/// Files that are neither in the target nor in the store.
pub(super) fn entry<'a>(
    home: &'a Home,
    dir: &Path,
    name: &Name,
    reporter: &dyn Reporter,
) -> Result<(&'a Pin, Vec<Locked>), Failure> {
    let lock = home.project.lock.as_ref().ok_or_else(files::no_lock)?;
    let pin = lock.pins.get(name).ok_or_else(|| missing_entry(lock, name))?;
    let Location { layout, root } = home.project.target()?;
    // What is not there has no canonical path, and nothing in it.
    let root = root.canonicalize().unwrap_or(root);
    let folder = root.join(folder_of(layout, name, pin));
    let lock_file = called_from(dir, &home.project.dir.join(LOCK));
    let lines = lock.lines();
    let (mut locked, mut missing) = (Vec::new(), 0);
    for (path, file) in pin.content() {
        let is_result = pin.converted.contains_key(path);
        let spot = if is_result { Spot::Fact("converted", path.as_str()) } else { Spot::File(path) };
        let line = lines.of(name, spot).map(|line| Line { file: lock_file.clone(), line });
        match place(home, &root, &folder, path, &file) {
            Some(place) => {
                if matches!(&place, Place::File(_, size) if *size != file.size) {
                    let note = format!("`{name}`: `{path}` has another length than in models.lock; `modelpin verify`");
                    reporter.report(Event::Note(&note));
                }
                locked.push(Locked { path: path.to_string(), place, line });
            }
            // Its result is in its place, and is judged.
            None if pin.result_of(path).is_some() => {}
            None => missing += 1,
        }
    }
    if missing > 0 {
        return Err(wish::not_here(name, missing, pin.files().len()).into());
    }
    Ok((pin, locked))
}

fn missing_entry(lock: &Lockfile, name: &Name) -> Refusal {
    wish::unknown_name(name, &lock.pins.keys().collect::<Vec<_>>())
}

/// Where the bytes of a locked file are: what a loader would find in the target, and else the store's copy.
fn place(home: &Home, root: &Path, folder: &Path, path: &RepoPath, file: &Artifact) -> Option<Place> {
    let there = folder.join(path.as_str());
    match there.canonicalize() {
        Ok(real) if real.starts_with(root) => return Some(Place::at(real)),
        Ok(_) => return Some(Place::link_out(&there)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
        Err(error) => return Some(Place::Odd(&modelpin_scan::rules::file::UNREADABLE, error.to_string())),
    }
    let blob = home.store.blob_path(&file.sha256);
    blob.is_file().then(|| Place::at(blob))
}
