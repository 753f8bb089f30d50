//! Whether a lock answers a manifest: field by field, without asking anyone.

use super::{Adapter, Edge, Links, Lockfile, Reference, Via};
use crate::{Manifest, Name, Pattern, Pin, Spec};
use std::collections::{BTreeMap, BTreeSet};

/// A fact of the manifest that the lock does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// The manifest wants it, the lock has it not.
    Missing(Name),
    /// The lock has it, the manifest does not want it.
    Extra(Name),
    /// Both have it, and differ.
    Differs {
        /// The entry.
        name: Name,
        /// The key in which they differ.
        field: String,
        /// What the manifest says.
        manifest: String,
        /// What the lock says.
        lock: String,
    },
}

impl Stale {
    /// The entry.
    #[must_use]
    pub fn name(&self) -> &Name {
        match self {
            Self::Missing(name) | Self::Extra(name) | Self::Differs { name, .. } => name,
        }
    }
}

impl Lockfile {
    /// Everything in which the lock does not answer `manifest`; empty where it does.
    #[must_use]
    pub fn stale(&self, manifest: &Manifest) -> Vec<Stale> {
        let mut stale = Vec::new();
        for (name, spec) in &manifest.entries {
            match self.pins.get(name) {
                None => stale.push(Stale::Missing(name.clone())),
                Some(pin) => stale.extend(pin.differences(name, spec)),
            }
        }
        stale.extend(self.unlinked(manifest));
        stale
    }

    /// In what the edges differ from those that follow from the manifest and the references of the pins.
    fn unlinked(&self, manifest: &Manifest) -> Vec<Stale> {
        let links = Links::of(manifest, self);
        let mut stale = Vec::new();
        for (name, pin) in &self.pins {
            let Some(should) = links.of.get(name) else {
                stale.push(Stale::Extra(name.clone()));
                continue;
            };
            let mut differs = |field: &str, manifest: Option<String>, lock: Option<String>| {
                if manifest != lock {
                    let text = |side: Option<String>| side.unwrap_or_else(|| "none".to_owned());
                    let (manifest, lock) = (text(manifest), text(lock));
                    stale.push(Stale::Differs { name: name.clone(), field: field.to_owned(), manifest, lock });
                }
            };
            let base = |adapter: &Option<Adapter>| adapter.as_ref().map(|adapter| adapter.base.to_string());
            let at = |adapter: &Option<Adapter>| adapter.as_ref().map(|adapter| adapter.base_revision.to_string());
            differs("adapter-of", base(&should.adapter), base(&pin.adapter));
            differs("base-revision", at(&should.adapter), at(&pin.adapter));
            for reference in &pin.facts.references {
                let leads = |edges: &BTreeMap<Reference, Edge>| edges.get(reference).map(ToString::to_string);
                differs(&format!("edge {reference}"), leads(&should.edges), leads(&pin.edges));
            }
            let via = |via: &BTreeSet<Via>| {
                let all: Vec<String> = via.iter().map(ToString::to_string).collect();
                (!all.is_empty()).then(|| all.join(", "))
            };
            differs("via", via(&should.via), via(&pin.via));
        }
        for need in links.needs {
            for Via { from, how } in need.via {
                let manifest = format!("a pin of {}", need.source);
                let field = format!("edge {how} {}", need.source.repo);
                stale.push(Stale::Differs { name: from, field, manifest, lock: "none".to_owned() });
            }
        }
        stale
    }
}

impl Pin {
    /// In what this pin does not answer `spec`.
    #[must_use]
    pub fn differences(&self, name: &Name, spec: &Spec) -> Vec<Stale> {
        let facts = [
            ("source", spec.source.to_string(), self.source.to_string()),
            ("requested", spec.requested.to_string(), self.requested.to_string()),
            ("include", list(&spec.filter.include), list(&self.filter.include)),
            ("exclude", list(&spec.filter.exclude), list(&self.filter.exclude)),
        ];
        let differs = facts.into_iter().filter(|(_, manifest, lock)| manifest != lock);
        differs
            .map(|(field, manifest, lock)| Stale::Differs {
                name: name.clone(),
                field: field.to_owned(),
                manifest,
                lock,
            })
            .collect()
    }
}

fn list(patterns: &[Pattern]) -> String {
    let quoted: Vec<String> = patterns.iter().map(|pattern| format!("\"{pattern}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::Stale;
    use crate::Manifest;
    use crate::lockfile::tests::sample;

    #[test]
    fn a_lock_says_which_fact_is_stale() {
        let text = "[models.chat]\nrepo = \"acme/chat-7b\"\nversion = \"^1.3\"\ninclude = [\"*.json\", \"*\"]\nexclude = [\"onnx/**\"]\n\
                    [models.support-lora]\nrepo = \"acme/lora\"\nadapter-of = \"chat\"\n[models.new]\nrepo = \"a/b\"\n\
                    [policy]\nunfollowed = [\"acme/encoder\"]\n";
        let stale = sample().stale(&Manifest::read("models.toml", text).unwrap());
        assert_eq!(
            stale,
            [
                Stale::Differs {
                    name: "chat".parse().unwrap(),
                    field: "requested".to_owned(),
                    manifest: "version:^1.3".into(),
                    lock: "version:^1.2".into()
                },
                Stale::Missing("new".parse().unwrap()),
                Stale::Extra("a-faq".parse().unwrap()),
            ]
        );
    }
}
