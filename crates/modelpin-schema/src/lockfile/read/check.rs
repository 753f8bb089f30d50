//! Checks of one entry of a lock: what it says of its files must follow from them.

use super::wire::{WireAdapter, WireConverted, WireDependency, WireFile, WirePin, WireTables};
use crate::fault::{Fault, Place};
use crate::lockfile::pin::tree;
use crate::lockfile::{
    Adapter, Artifact, Converted, DeclaredBase, Dependency, LockError, Lockfile, MAX_LEFT_OUT_CODE, Pin, Reference,
    result_path,
};
use crate::path::collision;
use crate::selection::Reason;
use crate::text::{count, toml_string};
use crate::{Digest, Name, RepoKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::sync::Arc;

/// Where an entry stands, for messages.
pub(super) struct Context<'a> {
    /// The lock's name.
    pub(super) file: &'a str,
    /// The text of the lock.
    pub(super) text: &'a str,
    /// The table that the entry is in.
    pub(super) kind: RepoKind,
    /// The entry.
    pub(super) name: &'a Name,
}

impl Context<'_> {
    /// A fault of the entry: `message` follows on its name.
    fn fault(&self, message: &str) -> Fault {
        Fault::whole(self.file, format!("`{}` {message}", self.name))
    }

    /// Where the value of `key`, as it is written, stands in the entry's `table`; of its own keys where that is empty.
    fn place(&self, table: &str, key: &str) -> Option<Place> {
        let header = match table {
            "" => format!("[{}.{}]", self.kind, self.name),
            table => format!("[{}.{}.{table}]", self.kind, self.name),
        };
        let mut line_start = 0;
        let mut is_inside = false;
        for line in self.text.split_inclusive('\n') {
            let bare = line.trim();
            if bare.starts_with('[') {
                is_inside = bare == header;
            }
            let value = bare.strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix('='));
            if let Some(value) = value.filter(|_| is_inside) {
                let end = line_start + line.trim_end().len();
                return Some(Place::of(self.text, end - value.trim().len()..end));
            }
            line_start += line.len();
        }
        None
    }

    fn edited(&self, table: &str, key: &'static str, recorded: Digest, computed: Digest, written: &str) -> LockError {
        let place = self.place(table, written).map(Box::new);
        LockError::Edited { name: self.name.clone(), key, recorded, computed, place }
    }

    /// The pin, and the recorded digest of its code, which can be checked only when all pins are known.
    pub(super) fn check(&self, wire: WirePin) -> Result<(Pin, Option<Digest>), LockError> {
        let (mut pin, tables) = wire.split();
        let WireTables { left_out, left_out_code, adapter, dependencies, code, requires, converted, files } = tables;
        if pin.source.kind != self.kind {
            let fault = self.fault(&format!("is one of the {}, but its source is not", self.kind.plural()));
            return Err(Fault { place: self.place("", "source"), ..fault }.into());
        }
        if let Some(canonical) = &pin.hub.canonical
            && (*canonical == pin.source.repo || !pin.source.repo.may_be_called(canonical))
        {
            let fault = self.fault(&format!("has a source that cannot be called `{canonical}`, as `canonical` says"));
            return Err(Fault { place: self.place("", "canonical"), ..fault }.into());
        }
        if files.is_empty() {
            return Err(self.fault("locks no file").into());
        }
        if let Some((one, other)) = collision(files.keys().chain(converted.keys())) {
            let message = format!("has `{one}` and `{other}`, which are one file on some systems");
            return Err(self.fault(&message).into());
        }
        let files = artifacts(files);
        let recorded = pin.tree;
        let computed = tree(&files);
        if recorded != computed {
            return Err(self.edited("", "tree", recorded, computed, "tree"));
        }
        pin.files = Arc::new(files);
        self.set_left_out(&mut pin, &left_out, left_out_code)?;
        pin.facts.requires = requires;
        let mut code_digest = None;
        if let Some(code) = code {
            pin.facts.auto_map = code.auto_map;
            pin.facts.capabilities = code.capabilities;
            code_digest = code.digest;
        }
        self.set_dependencies(&mut pin, dependencies)?;
        self.set_adapter(&mut pin, adapter)?;
        if let Some(path) = pin.facts.files().into_iter().find(|path| !pin.files.contains_key(*path)) {
            return Err(self.fault(&format!("has a fact about `{path}`, which it does not lock")).into());
        }
        for (path, wire) in converted {
            let converted = self.converted(&pin, &path, wire)?;
            pin.converted.insert(path, converted);
        }
        if let Some(index) = pin.broken_families().first() {
            let message = format!("has conversions of some of the files that `{index}` names, and not of all of them");
            return Err(self.fault(&message).into());
        }
        Ok((pin, code_digest))
    }

    /// What is left out: counted by reason, and named where it could run code.
    fn set_left_out(
        &self,
        pin: &mut Pin,
        counts: &BTreeMap<Reason, NonZeroU64>,
        code: BTreeMap<RepoPath, Reason>,
    ) -> Result<(), Fault> {
        if code.len() > MAX_LEFT_OUT_CODE {
            let count = code.len();
            let message = format!("names {count} files that are left out, more than the {MAX_LEFT_OUT_CODE} allowed");
            return Err(self.fault(&message));
        }
        if let Some(path) = code.keys().find(|path| pin.files.contains_key(*path)) {
            return Err(self.fault(&format!("says that `{path}` is left out, and locks it")));
        }
        pin.hub.left_out = counts.iter().map(|(reason, count)| (*reason, count.get())).collect();
        let mut named: BTreeMap<Reason, u64> = BTreeMap::new();
        code.values().for_each(|reason| *named.entry(*reason).or_default() += 1);
        for (reason, named) in named {
            let counted = pin.hub.left_out.get(&reason).copied().unwrap_or_default();
            if named > counted {
                let names = count(named, "file");
                let message = format!("names {names} left out as `{reason}`, and counts {counted}");
                return Err(self.fault(&message));
            }
        }
        pin.hub.left_out_code = code;
        Ok(())
    }

    /// All references become facts, and those that are pinned become dependencies.
    fn set_dependencies(&self, pin: &mut Pin, wire: BTreeMap<Reference, WireDependency>) -> Result<(), Fault> {
        let mut references = BTreeSet::new();
        for (reference, WireDependency { pin: end, revision }) in wire {
            match (end, revision) {
                (Some(end), Some(revision)) => {
                    pin.dependencies.pinned.insert(reference.clone(), Dependency { pin: end, revision });
                }
                (None, None) => {}
                _ => {
                    let message = format!("has half a dependency `{reference}`: either `pin` or `revision` is missing");
                    return Err(self.fault(&message));
                }
            }
            references.insert(reference);
        }
        pin.facts.references = references;
        Ok(())
    }

    /// The base, where it is pinned, and what the adapter declares.
    fn set_adapter(&self, pin: &mut Pin, wire: Option<WireAdapter>) -> Result<(), Fault> {
        let Some(WireAdapter { base, base_declared, base_revision }) = wire else { return Ok(()) };
        pin.facts.base = base_declared.as_ref().map(DeclaredBase::read);
        match (base, base_revision) {
            (Some(base), Some(base_revision)) => pin.dependencies.adapter = Some(Adapter { base, base_revision }),
            (None, None) if pin.facts.base.is_some() => {}
            _ => return Err(self.fault("has half an adapter: either `base` or `base-revision` is missing")),
        }
        Ok(())
    }

    /// A conversion, if its source is a file of `pin`, and the result at `path` has the name that follows from it.
    fn converted(&self, pin: &Pin, path: &RepoPath, wire: WireConverted) -> Result<Converted, LockError> {
        let WireConverted { from, source, converter, size, sha256 } = wire;
        let Some(locked) = pin.files().get(&from) else {
            return Err(self.fault(&format!("has a conversion of `{from}`, which it does not lock")).into());
        };
        if result_path(&from).as_ref() != Some(path) {
            let message = format!("has a conversion of `{from}` to `{path}`, which is not the name of its result");
            return Err(self.fault(&message).into());
        }
        if source != locked.sha256 {
            return Err(self.edited("converted", "source", source, locked.sha256, &toml_string(path.as_str())));
        }
        Ok(Converted { from, source, converter: converter.get(), size, sha256 })
    }

    /// The digest of the code of an entry must follow from its files, and from those of the entries that it depends on.
    pub(super) fn check_code(&self, lock: &Lockfile, digest: Option<Digest>) -> Result<(), LockError> {
        let code = lock.code(self.name);
        if code.is_incomplete {
            return Err(self.fault("has code in more places than can be followed").into());
        }
        match (digest, code.digest()) {
            (recorded, computed) if recorded == computed => Ok(()),
            (Some(recorded), Some(computed)) => Err(self.edited("code", "digest", recorded, computed, "digest")),
            (Some(_), None) => Err(self.fault("has a digest of code, but no code").into()),
            (None, _) => Err(self.fault("has code, but no digest of it").into()),
        }
    }

    /// Every entry that `pin` depends on, or that depends on it, has to be locked.
    pub(super) fn check_dependencies(&self, lock: &Lockfile, pin: &Pin) -> Result<(), Fault> {
        let unlocked = |what: &str, other: &Name| Err(self.fault(&format!("{what} `{other}`, which is not locked")));
        let adapter = pin.dependencies.adapter.as_ref();
        if let Some(adapter) = adapter.filter(|adapter| !lock.pins.contains_key(&adapter.base)) {
            return unlocked("is an adapter of", &adapter.base);
        }
        for (reference, dependency) in &pin.dependencies.pinned {
            if !lock.pins.contains_key(&dependency.pin) {
                return unlocked(&format!("has the dependency `{reference}` on"), &dependency.pin);
            }
        }
        for required_by in &pin.dependencies.required_by {
            if !lock.pins.contains_key(&required_by.entry) {
                return unlocked("is required by", &required_by.entry);
            }
        }
        Ok(())
    }
}

fn artifacts(files: BTreeMap<RepoPath, WireFile>) -> BTreeMap<RepoPath, Artifact> {
    let artifact = |(path, WireFile { kind, size, sha256 })| (path, Artifact { kind, size, sha256 });
    files.into_iter().map(artifact).collect()
}
