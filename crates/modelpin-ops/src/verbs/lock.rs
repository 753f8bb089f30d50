//! `lock`: makes the lock answer the manifest, and never touches a pin that already does.

use crate::decisions::Decisions;
use crate::online::Online;
use crate::policy::{Ruling, Wanted, evaluate, moved};
use crate::project::Project;
use crate::refusal::{Failure, Refusal, fail_if_any};
use crate::resolve::{dependencies, resolve};
use crate::writable::WritableProject;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use modelpin_schema::lockfile::diff::{Change, diff};
use modelpin_schema::lockfile::{Day, Lockfile};
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Manifest, Name, Pin, RepoId, Requested, Spec, Ticket};
use std::collections::{BTreeMap, BTreeSet};

/// Entries that are resolved at once.
const AT_ONCE: usize = 4;

/// On which terms pins are made.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The ticket that every changed pin will name.
    pub ticket: Option<Ticket>,
    /// The day on which the policy is asked.
    pub today: Day,
    /// Nothing is going to be written.
    pub dry_run: bool,
    /// Repos to which edges may lead that come with another commit.
    pub accept: BTreeSet<RepoId>,
    /// The command that makes them, as a person would type it again.
    pub command: String,
}

impl Terms {
    /// The terms of `modelpin lock`: no ticket, no new edges, and what is made is written.
    #[must_use]
    pub fn on(today: Day) -> Self {
        let command = "modelpin lock".to_owned();
        Self { ticket: None, today, dry_run: false, accept: BTreeSet::new(), command }
    }
}

/// What came of making pins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locked {
    /// What changed in the lock.
    pub changes: Vec<Change>,
    /// What the policy refuses of the lock as it is now: written all the same, so that somebody can decide, and
    /// nothing of it is synced until then.
    pub refused: Vec<Refusal>,
    /// What the policy has to say of the change alone, which nobody could be told later.
    pub warned: Vec<Refusal>,
}

/// Files of a project as they would be, and what there is to say of that.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The manifest, where it changes.
    pub(super) text: Option<String>,
    /// The lock.
    pub(super) lock: Lockfile,
    /// What came of making it.
    pub locked: Locked,
}

impl Planned {
    /// Writes the files.
    ///
    /// # Errors
    /// Files that somebody else changed meanwhile; the system's.
    pub fn write(self, project: &mut WritableProject) -> Result<Locked, Failure> {
        // The lock last: a crash between the two leaves a stale lock, which is refused, never one that says too much.
        if let Some(text) = self.text {
            project.write_manifest(text)?;
        }
        project.write_lock(self.lock)?;
        Ok(self.locked)
    }
}

/// Makes the project's lock answer its manifest, and writes it.
///
/// # Errors
/// As [`plan`] and [`Planned::write`].
pub async fn run(online: &Online, project: &mut WritableProject, terms: &Terms) -> Result<Locked, Failure> {
    plan(online, project, terms).await?.write(project)
}

/// The lock that answers the project's manifest.
///
/// # Errors
/// Whatever keeps an entry from being resolved, or a pin from being made at all.
pub async fn plan(online: &Online, project: &Project, terms: &Terms) -> Result<Planned, Failure> {
    let old = project.lock.clone().unwrap_or_default();
    let new = answer(online, &project.manifest, &old, terms).await?;
    let decisions = Decisions::bring(online, project).await?;
    let locked = settle(&project.manifest, project, &old, &new, &decisions, terms)?;
    Ok(Planned { text: None, lock: new, locked })
}

/// Asks the policy about the lock `new`, which takes the place of `old`. The policy of `project` has its places in
/// models.toml as it is, for what is said of files that will not be written.
///
/// # Errors
/// What no decision about the bytes could settle, of the pins that are made anew; edges that came with another commit
/// and are not accepted.
pub(super) fn settle(
    manifest: &Manifest,
    project: &Project,
    old: &Lockfile,
    new: &Lockfile,
    decisions: &Decisions,
    terms: &Terms,
) -> Result<Locked, Failure> {
    let on_disk = &project.manifest.policy;
    let is_flat = project.wanted().is_flat;
    let before = Manifest { policy: on_disk.clone(), ..manifest.clone() };
    let unwritten = evaluate(Wanted { manifest: &before, is_flat }, new, decisions, terms.today);
    let is_new = |ruling: &&Ruling| ruling.name.as_ref().is_some_and(|name| is_remade(name, old, new));
    let barred = unwritten.denied().filter(|ruling| !ruling.rule.decidable).filter(is_new);
    let mut barred: Vec<Refusal> = barred.map(|ruling| ruling.of_no_lock(on_disk)).collect();
    let moved = moved(&before, old, new, &terms.accept, &terms.command);
    let (moved, warned): (Vec<_>, Vec<_>) = moved.iter().partition(|ruling| ruling.level == Level::Deny);
    let moved = moved.into_iter().map(|ruling| ruling.of_no_lock(on_disk));
    let warned = warned.into_iter().map(|ruling| ruling.of_no_lock(on_disk)).collect();
    if !terms.dry_run {
        barred.extend(moved.clone());
    }
    fail_if_any(barred)?;
    let refused = if terms.dry_run {
        // Whoever has to decide about an edge reads the ticket first.
        moved.chain(unwritten.denied().map(|ruling| ruling.of_no_lock(on_disk))).collect()
    } else {
        evaluate(Wanted { manifest, is_flat }, new, decisions, terms.today).refusals()
    };
    Ok(Locked { changes: diff(old, new), refused, warned })
}

/// Whether the pin of `name` is another than it was, apart from the commits that its edges lead to.
fn is_remade(name: &Name, old: &Lockfile, new: &Lockfile) -> bool {
    let alone = |lock: &Lockfile| {
        let mut pin = lock.pins.get(name).cloned();
        pin.iter_mut().for_each(|pin| (pin.dependencies.adapter, pin.dependencies.pinned) = (None, BTreeMap::new()));
        pin
    };
    alone(old) != alone(new)
}

/// The lock that answers `manifest`, with every pin of `old` that already does.
///
/// # Errors
/// Whatever keeps an entry from being resolved.
pub(super) async fn answer(
    online: &Online,
    manifest: &Manifest,
    old: &Lockfile,
    terms: &Terms,
) -> Result<Lockfile, Failure> {
    let pins = iter(&manifest.entries)
        .map(|(name, spec)| async move {
            entry(online, name, spec, old.pins.get(name), terms).await.map(|pin| (name.clone(), pin))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    dependencies::add_dependencies(online, manifest, old, Lockfile { pins }, terms.ticket.as_ref()).await
}

async fn entry(online: &Online, name: &Name, spec: &Spec, old: Option<&Pin>, terms: &Terms) -> Result<Pin, Failure> {
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
    if terms.ticket.is_some() {
        pin.ticket.clone_from(&terms.ticket);
    }
    Ok(pin)
}
