//! `env --loader`: the arguments of a loader, by which it takes what is pinned and runs only certified code.

use super::dataset_files::{self, PartFiles};
use super::shadowing;
use crate::exclusions::exclusions;
use crate::refusal::{ErrorClass, Failure, Refusal};
use crate::workspace::Workspace;
use modelpin_policy::Admission;
use modelpin_schema::lockfile::{AutoMapClass, Reference, Role};
use modelpin_schema::{CommitId, Lockfile, Name, Pin, RepoKind, RepoPath, visible};
use modelpin_store::install::{Layout, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The arguments of a loader for one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loading<'a> {
    /// Model or dataset.
    pub kind: RepoKind,
    /// The absolute path of the entry's folder; the repo where the folder lacks what only the jail shows.
    pub place: String,
    /// The commit; none where the target is plain folders, which have no revisions.
    pub revision: Option<CommitId>,
    /// The commit of the one repo by whose name code is asked for.
    pub code_revision: Option<CommitId>,
    /// Whether all the code that would be run, that of other repos included, is in the target, because somebody
    /// certified all of it for this entry; none where there is no code.
    pub trust_remote_code: Option<bool>,
    /// The base that it is an adapter of.
    pub base: Option<&'a Name>,
    /// The configurations of a dataset that the Hub converted, by name, each with its files: `datasets` does not see in
    /// the paths which is which. Empty where it finds everything by itself.
    pub parts: PartFiles,
    /// What a user should know of it.
    pub note: Option<&'static str>,
}

/// Where code is needed that no one `code_revision` covers.
const SEVERAL: &str =
    "its code is in several repos: code_revision can name one only, refs/main of the target pins them";

/// Where the code is in a repo that the lock has not.
const LOOSE: &str = "some of its code is in a repo that is not pinned";

/// Where the code is another repo's, and the target has no place in which it would be looked for.
const FOLDERS: &str = "its code is asked for by the name of a repo, which loaders do not find in plain folders";

/// Where a dataset is made by code that is certified.
const SCRIPT: &str = "its rows are made by a script, which `datasets` runs before version 4.0 only";

/// Where a dataset is made by code that nobody certified.
const WITHHELD_SCRIPT: &str = "its rows are made by a script, which is withheld until it is certified";

/// Where files that can run code are exempted.
const JAILED: &str = "its files that can run code are available only in the jail, by the name of the repo";

/// The arguments of a loader for every entry, by name. The target is checked first, as [`Workspace::ready`] does;
/// Python looks into `searched` as well, as [`crate::exec::searched`] says.
///
/// # Errors
/// A stale lock; what the policy refuses; everything in the target that is not as locked; something in the working
/// folder that shadows a repo; a target whose path is not UTF-8; I/O errors from reading the target.
pub fn run<'a>(
    workspace: &'a Workspace,
    searched: &BTreeSet<PathBuf>,
) -> Result<BTreeMap<&'a Name, Loading<'a>>, Failure> {
    let lock = workspace.project.locked()?;
    let authorized = workspace.authorized(lock)?;
    let tree = workspace.ready_target(lock, &authorized)?;
    shadowing::check(lock, tree.tree.flat_root(), searched)?;
    let root = tree.tree.root();
    let root = root.canonicalize().map_err(Failure::io("find", root))?;
    let jailed = exclusions(&authorized.admission).quarantined_entries(lock);
    let mut all = BTreeMap::new();
    for (name, pin) in &lock.pins {
        let place = match tree.plan.layout {
            Layout::Flat => Place::Folder(root.join(name.as_str())),
            _ if jailed.pins.contains_key(name) => Place::Name,
            _ => Place::Snapshot(root.join(pin.source.cache_folder()).join("snapshots").join(pin.revision.to_string())),
        };
        all.insert(name, of(lock, &authorized.admission, &tree.plan, pin, name, &place)?);
    }
    Ok(all)
}

/// How an entry is found.
enum Place {
    /// In a plain folder.
    Folder(PathBuf),
    /// In a snapshot of a Hugging Face cache.
    Snapshot(PathBuf),
    /// In whatever Hugging Face cache there is, by the name of its repo.
    Name,
}

