//! What a command in the jail sees of the models: a Hugging Face cache of links, to the quarantine for repos that
//! are in it, and to the target for all others.

use super::verify::Case;
use crate::refusal::Failure;
use crate::target::Layout;
use crate::trees::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The models as the jail shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// A folder for `HF_HUB_CACHE`, of links only.
    pub hf_hub_cache: PathBuf,
    /// What the links lead to, and the target where it is plain files: to be read, and not to be written.
    pub readable: Vec<PathBuf>,
}

/// Makes the view in `temp`, a folder that nobody else can write to. Everything is checked first, as
/// [`Case::ready`] does, and the quarantine as well.
///
/// # Errors
/// A stale lock; what the policy refuses; everything in the target or the quarantine that is not as locked; the
/// system's.
pub fn view(case: &Case<'_>, temp: &Path) -> Result<View, Failure> {
    let lock = case.project.locked()?;
    let gate = case.passed(lock)?;
    let target = case.ready_in(lock, &gate)?;
    let quarantine = case.ready_quarantine(lock, &gate)?;
    let mut repos: BTreeMap<String, PathBuf> = BTreeMap::new();
    if target.plan.layout != Layout::Flat {
        repos.extend(folders(&target));
    }
    // Whatever is in the quarantine is there whole, so it takes the target's place.
    repos.extend(quarantine.iter().flat_map(folders));
    let hf_hub_cache = temp.join("hub");
    std::fs::create_dir_all(&hf_hub_cache).map_err(Failure::io("make the folder", &hf_hub_cache))?;
    let mut readable = Vec::new();
    for (repo, place) in repos {
        let link = hf_hub_cache.join(repo);
        symlink(&place, &link).map_err(Failure::io("link", &link))?;
        readable.push(place);
    }
    if target.plan.layout == Layout::Flat {
        readable.push(real(target.target.root())?);
    }
    Ok(View { hf_hub_cache, readable })
}

/// The folders of a tree's repos, by name.
fn folders(tree: &Tree) -> Vec<(String, PathBuf)> {
    let repos: BTreeSet<&str> = tree.plan.units.keys().filter_map(|unit| unit.split('/').next()).collect();
    let there =
        repos.into_iter().filter_map(|repo| Some((repo.to_owned(), real(&tree.target.root().join(repo)).ok()?)));
    there.collect()
}

/// A jail is told of places by their real paths.
fn real(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(Failure::io("find", path))
}

#[cfg(unix)]
fn symlink(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn symlink(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(to, at)
}
