//! `convert`: lets safetensors made of locked pickles stand in their place.

mod which;

use super::lock::{self, LockOptions, Planned};
use super::update::has_ticket;
use crate::convert::{self, ConvertedShard, Made};
use crate::decisions;
use crate::facts;
use crate::fetch::{self, Wanted};
use crate::online::Online;
use crate::project::find_entry;
use crate::refusal::{Failure, convert as refuse};
use crate::scanning::{ScanInput, ScanTask, scan_files};
use crate::workspace::Workspace;
use modelpin_scan::convert::{MAX_INDEX, VERSION};
use modelpin_schema::lockfile::{ConversionTarget, Converted, Finder, conversion_target, is_index};
use modelpin_schema::{Artifact, Digest, FileKind, Name, Pin, RepoPath};
use modelpin_store::Verified;
use std::collections::BTreeMap;

/// What to convert.
#[derive(Debug, Clone)]
pub struct Options {
    /// The entry.
    pub name: Name,
    /// Its files, as they were typed; none for all that a loader finds the results of.
    pub files: Vec<String>,
    /// Take the conversions out again.
    pub undo: bool,
}

/// A file that was converted.
#[derive(Debug, Clone)]
pub struct Done {
    /// The file.
    pub from: RepoPath,
    /// What is in its place, or was.
    pub to: RepoPath,
    /// Who finds the result.
    pub finder: Finder,
    /// What the conversion kept and left out; none where it was undone.
    pub made: Option<Made>,
}

/// What was converted.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// What is converted together: one file, or the shards of a family and then their index.
    pub groups: Vec<Vec<Done>>,
    /// The indexes of families that are converted as a whole, though not all of their shards were named.
    pub completed: Vec<RepoPath>,
    /// Pickles that nobody named, and why they are not converted.
    pub skipped: Vec<(RepoPath, String)>,
    /// The lock with it: as it was, where it recorded all of this already.
    pub planned: Planned,
}

