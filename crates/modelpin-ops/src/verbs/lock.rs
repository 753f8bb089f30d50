//! `lock`: brings the lock up to date with the manifest, and never touches a pin that already is.

use crate::decisions;
use crate::facts;
use crate::online::Online;
use crate::refusal::{Failure, Refusal, fail_if_any};
use crate::resolve::{dependencies, resolve};
use crate::workspace::Workspace;
use crate::writable::WritableWorkspace;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use modelpin_policy::{Decisions, ProjectPolicy, Violation, WithheldByName, evaluate, new_dependencies};
use modelpin_schema::changes::{Change, diff};
use modelpin_schema::left_out::LeftOutSummary;
use modelpin_schema::lockfile::Lockfile;
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Artifact, FileKind, Manifest, Name, Pin, RepoId, RepoPath, Requested, Spec, Ticket};
use std::collections::{BTreeMap, BTreeSet};

/// The size below which a file is most often kept in git, and so scanned when its pin is made.
const SMALL: u64 = 1 << 20;

/// Entries that are resolved at once.
const AT_ONCE: usize = 4;

/// How pins are made. The default is that of a plain `modelpin lock`.
#[derive(Debug, Clone)]
pub struct LockOptions {
    /// The id of the ticket that every changed pin will name.
    pub ticket: Option<Ticket>,
    /// Nothing is going to be written.
    pub dry_run: bool,
    /// Repos that a pin may depend on from its new commit on, although it did not before.
    pub accept: BTreeSet<RepoId>,
    /// The command, as the user would type it again.
    pub command: String,
}

impl Default for LockOptions {
    fn default() -> Self {
        Self { ticket: None, dry_run: false, accept: BTreeSet::new(), command: "modelpin lock".to_owned() }
    }
}

/// What changed in the lock, and what the policy says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locked {
    /// What changed in the lock.
    pub changes: Vec<Change>,
    /// What the policy refuses of the lock as it is now: written all the same, so that somebody can decide, and
    /// nothing of it is synced until then.
    pub refused: Vec<Refusal>,
    /// What the policy warns of that is about the change alone: no later command can see it.
    pub warned: Vec<Refusal>,
    /// What is left out of the entries whose pins were made now.
    pub left_out: BTreeMap<Name, LeftOutSummary>,
    /// What `sync` will do with what changed.
    pub outlook: Outlook,
}

/// What the next `sync` does with the entries that changed, beside installing their files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Files that stay out of the target, by entry.
    pub withheld: WithheldByName,
    /// How many files of each entry are not scanned before they are downloaded, so that their facts may be recorded only
    /// then.
    pub unscanned: BTreeMap<Name, usize>,
    /// How many files it installs.
    pub installed: usize,
}

/// Files of a project as they would be, and what there is to say of that.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The manifest, where it changes.
    pub(super) text: Option<String>,
    /// The lock.
    pub(super) lock: Lockfile,
    /// What changed in it.
    pub locked: Locked,
}

impl Planned {
    /// Writes the files.
    ///
    /// # Errors
    /// Files that somebody else changed meanwhile; I/O errors from writing them.
    pub fn write(self, workspace: &mut WritableWorkspace) -> Result<Locked, Failure> {
        // The lock last: a crash between the two leaves a stale lock, which is refused, never one that says too much.
        if let Some(text) = self.text {
            workspace.write_manifest(text)?;
        }
        workspace.write_lock(self.lock)?;
        Ok(self.locked)
    }
}

/// Brings the project's lock up to date with its manifest, and writes it.
///
/// # Errors
/// As [`plan`] and [`Planned::write`].
pub async fn run(workspace: &mut WritableWorkspace, online: &Online, options: &LockOptions) -> Result<Locked, Failure> {
    plan(workspace, online, options).await?.write(workspace)
}

/// The lock that is up to date with the project's manifest.
///
/// # Errors
/// Whatever keeps an entry from being resolved, or a pin from being made at all.
pub async fn plan(workspace: &Workspace, online: &Online, options: &LockOptions) -> Result<Planned, Failure> {
    let project = &workspace.project;
    let old = project.lock.clone().unwrap_or_default();
    let new = up_to_date(online, &project.manifest, &old, options).await?;
    let decisions = decisions::fetch_and_load(online, project).await?;
    let locked = evaluate_change(&project.manifest, workspace, online, &old, &new, &decisions, options)?;
    Ok(Planned { text: None, lock: new, locked })
}

