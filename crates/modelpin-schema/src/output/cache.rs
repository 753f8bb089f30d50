//! `cache`.

use serde::Serialize;

/// `cache dir`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Dir {
    /// The cache's folder.
    pub path: String,
}

/// `cache ls`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct List {
    /// The files in the cache.
    pub files: Vec<File>,
}

/// A file in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct File {
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// What it is in this project.
    pub used: Option<Used>,
    /// The folders of all known projects that lock or import it.
    pub projects: Vec<String>,
}

/// A locked file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Used {
    /// The entry.
    pub name: String,
    /// The path in its repo.
    pub path: String,
}

/// `cache prune`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Pruned {
    /// Whether nothing was removed because of `--dry-run`.
    pub dry_run: bool,
    /// Files that were removed, or would be.
    pub files: usize,
    /// Unfinished downloads that were removed, or would be.
    pub unfinished: usize,
    /// Files with chunks that were removed, or would be.
    pub chunks: usize,
    /// Bytes of all these.
    pub bytes: u64,
    /// Projects that were forgotten because their folders are gone.
    pub forgotten: Vec<String>,
    /// Projects whose files cannot be read; because of them no locked file was removed.
    pub unreadable: Vec<String>,
}

/// `cache verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Verified {
    /// Files whose SHA-256 was verified.
    pub files: usize,
}
