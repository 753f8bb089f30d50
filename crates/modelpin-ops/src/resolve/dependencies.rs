//! What the entries of a manifest lead to is pinned as well: bases, foreign code, parts of models, and what those lead
//! to in their turn.

use super::resolve;
use crate::online::Online;
use crate::refusal::{ErrorClass, Failure, Refusal, upstream};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use modelpin_schema::lockfile::dependencies::{MAX_DEPTH, name_for};
use modelpin_schema::lockfile::{DependencyGraph, DependencyKind, RequiredBy, Role, Unpinned};
use modelpin_schema::text::list;
use modelpin_schema::{Lockfile, Manifest, Name, Pin, Requested, Spec, Ticket};

/// Pins that are made at once.
const AT_ONCE: usize = 4;

/// What is wanted of an entry that the manifest does not name.
#[must_use]
pub fn spec_of(pin: &Pin) -> Spec {
    let Pin { source, requested, filter, .. } = pin.clone();
    Spec { source, requested, filter, adapter_of: None, place: None, is_unwritten: false }
}

/// `lock`, which has a pin for every entry of `manifest`, with whatever they lead to, and nothing else. Pins of `old`
/// that nobody asked for stay as they are where something still leads to them; those that are new name `ticket`.
///
/// # Errors
/// Whatever keeps one of them from being pinned, with the way that leads to it.
pub async fn add_dependencies(
    online: &Online,
    manifest: &Manifest,
    old: &Lockfile,
    mut lock: Lockfile,
    ticket: Option<&Ticket>,
) -> Result<Lockfile, Failure> {
    for (name, pin) in old.pins.iter().filter(|(name, _)| !manifest.entries.contains_key(*name)) {
        // It may have been moved already, or somebody may have asked for another entry by its name.
        if !lock.pins.values().any(|there| there.source == pin.source && there.requested == pin.requested) {
            let taken = |name: &Name| lock.pins.contains_key(name);
            let name = if taken(name) { name_for(&pin.source, taken) } else { name.clone() };
            lock.pins.insert(name, pin.clone());
        }
    }
    // Each round goes one dependency further, or completes a pin of which other files are needed.
    for _ in 0..=2 * MAX_DEPTH {
        let graph = DependencyGraph::of(manifest, &lock);
        if graph.unpinned.is_empty() {
            lock.set_dependencies(&graph);
            if let Some(name) = lock.incomplete_code() {
                return Err(upstream::tangled().entry(name).into());
            }
            online.hub_answers.save();
            return Ok(lock);
        }
        let mut wanted: Vec<(Name, Unpinned)> = Vec::new();
        for need in graph.unpinned {
            let taken = |name: &Name| lock.pins.contains_key(name) || wanted.iter().any(|(wanted, _)| wanted == name);
            let name = need.instead_of.clone().unwrap_or_else(|| name_for(&need.source, taken));
            wanted.push((name, need));
        }
        let lock_now = &lock;
        let made = iter(wanted).map(|(name, need)| async move {
            let pin = one(online, &name, &need, lock_now.pins.get(&name), ticket).await?;
            Ok::<_, Failure>((name, pin))
        });
        let made: Vec<(Name, Pin)> = made.buffered(AT_ONCE).try_collect().await?;
        lock.pins.extend(made);
    }
    Err(Failure::internal("the dependencies of the entries did not come to an end"))
}

/// The pin of `need`. One that is there already stays at its commit.
async fn one(
    online: &Online,
    name: &Name,
    need: &Unpinned,
    before: Option<&Pin>,
    ticket: Option<&Ticket>,
) -> Result<Pin, Failure> {
    let Unpinned { source, requested, filter, .. } = need.clone();
    let spec = Spec { source, requested, filter, adapter_of: None, place: None, is_unwritten: false };
    let wanted = before.map_or_else(|| spec.requested.clone(), |pin| Requested::Commit(pin.revision));
    let made = resolve(online, name, &spec, &wanted, before).await.and_then(|pin| with_code(pin, need));
    let mut pin = made.map_err(|failure| required_by(failure, need))?;
    pin.ticket = ticket.cloned().or_else(|| before?.ticket.clone());
    Ok(pin)
}

/// `pin`, where it has the code that is needed of it.
fn with_code(pin: Pin, need: &Unpinned) -> Result<Pin, Failure> {
    let is_code = |by: &RequiredBy| by.kind == DependencyKind::Reference(Role::Code);
    if need.required_by.iter().any(is_code) && pin.code_files().next().is_none() {
        return Err(upstream::no_code(&need.source).into());
    }
    Ok(pin)
}

/// The failure, with the entries that need the repo and a way to lock without it: models.toml does not name it.
fn required_by(failure: Failure, need: &Unpinned) -> Failure {
    let Failure::Refused(refusals) = failure else { return failure };
    let is_empty = !need.filter.include.is_empty() && refusals.iter().any(|refusal| refusal.class == ErrorClass::Usage);
    let refusals = if is_empty { upstream::nothing_needed(need).into() } else { refusals };
    let required_by = list(need.required_by.iter().map(|by| format!("`{}` ({})", by.entry, by.kind)));
    let explained = |refusal: Refusal| {
        let is_gone = upstream::is_not_found(&refusal, &need.source);
        let what = format!("{}; it is required by {required_by}", refusal.what);
        let mut help = without(need, is_gone);
        if is_gone {
            help.push("for a private repo set `HF_TOKEN` to a token of an account that has access".to_owned());
        } else {
            help.splice(0..0, refusal.help.iter().cloned());
        }
        Refusal { what, help, ..refusal }
    };
    Failure::Refused(refusals.map(explained))
}

/// How to lock what needs a repo without it, or with a copy of it where it is the base of an adapter that is gone.
fn without(need: &Unpinned, is_gone: bool) -> Vec<String> {
    let repo = &need.source.repo;
    let mut help = vec![format!(
        "to lock without it, write `ignored-dependencies = [\"{repo}\"]` below `[policy]` in models.toml, then run the \
         command again"
    )];
    if is_gone && need.required_by.iter().any(|by| by.kind == DependencyKind::Base) {
        help.push(
            "to use a copy of the base, run `modelpin add ORG/COPY --name base`, then add the adapter with \
             `--adapter-of base`"
                .to_owned(),
        );
    }
    help
}
