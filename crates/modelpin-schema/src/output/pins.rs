//! `tree`, `why` and `outdated`.

use super::Location;
use serde::Serialize;

/// The output of `modelpin tree`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Tree {
    /// The entries at the top.
    pub entries: Vec<Node>,
}

/// An entry, or something that is not pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Node {
    /// Whether it is pinned.
    pub pinned: bool,
    /// What the entry above takes from it, as in `base` or `code`; empty at the top.
    pub how: Vec<String>,
    /// What is not pinned, as the repo names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<String>,
    /// The pin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// Why nothing is shown below it: `shown above` or `too deep`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    /// What it depends on; with `--invert`, what depends on it.
    pub below: Vec<Self>,
}

/// A pin of models.lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Pin {
    /// The entry.
    pub name: String,
    /// The repo.
    pub source: String,
    /// What models.toml asks for.
    pub requested: String,
    /// The tag of the commit, for a version requirement.
    pub tag: Option<String>,
    /// The locked commit.
    pub revision: String,
    /// The entries because of which it is locked, where models.toml does not name it.
    pub required_by: Vec<String>,
    /// Its files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// The output of `modelpin why`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Why {
    /// The entry.
    pub name: String,
    /// The repo.
    pub source: String,
    /// The locked commit.
    pub revision: String,
    /// The line of models.toml that names it; null where none does.
    pub named: Option<Location>,
    /// The shortest paths from entries of models.toml.
    pub paths: Vec<Vec<Step>>,
    /// Whether there are more paths than these.
    pub more: bool,
    /// The file that was asked about; null where none was.
    pub file: Option<WhyFile>,
}

/// Why a file of an entry is locked, or why it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct WhyFile {
    /// Its path in the repo.
    pub path: String,
    /// Whether it is locked.
    pub locked: bool,
    /// Why it is not, as in models.lock; null where it is locked, or where this version would lock it.
    pub reason: Option<String>,
    /// The same as a sentence.
    pub because: String,
    /// The pattern of `include` or `exclude` that it matches.
    pub pattern: Option<String>,
    /// The file that holds the same, or that makes it needless.
    pub beside: Option<String>,
    /// Its size in bytes; null where it is not locked and no listing was read.
    pub size: Option<u64>,
    /// The classes that configuration makes a loader import from it.
    pub imported: Vec<String>,
    /// What is installed in its place.
    pub replaced_by: Option<String>,
    /// The commands that change this, the likeliest first.
    pub commands: Vec<String>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// The entry that the step starts from.
    pub from: String,
    /// What it takes from the next one.
    pub how: Vec<String>,
}

/// The output of `modelpin outdated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Outdated {
    /// What was found.
    pub news: Vec<News>,
}

/// Something that changed upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct News {
    /// The entry.
    pub name: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What changed upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "news", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum What {
    /// There is a newer commit that models.toml allows.
    Newer {
        /// What models.toml asks for.
        requested: String,
        /// The locked commit.
        locked: String,
        /// The newest commit.
        latest: String,
        /// Its tag, for a version requirement.
        tag: Option<String>,
    },
    /// The locked commit is gone.
    CommitGone {
        /// The locked commit.
        locked: String,
    },
    /// The locked commit has other bytes upstream than in models.lock.
    OtherBytes {
        /// The file.
        path: String,
        /// What models.lock says.
        locked: String,
        /// What the Hub says.
        listed: String,
    },
    /// The repo is gone or hidden.
    RepoGone,
    /// The repo was renamed.
    Renamed {
        /// Its new name.
        to: String,
    },
    /// `update` will be refused.
    Refused {
        /// What is wrong.
        what: String,
        /// What was expected.
        expected: Option<String>,
        /// What was found instead.
        got: Option<String>,
        /// The exit code of `update`.
        exit_code: u8,
    },
    /// The Hub's own scanners flag a locked file.
    Flagged {
        /// The file.
        path: String,
        /// The scanners' level.
        level: String,
    },
}
