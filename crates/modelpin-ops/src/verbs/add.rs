//! `add`: declares an entry and pins it, or changes which files of a declared one are taken.

use super::lock::{self, LockOptions, Planned};
use super::scan::{RemoteFiles, RemoteOptions, Scanned, scan_remote};
use crate::decisions;
use crate::file_names::MANIFEST;
use crate::online::Online;
use crate::project::Project;
use crate::refusal::{Failure, usage};
use crate::resolve::alternatives::{self, Offered};
use crate::resolve::excludes;
use crate::workspace::Workspace;
use modelpin_schema::manifest::edit::{self, NewEntry};
use modelpin_schema::{Filter, Lockfile, Manifest, Name, Pattern, Pin, RepoId, RepoKind, Requested, Source, Spec};

/// What somebody asked to add.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Model or dataset.
    pub kind: RepoKind,
    /// The repo.
    pub repo: RepoId,
    /// The revision, where one is asked for.
    pub requested: Option<Requested>,
    /// The entry's name, where one is asked for.
    pub name: Option<Name>,
    /// Which of its files: for an entry that is there, what is added to its own choice.
    pub filter: Filter,
    /// The entry that it is an adapter of.
    pub adapter_of: Option<Name>,
}

/// What has to be done for it.
enum Addition {
    /// A new entry.
    New(NewEntry),
    /// More patterns, or another variant, for an entry of models.toml.
    Existing(Name),
}

/// The manifest with what is asked for, and the lock with its pin.
///
/// # Errors
/// A name that is taken; an entry that is there, and nothing to change of it; whatever keeps the entry from being
/// resolved, or its pin from being made at all.
pub async fn plan(
    workspace: &Workspace,
    online: &Online,
    asked: &Asked,
    options: &LockOptions,
) -> Result<Planned, Failure> {
    let project = &workspace.project;
    match addition(project, asked)? {
        Addition::New(entry) => {
            let text = edit::add(MANIFEST, &project.text, &entry)?;
            lock_with(workspace, online, text, &entry.name, options).await
        }
        Addition::Existing(name) => extend(workspace, online, &name, &asked.filter, options).await,
    }
}

/// The manifest with the patterns and the variant of `more` for its entry `name`, and the lock with another pin of it,
/// at the same commit.
///
/// # Errors
/// Patterns that match no file, or leave none; whatever keeps the pin from being made.
pub(super) async fn extend(
    workspace: &Workspace,
    online: &Online,
    name: &Name,
    more: &Filter,
    options: &LockOptions,
) -> Result<Planned, Failure> {
    let project = &workspace.project;
    let text = edit::extend_filter(MANIFEST, &project.text, name, more)?;
    if text == project.text {
        workspace.note(format_args!("models.toml says so already of `{name}`"));
    } else if let Some(spec) = project.manifest.entries.get(name) {
        let new: Vec<_> = more.exclude.iter().filter(|pattern| !spec.filter.exclude.contains(pattern)).collect();
        excludes::check(online, name, spec, pin_of(project, name, spec), &new).await?;
    }
    lock_with(workspace, online, text, name, options).await
}

/// The alternatives that a choice is needed of, the usual one marked; none where what is asked for is decided.
///
/// # Errors
/// As [`plan`], up to the listing of the repo.
pub async fn alternatives(
    workspace: &Workspace,
    online: &Online,
    asked: &Asked,
) -> Result<Option<Vec<Offered>>, Failure> {
    let project = &workspace.project;
    let (name, text) = match addition(project, asked)? {
        Addition::New(entry) => (entry.name.clone(), edit::add(MANIFEST, &project.text, &entry)?),
        Addition::Existing(name) => {
            let text = edit::extend_filter(MANIFEST, &project.text, &name, &asked.filter)?;
            (name, text)
        }
    };
    let manifest = Manifest::read(MANIFEST, &text)?;
    let Some(spec) = manifest.entries.get(&name) else { return Ok(None) };
    alternatives::undecided(online, &name, spec, pin_of(project, &name, spec)).await
}

/// The pin that stays at its commit when the files of `spec` are chosen anew.
fn pin_of<'a>(project: &'a Project, name: &Name, spec: &Spec) -> Option<&'a Pin> {
    let pin = project.lock.as_ref()?.pins.get(name)?;
    (pin.source == spec.source && pin.requested == spec.requested).then_some(pin)
}

/// The project with the manifest `text`, whose entry `name` is new or another than before.
async fn lock_with(
    workspace: &Workspace,
    online: &Online,
    mut text: String,
    name: &Name,
    options: &LockOptions,
) -> Result<Planned, Failure> {
    let project = &workspace.project;
    let mut manifest = Manifest::read(MANIFEST, &text)?;
    if let Some(spec) = manifest.entries.get_mut(name) {
        spec.is_unwritten = true;
    }
    let old = project.lock.clone().unwrap_or_default();
    let new = lock::up_to_date(online, &manifest, &old, options).await?;
    if let Some(variant) = new.pins.get(name).and_then(|pin| pin.filter.variant.clone()) {
        // As the repo spells it.
        text = edit::set_variant(MANIFEST, &text, name, &variant)?;
    }
    let manifest = Manifest::read(MANIFEST, &text)?;
    let decisions = decisions::fetch_and_load(online, project).await?;
    let locked = lock::evaluate_change(&manifest, workspace, online, &old, &new, &decisions, options)?;
    Ok(Planned { text: Some(text), lock: new, locked })
}

