//! What one entry depends on, and what depends on it.

use super::{Reference, Role};
use crate::text::serde_by_text;
use crate::{CommitId, Invalid, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// The dependencies of one entry, in both directions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// The entries that it is locked for, where the manifest does not name it; empty where it does.
    pub required_by: BTreeSet<RequiredBy>,
    /// The base that it is an adapter of.
    pub adapter: Option<Adapter>,
    /// The entries that its references resolve to, as far as they are pinned.
    pub pinned: BTreeMap<Reference, Dependency>,
}

/// The base of an adapter, as it is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// The base's name in this lock.
    pub base: Name,
    /// The base's commit.
    pub base_revision: CommitId,
}

/// The entry that provides what a [`Reference`] names, as it is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The entry in this lock.
    pub pin: Name,
    /// That entry's commit.
    pub revision: CommitId,
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.pin, self.revision)
    }
}

/// What one entry takes from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// It is an adapter, and the other is its base.
    Base,
    /// Its files refer to the other.
    Reference(Role),
}

impl fmt::Display for DependencyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base => f.write_str("base"),
            Self::Reference(role) => role.fmt(f),
        }
    }
}

/// Why an entry is locked that the manifest does not name; prints as `chat: auto_map`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequiredBy {
    /// The entry that depends on it.
    pub entry: Name,
    /// What that entry takes from it.
    pub kind: DependencyKind,
}

impl fmt::Display for RequiredBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.entry, self.kind)
    }
}

impl FromStr for RequiredBy {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("reason to be locked", text, "expected `NAME: ROLE`, as in `chat: auto_map`");
        let (entry, kind) = text.split_once(": ").ok_or_else(wrong)?;
        let kind = if kind == "base" { DependencyKind::Base } else { DependencyKind::Reference(kind.parse()?) };
        Ok(Self { entry: entry.parse()?, kind })
    }
}

serde_by_text!(RequiredBy, "reason to be locked", "^[a-z0-9-]+: (base|auto_map|component|config|processor|tokenizer)$");
