//! The quarantine, `.modelpin/quarantine`: a Hugging Face cache of its own for repos of which an exemption lets a
//! file in that can run code. It holds their whole snapshots, so that a loader in the jail finds all of a model in
//! one place; the target never holds the exempted file.

use crate::policy::Held;
use crate::project::Project;
use crate::refusal::{ErrorClass, Failure, Refusal};
use modelpin_schema::{Lockfile, Name, Pin};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The part of `lock` that belongs into the quarantine, and what is kept out of it: nothing where `held` exempts no
/// file.
#[must_use]
pub fn part(lock: &Lockfile, held: &BTreeMap<Name, Held>) -> (Lockfile, BTreeMap<Name, Held>) {
    let exempted = |name: &Name| held.get(name).is_some_and(|held| !held.quarantined.is_empty());
    let repos = repos(lock, exempted);
    let pins = lock.pins.iter().filter(|(_, pin)| repos.contains(&pin.source.cache_folder()));
    let part = Lockfile { pins: pins.map(|(name, pin)| (name.clone(), pin.clone())).collect() };
    let let_in = |held: &Held| Held { quarantined: BTreeSet::new(), ..held.clone() };
    (part, held.iter().map(|(name, held)| (name.clone(), let_in(held))).collect())
}

fn repos(lock: &Lockfile, wanted: impl Fn(&Name) -> bool) -> BTreeSet<String> {
    let folder = |(_, pin): (&Name, &Pin)| pin.source.cache_folder();
    lock.pins.iter().filter(|(name, _)| wanted(name)).map(folder).collect()
}

/// The quarantine's folder, apart from the target at `target`.
///
/// # Errors
/// A symbolic link in its place; a target that is in it, or has it in it.
pub fn root(project: &Project, target: &Path) -> Result<PathBuf, Failure> {
    let root = project.quarantine_root()?;
    let (here, there) = (real(&root), real(target));
    if here.starts_with(&there) || there.starts_with(&here) {
        return Err(Refusal::new(
            ErrorClass::Usage,
            format!("the target `{}` and the quarantine are not apart", target.display()),
        )
        .expected("a target that neither is nor holds `.modelpin/quarantine`")
        .got("one in the other")
        .why("files that can run code would be where loaders look")
        .help("choose another folder with `[sync] target` in models.toml, or with `--target`")
        .into());
    }
    Ok(root)
}

/// `path` without links in it, as far as it is there.
pub(crate) fn real(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|above| above.canonicalize().ok().map(|real| (above, real)));
    let Some((above, real)) = there else {
        return path.to_owned();
    };
    match path.strip_prefix(above) {
        Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
        _ => real,
    }
}

#[cfg(test)]
mod tests {
    use super::real;

    #[test]
    fn what_is_not_there_is_found_below_what_is() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir(top.join("a")).unwrap();
        assert_eq!(real(&top.join("a/b/c")), top.join("a/b/c"));
        assert_eq!(real(&top.join("a/../a")), top.join("a"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(top.join("a"), top.join("link")).unwrap();
            assert_eq!(real(&top.join("link/b")), top.join("a/b"));
        }
    }
}
