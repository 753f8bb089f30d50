//! From a requirement to a pin: the commit it resolves to today, the files of that commit, each with its hash, and what
//! they are.

pub mod alternatives;
pub mod commit;
pub mod dependencies;
pub(crate) mod excludes;
mod inspect;
mod left_out;

use crate::fetch;
use crate::online::Online;
use crate::refusal::{Failure, content, revisions, shelves, upstream};
use commit::{PARQUET, Resolved};
use modelpin_hub::Entry;
use modelpin_schema::lockfile::Day;
use modelpin_schema::path::collision;
use modelpin_schema::{
    Artifact, Claim, FileKind, ListedFile, Name, Pin, RepoKind, RepoPath, Requested, Selection, Source, Spec,
};
use std::collections::{BTreeMap, BTreeSet};

/// The pin of `spec` when `wanted` is resolved now. `wanted` is the manifest's own requirement, or what
/// `--precise` says instead, or the commit that an existing pin keeps. `previous` is that existing pin: a repo
/// with another identity than it recorded is refused.
///
/// # Errors
/// Whatever keeps the pin from being made; nothing is half-made.
pub async fn resolve(
    online: &Online,
    name: &Name,
    spec: &Spec,
    wanted: &Requested,
    previous: Option<&Pin>,
) -> Result<Pin, Failure> {
    online.reporter.report(crate::reporter::Event::Resolving(name));
    let named = |failure: Failure| named(failure, name);
    let resolved = commit::resolve(online, name, &spec.source, wanted, previous).await.map_err(named)?;
    let pin = pin(online, name, spec, &resolved, previous).await.map_err(named)?;
    online.hub_answers.add(&pin);
    Ok(pin)
}

/// Refusals from deeper down know a file at most; here the entry's name is known.
fn named(failure: Failure, name: &Name) -> Failure {
    failure.map_refusals(|refusal| refusal.entry(name))
}

async fn pin(
    online: &Online,
    name: &Name,
    spec: &Spec,
    resolved: &Resolved,
    previous: Option<&Pin>,
) -> Result<Pin, Failure> {
    let hub = commit::hub(online, name)?;
    let source = &spec.source;
    if resolved.is_gated {
        // The listing is everyone's; without this, a repo of large files only would be locked, and never installed.
        hub.check_access(source).await.map_err(|error| upstream::refused(source, error))?;
    }
    let listed = hub.tree(source, &resolved.commit).await.map_err(|error| upstream::refused(source, error))?;
    let selection = select(online, name, spec, &listed)?;
    let taken: BTreeSet<&RepoPath> = selection.taken().collect();
    let chosen: Vec<&Entry> = listed.iter().filter(|entry| taken.contains(&entry.path)).collect();
    let date = hub.commit_date(source, &resolved.commit).await.map_err(|error| upstream::refused(source, error))?;
    let files = artifacts(online, source, resolved, &chosen).await?;
    let mut filter = spec.filter.clone();
    // The lock repeats what models.toml says; what is being added is written there as the repo spells it.
    if let Some(variant) = selection.variant().filter(|_| spec.is_unwritten).and_then(|name| name.parse().ok()) {
        filter.variant = Some(variant);
    }
    let mut pin = Pin::new(source.clone(), spec.requested.clone(), filter, resolved.commit, files);
    pin.hub.repo_id.clone_from(&resolved.repo_id);
    pin.hub.canonical.clone_from(&resolved.canonical);
    pin.hub.tag.clone_from(&resolved.tag);
    pin.hub.revision_date = date.map(Day::new);
    pin.hub.license.clone_from(&resolved.license);
    converted_note(online, name, &pin, resolved);
    left_out::record(online, name, &mut pin, &listed, &selection);
    let claimed = chosen.iter().filter(|entry| matches!(entry.claim, Claim::Sha256(_)));
    let claimed = claimed.map(|entry| entry.path.clone()).collect();
    let previous = previous.filter(|previous| previous.source == *source);
    inspect::inspect(online, hub, name, pin, &claimed, previous).await
}

/// Says how to have the rows of a dataset without the code that makes them.
fn converted_note(online: &Online, name: &Name, pin: &Pin, resolved: &Resolved) {
    let repo = &pin.source.repo;
    let script = format!("{}.py", repo.name());
    let has_script = pin.files().keys().any(|path| path.as_str() == script);
    if pin.source.kind == RepoKind::Dataset && has_script && resolved.has_parquet {
        online.note(format_args!(
            "`{name}`: `{script}` makes its rows, and is withheld until it is certified; the Hub has the rows as Parquet, \
             which runs no code: `modelpin add {repo}@{PARQUET} --dataset --name {name}-parquet`"
        ));
    }
}

/// Which of the listed files are taken, and why not the others.
fn select<'a>(online: &Online, name: &Name, spec: &Spec, listed: &'a [Entry]) -> Result<Selection<'a>, Failure> {
    let files: Vec<ListedFile<'a>> =
        listed.iter().map(|entry| ListedFile { path: &entry.path, size: entry.size }).collect();
    let paths: Vec<&RepoPath> = files.iter().map(|file| file.path).collect();
    let idle = spec.filter.idle(&paths);
    let (include, exclude): (Vec<_>, Vec<_>) =
        idle.into_iter().partition(|pattern| spec.filter.include.contains(pattern));
    // What models.toml does not name takes the files that a loader may read there; no repo has all of them.
    if !include.is_empty() && spec.place.is_some() {
        return Err(revisions::idle_patterns(&include, &paths).into());
    }
    for pattern in exclude {
        online.note(format_args!("`{name}`: `exclude` pattern `{pattern}` matches no file of the commit"));
    }
    let selection = Selection::of(spec.source.kind, &files, &spec.filter);
    if let Some(variant) = spec.filter.variant.as_ref().filter(|variant| !variant.is_all())
        && selection.variant().is_none()
    {
        return Err(shelves::no_such_variant(name, spec, variant, selection.variants()).into());
    }
    if let Some(shelf) = selection.undecided() {
        return Err(shelves::undecided(name, spec, shelf).into());
    }
    if selection.taken().next().is_none() {
        return Err(revisions::no_files(listed.len()).into());
    }
    if let Some((one, other)) = collision(selection.taken()) {
        return Err(content::collision(one, other).into());
    }
    Ok(selection)
}

/// The files with their SHA-256: claimed by the Hub for LFS files, and checked when the bytes come; computed
/// for git files, which are small and fetched at once.
async fn artifacts(
    online: &Online,
    source: &Source,
    resolved: &Resolved,
    chosen: &[&Entry],
) -> Result<BTreeMap<RepoPath, Artifact>, Failure> {
    let mut files = BTreeMap::new();
    let mut small = Vec::new();
    for entry in chosen {
        match entry.claim {
            Claim::Sha256(sha256) => {
                files
                    .insert(entry.path.clone(), Artifact { kind: FileKind::of(&entry.path), size: entry.size, sha256 });
            }
            Claim::GitBlob(blob) => small.push((entry.path.clone(), entry.size, blob)),
        }
    }
    for (path, size, sha256) in fetch::git_files(online, source, &resolved.commit, small).await? {
        let kind = FileKind::of(&path);
        files.insert(path, Artifact { kind, size, sha256 });
    }
    Ok(files)
}
