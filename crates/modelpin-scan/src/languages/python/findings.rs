//! From what happens to findings: what is done on import, and what only when something is called.

use super::walk::{Certainty, Effect, Event, MODULE};
use crate::engine::Capability;
use crate::engine::{Location, Occurrence, Scan};
use modelpin_rules::{Rule, Severity, code};
use std::collections::{BTreeMap, BTreeSet};

/// Who acts as the module is imported: the module, and whom it calls.
fn on_import(edges: &BTreeSet<(u32, u32)>) -> BTreeSet<u32> {
    let mut reached = BTreeSet::from([MODULE]);
    let mut open = vec![MODULE];
    while let Some(caller) = open.pop() {
        for (_, callee) in edges.range((caller, 0)..=(caller, u32::MAX)) {
            if reached.insert(*callee) {
                open.push(*callee);
            }
        }
    }
    reached
}

/// When a file is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Import,
    /// It may be read and run as a text by something that is judged where it stands.
    Never,
}

/// Turns events into facts and findings.
pub(super) fn record(events: &[Event], edges: &BTreeSet<(u32, u32)>, when: When, scan: &mut Scan<'_>) {
    let reached = if when == When::Import { on_import(edges) } else { BTreeSet::new() };
    let mut found: BTreeMap<(&'static str, u32, String), &'static Rule> = BTreeMap::new();
    for event in events {
        // A mention is not a deed, but for the environment: that is read by being mentioned.
        let is_deed = event.how != Certainty::Mentioned || event.what == Effect::Act(Capability::Environment);
        let is_import = reached.contains(&event.owner) && is_deed;
        let (rule, detail) = match event.what {
            Effect::Act(capability) => {
                let place = Occurrence { line: event.line, on_import: is_import };
                scan.facts.capabilities.entry(capability).or_default().insert(place);
                (acting(capability, event.how, is_import), format!("{}: {}", capability.word(), event.detail))
            }
            Effect::Rule(rule) if std::ptr::eq(rule, &code::CODE_FETCHES_MODEL) && is_import => {
                let trusts = event.detail.starts_with("trust_remote_code");
                (if trusts { &code::CODE_ON_IMPORT } else { rule }, event.detail.clone())
            }
            // Debuggers and profilers are started by who wants them.
            Effect::Rule(rule)
                if std::ptr::eq(rule, &code::CODE_HOOKS_PYTHON) && !is_import && traces(&event.detail) =>
            {
                (&code::CODE_PATCHES_LIBRARY, event.detail.clone())
            }
            Effect::Rule(rule) if std::ptr::eq(rule, &code::CODE_SECRETS) => match leaks(event, events, &reached) {
                Some(with) => (rule, format!("{}, and {with}", event.detail)),
                None => continue,
            },
            Effect::Rule(_) if event.how == Certainty::OnImport && !is_import => continue,
            Effect::Rule(rule) => (rule, event.detail.clone()),
        };
        let is_alarm = rule.severity == Severity::Dangerous;
        let rule = if when == When::Never && is_alarm { &code::CODE_ON_CALL } else { rule };
        found.insert((rule.id, event.line, detail), rule);
    }
    for ((_, line, detail), rule) in found {
        scan.report(rule, Location::Line(line), detail);
    }
}

fn acting(capability: Capability, how: Certainty, is_import: bool) -> &'static Rule {
    match (capability, how) {
        (Capability::Environment, _) => &code::CODE_ENVIRONMENT,
        (Capability::FilesystemReadOutside, _) | (_, Certainty::Mentioned | Certainty::Harmless) => &code::CODE_ON_CALL,
        (_, Certainty::OnImport) if !is_import => &code::CODE_ENVIRONMENT,
        (_, Certainty::OnImport) => &code::CODE_ON_IMPORT,
        (_, Certainty::Certain | Certainty::CallerControlled) if is_import => &code::CODE_ON_IMPORT,
        (_, Certainty::CallerControlled) => &code::CODE_ENVIRONMENT,
        (_, Certainty::Certain) => &code::CODE_ON_CALL,
    }
}

/// Names of the Hub's own token.
const HUB_TOKENS: &[&str] =
    &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN", "HUGGINGFACEHUB_API_TOKEN", "HF_API_TOKEN"];

/// Clients of the Hub; where a call of them names another place, its event says so in other words.
const HUB_CLIENTS: &[&str] = &["huggingface_hub.", "transformers.utils.", "datasets."];

fn traces(what: &str) -> bool {
    ["sys.settrace", "sys.setprofile", "threading.settrace", "threading.setprofile"].contains(&what)
}

/// What could carry away the secret that `event` reads: a connection opened by the same function, or, where all
/// of the environment or a file of secrets is read, anywhere in the file. The Hub's token is for the Hub.
fn leaks(event: &Event, events: &[Event], reached: &BTreeSet<u32>) -> Option<String> {
    let is_broad = event.how == Certainty::Harmless;
    let is_moved = events.iter().any(|other| other.detail == "sets HF_ENDPOINT");
    let is_hub_token = event.detail.strip_prefix("reads ").is_some_and(|name| HUB_TOKENS.contains(&name)) && !is_moved;
    events.iter().find_map(|other| {
        let is_network = other.what == Effect::Act(Capability::Network) && other.how == Certainty::Certain;
        let is_near = other.owner == event.owner && event.owner != MODULE || reached.contains(&other.owner);
        let is_meant = is_hub_token && HUB_CLIENTS.iter().any(|head| other.detail.starts_with(head));
        (is_network && !is_meant && (is_broad || is_near)).then(|| format!("{} in line {}", other.detail, other.line))
    })
}
