//! Scanning content, and what speaks against the lock.

use super::undeclared::{one_a_file, undeclared};
use crate::convert;
use crate::facts::{self, Observed};
use crate::refusal::{Failure, Refusal};
use crate::reporter::Reporter;
use crate::workspace::Workspace;
use modelpin_policy::{Admission, Decisions};
use modelpin_schema::{Digest, Lockfile, Name};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Scans all content of `lock` of which `place` knows a verified file. Returns the facts, by entry, and how many
/// files were scanned.
///
/// # Errors
/// Results of conversions that are not data; a scanner that broke; no thread for it.
pub(crate) fn scan_content(
    lock: &Lockfile,
    place: &(dyn Fn(&Digest) -> Option<PathBuf> + Sync),
    jobs: usize,
    reporter: &dyn Reporter,
) -> Result<(BTreeMap<Name, Observed>, usize), Failure> {
    let results = convert::check(lock, place, jobs, reporter)?;
    let observed = facts::observe(lock, &|_, _, _, file| place(&file.sha256), facts::Seen::new(), jobs, reporter)?;
    let scanned = observed.values().map(|observed| observed.kinds.len()).sum::<usize>();
    Ok((observed, results + scanned))
}

/// What the policy says of content that was `observed` (as it was, and as the lock that says so), and what speaks against
/// `lock`, of which it says what `admission` holds: facts that it hides, and files that it lets in and that stay out
/// by what they are.
pub(crate) fn compare_facts(
    workspace: &Workspace,
    lock: &Lockfile,
    admission: &Admission,
    (observed, as_observed): (&BTreeMap<Name, Observed>, &Lockfile),
    decisions: &Decisions,
) -> (Admission, Vec<Refusal>) {
    let mut refusals = facts::undeclared(lock, observed);
    if as_observed == lock {
        return (admission.clone(), refusals);
    }
    let found =
        Admission::evaluate_observed(workspace.project.project_policy(), lock, as_observed, decisions, workspace.today);
    refusals.extend(undeclared(&admission.withheld, &found.withheld));
    (found, one_a_file(refusals))
}
