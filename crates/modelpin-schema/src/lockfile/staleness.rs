//! Whether a lock is up to date with a manifest: field by field, without a network.

use super::{Dependencies, DependencyGraph, Lockfile, RequiredBy};
use crate::{Filter, Manifest, Name, Pattern, Pin, Spec};

/// A difference between the manifest and the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// The manifest has the entry, the lock does not.
    Missing(Name),
    /// The lock has the entry, and nothing in the manifest requires it.
    Extra(Name),
    /// Both have the entry, and differ.
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
    /// Every difference between the lock and `manifest`; empty where the lock is up to date.
    #[must_use]
    pub fn stale(&self, manifest: &Manifest) -> Vec<Stale> {
        let mut stale = Vec::new();
        for (name, spec) in &manifest.entries {
            match self.pins.get(name) {
                None => stale.push(Stale::Missing(name.clone())),
                Some(pin) => stale.extend(pin.differences(name, spec)),
            }
        }
        stale.extend(self.stale_dependencies(manifest));
        stale
    }

    /// How the recorded dependencies differ from those that follow from the manifest and the references of the pins.
    fn stale_dependencies(&self, manifest: &Manifest) -> Vec<Stale> {
        let graph = DependencyGraph::of(manifest, self);
        let mut stale = Vec::new();
        for (name, pin) in &self.pins {
            match graph.entries.get(name) {
                None => stale.push(Stale::Extra(name.clone())),
                Some(expected) => stale.extend(dependency_differences(name, pin, expected)),
            }
        }
        for missing in graph.unpinned.into_iter().filter(|need| !need.has_all) {
            for RequiredBy { entry, kind } in missing.required_by {
                stale.push(Stale::Differs {
                    name: entry,
                    field: format!("dependency {kind} {}", missing.source.repo),
                    manifest: format!("a pin of {}", missing.source),
                    lock: NONE.to_owned(),
                });
            }
        }
        stale
    }
}

/// How a side is shown that has nothing.
const NONE: &str = "none";

fn base(dependencies: &Dependencies) -> Option<String> {
    dependencies.adapter.as_ref().map(|adapter| adapter.base.to_string())
}

fn base_revision(dependencies: &Dependencies) -> Option<String> {
    dependencies.adapter.as_ref().map(|adapter| adapter.base_revision.to_string())
}

fn required_by(dependencies: &Dependencies) -> Option<String> {
    let all: Vec<String> = dependencies.required_by.iter().map(ToString::to_string).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn dependency_differences(name: &Name, pin: &Pin, expected: &Dependencies) -> Vec<Stale> {
    let recorded = &pin.dependencies;
    let mut stale = Vec::new();
    let mut compare = |field: String, manifest: Option<String>, lock: Option<String>| {
        if manifest != lock {
            let manifest = manifest.unwrap_or_else(|| NONE.to_owned());
            let lock = lock.unwrap_or_else(|| NONE.to_owned());
            stale.push(Stale::Differs { name: name.clone(), field, manifest, lock });
        }
    };
    compare("adapter-of".to_owned(), base(expected), base(recorded));
    compare("base-revision".to_owned(), base_revision(expected), base_revision(recorded));
    for reference in &pin.facts.references {
        let pinned = |of: &Dependencies| of.pinned.get(reference).map(ToString::to_string);
        compare(format!("dependency {reference}"), pinned(expected), pinned(recorded));
    }
    compare("required-by".to_owned(), required_by(expected), required_by(recorded));
    stale
}

impl Pin {
    /// Every difference between this pin and `spec`.
    #[must_use]
    pub fn differences(&self, name: &Name, spec: &Spec) -> Vec<Stale> {
        let facts = [
            ("source", spec.source.to_string(), self.source.to_string()),
            ("requested", spec.requested.to_string(), self.requested.to_string()),
            ("include", list(&spec.filter.include), list(&self.filter.include)),
            ("exclude", list(&spec.filter.exclude), list(&self.filter.exclude)),
            ("variant", variant(&spec.filter), variant(&self.filter)),
        ];
        let differing = facts.into_iter().filter(|(_, manifest, lock)| manifest != lock);
        let stale = differing.map(|(field, manifest, lock)| {
            let name = name.clone();
            let field = field.to_owned();
            Stale::Differs { name, field, manifest, lock }
        });
        stale.collect()
    }
}

/// The variant as it is compared: without regard to its case.
fn variant(filter: &Filter) -> String {
    filter.variant.as_ref().map_or_else(|| NONE.to_owned(), |variant| variant.as_str().to_ascii_lowercase())
}

fn list(patterns: &[Pattern]) -> String {
    let quoted: Vec<String> = patterns.iter().map(|pattern| format!("\"{pattern}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::Stale;
    use crate::Manifest;
    use crate::lockfile::sample::sample;

    #[test]
    fn a_lock_says_which_fact_is_stale() {
        let text = "[models.chat]\nrepo = \"acme/chat-7b\"\nversion = \"^1.3\"\ninclude = [\"*.json\", \"*\"]\nexclude = [\"onnx/**\"]\n\
                    [models.support-lora]\nrepo = \"acme/lora\"\nadapter-of = \"chat\"\n[models.new]\nrepo = \"a/b\"\n\
                    [policy]\nignored-dependencies = [\"acme/encoder\"]\n";
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
