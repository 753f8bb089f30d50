//! Whether a lock answers a manifest: field by field, without asking anyone.

use super::Lockfile;
use crate::{Manifest, Name, Pattern, Pin, Spec};

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
        field: &'static str,
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
        let unwanted = self.pins.keys().filter(|name| !manifest.entries.contains_key(name));
        stale.extend(unwanted.cloned().map(Stale::Extra));
        stale.extend(self.moved_bases());
        stale
    }

    /// Adapters whose recorded base is not the base that is locked.
    fn moved_bases(&self) -> impl Iterator<Item = Stale> {
        self.pins.iter().filter_map(|(name, pin)| {
            let adapter = pin.adapter.as_ref()?;
            let base = self.pins.get(&adapter.base)?;
            (base.revision != adapter.base_revision).then(|| Stale::Differs {
                name: name.clone(),
                field: "base-revision",
                manifest: base.revision.to_string(),
                lock: adapter.base_revision.to_string(),
            })
        })
    }
}

impl Pin {
    /// In what this pin does not answer `spec`.
    #[must_use]
    pub fn differences(&self, name: &Name, spec: &Spec) -> Vec<Stale> {
        let base = |name: Option<&Name>| name.map_or_else(|| "none".to_owned(), ToString::to_string);
        let facts = [
            ("source", spec.source.to_string(), self.source.to_string()),
            ("requested", spec.requested.to_string(), self.requested.to_string()),
            ("include", list(&spec.filter.include), list(&self.filter.include)),
            ("exclude", list(&spec.filter.exclude), list(&self.filter.exclude)),
            ("adapter-of", base(spec.adapter_of.as_ref()), base(self.adapter.as_ref().map(|adapter| &adapter.base))),
        ];
        let differs = facts.into_iter().filter(|(_, manifest, lock)| manifest != lock);
        differs.map(|(field, manifest, lock)| Stale::Differs { name: name.clone(), field, manifest, lock }).collect()
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
                    [models.support-lora]\nrepo = \"acme/lora\"\nadapter-of = \"chat\"\n[models.new]\nrepo = \"a/b\"\n";
        let stale = sample().stale(&Manifest::read("models.toml", text).unwrap());
        assert_eq!(
            stale,
            [
                Stale::Differs {
                    name: "chat".parse().unwrap(),
                    field: "requested",
                    manifest: "version:^1.3".into(),
                    lock: "version:^1.2".into()
                },
                Stale::Missing("new".parse().unwrap()),
                Stale::Extra("a-faq".parse().unwrap()),
            ]
        );
    }
}
