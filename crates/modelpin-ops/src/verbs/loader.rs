//! `env --loader`: what a loader has to be told so that it takes what is pinned, and runs only code that somebody
//! certified.

use crate::gate::Gate;
use crate::ready::Case;
use crate::refusal::{Failure, wish};
use crate::target::{Layout, Plan};
use modelpin_schema::lockfile::{Class, Reference, Role};
use modelpin_schema::{CommitId, Lockfile, Name, Pin, RepoKind, RepoPath, visible};
use std::collections::{BTreeMap, BTreeSet};

/// What a loader is told of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loading<'a> {
    /// Model or dataset.
    pub kind: RepoKind,
    /// The repo, or the absolute path of the entry's folder where the target is plain folders.
    pub place: String,
    /// The commit; none for a folder, which has no revisions.
    pub revision: Option<CommitId>,
    /// The commit of the repo that all of its code comes from, where that is another repo, and one.
    pub code_revision: Option<CommitId>,
    /// Whether all the code that would be run, that of other repos included, is in the target, because somebody certified
    /// all of it for this entry; none where there is no code.
    pub trust_remote_code: Option<bool>,
    /// The base that it is an adapter of.
    pub base: Option<&'a Name>,
    /// What a person should know of it.
    pub note: Option<&'static str>,
}

/// Where code is needed that no one `code_revision` covers.
const SEVERAL: &str =
    "its code is in several repos: code_revision can name one only, refs/main of the target pins the others";

/// Where the code is in a repo that the lock has not.
const LOOSE: &str = "some of its code is in a repo that is not pinned";

/// Where the code is another repo's, and the target has no place in which it would be looked for.
const FOLDERS: &str = "its code is another repo's, which loaders do not find in plain folders";

/// What a loader is told of every entry, by name. The target is checked first, as [`Case::ready`] does.
///
/// # Errors
/// A stale lock; what the policy refuses; everything in the target that is not as locked; a folder that Python cannot
/// be told of; the system's.
pub fn run<'a>(case: &Case<'a>) -> Result<BTreeMap<&'a Name, Loading<'a>>, Failure> {
    let lock = case.project.locked()?;
    let passed = case.passed(lock)?;
    let tree = case.ready_target(lock, &passed)?;
    let mut all = BTreeMap::new();
    for (name, pin) in &lock.pins {
        let mut loading = of(lock, &passed.gate, &tree.plan, pin, name);
        if tree.plan.layout == Layout::Flat {
            let folder = tree.target.root().join(name.as_str());
            let folder = std::path::absolute(&folder).map_err(Failure::io("find", &folder))?;
            loading.place = folder.to_str().ok_or_else(|| not_text(&folder.to_string_lossy()))?.to_owned();
        }
        all.insert(name, loading);
    }
    Ok(all)
}

fn of<'a>(lock: &'a Lockfile, gate: &Gate, plan: &Plan, pin: &'a Pin, name: &'a Name) -> Loading<'a> {
    let flat = plan.layout == Layout::Flat;
    let Code { own, foreign } = Code::of(pin);
    let borrowed: Option<Vec<(&Name, &Pin)>> = foreign.iter().map(|repo| led_to(lock, pin, repo)).collect();
    // transformers 5.23 (`get_class_from_dynamic_module` in dynamic_module_utils.py) takes every class from
    // `code_revision` where that is given, those of the repo itself as well. Where it is not, it takes those of the repo
    // from `revision`, and others from `main`.
    let code_revision = match borrowed.as_deref() {
        Some([(_, code)]) if !own && !flat => Some(code.revision),
        _ => None,
    };
    let has_code = |pin: &Pin| pin.code_files().next().is_some();
    let has_own = own || has_code(pin);
    // What the configuration names has to be code that is locked, so that the certificate covers it.
    let is_known = (!own || has_code(pin))
        && borrowed.as_ref().is_some_and(|borrowed| borrowed.iter().all(|(_, pin)| has_code(pin)));
    let mut places = lock.code(name).foreign.into_values().chain([(name, pin)]);
    let is_there = places.all(|(name, pin)| is_whole(plan, name, pin));
    let may_run = gate.certified.contains(name) && is_known && is_there;
    let is_found = !flat || foreign.is_empty();
    let note = if foreign.is_empty() || code_revision.is_some() {
        None
    } else if flat {
        Some(FOLDERS)
    } else {
        Some(if borrowed.is_some() { SEVERAL } else { LOOSE })
    };
    Loading {
        kind: pin.source.kind,
        place: pin.source.repo.to_string(),
        revision: (!flat).then_some(pin.revision),
        code_revision,
        trust_remote_code: (has_own || !foreign.is_empty()).then_some(may_run && is_found),
        base: pin.adapter.as_ref().map(|adapter| &adapter.base),
        note,
    }
}

/// The classes that configuration makes a loader take from code.
struct Code<'a> {
    /// Whether some of them are in the repo itself.
    own: bool,
    /// The other repos that they are in, as the model's files call them.
    foreign: BTreeSet<&'a str>,
}

impl<'a> Code<'a> {
    fn of(pin: &'a Pin) -> Self {
        // A fact that names no class stands for all that there was no room for: no repo is called so.
        let named = pin.facts.auto_map.iter().map(|fact| Class::read(fact).map_or(Some("…"), |class| class.repo));
        let referred = pin.facts.references.iter().filter(|reference| reference.role == Role::Code);
        let repos = named.chain(referred.map(|reference| Some(reference.repo.as_str())));
        let is_own = |repo: &Option<&str>| repo.is_none_or(|repo| repo == pin.source.repo.as_str());
        let (own, foreign): (Vec<_>, Vec<_>) = repos.partition(is_own);
        Self { own: !own.is_empty(), foreign: foreign.into_iter().flatten().collect() }
    }
}

/// The pin of the code that `pin` takes from `repo`.
fn led_to<'a>(lock: &'a Lockfile, pin: &Pin, repo: &str) -> Option<(&'a Name, &'a Pin)> {
    let of_repo = |reference: &Reference| reference.role == Role::Code && reference.repo.as_str() == repo;
    let mut edges = pin.edges.iter().filter(|(reference, _)| of_repo(reference));
    edges.next().and_then(|(_, edge)| lock.pins.get_key_value(&edge.pin))
}

/// Whether nothing of the code of an entry's own is held back.
fn is_whole(plan: &Plan, name: &Name, pin: &Pin) -> bool {
    let visible: BTreeSet<&RepoPath> = plan.visible(name, pin).map(|(path, _)| path).collect();
    pin.code_files().all(|(path, _)| visible.contains(path))
}

fn not_text(folder: &str) -> Failure {
    wish::other(
        "the folder of the target is not UTF-8".to_owned(),
        "a path that Python source can hold",
        format!("`{}`", visible(folder)),
        "a loader would be told of another folder",
        "move the project, or set `target` below `[sync]` in models.toml, then `modelpin sync`",
    )
    .into()
}
