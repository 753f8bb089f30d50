//! What was asked for: entries of the lock, or paths.

use super::Home;
use crate::project::Project;
use crate::refusal::{Failure, Refusal, files, usage};
use crate::reporter::{Event, Reporter};
use modelpin_schema::fault::nearest;
use modelpin_schema::lockfile::Stale;
use modelpin_schema::{Lockfile, Name, visible};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// One thing to scan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// An entry of the lock.
    Entry(Name),
    /// A file or folder.
    Path {
        /// As the person calls it: `/` between the parts, no `./` before and no `/` behind.
        shown: String,
        /// Where it is, without links in the way.
        at: PathBuf,
    },
}

/// Whether any of `selection`, given in the folder `dir`, is no plain path, so that the project has to be known.
#[must_use]
pub fn need_project(dir: &Path, words: &[OsString]) -> bool {
    words.is_empty() || words.iter().any(|word| name(word).is_some() || !dir.join(word).exists())
}

fn name(word: &OsStr) -> Option<Name> {
    word.to_str().and_then(|word| word.parse().ok())
}

/// Those of `selection` that are entries of models.toml and not of models.lock, as one is that the policy does not even let be
/// locked.
pub(super) fn unlocked(dir: &Path, home: &Home, words: &[OsString]) -> BTreeSet<Name> {
    let Project { manifest, lock, .. } = &home.project;
    let is_locked = |name: &Name| lock.as_ref().is_some_and(|lock| lock.pins.contains_key(name));
    let names = words.iter().filter(|word| !dir.join(word).exists()).filter_map(|word| name(word));
    names.filter(|name| manifest.entries.contains_key(name) && !is_locked(name)).collect()
}

/// What `selection` mean by `lock`; all entries of it, where there is no word.
///
/// # Errors
/// Words that mean nothing; no word and no project; a lock without an entry.
pub(super) fn asked(
    dir: &Path,
    home: Option<&Home>,
    lock: Option<&Lockfile>,
    words: &[OsString],
    reporter: &dyn Reporter,
) -> Result<Vec<Asked>, Failure> {
    if words.is_empty() {
        home.ok_or_else(|| usage::nothing_to_scan(dir))?;
        let lock = lock.ok_or_else(files::no_lock)?;
        if lock.pins.is_empty() {
            return Err(files::nothing_declared().into());
        }
        return Ok(lock.pins.keys().cloned().map(Asked::Entry).collect());
    }
    let (mut asked, mut seen, mut refusals) = (Vec::new(), BTreeSet::new(), Vec::new());
    for word in words {
        match one(dir, home, lock, word, reporter) {
            Ok(found) if seen.insert(found.clone()) => asked.push(found),
            Ok(_) => {}
            Err(Failure::Refused(refused)) => refusals.extend(refused),
            Err(other) => return Err(other),
        }
    }
    crate::refusal::fail_if_any(refusals)?;
    Ok(asked)
}

fn one(
    dir: &Path,
    home: Option<&Home>,
    lock: Option<&Lockfile>,
    word: &OsStr,
    reporter: &dyn Reporter,
) -> Result<Asked, Failure> {
    let there = dir.join(word);
    if let Some((name, lock)) = name(word).zip(lock)
        && lock.pins.contains_key(&name)
    {
        if there.exists() {
            reporter.report(Event::Note(&format!("`{name}` is the entry of models.lock; `./{name}` means the path")));
        }
        return Ok(Asked::Entry(name));
    }
    match there.canonicalize() {
        Ok(at) => Ok(Asked::Path { shown: shown(word), at }),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(unknown(home, lock, word).into())
        }
        Err(error) => Err(Failure::io("find", &there)(error)),
    }
}

fn unknown(home: Option<&Home>, lock: Option<&Lockfile>, word: &OsStr) -> Refusal {
    let declared = |name: &Name| home.is_some_and(|home| home.project.manifest.entries.contains_key(name));
    if let Some(name) = name(word).filter(declared) {
        return files::stale(&Stale::Missing(name));
    }
    let text = visible(&word.to_string_lossy());
    let pins = || lock.into_iter().flat_map(|lock| &lock.pins);
    let repo = pins().find(|(_, pin)| pin.source.repo.as_str() == text).map(|(name, _)| name.as_str());
    let meant = repo.or_else(|| nearest(&text, pins().map(|(name, _)| name.as_str())));
    usage::neither_name_nor_path(&text, meant)
}

/// A path as it is shown in front of what is in it.
fn shown(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let mut text = if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace('\\', "/") };
    while let Some(rest) = text.strip_prefix("./") {
        text = rest.trim_start_matches('/').to_owned();
    }
    while text.len() > 1 && text.ends_with('/') {
        text.pop();
    }
    if text == "." { String::new() } else { text }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_path_is_shown_short() {
        let cases = ["m", "./m", ".//./m/", "m//", ".", "./", "../m", "/", "/m/"];
        let short = ["m", "m", "m", "m", "", "", "../m", "/", "/m"];
        for (case, short) in cases.into_iter().zip(short) {
            assert_eq!(shown(case.as_ref()), short, "{case}");
        }
    }
}