fn addition(project: &Project, asked: &Asked) -> Result<Addition, Failure> {
    let source = Source { kind: asked.kind, repo: asked.repo.clone() };
    let entries = &project.manifest.entries;
    let is_asked = |spec: &Spec| {
        spec.source == source && asked.requested.as_ref().is_none_or(|requested| *requested == spec.requested)
    };
    let existing = match &asked.name {
        Some(name) => entries.get_key_value(name).filter(|(_, spec)| is_asked(spec)),
        None => {
            let found: Vec<(&Name, &Spec)> = entries.iter().filter(|(_, spec)| is_asked(spec)).collect();
            if found.len() > 1 {
                let names: Vec<&Name> = found.into_iter().map(|(name, _)| name).collect();
                return Err(usage::several_entries(&asked.repo, &names).into());
            }
            found.first().copied()
        }
    };
    if let Some((name, spec)) = existing {
        if asked.adapter_of.as_ref().is_some_and(|base| spec.adapter_of.as_ref() != Some(base)) {
            return Err(usage::other_base(name).into());
        }
        if asked.filter == Filter::default() {
            return Err(usage::declared_already(name, spec).into());
        }
        return Ok(Addition::Existing(name.clone()));
    }
    let entry = new_entry(project.lock.as_ref(), &source, asked)?;
    match entries.get(&entry.name) {
        Some(spec) => Err(usage::name_taken(&entry.name, spec, &source, asked.requested.as_ref()).into()),
        None => Ok(Addition::New(entry)),
    }
}

/// The entry for `asked`. A repo that is locked for another entry keeps its name, and, where only its files are chosen
/// anew, its revision and the files that the other entry needs.
fn new_entry(lock: Option<&Lockfile>, source: &Source, asked: &Asked) -> Result<NewEntry, Failure> {
    let is_indirect = |pin: &&Pin| pin.source == *source && !pin.dependencies.required_by.is_empty();
    let pins = || lock.into_iter().flat_map(|lock| &lock.pins).filter(|(_, pin)| is_indirect(pin));
    let is_named = |name: &Name| asked.name.as_ref().is_none_or(|asked| asked == name);
    let only = || {
        let mut named = pins().filter(|(name, _)| is_named(name));
        named.next().filter(|_| named.next().is_none())
    };
    let is_choice = asked.filter != Filter::default();
    let requested = match (&asked.requested, only()) {
        (Some(requested), _) => requested.clone(),
        (None, Some((_, pin))) if is_choice => pin.requested.clone(),
        (None, _) => Requested::main(),
    };
    let same = pins().find(|(name, pin)| is_named(name) && pin.requested == requested);
    let indirect = same.or_else(|| only().filter(|_| is_choice));
    let name = match (&asked.name, indirect) {
        (Some(name), _) | (None, Some((name, _))) => name.clone(),
        (None, None) => Name::for_repo(source.repo.name()).ok_or_else(|| usage::no_name_for(&source.repo))?,
    };
    let mut filter = asked.filter.clone();
    if let Some((_, pin)) = indirect.filter(|_| is_choice && asked.filter.include.is_empty()) {
        let has_files = |pattern: &&Pattern| pattern.matching(pin.files().keys()).next().is_some();
        filter.include = pin.filter.include.iter().filter(has_files).cloned().collect();
    }
    let (kind, repo) = (source.kind, source.repo.clone());
    Ok(NewEntry { kind, name, repo, requested, filter, adapter_of: asked.adapter_of.clone() })
}

/// What a scan finds in the files that `planned` would lock of what was `asked` for, by ranges of them: nothing of it is
/// recorded.
///
/// # Errors
/// Whatever the Hub refuses, or answers otherwise than it should; a scanner that broke.
pub async fn scan(online: &Online, planned: &Planned, asked: &Asked) -> Result<Option<Scanned>, Failure> {
    let source = Source { kind: asked.kind, repo: asked.repo.clone() };
    let pin = planned.lock.pins.values().find(|pin| pin.source == source);
    let Some((hub, pin)) = online.hub.as_ref().zip(pin) else { return Ok(None) };
    let options = RemoteOptions {
        source,
        requested: Requested::Commit(pin.revision),
        files: RemoteFiles::These(pin.files().keys().cloned().collect()),
        jobs: online.jobs,
        reporter: online.reporter.clone(),
    };
    let item = scan_remote(hub, &options).await?;
    Ok(Some(Scanned { subjects: vec![item], skipped: Vec::new() }))
}
