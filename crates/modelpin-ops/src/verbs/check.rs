//! `check`: the policy over the manifest, the lock and the decisions, without a network. Nothing is written.

use crate::commit_contents;
use crate::decisions;
use crate::facts::{self, Observed, scan_cache};
use crate::refusal::{Failure, files};
use crate::reporter::Event;
use crate::workspace::Workspace;
use modelpin_policy::{Disguised, Evaluation, Expiring, disguised, evaluate_observed, expiring};
use modelpin_schema::lockfile::{Artifact, Day};
use modelpin_schema::manifest::policy::RemoteCode;
use modelpin_schema::{Lockfile, Name, Pin, RepoPath};
use std::collections::BTreeMap;

/// The note of a shallow clone.
const CUT: &str = "this clone is shallow: whether an earlier lock had other bytes for the same commit cannot be checked; \
    `git fetch --unshallow`, or `fetch-depth: 0`, fetches the history";

/// What was checked, and what the policy says of it.
#[derive(Debug)]
pub struct Checked {
    /// The day of the evaluation.
    pub today: Day,
    /// Entries of the lock.
    pub entries: usize,
    /// Files of them.
    pub files: usize,
    /// Files that are not on this machine: the facts in the lock were trusted.
    pub trusted: usize,
    /// Audits that count, those of other teams included.
    pub audits: usize,
    /// The project's exemptions.
    pub exemptions: usize,
    /// Whether code may come in.
    pub remote_code: RemoteCode,
    /// What could not be checked in this clone.
    pub note: Option<&'static str>,
    /// What the policy says.
    pub evaluation: Evaluation,
    /// The exemptions that expire soon, where that was asked for.
    pub expiring: Option<Vec<Expiring>>,
}

/// Evaluates the policy for the project. With `within`, only its exemptions: which of them expire within so many
/// days, and which files they no longer let in.
///
/// # Errors
/// Nothing declared; a lock that is missing, stale, disguises what runs, contradicts itself or has other bytes under
/// a commit than before; a history that could not be read in full; decisions that cannot be read; facts that bytes on
/// this machine have and the lock does not. What the policy denies is no error: it is in the report.
pub fn run(workspace: &Workspace, within: Option<u32>) -> Result<Checked, Failure> {
    let project = &workspace.project;
    let today = workspace.today;
    if project.manifest.entries.is_empty() {
        return Err(files::nothing_declared().into());
    }
    let lock = project.locked()?;
    crate::refusal::fail_if_any(disguised(lock).iter().map(Disguised::refusal).collect())?;
    let mut note = None;
    if within.is_none() {
        let checked = commit_contents::check(project, workspace.record.as_ref(), lock)?;
        note = checked.is_cut.then_some(CUT);
        if checked.is_cut {
            workspace.reporter.report(Event::Note(CUT));
        }
        crate::refusal::fail_if_any(checked.refusals)?;
    }
    let decisions = decisions::load(project, &workspace.store)?;
    let observed = observe(workspace, lock)?;
    crate::refusal::fail_if_any(facts::undeclared(lock, &observed))?;
    let union = facts::merge(lock, &observed);
    let mut evaluation = evaluate_observed(project.project_policy(), lock, &union, &decisions, today);
    let expiring = within.map(|days| expiring(lock, &decisions, today, today.plus(days)));
    if expiring.is_some() {
        evaluation.violations.retain(|violation| violation.rule.id == modelpin_rules::policy::EXEMPTION_EXPIRED.id);
    }
    Ok(Checked {
        today,
        entries: lock.pins.len(),
        files: lock.pins.values().map(|pin| pin.files().len()).sum(),
        trusted: observed.values().map(|observed| observed.unavailable.len()).sum(),
        audits: decisions.audits().count(),
        exemptions: decisions.own.exemptions.len(),
        remote_code: project.manifest.policy.remote_code,
        note,
        evaluation,
        expiring,
    })
}

/// The facts of the bytes that this machine has scanned before, or has now.
fn observe(workspace: &Workspace, lock: &Lockfile) -> Result<BTreeMap<Name, Observed>, Failure> {
    let locations = workspace.locations()?;
    let place = |name: &Name, pin: &Pin, path: &RepoPath, file: &Artifact| {
        locations.locate(name, pin, path, file).map(|located| located.path)
    };
    let mut observed = scan_cache::load(workspace.record.as_ref(), lock);
    observed.extend(facts::observe(
        &scan_cache::unknown(lock, &observed),
        &place,
        facts::Seen::new(),
        workspace.jobs,
        &*workspace.reporter,
    )?);
    Ok(observed)
}
