//! Which files of an entry are converted, or are converted no longer.

use crate::convert;
use crate::refusal::{ErrorClass, Failure, Refusal, convert as refuse};
use modelpin_schema::fault::nearest;
use modelpin_schema::lockfile::{Finder, Obstacle, conversion_target, family, is_index};
use modelpin_schema::text::list_up_to;
use modelpin_schema::{FileKind, Name, Pin, RepoPath, typed_path, visible};
use std::collections::BTreeSet;

/// The files to convert.
#[derive(Default)]
pub(super) struct Which<'a> {
    /// What is converted together: one file, or the shards of a family and then their index.
    pub(super) groups: Vec<Vec<&'a RepoPath>>,
    /// The indexes of families of which some shards were named and all are converted.
    pub(super) completed: Vec<RepoPath>,
    /// Pickles that nobody named, and why they are not converted.
    pub(super) skipped: Vec<(RepoPath, String)>,
}

/// The files that `words` name, each with its family.
///
/// # Errors
/// Words that name no locked pickle; files of which the lock says already that they cannot be converted: all of them.
pub(super) fn named<'a>(name: &Name, pin: &'a Pin, words: &[String]) -> Result<Which<'a>, Failure> {
    let mut which = Which::default();
    let mut refused = Vec::new();
    let named: BTreeSet<&RepoPath> = words.iter().map(|word| locked_file(name, pin, word)).collect::<Result<_, _>>()?;
    let mut done = BTreeSet::new();
    for path in named.iter().copied() {
        if done.contains(path) {
            continue;
        }
        match group(pin, path) {
            Ok(group) => {
                done.extend(group.iter().copied());
                // Who names all shards need not name their index.
                let is_part = group.iter().any(|path| !is_index(path) && !named.contains(path));
                which.completed.extend(family(path).filter(|_| is_part));
                which.groups.push(group);
            }
            Err(refusal) => refused.push(refusal.entry(name).file(path)),
        }
    }
    crate::refusal::fail_if_any(refused).map(|()| which)
}

/// All pickles of which a loader finds the results, where nothing in the lock speaks against them.
///
/// # Errors
/// Refused where there is none.
pub(super) fn all<'a>(name: &Name, pin: &'a Pin) -> Result<Which<'a>, Failure> {
    let mut which = Which::default();
    let mut done = BTreeSet::new();
    for (path, _) in pin.files().iter().filter(|(_, file)| file.kind == FileKind::Pickle) {
        if !done.insert(family(path).unwrap_or_else(|| path.clone())) {
            continue;
        }
        match pin.conversion(path) {
            Ok(target) if target.finder == Finder::Loader => {
                which.groups.extend(pin.converted_with(path));
            }
            Ok(_) => which.skipped.push((path.clone(), "a loader that opens it by its name finds no other".to_owned())),
            Err(obstacle) => which.skipped.push((path.clone(), obstacle.to_string())),
        }
    }
    if which.groups.is_empty() {
        let why = which.skipped.iter().map(|(path, why)| format!("`{path}`: {why}"));
        let why = if which.skipped.is_empty() { "no pickle".to_owned() } else { list_up_to(3, why) };
        return Err(refuse::nothing_to_convert(&why).entry(name).into());
    }
    Ok(which)
}

/// The files that are converted no longer: those that `words` name, with their families, or all.
///
/// # Errors
/// Words that name no locked file; files that are not converted.
pub(super) fn to_undo(name: &Name, pin: &Pin, words: &[String]) -> Result<Vec<RepoPath>, Failure> {
    let sources = || pin.converted.values().map(|converted| &converted.from);
    if words.is_empty() {
        let all: Vec<RepoPath> = sources().cloned().collect();
        let none = || Failure::from(refuse::not_converted().entry(name));
        return if all.is_empty() { Err(none()) } else { Ok(all) };
    }
    let mut undone = BTreeSet::new();
    for word in words {
        let path = locked_file(name, pin, word)?;
        let is_of = |from: &&RepoPath| *from == path || family(path).is_some_and(|index| family(from) == Some(index));
        let before = undone.len();
        undone.extend(sources().filter(is_of).cloned());
        if undone.len() == before && !undone.contains(path) {
            return Err(convert::of(refuse::not_converted().into(), name, path));
        }
    }
    Ok(undone.into_iter().collect())
}

/// The file of `pin` that `word` names.
fn locked_file<'a>(name: &Name, pin: &'a Pin, word: &str) -> Result<&'a RepoPath, Failure> {
    let found = typed_path(word).parse::<RepoPath>().ok().and_then(|path| pin.files().get_key_value(&path));
    found.map(|(path, _)| path).ok_or_else(|| {
        let pickles =
            pin.files().iter().filter(|(_, file)| file.kind == FileKind::Pickle).map(|(path, _)| path.as_str());
        let refusal = Refusal::new(ErrorClass::Usage, format_args!("no file `{}` in models.lock", visible(word)));
        let refusal = match nearest(word, pickles) {
            Some(meant) => refusal.help(format_args!("did you mean `{meant}`?")),
            None => refusal.help("run `modelpin scan NAME -v` to list the files"),
        };
        refusal.entry(name).into()
    })
}

/// What is converted together with the file at `path`, unless something speaks against that which no look at the bytes
/// could settle.
fn group<'a>(pin: &'a Pin, path: &'a RepoPath) -> Result<Vec<&'a RepoPath>, Box<Refusal>> {
    if let Some(file) = pin.files().get(path).filter(|file| file.kind != FileKind::Pickle && !is_index(path)) {
        return Err(refuse::no_pickle(file.kind).into());
    }
    let target = conversion_target(path).ok_or_else(|| refuse::no_place(path))?;
    match pin.conversion(path) {
        // What is imported may stand beside the tensors, and be left out.
        Ok(_) | Err(Obstacle::Import { .. }) => {}
        Err(Obstacle::NotAPickle(kind)) => return Err(refuse::no_pickle(kind).into()),
        Err(Obstacle::NoTarget) => return Err(refuse::no_place(path).into()),
        Err(Obstacle::Taken { result, by }) => return Err(refuse::taken(&result, &by).into()),
        Err(obstacle @ (Obstacle::NoIndex(_) | Obstacle::ShardsMissing { .. })) => {
            return Err(refuse::no_family(path, &obstacle).into());
        }
        Err(obstacle @ Obstacle::Finding { .. }) => return Err(refuse::found(path, &obstacle).into()),
    }
    pin.converted_with(path).map_err(|_| refuse::taken(&target.path, path).into())
}
