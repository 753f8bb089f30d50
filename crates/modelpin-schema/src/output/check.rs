//! `check`.

use serde::Serialize;
use std::collections::BTreeMap;

/// What was checked; what the policy says of it is in the diagnostics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// The day by which it was checked, as YYYY-MM-DD.
    pub as_of: String,
    /// Whether the policy refuses nothing.
    pub holds: bool,
    /// How many there were of each.
    pub counts: Counts,
    /// Files that stay out of the target, by entry.
    pub withheld: BTreeMap<String, Withheld>,
    /// The exemptions that expire within the time of `--expiring`; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiring: Option<Vec<Expiring>>,
}

/// How many there were of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Entries of models.lock.
    pub entries: usize,
    /// Their files.
    pub files: usize,
    /// Files that are not on this machine, for which the facts in models.lock were trusted.
    pub trusted: usize,
    /// Exemptions of the project.
    pub exemptions: usize,
    /// Audits that count, imported ones included.
    pub audits: usize,
    /// What the policy refuses.
    pub errors: usize,
    /// What it only warns of.
    pub warnings: usize,
}

/// Files of one entry that stay out of the target, by why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Withheld {
    /// Code that is not certified.
    pub uncertified: Vec<String>,
    /// Files that an exemption lets into the quarantine.
    pub quarantined: Vec<String>,
    /// Files that the policy refuses.
    pub refused: Vec<String>,
    /// Files that were converted; the results are installed in their place.
    pub replaced: Vec<String>,
}

/// An exemption that expires soon, or has expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Expiring {
    /// The entry; null where none is locked any more.
    pub name: Option<String>,
    /// The repo at its commit.
    pub source: String,
    /// The file.
    pub path: String,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// The last day, as YYYY-MM-DD.
    pub expires: String,
    /// Days left after today; negative where it has expired.
    pub days_left: i64,
    /// Who is responsible for it.
    pub owner: String,
    /// Who approved it.
    pub approver: Option<String>,
    /// The issue in which it was agreed.
    pub ticket: String,
    /// Why it was given.
    pub reason: String,
    /// The line of models.audits.toml.
    pub location: Option<super::Location>,
}
