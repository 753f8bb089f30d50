//! Patterns that somebody typed to leave files out.

use super::commit;
use crate::online::Online;
use crate::refusal::{Failure, revisions, upstream};
use modelpin_schema::{Name, Pattern, Pin, RepoPath, Spec};

/// Whether each of the patterns `new` for the `exclude` of `spec` matches a file, and some file stays. `pin` is what is
/// locked of it.
///
/// # Errors
/// A pattern that matches nothing, with the files that it may mean; patterns that match all that is locked; what the
/// Hub refuses, where a pattern matches nothing that is locked.
pub(crate) async fn check(
    online: &Online,
    name: &Name,
    spec: &Spec,
    pin: Option<&Pin>,
    new: &[&Pattern],
) -> Result<(), Failure> {
    let locked: Vec<&RepoPath> = pin.iter().flat_map(|pin| pin.files().keys()).collect();
    let is_excluded = |path: &&RepoPath| new.iter().any(|pattern| pattern.matching([*path]).next().is_some());
    if !locked.is_empty() && locked.iter().all(is_excluded) {
        return Err(revisions::excludes_all(locked.len()).entry(name).into());
    }
    let idle: Vec<&Pattern> = unmatched(new, &locked);
    if idle.is_empty() {
        return Ok(());
    }
    let hub = commit::hub(online, name)?;
    let revision = commit::kept_or_resolved(online, name, spec, pin).await?;
    let listed = hub.tree(&spec.source, &revision).await.map_err(|error| upstream::refused(&spec.source, error))?;
    let listed: Vec<&RepoPath> = listed.iter().map(|entry| &entry.path).collect();
    let nowhere = unmatched(&idle, &listed);
    if !nowhere.is_empty() {
        return Err(revisions::idle_excludes(&nowhere, &listed).entry(name).into());
    }
    if pin.is_some() {
        for pattern in idle {
            online.note(format_args!("`{name}`: `{pattern}` matches only files that were left out already"));
        }
    }
    Ok(())
}

fn unmatched<'a>(patterns: &[&'a Pattern], paths: &[&RepoPath]) -> Vec<&'a Pattern> {
    let is_idle = |pattern: &&&Pattern| pattern.matching(paths.iter().copied()).next().is_none();
    patterns.iter().filter(is_idle).copied().collect()
}
