//! A lock with what its bytes were seen to be and do beyond what it says.

use super::Seen;
use modelpin_schema::{FileKind, Lockfile, Name};
use std::collections::BTreeMap;

/// `recorded` with everything that was `seen` added, and nothing of what it says itself taken away: what one of them
/// says is enough to judge by. A kind becomes that of the bytes where those run.
#[must_use]
pub fn union(recorded: &Lockfile, seen: &BTreeMap<Name, Seen>) -> Lockfile {
    let mut union = recorded.clone();
    for (name, seen) in seen {
        let Some(pin) = union.pins.get_mut(name) else { continue };
        let runs = |kind: FileKind| matches!(kind, FileKind::Code | FileKind::Pickle);
        for (path, kind) in seen.kinds.iter().filter(|(_, kind)| runs(**kind)) {
            // Code is the stronger word: it is certified as a whole, and no exemption lets it in.
            if pin.files().get(path).is_some_and(|file| file.kind != FileKind::Code) {
                pin.set_kind(path, *kind);
            }
        }
        let (into, from) = (&mut pin.facts, &seen.facts);
        into.auto_map.extend(from.auto_map.iter().cloned());
        into.references.extend(from.references.iter().cloned());
        into.base = into.base.take().or_else(|| from.base.clone());
        into.capabilities.extend(from.capabilities.iter().cloned());
        into.requires.extend(from.requires.iter().map(|(name, how)| (name.clone(), how.clone())));
        for (path, globals) in &from.globals {
            into.globals.entry(path.clone()).or_default().extend(globals.iter().cloned());
        }
        for (path, findings) in &from.findings {
            into.findings.entry(path.clone()).or_default().extend(findings.iter().cloned());
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::union;
    use crate::facts::Seen;
    use modelpin_schema::lockfile::{Artifact, Facts};
    use modelpin_schema::{Digest, FileKind, Filter, Lockfile, Pin, RepoPath};

    #[test]
    fn every_fact_that_was_found_is_added() {
        let path: RepoPath = "tokenizer_config.json".parse().unwrap();
        let file = Artifact { kind: FileKind::Config, size: 1, sha256: Digest::new([1; 32]) };
        let (source, revision) = ("hf:model/acme/chat".parse().unwrap(), "13".repeat(20).parse().unwrap());
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
        let seen = Seen { facts: facts.clone(), ..Seen::default() };
        let union = union(&recorded, &[("chat".parse().unwrap(), seen)].into());
        assert_eq!(union.pins[&"chat".parse().unwrap()].facts, facts);
    }
}
