//! `env` and `exec`: what a program is told so that its loaders find what is pinned and nothing else.

use crate::install::Layout;
use crate::loaders::{Home, Places, Span, Surroundings, shadow};
use crate::places::Location;
use crate::ready::Case;
use crate::record::Record;
use crate::refusal::Failure;
use crate::store::Store;
use modelpin_schema::lockfile::set_digest;
use modelpin_schema::{Digest, Lockfile};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The variables that lead a program to the target of a project without any token of the person's, and a folder for what
/// its loaders keep: in `store`, where there is one. Everything is checked first, as [`Case::ready`] does; Python looks into
/// `searched` as well, as [`crate::loaders::searched`] says.
///
/// # Errors
/// What [`Case::ready`] refuses; something in the working folder in the place of a repo; the system's.
pub fn run(
    case: &Case<'_>,
    store: Option<&Store>,
    span: Span,
    searched: &BTreeSet<PathBuf>,
) -> Result<Surroundings, Failure> {
    let lock = case.project.locked()?;
    case.ready()?;
    let target = Target::of(case)?;
    shadow::check(lock, target.folders(), searched)?;
    let record = store.and_then(|store| Record::of(store, &case.project.dir).ok());
    let home = Home::make(record.as_ref(), span, target.hub())?;
    let hub = home.path().join("hub");
    let places = Places {
        home: home.path(),
        hub: target.hub().unwrap_or(&hub),
        folders: target.folders(),
        code: &code(lock).hex(),
    };
    let mut told = Surroundings::of(&places);
    for name in case.project.person.token_variables() {
        // What is set has no value of the person's any more.
        let is_told = told.unset.iter().any(|known| known == name) || told.set.iter().any(|(known, _)| *known == name);
        if !is_told {
            told.unset.push(name.to_owned());
        }
    }
    Ok(Surroundings { home: Some(home), ..told })
}

/// The variables for a program in the jail, which has folders of its own.
///
/// # Errors
/// The system's.
pub fn jailed(case: &Case<'_>) -> Result<Surroundings, Failure> {
    Ok(Surroundings::fixed(Target::of(case)?.folders()))
}

/// Where the target is, without links on the way, and what it is.
struct Target {
    root: PathBuf,
    flat: bool,
}

impl Target {
    fn of(case: &Case<'_>) -> Result<Self, Failure> {
        let Location { layout, root } = case.project.target()?;
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
