//! `scan`.

use super::Decision;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was scanned; what was found is in the diagnostics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Scan {
    /// The worst verdict that no decision accepts: `safe`, `review` or `dangerous`.
    pub verdict: String,
    /// How many files there were of each.
    pub counts: Counts,
    /// What was scanned, in the order of the command line.
    pub entries: Vec<Entry>,
    /// Folders that were skipped.
    pub skipped: Vec<String>,
}

/// How many files there were of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// How many files were scanned.
    pub files: usize,
    /// Safe ones.
    pub safe: usize,
    /// Those that a person has to review.
    pub review: usize,
    /// Dangerous ones.
    pub dangerous: usize,
    /// Those that are not safe and are accepted by an audit.
    pub certified: usize,
    /// Those that are not safe and are accepted by an exemption.
    pub exempted: usize,
    /// Those that are not safe and are allowed by the policy.
    pub allowed: usize,
}

/// A locked entry, a folder, a file, or a repo on the Hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// `model`, `dataset`, `folder`, `file`, or `repo` for a repo on the Hub.
    pub kind: String,
    /// The name of a locked entry; the path of a folder or file; a repo's name.
    pub name: String,
    /// The worst verdict of its files that no decision accepts.
    pub verdict: String,
    /// What was read, for a repo on the Hub.
    pub remote: Option<Remote>,
    /// Its files.
    pub files: Vec<File>,
}

/// What was read of a repo on the Hub, which is scanned by ranges of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Remote {
    /// The repo, as models.lock writes it.
    pub source: String,
    /// The commit.
    pub revision: String,
    /// Requests that were sent, those for the listing included.
    pub requests: usize,
    /// Bytes of files that were received.
    pub read_bytes: u64,
    /// Bytes that the scanned files have.
    pub total_bytes: u64,
    /// Files of the commit that were not scanned.
    pub left_out: usize,
}

/// A scanned file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct File {
    /// Its path, as in the diagnostics.
    pub path: String,
    /// Its line in models.lock, for a locked file.
    pub lock_line: Option<usize>,
    /// Its format, by its content.
    pub format: String,
    /// Its verdict, whatever was decided: `safe`, `review` or `dangerous`.
    pub verdict: String,
    /// The decision that accepts all of it.
    pub decision: Option<Decision>,
    /// How many findings there are about it in the diagnostics.
    pub findings: usize,
    /// Findings beyond the limit, which were only counted.
    pub dropped: u64,
    /// What the file does.
    pub facts: Facts,
    /// What scanning it took.
    pub spent: Spent,
}

/// What a file does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Facts {
    /// The globals that its pickles import, as `module.name`.
    pub globals: Vec<String>,
    /// The lines of code by what they can do, as in `network`.
    pub capabilities: BTreeMap<String, Vec<Capability>>,
    /// The SHA-256 of each chat template in it.
    pub templates: Vec<String>,
}

/// A line of code that can do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Capability {
    /// The line, counted from 1.
    pub line: u32,
    /// Whether it does so when the file is imported, not only when it is called.
    pub on_import: bool,
}

/// What scanning a file took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Spent {
    /// Steps of the interpreters.
    pub steps: u64,
    /// Members of archives that were opened.
    pub archive_members: u64,
    /// Bytes that came out of compressed data.
    pub inflated_bytes: u64,
}
