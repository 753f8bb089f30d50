//! What lies in the place of a pinned repo, or of a loader's copies of code.
//!
//! Loaders take `acme/bot` for a path first, and ask for a repo of that name only where there is none. Python looks
//! for a package in the folder of the script, or else in the working folder, and in those of `PYTHONPATH`, before it
//! looks where loaders put their copies.

use crate::refusal::{Failure, places};
use modelpin_schema::lockfile::{AutoMapClass, DeclaredBase};
use modelpin_schema::{Lockfile, Name, Pin, RepoId, visible};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// The owner whose models sentence-transformers loads by their bare names.
const BARE: &str = "sentence-transformers";

/// What loaders call the packages of their copies of code. Some import them whether there is code or not.
const PACKAGES: [&str; 4] = ["transformers_modules", "diffusers_modules", "datasets_modules", "evaluate_modules"];

/// How the names of files end that Python imports: source, bytecode, and compiled code for any platform.
const IMPORTED: [&str; 5] = ["py", "pyw", "pyc", "so", "pyd"];

/// The folders, besides the working folder, that Python may look into first when it is started by the words of
/// `command`: those of `paths`, which is `PYTHONPATH`; the folder of each file that a word names; each folder that
/// one names.
#[must_use]
pub fn searched(command: &[&OsStr], paths: Option<OsString>) -> BTreeSet<PathBuf> {
    let mut all: BTreeSet<PathBuf> = paths.iter().flat_map(std::env::split_paths).collect();
    for path in command.iter().map(Path::new) {
        if path.is_dir() {
            all.insert(path.to_owned());
        } else if path.is_file() {
            // Python follows a link to a script, and then looks beside the script.
            let real = path.canonicalize().ok();
            let parents = [Some(path), real.as_deref()].into_iter().flatten().filter_map(Path::parent);
            all.extend(parents.map(Path::to_owned));
        }
    }
    all
}

/// Refuses whatever the working folder has in the place of a repo of `lock`, or of a base or code that its files lead
/// to, and whatever it or one of `searched` has that Python would import in the place of a loader's copies of code.
/// What was synced there from that repo is none of it: `folders` is the target, where that is plain folders.
///
/// # Errors
/// Each of them.
pub(crate) fn check(lock: &Lockfile, folders: Option<&Path>, searched: &BTreeSet<PathBuf>) -> Result<(), Failure> {
    let own = |(name, pin): (&Name, &Pin)| Some((pin.source.repo.to_string(), folders?.join(name.as_str())));
    let own: Vec<(String, PathBuf)> = lock.pins.iter().filter_map(own).collect();
    let is_own = |text: &str, there: &Path| {
        let real = there.canonicalize().ok();
        own.iter().any(|(repo, folder)| repo == text && real.is_some() && folder.canonicalize().ok() == real)
    };
    let mut refusals = Vec::new();
    for (text, name) in named(lock) {
        if let Some(there) = taken(&text).filter(|there| !is_own(&text, there)) {
            refusals.push(places::shadowed(&visible(&text), &there, kind(&there)).entry(name));
        }
    }
    let here = Path::new("").to_owned();
    let imported: BTreeSet<(PathBuf, &str)> =
        searched.iter().chain([&here]).flat_map(|folder| imported(folder)).collect();
    refusals.extend(imported.iter().map(|(there, package)| places::imported(package, there, kind(there))));
    crate::refusal::fail_if_any(refusals)
}

/// What Python would import from `folder` in the place of a loader's copies of code, and in the place of which.
fn imported(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let folder = if folder.is_relative() { Path::new(".").join(folder) } else { folder.to_owned() };
    // Nor does Python import from what it cannot list.
    let names = std::fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name()));
    names.filter_map(|name| Some((folder.components().collect::<PathBuf>().join(&name), package(&name)?))).collect()
}

/// The package that Python would import from a file or folder of that name.
fn package(name: &OsStr) -> Option<&'static str> {
    let (stem, end) = name.to_str().map(|name| name.split_once('.').unwrap_or((name, "py")))?;
    let end = end.rsplit('.').next().unwrap_or(end);
    PACKAGES.into_iter().find(|package| *package == stem && IMPORTED.contains(&end))
}

/// Every text that a loader of the locked files is given for a repo, each with an entry that it is given for.
fn named(lock: &Lockfile) -> BTreeMap<String, &Name> {
    let mut all = BTreeMap::new();
    for (name, pin) in &lock.pins {
        let references = pin.facts.references.iter().map(|reference| &reference.repo);
        let base = match &pin.facts.base {
            Some(DeclaredBase::Repo(repo, _)) => Some(repo),
            Some(DeclaredBase::Other(text)) => {
                all.entry(text.to_string()).or_insert(name);
                None
            }
            Some(DeclaredBase::Nothing) | None => None,
        };
        for repo in references.chain(base).chain([&pin.source.repo]) {
            all.entry(repo.to_string()).or_insert(name);
            if repo.owner() == Some(BARE) {
                all.entry(repo.name().to_owned()).or_insert(name);
            }
        }
        for text in pin.facts.auto_map.iter().filter_map(|fact| AutoMapClass::read(fact)?.repo) {
            all.entry(text.to_owned()).or_insert(name);
        }
    }
    all
}

/// What a loader would take for `text` in the working folder, or could be made to take by whoever can change
/// where a link leads.
fn taken(text: &str) -> Option<PathBuf> {
    let path = Path::new(text);
    // `.` and `..` are always there, and what lies elsewhere is the machine's own.
    if path.is_absolute() || !path.components().any(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let owner = text.parse::<RepoId>().ok().and_then(|repo| repo.owner().map(PathBuf::from));
    let owner = owner.filter(|owner| owner.symlink_metadata().is_ok_and(|found| !found.is_dir()));
    owner.or_else(|| path.symlink_metadata().is_ok().then(|| path.to_owned()))
}

fn kind(path: &Path) -> &'static str {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => "a folder",
        Ok(found) if found.is_symlink() => "a link",
        _ => "a file",
    }
}

#[cfg(test)]
mod tests {
    use super::taken;
    use std::path::Path;

    #[test]
    fn a_text_is_looked_for_where_the_command_is_started() {
        // Tests are started in the folder of the crate.
        for (text, found) in [("src/lib.rs", "src/lib.rs"), ("src/exec", "src/exec"), ("src", "src")] {
            assert_eq!(taken(text).as_deref(), Some(Path::new(found)), "{text}");
        }
        assert_eq!(taken("Cargo.toml/bot").as_deref(), Some(Path::new("Cargo.toml")));
        for text in [".", "..", "./", "../..", "", "/", "/usr", "acme/bot", "src/none"] {
            assert_eq!(taken(text), None, "{text}");
        }
    }
}
