//! What is scanned: entries of the lock, or paths.

use super::options::Options;
use crate::project::Project;
use crate::refusal::{Failure, Refusal, files, usage};
use crate::reporter::{Event, Reporter};
use crate::workspace::Workspace;
use modelpin_schema::fault::nearest;
use modelpin_schema::lockfile::Stale;
use modelpin_schema::{Lockfile, Name, RepoId, Requested, visible};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// One thing to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selected {
    /// An entry of the lock.
    Entry(Name),
    /// A file or folder.
    Path {
        /// As the user calls it: `/` between the parts, no `./` before and no `/` behind.
        shown: String,
        /// Where it is, without links in the way.
        at: PathBuf,
    },
    /// A repo on the Hub.
    Repo {
        /// Its name there.
        repo: RepoId,
        /// The revision that was asked for.
        requested: Requested,
    },
}

/// Whether any of `words`, given in the folder `dir`, may be a repo on the Hub: `ORG/REPO` or `ORG/REPO@REV`, where
/// there is no such path.
#[must_use]
pub fn need_hub(dir: &Path, words: &[OsString]) -> bool {
    words.iter().any(|word| repo(dir, word).is_some() && !dir.join(word).exists())
}

/// `word` as a repo on the Hub and a revision of it. Where there is such a folder as its owner, a path is meant, and
/// nobody is told of it.
fn repo(dir: &Path, word: &OsStr) -> Option<(RepoId, Requested)> {
    let word = word.to_str()?;
    let (repo, revision) = word.split_once('@').map_or((word, None), |(repo, revision)| (repo, Some(revision)));
    let requested = revision.map_or_else(|| Some(Requested::main()), |revision| revision.parse().ok())?;
    let repo: RepoId = repo.parse().ok()?;
    // A word alone is the name of an entry.
    let owner = repo.owner()?;
    (!dir.join(owner).exists()).then_some((repo, requested))
}

/// Whether any of `words`, given in the folder `dir`, is no plain path, so that the project has to be known.
#[must_use]
pub fn need_project(dir: &Path, words: &[OsString]) -> bool {
    words.is_empty() || words.iter().any(|word| name(word).is_some() || !dir.join(word).exists())
}

fn name(word: &OsStr) -> Option<Name> {
    word.to_str().and_then(|word| word.parse().ok())
}

/// Entries that the options name and that are in models.toml and not in models.lock, as one is that the policy does
/// not even let be locked.
pub(super) fn unlocked(options: &Options, project: &Project) -> BTreeSet<Name> {
    let Project { manifest, lock, .. } = project;
    let is_locked = |name: &Name| lock.as_ref().is_some_and(|lock| lock.pins.contains_key(name));
    let names = options.words.iter().filter(|word| !options.dir.join(word).exists()).filter_map(|word| name(word));
    names.filter(|name| manifest.entries.contains_key(name) && !is_locked(name)).collect()
}

/// What the options name, by `lock`; all entries of it, where they name nothing.
///
/// # Errors
/// Words that are neither an entry nor a path; no word and no project; a lock without an entry.
pub(super) fn select(
    options: &Options,
    workspace: Option<&Workspace>,
    lock: Option<&Lockfile>,
) -> Result<Vec<Selected>, Failure> {
    let Options { dir, words, reporter, .. } = options;
    if words.is_empty() {
        workspace.ok_or_else(|| usage::nothing_to_scan(dir))?;
        let lock = lock.ok_or_else(files::no_lock)?;
        if lock.pins.is_empty() {
            return Err(files::nothing_declared().into());
        }
        return Ok(lock.pins.keys().cloned().map(Selected::Entry).collect());
    }
    let mut selected = Vec::new();
    let mut refusals = Vec::new();
    for word in words {
        match one(dir, workspace, lock, word, &**reporter) {
            Ok(found) if !selected.contains(&found) => selected.push(found),
            Ok(_) => {}
            Err(Failure::Refused(refused)) => refusals.extend(refused),
            Err(other) => return Err(other),
        }
    }
    crate::refusal::fail_if_any(refusals)?;
    Ok(selected)
}

fn one(
    dir: &Path,
    workspace: Option<&Workspace>,
    lock: Option<&Lockfile>,
    word: &OsStr,
    reporter: &dyn Reporter,
) -> Result<Selected, Failure> {
    let there = dir.join(word);
    if let Some((name, lock)) = name(word).zip(lock)
        && lock.pins.contains_key(&name)
    {
        if there.exists() {
            reporter.report(Event::Note(&format!("`{name}` is the entry of models.lock; `./{name}` means the path")));
        }
        return Ok(Selected::Entry(name));
    }
    match there.canonicalize() {
        Ok(at) => Ok(Selected::Path { shown: shown(word), at }),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            if let Some((repo, requested)) = repo(dir, word) {
                return Ok(Selected::Repo { repo, requested });
            }
            Err(unknown(workspace, lock, word).into())
        }
        Err(error) => Err(Failure::io("find", &there)(error)),
    }
}

fn unknown(workspace: Option<&Workspace>, lock: Option<&Lockfile>, word: &OsStr) -> Refusal {
    let declared = |name: &Name| workspace.is_some_and(|found| found.project.manifest.entries.contains_key(name));
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