fn of<'a>(
    lock: &'a Lockfile,
    admission: &Admission,
    plan: &Plan,
    pin: &'a Pin,
    name: &'a Name,
    place: &Place,
) -> Result<Loading<'a>, Failure> {
    let code = Code::of(pin);
    let borrowed: Option<Vec<(&Name, &Pin)>> = code.foreign.iter().map(|repo| led_to(lock, pin, repo)).collect();
    let has_code = |pin: &Pin| pin.code_files().next().is_some();
    let has_own = code.own || has_code(pin);
    // What the configuration names has to be code that is locked, so that the certificate covers it.
    let is_known = (!code.own || has_code(pin))
        && borrowed.as_ref().is_some_and(|borrowed| borrowed.iter().all(|(_, pin)| has_code(pin)));
    let mut places = lock.code(name).foreign.into_values().chain([(name, pin)]);
    let is_there = places.all(|(name, pin)| is_whole(plan, name, pin));
    let may_run = admission.certified.contains(name) && is_known && is_there;
    let flat = matches!(place, Place::Folder(_));
    let is_found = !flat || code.named.is_empty();
    let code_revision = match borrowed.as_deref() {
        Some(borrowed) if !flat => code.revision(pin, borrowed, place),
        _ => None,
    };
    let note = if matches!(place, Place::Name) {
        Some(JAILED)
    } else if code.named.is_empty() || code_revision.is_some() {
        None
    } else if flat {
        Some(FOLDERS)
    } else {
        Some(if borrowed.is_some() { SEVERAL } else { LOOSE })
    };
    let script = dataset_files::script(pin).filter(|_| !matches!(place, Place::Name));
    let is_script = script.is_some() && may_run;
    let note = match &script {
        Some(_) if may_run => Some(SCRIPT),
        Some(_) => Some(WITHHELD_SCRIPT),
        None => note,
    };
    let place = match place {
        Place::Folder(folder) | Place::Snapshot(folder) => {
            let text = folder.to_str().ok_or_else(|| not_text(&folder.to_string_lossy()))?.to_owned();
            match script.filter(|_| is_script) {
                Some(script) => format!("{text}/{script}"),
                None => text,
            }
        }
        Place::Name => pin.source.repo.to_string(),
    };
    let has_code = match pin.source.kind {
        RepoKind::Model => has_own || !code.foreign.is_empty(),
        // Without its script a dataset is files, and newer versions of `datasets` know no such argument.
        RepoKind::Dataset => is_script,
    };
    Ok(Loading {
        kind: pin.source.kind,
        place,
        revision: (!flat).then_some(pin.revision),
        code_revision,
        trust_remote_code: has_code.then_some(may_run && is_found),
        base: pin.dependencies.adapter.as_ref().map(|adapter| &adapter.base),
        parts: if is_script { PartFiles::new() } else { dataset_files::parts(pin) },
        note,
    })
}

/// The classes that configuration makes a loader take from code.
struct Code<'a> {
    /// Whether some of them are in the repo itself.
    own: bool,
    /// The other repos that they are in, as the model's files call them.
    foreign: BTreeSet<&'a str>,
    /// The repos by whose names they are called: the other ones, and perhaps its own.
    named: BTreeSet<&'a str>,
}

impl<'a> Code<'a> {
    fn of(pin: &'a Pin) -> Self {
        // A fact that names no class stands for all that there was no room for: no repo is called so.
        let called =
            pin.facts.auto_map.iter().map(|fact| AutoMapClass::read(fact).map_or(Some("…"), |class| class.repo));
        let referred = pin.facts.references.iter().filter(|reference| reference.role == Role::Code);
        let repos: Vec<Option<&str>> = called.chain(referred.map(|reference| Some(reference.repo.as_str()))).collect();
        let is_own = |repo: &Option<&str>| repo.is_none_or(|repo| repo == pin.source.repo.as_str());
        let named: BTreeSet<&str> = repos.iter().copied().flatten().collect();
        let foreign = named.iter().copied().filter(|repo| !is_own(&Some(*repo))).collect();
        Self { own: repos.iter().any(is_own), foreign, named }
    }

    /// What `code_revision` has to be, where one commit covers all code that is asked for by the name of a repo;
    /// `borrowed` are the pins of the other repos.
    ///
    /// transformers 5.24 (`get_class_from_dynamic_module` in dynamic_module_utils.py) takes every class from
    /// `code_revision` where that is given, and from `main` where it is not, unless the repo is the one that is
    /// loaded. A class that is called without a repo is taken from what is loaded: a folder, which has no revisions,
    /// or a repo.
    fn revision(&self, pin: &Pin, borrowed: &[(&Name, &Pin)], place: &Place) -> Option<CommitId> {
        match borrowed {
            [(_, code)] if !self.own => Some(code.revision),
            [(_, code)] if self.named.len() == 1 && matches!(place, Place::Snapshot(_)) => Some(code.revision),
            [] if !self.named.is_empty() && matches!(place, Place::Snapshot(_)) => Some(pin.revision),
            _ => None,
        }
    }
}

/// The pin of the code that `pin` takes from `repo`.
fn led_to<'a>(lock: &'a Lockfile, pin: &Pin, repo: &str) -> Option<(&'a Name, &'a Pin)> {
    let of_repo = |reference: &Reference| reference.role == Role::Code && reference.repo.as_str() == repo;
    let mut dependencies = pin.dependencies.pinned.iter().filter(|(reference, _)| of_repo(reference));
    dependencies.next().and_then(|(_, dependency)| lock.pins.get_key_value(&dependency.pin))
}

/// Whether nothing of the code of an entry's own is held back.
fn is_whole(plan: &Plan, name: &Name, pin: &Pin) -> bool {
    let visible: BTreeSet<&RepoPath> = plan.visible(name, pin).map(|(path, _)| path).collect();
    pin.code_files().all(|(path, _)| visible.contains(path))
}

fn not_text(folder: &str) -> Failure {
    Refusal::new(ErrorClass::Usage, "the path of the target is not UTF-8")
        .got(format!("`{}`", visible(folder)))
        .help("move the project, or set `[sync] target` in models.toml, then run `modelpin sync`")
        .into()
}
