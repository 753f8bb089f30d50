//! `env` and `exec`: the variables of a program, by which its loaders find what is pinned and nothing else.

use super::loader_home::{Lifetime, LoaderHome};
use super::shadowing;
use super::variables::{TABLE, Value, Variable};
use crate::refusal::Failure;
use crate::workspace::Workspace;
use modelpin_schema::lockfile::set_digest;
use modelpin_schema::{Digest, Lockfile};
use modelpin_store::install::Layout;
use modelpin_store::install::Location;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The paths that values are made of.
#[derive(Debug)]
pub(crate) struct Paths<'a> {
    /// The folder of [`Value::Home`].
    pub(crate) home: &'a Path,
    /// The folder of [`Value::Hub`].
    pub(crate) hub: &'a Path,
    /// The folder of [`Value::Folders`], where there is one.
    pub(crate) folders: Option<&'a Path>,
    /// The name of the folder of [`Value::Modules`].
    pub(crate) code: &'a str,
}

/// The variables that a program gets and loses.
#[derive(Debug, Default)]
pub struct Environment {
    /// What is set.
    pub set: Vec<(&'static str, OsString)>,
    /// What is taken away.
    pub unset: Vec<String>,
    /// The folder that the values lead to; it has to be kept until the program has been started.
    pub home: Option<LoaderHome>,
}

impl Environment {
    /// What [`TABLE`] says, with these paths.
    pub(crate) fn of(paths: &Paths<'_>) -> Self {
        let mut all = Self::default();
        for variable in TABLE {
            let value: Option<PathBuf> = match variable.value {
                Value::Kept => continue,
                Value::Home => Some(paths.home.to_owned()),
                Value::Hub => Some(paths.hub.to_owned()),
                Value::Folders => paths.folders.map(Path::to_owned),
                Value::Modules => Some(paths.home.join("modules").join(paths.code)),
                Value::Below(folder) => Some(paths.home.join(folder)),
                Value::Text(text) => Some(text.into()),
                Value::Unset => None,
            };
            match value {
                Some(value) => all.set.push((variable.name, value.into())),
                None => all.unset.push(variable.name.to_owned()),
            }
        }
        all
    }

    /// What [`TABLE`] says for a program that has a home of its own anyway: texts, and the folder of plain folders.
    pub(crate) fn fixed(folders: Option<&Path>) -> Self {
        let value = |variable: &Variable| match variable.value {
            Value::Text(text) => Some(text.into()),
            Value::Folders => folders.map(Into::into),
            _ => None,
        };
        let set = TABLE.iter().filter_map(|variable| Some((variable.name, value(variable)?)));
        Self { set: set.collect(), ..Self::default() }
    }
}

/// The variables that lead a program to the target of a project without any token of the user's, and a folder for
/// what its loaders keep: in the project's record, where there is one. Everything is checked first, as
/// [`Workspace::ready`] does; Python looks into `searched` as well, as [`crate::exec::searched`] says.
///
/// # Errors
/// What [`Workspace::ready`] refuses; something in the working folder that shadows a repo; I/O errors from making the
/// loaders' home.
pub fn run(workspace: &Workspace, span: Lifetime, searched: &BTreeSet<PathBuf>) -> Result<Environment, Failure> {
    let lock = workspace.project.locked()?;
    workspace.ready()?;
    let target = Target::of(workspace)?;
    shadowing::check(lock, target.folders(), searched)?;
    let home = LoaderHome::make(workspace.record.as_ref(), span, target.hub())?;
    let hub = home.path().join("hub");
    let paths = Paths {
        home: home.path(),
        hub: target.hub().unwrap_or(&hub),
        folders: target.folders(),
        code: &code(lock).hex(),
    };
    let mut environment = Environment::of(&paths);
    for name in workspace.project.settings.token_variables() {
        // What is set has no value of the user's any more.
        let is_known = environment.unset.iter().any(|known| known == name)
            || environment.set.iter().any(|(known, _)| *known == name);
        if !is_known {
            environment.unset.push(name.to_owned());
        }
    }
    Ok(Environment { home: Some(home), ..environment })
}

/// The variables for a program in the jail, which has folders of its own.
///
/// # Errors
/// A target that is not there.
pub fn jailed(workspace: &Workspace) -> Result<Environment, Failure> {
    Ok(Environment::fixed(Target::of(workspace)?.folders()))
}

/// Where the target is, without links on the way, and what it is.
struct Target {
    root: PathBuf,
    flat: bool,
}

impl Target {
    fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let Location { layout, root } = workspace.project.target()?;
        let root = root.canonicalize().map_err(Failure::io("find", &root))?;
        Ok(Self { root, flat: layout == Layout::Flat })
    }

    fn hub(&self) -> Option<&Path> {
        (!self.flat).then_some(&self.root)
    }

    fn folders(&self) -> Option<&Path> {
        self.flat.then_some(&self.root)
    }
}

/// The digest of all code that runs for an entry of `lock`.
fn code(lock: &Lockfile) -> Digest {
    set_digest(lock.pins.keys().filter_map(|name| Some((name, lock.code(name).digest()?))))
}

#[cfg(test)]
mod tests {
    use super::{Environment, Paths, TABLE, Value};
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn each_variable_stands_there_once_and_says_why() {
        let names: BTreeSet<_> = TABLE.iter().map(|variable| variable.name).collect();
        assert_eq!(names.len(), TABLE.len());
        for variable in TABLE {
            assert!(!variable.loaders.is_empty() && !variable.why.is_empty(), "{variable:?}");
            assert!(!variable.why.contains('|') && variable.why.ends_with('.'), "{variable:?}");
        }
    }

    #[test]
    fn what_is_not_kept_is_set_or_taken_away() {
        let paths = Paths { home: Path::new("/home"), hub: Path::new("/hub"), folders: None, code: "0123" };
        let all = Environment::of(&paths);
        let kept = TABLE.iter().filter(|variable| variable.value == Value::Kept).count();
        assert_eq!(all.set.len() + all.unset.len() + kept, TABLE.len());
        assert!(all.set.contains(&("HF_MODULES_CACHE", "/home/modules/0123".into())));
        assert!(all.unset.iter().any(|name| name == "HF_TOKEN"));
        assert!(Environment::fixed(None).set.iter().all(|(_, value)| !value.to_string_lossy().starts_with("/h")));
    }
}
