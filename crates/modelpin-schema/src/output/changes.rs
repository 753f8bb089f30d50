//! The change report: `diff`, and every command that changes models.lock.

use serde::Serialize;

/// What changed in the three files of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// The project's folder in its repository; empty where that is not known, or the top.
    pub folder: String,
    /// Entries of models.lock.
    pub changes: Vec<Entry>,
    /// What changed in models.toml.
    pub manifest: Vec<Fact>,
    /// What changed in models.audits.toml.
    pub decisions: Vec<Fact>,
    /// How many of all these facts widen what is allowed.
    pub marks: usize,
    /// The entries that need a decision.
    pub undecided: Vec<String>,
    /// Commands to run next.
    pub next: Vec<String>,
}

/// An entry that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    /// What changed about it, apart from its files.
    pub facts: Vec<Fact>,
    /// The files of its commit that are not locked, where this run read the listing; else null, and `facts` has the
    /// counts by reason and the files that could run code.
    pub left_out: Option<Vec<LeftOut>>,
    /// Its files that changed.
    pub files: Vec<File>,
}

/// Files that are not locked, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// The reason, as in models.lock.
    pub reason: String,
    /// A path, a folder with a `/` at its end, or either with `*` for what differs; null for the rest.
    pub name: Option<String>,
    /// How many files.
    pub files: u64,
    /// Their size in bytes, as the Hub lists it.
    pub bytes: u64,
    /// The file that holds the same, or that makes them needless; null where that is another one for each, or none.
    pub beside: Option<String>,
    /// The value of `--include` that takes them.
    pub include: Option<String>,
    /// The value of `--variant` that takes them.
    pub variant: Option<String>,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Fact {
    /// Its key.
    pub key: String,
    /// What of the key, where it has several values.
    pub about: Option<String>,
    /// The value before; null where there was none.
    pub old: Option<String>,
    /// The value now; null where there is none.
    pub new: Option<String>,
    /// Whether the change allows more, withholds less, or has another origin than before.
    pub widens: bool,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct File {
    /// Its path in the repo.
    pub path: String,
    /// The file before; null where there was none.
    pub old: Option<Artifact>,
    /// The file now; null where there is none.
    pub new: Option<Artifact>,
}

/// A locked file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Artifact {
    /// Its kind, as in models.lock.
    pub kind: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}
