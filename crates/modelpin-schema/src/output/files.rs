//! `init`, `sync`, `verify` and `vendor`.

use serde::Serialize;
use std::collections::BTreeMap;

/// The output of `modelpin init`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Init {
    /// The files that were written, from the folder of the project.
    pub written: Vec<String>,
}

/// The output of `modelpin sync`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Sync {
    /// The folder of the target.
    pub target: String,
    /// Entries of models.lock.
    pub entries: usize,
    /// Files in the target.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Entries that were installed or repaired.
    pub published: Vec<String>,
    /// Files that were installed.
    pub installed_files: usize,
    /// Files that were removed because models.lock does not list them.
    pub removed_files: usize,
    /// Bytes that were hashed.
    pub hashed_bytes: u64,
    /// Files that were scanned.
    pub scanned_files: usize,
    /// Code that is not certified and was not installed, by entry.
    pub withheld: BTreeMap<String, Vec<String>>,
    /// Files in the quarantine, by entry.
    pub quarantined: BTreeMap<String, Vec<String>>,
    /// Files in whose place the results of conversions are installed, by entry.
    pub replaced: BTreeMap<String, Vec<String>>,
    /// How many warnings the policy has; `check` lists them.
    pub warnings: usize,
}

/// The output of `modelpin verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Verified {
    /// Entries of models.lock.
    pub entries: usize,
    /// Files in the target.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Whether every byte was hashed; false with `--fast`.
    pub every_byte: bool,
    /// How much the policy refuses; `check` lists it.
    pub denied: usize,
}

/// The output of `modelpin vendor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Vendored {
    /// Files in the directory that models.lock lists.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were copied.
    pub copied: usize,
    /// Files that were removed because models.lock does not list them.
    pub removed: usize,
    /// Files that models.lock does not list and that were kept, because the directory was not made on this machine.
    pub untracked: usize,
}
