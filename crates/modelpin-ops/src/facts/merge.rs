//! A lock with all that was found in its files beyond what it records.

use super::observed::Observed;
use modelpin_schema::{FileKind, Lockfile, Name};
use std::collections::BTreeMap;

/// `recorded` with everything that was found added, and nothing taken away: what either of them says is enough for the
/// policy. A file that runs by its bytes gets their kind.
#[must_use]
pub fn merge(recorded: &Lockfile, observed: &BTreeMap<Name, Observed>) -> Lockfile {
    let mut merged = recorded.clone();
    for (name, observed) in observed {
        let Some(pin) = merged.pins.get_mut(name) else { continue };
        for (path, kind) in &observed.kinds {
            // Code is the stricter kind: it is certified as a whole, and no exemption admits it.
            let is_code = pin.files().get(path).is_none_or(|file| file.kind == FileKind::Code);
            if matches!(kind, FileKind::Code | FileKind::Pickle) && !is_code {
                pin.set_kind(path, *kind);
            }
        }
        pin.facts.merge(&observed.facts);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::facts::Observed;
    use modelpin_schema::lockfile::{Artifact, Facts};
    use modelpin_schema::{Digest, FileKind, Filter, Lockfile, Pin, RepoPath};

    #[test]
    fn every_fact_that_was_found_is_added() {
        let path: RepoPath = "tokenizer_config.json".parse().unwrap();
        let file = Artifact { kind: FileKind::Config, size: 1, sha256: Digest::new([1; 32]) };
        let source = "hf:model/acme/chat".parse().unwrap();
        let revision = "13".repeat(20).parse().unwrap();
        let files = [(path.clone(), file)].into();
        let pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), revision, files);
        let recorded = Lockfile { pins: [("chat".parse().unwrap(), pin)].into() };
        let facts = Facts {
            auto_map: ["AutoModel=chat.Chat".parse().unwrap()].into(),
            capabilities: ["network".parse().unwrap()].into(),
            references: ["tokenizer acme/tok".parse().unwrap()].into(),
            base: Some(modelpin_schema::lockfile::DeclaredBase::of(Some("acme/base"), None)),
            requires: [("torch".parse().unwrap(), "==2.6.0".parse().unwrap())].into(),
            globals: [(path.clone(), ["posix.system".parse().unwrap()].into())].into(),
            templates: [(path.clone(), [Digest::new([2; 32])].into())].into(),
            findings: [(path, ["template-unsafe".parse().unwrap()].into())].into(),
        };
        let observed = Observed { facts: facts.clone(), ..Observed::default() };
        let merged = merge(&recorded, &[("chat".parse().unwrap(), observed)].into());
        assert_eq!(merged.pins[&"chat".parse().unwrap()].facts, facts);
    }
}
