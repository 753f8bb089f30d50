//! What a command in the jail sees of the models: the folders of a Hugging Face cache, in the quarantine for repos
//! that are in it, and in the target for all others.

use super::shadowing;
use crate::file_names::{AUDITS, LOCK, MANIFEST, OWN_FOLDER};
use crate::refusal::Failure;
use crate::workspace::Workspace;
use modelpin_store::install::InspectedTree;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The models as the jail shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The folder of each repo, by its name in a Hugging Face cache.
    pub repos: BTreeMap<String, PathBuf>,
    /// The target where it is plain files.
    pub plain: Option<PathBuf>,
    /// What no `--allow-write` may cover, besides the models and the store.
    pub protected: Vec<PathBuf>,
    /// What must not lie within the folders that every jail can read.
    pub hidden: Vec<PathBuf>,
    /// Where users' tools keep secrets. An installation of a program may be made around them, as one of Python at
    /// `~/.local`.
    pub secret: Vec<PathBuf>,
}

/// Folders of the home folder that hold secrets.
const SECRET: &[&str] =
    &[".aws", ".cache", ".config", ".docker", ".gnupg", ".kube", ".local/share", ".local/state", ".ssh"];

/// What the jail shows. Everything is checked first, as [`Workspace::ready`] does, and the quarantine as well;
/// Python looks into `searched` as well, as [`crate::exec::searched`] says.
///
/// # Errors
/// A stale lock; what the policy refuses; everything in the target or the quarantine that is not as locked; something
/// in the working folder that shadows a repo; I/O errors from reading the trees.
pub fn view(workspace: &Workspace, searched: &BTreeSet<PathBuf>) -> Result<View, Failure> {
    let lock = workspace.project.locked()?;
    let (target, quarantine) = workspace.ready_trees(lock, &workspace.authorized(lock)?)?;
    shadowing::check(lock, target.tree.flat_root(), searched)?;
    let plain = target.tree.flat_root().map(real).transpose()?;
    let mut repos = BTreeMap::new();
    if plain.is_none() {
        repos.extend(folders(&target));
    }
    // Whatever is in the quarantine is there whole, so it takes the target's place.
    repos.extend(quarantine.iter().flat_map(folders));
    Ok(View { repos, plain, protected: protected(workspace)?, hidden: hidden(workspace), secret: secret(workspace) })
}

fn protected(workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let project = &workspace.project;
    let own = [MANIFEST, LOCK, AUDITS, OWN_FOLDER].map(|name| project.dir.join(name));
    Ok(own.into_iter().chain([project.target()?.root]).collect())
}

fn hidden(workspace: &Workspace) -> Vec<PathBuf> {
    variables(workspace, &["HOME", "HF_HOME"]).chain([workspace.project.dir.clone()]).collect()
}

fn secret(workspace: &Workspace) -> Vec<PathBuf> {
    let named = variables(workspace, &["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]);
    let homes = variables(workspace, &["HOME"]);
    named.chain(homes.flat_map(|home| SECRET.iter().map(move |name| home.join(name)))).collect()
}

/// The folders that variables name.
fn variables<'a>(workspace: &'a Workspace, names: &'a [&str]) -> impl Iterator<Item = PathBuf> + 'a {
    let variable = workspace.project.settings.invocation().variable;
    let values = names.iter().filter_map(move |name| variable(name));
    values.filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folders of a tree's repos, by name.
fn folders(tree: &InspectedTree) -> Vec<(String, PathBuf)> {
    let repos: BTreeSet<&str> = tree.plan.units.keys().filter_map(|unit| unit.split('/').next()).collect();
    let there = repos.into_iter().filter_map(|repo| Some((repo.to_owned(), real(&tree.tree.root().join(repo)).ok()?)));
    there.collect()
}

/// A jail gets the real paths of places.
fn real(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(Failure::io("find", path))
}
