//! `sync`: makes the target, and the quarantine, exactly what the lock says and the policy lets in.
//!
//! The steps, in order: plan, authorize, fetch, install, prune. The bytes decide what they are: content of which no
//! scan is remembered is scanned before anything of it becomes visible to a loader, its facts are recorded in the
//! lock or compared with it, and the plan is authorized again by what was found.
//!
//! - `content`: fetching content, and scanning what is not remembered

mod content;

use super::lock::{self, LockOptions};
use crate::decisions;
use crate::exclusions::exclusions;
use crate::facts;
use crate::file_names::OWN_FOLDER;
use crate::online::Online;
use crate::preflight;
use crate::refusal::{Failure, Refusals, files};
use crate::reporter::Event;
use crate::runtime::Runtime;
use crate::workspace::Workspace;
use crate::writable::WritableWorkspace;
use content::Content;
use modelpin_policy::{Admission, Decisions, Violation, Withheld};
use modelpin_schema::changes::{Change, diff};
use modelpin_schema::{Lockfile, Name};
use modelpin_store::hashed_bytes;
use modelpin_store::install::{Depth, InspectedTree, Installation};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What `sync` does about a lock that is not up to date with models.toml, or records less than the bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Update it as `lock` does, and record what the scan finds; pins that are up to date stay.
    Write,
    /// Refuse it.
    Locked,
}

/// The outcome of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What changed in the lock. It stays written even where the run was refused afterwards, so that somebody can
    /// decide about it.
    pub changes: Vec<Change>,
    /// What was done, or why it was not.
    pub result: Result<Synced, Failure>,
}

/// What `sync` did.
#[derive(Debug)]
pub struct Synced {
    /// The entries whose files were placed or repaired.
    pub published: BTreeSet<Name>,
    /// Files that were placed, from the store, a mirror or the Hub.
    pub placed: usize,
    /// Files that were scanned: none in a warm run.
    pub scanned: usize,
    /// Untracked files, links and folders that were removed.
    pub removed: usize,
    /// Entries of the lock.
    pub entries: usize,
    /// Locked files in the target.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Bytes that were hashed: none in a warm run.
    pub hashed: u64,
    /// The target's folder.
    pub target: PathBuf,
    /// Files that stay out of the target, by entry.
    pub withheld: BTreeMap<Name, Withheld>,
    /// How many things the policy only warns of.
    pub warnings: usize,
}

/// What is going to be installed, once it is authorized.
struct Plan {
    lock: Lockfile,
    /// What the policy and the decisions say of the lock.
    admission: Admission,
    /// The target and the quarantine, compared with what they should be.
    trees: Installation,
}

/// Makes the target of the project what the lock says and the policy lets in: adds, repairs, removes untracked files.
/// Nothing is placed before everything is verified, scanned and authorized; what may no longer be in the target or
/// the quarantine is removed even where the run is refused.
pub fn run(workspace: &mut WritableWorkspace, online: &Online, mode: Mode) -> Outcome {
    let before = workspace.project.lock.clone().unwrap_or_default();
    let result = sync(workspace, online, mode);
    let changes = workspace.project.lock.as_ref().map(|lock| diff(&before, lock)).unwrap_or_default();
    Outcome { changes, result }
}

/// # Errors
/// A lock that is missing, stale or lacks facts of the bytes, where it may not be written; what the policy denies;
/// content that is not found or does not match the lock; I/O errors from the store, the target or the quarantine.
fn sync(workspace: &mut WritableWorkspace, online: &Online, mode: Mode) -> Result<Synced, Failure> {
    if workspace.project.manifest.entries.is_empty() {
        return Err(files::nothing_declared().into());
    }
    // Before anything is resolved and written: what is fetched has to have a place.
    workspace.project.target()?;
    let hashed_before = hashed_bytes();
    let runtime = Runtime::default();
    if workspace.project.locked().is_err() && mode == Mode::Write {
        // What the policy denies and is locked all the same is refused again below.
        runtime.block_on(lock::run(workspace, online, &LockOptions::default()))?;
    }
    let lock = workspace.project.locked()?.clone();
    // Most often the imported decisions are in the store, and nothing has to be waited for.
    let decisions = decisions::load(&workspace.project, &workspace.store)
        .or_else(|_| runtime.block_on(decisions::fetch_and_load(online, &workspace.project)))?;
    let record = workspace.need_record()?.clone();

    let plan = authorize(workspace, plan(workspace, lock, &decisions)?)?;
    let mut content = Content::new(online, &runtime, &record, &plan.lock);
    if let Err(refused) = content.fetch_and_scan(&plan.lock, &plan.trees) {
        // What is in the target and not verified must not be what a loader finds meanwhile.
        plan.trees.remove_invalid()?;
        return Err(refused);
    }
    let plan = authorize_as_scanned(workspace, plan, &content, &decisions, mode)?;
    if let Err(refused) = content.fetch(&plan.lock, &plan.trees.missing()) {
        plan.trees.remove_invalid()?;
        return Err(refused);
    }
    let mut synced = install_and_prune(workspace, plan, &content)?;
    synced.hashed = hashed_bytes() - hashed_before;
    Ok(synced)
}

