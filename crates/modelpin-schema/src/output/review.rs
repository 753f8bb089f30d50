//! `review`.

use super::scan::Capability;
use serde::Serialize;
use std::collections::BTreeMap;

/// The code of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Review {
    /// The entry.
    pub name: String,
    /// The repo.
    pub source: String,
    /// The locked commit.
    pub revision: String,
    /// The digest of all its code.
    pub digest: String,
    /// `certified`, `changed` since it was certified, or `unknown`.
    pub standing: String,
    /// The audit that counts, or that counted before the code changed.
    pub certified: Option<Audit>,
    /// The audits of exactly this code.
    pub audits: Vec<Audit>,
    /// How many people have to certify it.
    pub audits_required: u32,
    /// Classes that `auto_map` names.
    pub auto_map: Vec<String>,
    /// Python packages that it requires, with their versions.
    pub requires: BTreeMap<String, String>,
    /// What the code can do.
    pub capabilities: Vec<String>,
    /// Other repos that code comes from.
    pub foreign: Vec<Foreign>,
    /// The code files.
    pub files: Vec<File>,
    /// What changed, with `--since`.
    pub since: Option<Comparison>,
}

/// An audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// The digest of the code.
    pub digest: String,
    /// The commit.
    pub revision: String,
    /// What was certified.
    pub criteria: String,
    /// Who certified it.
    pub who: String,
    /// Their notes.
    pub notes: Option<String>,
    /// The import that it comes from.
    pub import: Option<String>,
}

/// A repo that code comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Foreign {
    /// The repo.
    pub source: String,
    /// The entry that locks it.
    pub name: String,
    /// The locked commit.
    pub revision: String,
}

/// A code file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct File {
    /// Its path, with the members of archives that lead to it.
    pub path: String,
    /// The members of archives that lead to it.
    pub member: Vec<String>,
    /// The SHA-256 of the locked file that it is in, in hex.
    pub file: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its own SHA-256, in hex.
    pub sha256: Option<String>,
    /// Its format.
    pub format: String,
    /// Its text; null where a person cannot read it.
    pub text: Option<String>,
    /// Whether the text is exact; if not, bytes that are not UTF-8 are U+FFFD in it.
    pub exact: bool,
    /// The lines by what they can do.
    pub capabilities: BTreeMap<String, Vec<Capability>>,
    /// What the scanner found in it.
    pub findings: Vec<Finding>,
}

/// What the scanner found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// `dangerous`, `review` or `note`.
    pub severity: String,
    /// The members of archives that lead there.
    pub member: Vec<String>,
    /// The line, counted from 1.
    pub line: Option<u32>,
    /// What was found.
    pub evidence: String,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// What it is compared with.
    pub base: Base,
    /// What the code can do and could not do before.
    pub gained: Vec<String>,
    /// What the code could do before and cannot do now.
    pub lost: Vec<String>,
    /// The files that changed.
    pub changes: Vec<Change>,
}

/// What code is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum Base {
    /// The code that somebody certified.
    Certified {
        /// The audit.
        certified: Audit,
    },
    /// The code of another lock.
    Lock {
        /// The lock, as it was named.
        lock: String,
        /// The commit that it locks; null where it has no such entry.
        revision: Option<String>,
    },
}

/// A code file that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// Its path.
    pub path: String,
    /// The file before.
    pub old: Option<Sum>,
    /// The file now.
    pub new: Option<Sum>,
    /// The lines that changed, in groups; null where they cannot be read.
    pub hunks: Option<Vec<Vec<Line>>>,
}

/// A file in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Sum {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in hex.
    pub sha256: Option<String>,
}

/// A line of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Line {
    /// Its number before; null where it is new.
    pub old: Option<usize>,
    /// Its number now; null where it is gone.
    pub new: Option<usize>,
    /// Its text.
    pub text: String,
}
