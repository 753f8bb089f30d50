//! The alternatives of a repo, for somebody who is asked to choose one.

use super::commit;
use crate::online::Online;
use crate::refusal::{Failure, shelves, upstream};
use modelpin_schema::{ListedFile, Name, Pin, Selection, Spec};

/// One of the alternatives that somebody is asked to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its name.
    pub name: String,
    /// The sizes of its files together, in bytes.
    pub size: u64,
    /// Whether most people take this one.
    pub is_usual: bool,
}

/// The alternatives of the repo of `spec`, where it chooses none of them. `pin` is a pin of it that keeps its commit.
///
/// # Errors
/// What keeps the commit or its files from being looked up.
pub(crate) async fn undecided(
    online: &Online,
    name: &Name,
    spec: &Spec,
    pin: Option<&Pin>,
) -> Result<Option<Vec<Offered>>, Failure> {
    let hub = commit::hub(online, name)?;
    let revision = commit::kept_or_resolved(online, name, spec, pin).await?;
    let listed = hub.tree(&spec.source, &revision).await.map_err(|error| upstream::refused(&spec.source, error))?;
    let files: Vec<ListedFile<'_>> =
        listed.iter().map(|entry| ListedFile { path: &entry.path, size: entry.size }).collect();
    let selection = Selection::of(spec.source.kind, &files, &spec.filter);
    let Some(shelf) = selection.undecided() else { return Ok(None) };
    let usual = shelves::likeliest(&shelf.alternatives).map(|one| &one.name);
    let offered = shelf.alternatives.iter().map(|one| Offered {
        name: one.name.clone(),
        size: one.size,
        is_usual: usual == Some(&one.name),
    });
    Ok(Some(offered.collect()))
}