/// Asks the policy about the lock `new`, which takes the place of `old`. The policy of `project` has its places in
/// models.toml as it is, for what is said of files that will not be written.
///
/// # Errors
/// Denials of pins that are made anew which no decision about bytes could lift; dependencies that a new commit adds
/// and are not accepted.
pub(super) fn evaluate_change(
    manifest: &Manifest,
    workspace: &Workspace,
    online: &Online,
    old: &Lockfile,
    new: &Lockfile,
    decisions: &Decisions,
    options: &LockOptions,
) -> Result<Locked, Failure> {
    let Workspace { project, today, .. } = workspace;
    let on_disk = &project.manifest.policy;
    let is_flat = project.project_policy().is_flat;
    let before = Manifest { policy: on_disk.clone(), ..manifest.clone() };
    let unwritten = evaluate(ProjectPolicy { manifest: &before, is_flat }, new, decisions, *today);
    let is_new = |violation: &Violation| violation.name.as_ref().is_some_and(|name| is_remade(name, old, new));
    let mut blocked: Vec<Refusal> = unwritten
        .denied()
        .filter(|violation| !violation.rule.decidable && is_new(violation))
        .map(|violation| violation.refusal_of_unwritten(on_disk))
        .collect();
    let mut denied = Vec::new();
    let mut warned = Vec::new();
    for violation in new_dependencies(&before, old, new, &options.accept, &options.command) {
        let list = if violation.level == Level::Deny { &mut denied } else { &mut warned };
        list.push(violation.refusal_of_unwritten(on_disk));
    }
    if !options.dry_run {
        blocked.extend(denied.iter().cloned());
    }
    fail_if_any(blocked)?;
    let changes = diff(old, new);
    let left_out = online.left_out.of(new);
    if options.dry_run {
        // Whoever has to decide about a new dependency reads the change first.
        denied.extend(unwritten.denied().map(|violation| violation.refusal_of_unwritten(on_disk)));
        let outlook = outlook(&changes, new, unwritten.withheld);
        return Ok(Locked { changes, refused: denied, warned, left_out, outlook });
    }
    let written = evaluate(ProjectPolicy { manifest, is_flat }, new, decisions, *today);
    let refused = written.denied().map(Violation::refusal).collect();
    let outlook = outlook(&changes, new, written.withheld);
    Ok(Locked { changes, refused, warned, left_out, outlook })
}

/// What `sync` does with the entries of `lock` that changed, where the policy withholds `withheld`.
fn outlook(changes: &[Change], lock: &Lockfile, withheld: WithheldByName) -> Outlook {
    let mut outlook = Outlook { withheld, ..Outlook::default() };
    let changed: BTreeMap<&Name, &Pin> =
        changes.iter().filter_map(|change| lock.pins.get_key_value(&change.name)).collect();
    outlook.withheld.retain(|name, _| changed.contains_key(name));
    for (name, pin) in changed {
        let stays_out = |path: &RepoPath| {
            outlook.withheld.get(name).is_some_and(|withheld| {
                let out = [&withheld.uncertified, &withheld.quarantined, &withheld.refused, &withheld.replaced];
                out.iter().any(|files| files.contains(path))
            })
        };
        outlook.installed += pin.files().keys().filter(|path| !stays_out(path)).count();
        // Safetensors hold nothing that is recorded.
        let is_late = |(path, file): &(&RepoPath, &Artifact)| {
            file.size >= SMALL
                && file.kind != FileKind::Safetensors
                && !facts::is_scanned_at_lock(path, file.size)
                && !pin.facts.has_file(path)
        };
        let late = pin.files().iter().filter(is_late).count();
        if late > 0 {
            outlook.unscanned.insert(name.clone(), late);
        }
    }
    outlook
}

/// Whether the pin of `name` is another than it was, apart from the commits that it depends on.
fn is_remade(name: &Name, old: &Lockfile, new: &Lockfile) -> bool {
    without_dependencies(name, old) != without_dependencies(name, new)
}

/// The pin of `name` without the commits that it depends on.
fn without_dependencies(name: &Name, lock: &Lockfile) -> Option<Pin> {
    let mut pin = lock.pins.get(name)?.clone();
    pin.dependencies.adapter = None;
    pin.dependencies.pinned = BTreeMap::new();
    Some(pin)
}

/// The lock that is up to date with `manifest`, with every pin of `old` that already is.
///
/// # Errors
/// Whatever keeps an entry from being resolved.
pub(super) async fn up_to_date(
    online: &Online,
    manifest: &Manifest,
    old: &Lockfile,
    options: &LockOptions,
) -> Result<Lockfile, Failure> {
    let pins = iter(&manifest.entries)
        .map(|(name, spec)| async move {
            entry(online, name, spec, old.pins.get(name), options).await.map(|pin| (name.clone(), pin))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    dependencies::add_dependencies(online, manifest, old, Lockfile { pins }, options.ticket.as_ref()).await
}

async fn entry(
    online: &Online,
    name: &Name,
    spec: &Spec,
    old: Option<&Pin>,
    options: &LockOptions,
) -> Result<Pin, Failure> {
    let repo_changed = old.is_none_or(|old| old.source != spec.source || old.requested != spec.requested);
    let files_changed = old.is_none_or(|old| old.filter != spec.filter);
    if let Some(old) = old.filter(|_| !repo_changed && !files_changed) {
        return Ok(old.clone());
    }
    // Another choice of files is no reason to move to another commit.
    let kept = old.filter(|_| !repo_changed);
    let wanted = kept.map_or_else(|| spec.requested.clone(), |old| Requested::Commit(old.revision));
    let mut pin = resolve(online, name, spec, &wanted, old).await?;
    if let Some(old) = kept {
        pin.hub.tag.clone_from(&old.hub.tag);
        pin.ticket.clone_from(&old.ticket);
    }
    if options.ticket.is_some() {
        pin.ticket.clone_from(&options.ticket);
    }
    Ok(pin)
}