/// Converts files of the lock, and makes the lock that records that; or the lock without the conversions. A
/// conversion that is recorded is made once more, and has to come out the same. The pin names the ticket of
/// `lock_options` where it changes, or where it has none that the policy allows.
///
/// # Errors
/// A lock that is not up to date with the manifest; files that are not locked, not pickles or cannot be converted;
/// results that have no place to go; what no decision about the bytes could settle. Then nothing is converted.
pub async fn plan(
    workspace: &Workspace,
    online: &Online,
    options: &Options,
    lock_options: &LockOptions,
) -> Result<Conversion, Failure> {
    let project = &workspace.project;
    let old = project.locked()?.clone();
    let name = &options.name;
    let (_, before) = find_entry(&old, name)?;
    let mut pin = before.clone();
    let (mut groups, mut completed, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    if options.undo {
        groups = undo(&mut pin, which::to_undo(name, before, &options.files)?);
    } else {
        let which = if options.files.is_empty() {
            which::all(name, before)?
        } else {
            which::named(name, before, &options.files)?
        };
        let sources = sources(online, name, before, &which.groups).await?;
        for group in &which.groups {
            groups.push(convert_group(online, name, &mut pin, group, &sources).await?);
        }
        (completed, skipped) = (which.completed, which.skipped);
    }
    let lacks = lock_options.ticket.is_some() && !has_ticket(&project.manifest.policy, before);
    let mut new = old.clone();
    if pin != *before || lacks {
        pin.ticket.clone_from(&lock_options.ticket);
        new.pins.insert(name.clone(), pin);
    }
    let decisions = decisions::fetch_and_load(online, project).await?;
    let locked = lock::evaluate_change(&project.manifest, workspace, online, &old, &new, &decisions, lock_options)?;
    Ok(Conversion { groups, completed, skipped, planned: Planned { text: None, lock: new, locked } })
}

/// Takes the results of `files` out of `pin`, each a group of its own.
fn undo(pin: &mut Pin, files: Vec<RepoPath>) -> Vec<Vec<Done>> {
    let mut undone = Vec::new();
    for from in files {
        let Some(to) = pin.result_of(&from).map(|(to, _)| to.clone()) else { continue };
        pin.converted.remove(&to);
        undone.push(vec![Done { from, to, finder: Finder::Loader, made: None }]);
    }
    undone
}

/// The bytes of all files of `groups`, which are fetched where they are not in the store: pickles, and indexes.
async fn sources(
    online: &Online,
    name: &Name,
    pin: &Pin,
    groups: &[Vec<&RepoPath>],
) -> Result<BTreeMap<Digest, Verified>, Failure> {
    let files: Vec<(&RepoPath, &Artifact)> =
        groups.iter().flatten().filter_map(|path| pin.files().get_key_value(*path)).collect();
    if let Some((path, file)) = files.iter().find(|(path, file)| is_index(path) && file.size > MAX_INDEX) {
        let what = format!("an index of {} bytes; at most {MAX_INDEX} are read", file.size);
        return Err(convert::of(refuse::other_index(path, &what).into(), name, path));
    }
    let wanted = files.iter().map(|(path, file)| Wanted::of(name, pin, path, file)).collect();
    let sources = fetch::fetch(online, wanted).await?;
    let place = |file: &Artifact| sources.get(&file.sha256).map(|source| source.path().to_owned());
    let pickles: Vec<(&RepoPath, ScanTask)> = files
        .iter()
        .filter(|(path, _)| !is_index(path))
        .filter_map(|(path, file)| {
            Some((*path, ScanTask { path: path.to_string(), input: ScanInput::at(place(file)?) }))
        })
        .collect();
    let (paths, tasks): (Vec<_>, Vec<_>) = pickles.into_iter().unzip();
    let mut refused = Vec::new();
    for (path, report) in paths.into_iter().zip(scan_files(&tasks, online.jobs, &*online.reporter)?) {
        let kind = facts::kind(path, &report);
        refused.extend((kind != FileKind::Pickle).then(|| refuse::no_pickle(kind).entry(name).file(path)));
    }
    crate::refusal::fail_if_any(refused).map(|()| sources)
}

/// Converts what belongs together, and records it in `pin`.
async fn convert_group(
    online: &Online,
    name: &Name,
    pin: &mut Pin,
    group: &[&RepoPath],
    sources: &BTreeMap<Digest, Verified>,
) -> Result<Vec<Done>, Failure> {
    let mut done: Vec<Done> = Vec::new();
    for from in group.iter().copied() {
        let at = |failure: Failure| convert::of(failure, name, from);
        let ConversionTarget { path: to, finder } = conversion_target(from).ok_or_else(|| refuse::no_place(from))?;
        let gone = || Failure::internal(format_args!("`{from}` was not fetched"));
        let file = *pin.files().get(from).ok_or_else(gone)?;
        let source = sources.get(&file.sha256).cloned().ok_or_else(gone)?;
        let made = if is_index(from) {
            let shard = |done: &Done| {
                let result = &done.made.as_ref()?.result;
                let (place, sha256) = (result.path().to_owned(), result.digest());
                Some(ConvertedShard { from: done.from.clone(), to: done.to.clone(), place, sha256 })
            };
            convert::make_index(online, from, source, done.iter().filter_map(shard).collect()).await
        } else {
            convert::make(online, from, source).await
        };
        let made = made.map_err(at)?;
        let converted = converted(pin, from, &file, &to, &made).map_err(at)?;
        pin.converted.insert(to.clone(), converted);
        done.push(Done { from: from.clone(), to, finder, made: Some(made) });
    }
    Ok(done)
}

/// The conversion as the lock records it. One that is recorded already, of the same source by the same converter, has
/// to be this one.
fn converted(pin: &Pin, from: &RepoPath, file: &Artifact, to: &RepoPath, made: &Made) -> Result<Converted, Failure> {
    let size = made.result.size();
    let sha256 = made.result.digest();
    let new = Converted { from: from.clone(), source: file.sha256, converter: VERSION, size, sha256 };
    match pin.converted.get(to) {
        Some(old) if old.converter == VERSION && *old != new => {
            Err(refuse::other_result(from, &old.sha256, &format!("{sha256}, {size} bytes")).into())
        }
        _ => Ok(new),
    }
}
