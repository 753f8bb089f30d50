//! What one run of the machine found, before it is known whether the run counts.

use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::Rule;
use modelpin_rules::pickle as rules;
use std::collections::{BTreeMap, BTreeSet};

/// Findings that are kept of one run.
const KEPT: usize = 2000;

/// Bytes that the pickle passes to something which may load them.
#[derive(Debug, Clone)]
pub(super) struct EmbeddedBytes {
    /// Where they are in the file, and how many they are.
    pub(super) at: u64,
    pub(super) len: u64,
    /// The bytes themselves, where they are not in the file as they are.
    pub(super) decoded: Option<Vec<u8>>,
    /// What they are passed to.
    pub(super) to: String,
    /// Whether that certainly loads them.
    pub(super) loads: bool,
}

/// What a pickle says about a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Bytes of an element.
    pub(crate) item: u64,
    /// Bytes in all.
    pub(crate) bytes: u64,
}

/// The findings and facts of one run.
#[derive(Debug, Default)]
pub(super) struct Log {
    findings: Vec<(&'static Rule, Location, String)>,
    seen: BTreeSet<(&'static str, String)>,
    pub(super) globals: BTreeSet<String>,
    /// Imports whose module could be one of Python.
    pub(super) imports: u64,
    /// Those whose name could be one as well.
    pub(super) plausible: u64,
    /// Whether the first import is of what no module of Python can be called: an unpickler ends there.
    pub(super) ends_at_import: bool,
    /// Whether one of them is of a library that is known.
    pub(super) known: bool,
    pub(super) calls: u64,
    pub(super) embedded: Vec<EmbeddedBytes>,
    /// What the pickle says about each storage, by its key.
    pub(super) storages: BTreeMap<String, Claim>,
    /// Why another reading of the same bytes did not come to its end.
    pub(super) error: Option<ScanError>,
}

impl Log {
    pub(super) fn report(&mut self, rule: &'static Rule, at: Location, evidence: String) {
        if self.findings.len() < KEPT && self.seen.insert((rule.id, evidence.clone())) {
            self.findings.push((rule, at, evidence));
        }
    }

    /// Counts an import; what no module of Python looks like does not count.
    pub(super) fn import(&mut self, module: &str, name: &str) {
        let word = |text: &str| {
            text.split('.').all(|part| {
                part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            })
        };
        if word(module) {
            self.imports = self.imports.saturating_add(1);
            self.plausible = self.plausible.saturating_add(u64::from(word(name)));
            self.known |=
                crate::knowledge::stdlib::is_stdlib(module) || crate::knowledge::pickle::names::is_well_known(module);
        } else {
            self.ends_at_import |= self.imports == 0;
        }
    }

    /// A storage is named with elements of `item` bytes, `bytes` in all.
    pub(super) fn claim(&mut self, key: &str, claim: Claim, at: Location) {
        let before = *self.storages.entry(key.to_owned()).or_insert(claim);
        if before != claim {
            let before = before.bytes;
            let after = claim.bytes;
            self.report(
                &rules::STORAGE_SIZE,
                at,
                format!("storage `{key}` has {before} bytes to one tensor, {after} to another"),
            );
        }
    }

    /// The run counts: its findings go to the scan.
    pub(super) fn commit(&mut self, scan: &mut Scan<'_>) {
        for (rule, at, evidence) in self.findings.drain(..) {
            scan.report(rule, at, evidence);
        }
        scan.facts.globals.append(&mut self.globals);
        if let Some(error) = self.error.take() {
            scan.record_error(error);
        }
    }
}

impl Log {
    /// Takes over what another run found.
    pub(super) fn take(&mut self, other: Self) {
        for (rule, at, evidence) in other.findings {
            self.report(rule, at, evidence);
        }
        self.globals.extend(other.globals);
        self.imports = self.imports.saturating_add(other.imports);
        self.plausible = self.plausible.saturating_add(other.plausible);
        self.calls = self.calls.saturating_add(other.calls);
        self.known |= other.known;
        self.embedded.extend(other.embedded);
        self.error = self.error.take().or(other.error);
        for (key, claim) in other.storages {
            self.storages.entry(key).or_insert(claim);
        }
    }
}