/// Compares the target and the quarantine with what `lock`, the policy and the decisions say.
fn plan(workspace: &Workspace, lock: Lockfile, decisions: &Decisions) -> Result<Plan, Failure> {
    let admission = Admission::evaluate(workspace.project.project_policy(), &lock, decisions, workspace.today);
    let trees = Installation::open(&workspace.install_locations()?, &lock, &exclusions(&admission), Depth::Stamps)?;
    Ok(Plan { lock, admission, trees })
}

/// Refuses a plan that the policy denies, or that would remove what modelpin did not place. Then whatever may no
/// longer be in the target and the quarantine is removed.
fn authorize(workspace: &Workspace, plan: Plan) -> Result<Plan, Failure> {
    match plan.admission.authorize().and_then(|()| Ok(plan.trees.check_removable()?)) {
        Ok(()) => {
            plan.trees.target().plan.notes.iter().for_each(|note| workspace.note(note));
            Ok(plan)
        }
        Err(refused) => {
            plan.trees.remove_invalid()?;
            Err(refused)
        }
    }
}

/// Authorizes the plan by what was scanned: with the facts recorded in the lock, or compared with it.
fn authorize_as_scanned(
    workspace: &mut WritableWorkspace,
    plan: Plan,
    content: &Content<'_>,
    decisions: &Decisions,
    mode: Mode,
) -> Result<Plan, Failure> {
    let mut scanned = plan.lock.clone();
    facts::record(&mut scanned, &content.facts);
    if mode == Mode::Write {
        workspace.write_lock(scanned.clone())?;
    }
    if scanned == plan.lock {
        return Ok(plan);
    }
    match mode {
        Mode::Write => authorize_recorded(workspace, plan, scanned, decisions),
        Mode::Locked => authorize_unrecorded(workspace, plan, &scanned, content, decisions),
    }
}

/// Authorizes the plan anew for the lock `scanned`, which records what was found, where that changes anything.
fn authorize_recorded(
    workspace: &Workspace,
    mut before: Plan,
    scanned: Lockfile,
    decisions: &Decisions,
) -> Result<Plan, Failure> {
    let admission = Admission::evaluate(workspace.project.project_policy(), &scanned, decisions, workspace.today);
    if admission.withheld == before.admission.withheld && admission.is_granted() {
        return Ok(Plan { lock: scanned, admission, trees: before.trees });
    }
    before.trees.save_stamps()?;
    authorize(workspace, plan(workspace, scanned, decisions)?)
}

/// Refuses a lock that lacks facts of `scanned` that matter, or that the policy would deny with them. The lock stays as
/// it is.
fn authorize_unrecorded(
    workspace: &Workspace,
    plan: Plan,
    scanned: &Lockfile,
    content: &Content<'_>,
    decisions: &Decisions,
) -> Result<Plan, Failure> {
    let Plan { lock, admission, trees } = plan;
    let (found, mut refusals) =
        preflight::compare_facts(workspace, &lock, &admission, (&content.facts, scanned), decisions);
    refusals.extend(found.denied.iter().map(Violation::refusal));
    if let Some(refusals) = Refusals::new(preflight::one_a_file(refusals)) {
        let locations = workspace.install_locations()?;
        Installation::open(&locations, &lock, &exclusions(&found), Depth::Stamps)?.remove_invalid()?;
        return Err(Failure::Refused(refusals));
    }
    for (name, files) in facts::unrecorded(&lock, &content.facts) {
        workspace.note(format_args!(
            "`{name}`: models.lock does not say yet all that {} of its files are and do; `modelpin sync` without \
             `--locked` records it",
            files.len()
        ));
    }
    Ok(Plan { admission: Admission { warnings: found.warnings, ..admission }, lock, trees })
}

/// Places what is missing, and then removes what is untracked, in the target and in the quarantine.
fn install_and_prune(workspace: &Workspace, plan: Plan, content: &Content<'_>) -> Result<Synced, Failure> {
    let Plan { lock, admission, trees } = plan;
    let InspectedTree { tree: target, plan, .. } = trees.target();
    let visible: Vec<u64> =
        lock.pins.iter().flat_map(|(name, pin)| plan.visible(name, pin)).map(|(_, file)| file.size).collect();
    let target = target.root().to_owned();
    let placed = trees.missing().len();
    let own = workspace.project.dir.join(OWN_FOLDER);
    if trees.iter().any(|tree| !tree.inspection.is_clean() && tree.tree.root().starts_with(&own)) {
        workspace.project.make_own_folder()?;
    }
    let (published, removed) = trees.apply(&content.verified)?;
    published.iter().for_each(|name| workspace.reporter.report(Event::Published(name)));
    content.remember(&lock);
    Ok(Synced {
        published,
        placed,
        scanned: content.scanned,
        removed,
        entries: lock.pins.len(),
        files: visible.len(),
        bytes: visible.iter().fold(0, |sum: u64, size| sum.saturating_add(*size)),
        hashed: 0,
        target,
        withheld: admission.withheld,
        warnings: admission.warnings,
    })
}
