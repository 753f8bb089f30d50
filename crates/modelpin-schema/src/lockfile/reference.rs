//! Other repos that a repo's files refer to, so that a loader takes something from there as well.

use super::Role;
use crate::text::serde_by_text;
use crate::{Invalid, RepoId, Requested, Revision, visible};
use std::fmt;
use std::str::FromStr;

/// One reference; prints as `auto_map acme/other-code`, or `component acme/encoder@v2` where a revision is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// What is taken.
    pub role: Role,
    /// From where.
    pub repo: RepoId,
    /// At which revision, where the file says one. Otherwise loaders take `main`.
    pub revision: Option<Revision>,
}

impl Reference {
    /// The revision that a loader asks for.
    #[must_use]
    pub fn requested(&self) -> Requested {
        requested(self.revision.as_ref())
    }
}

/// The revision that a loader asks for that is given `revision`, or none.
pub(crate) fn requested(revision: Option<&Revision>) -> Requested {
    revision.map_or_else(Requested::main, |revision| {
        let commit = crate::CommitId::from_hex(revision.as_str());
        commit.map_or_else(|_| Requested::Revision(revision.clone()), Requested::Commit)
    })
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role, self.repo)?;
        self.revision.iter().try_for_each(|revision| write!(f, "@{revision}"))
    }
}

impl FromStr for Reference {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("reference", text, "expected `ROLE OWNER/REPO` or `ROLE OWNER/REPO@REVISION`");
        let (role, place) = text.split_once(' ').ok_or_else(wrong)?;
        let (repo, revision) = match place.split_once('@') {
            Some((repo, revision)) => (repo, Some(revision.parse()?)),
            None => (place, None),
        };
        Ok(Self { role: role.parse()?, repo: repo.parse()?, revision })
    }
}

serde_by_text!(Reference, "reference", "^(auto_map|component|config|processor|tokenizer) [^ ]+$");

/// What an adapter's configuration says of its base, as text: a repo, or whatever else stands there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclaredBase {
    /// A repo, perhaps at a revision.
    Repo(RepoId, Option<Revision>),
    /// A path, an address, several bases: something that no pin can be made of.
    Other(super::PrintableText),
    /// Nothing, or null.
    Nothing,
}

impl DeclaredBase {
    /// What a configuration says that names `base` at `revision`.
    #[must_use]
    pub fn of(base: Option<&str>, revision: Option<&str>) -> Self {
        let Some(base) = base.filter(|base| !base.trim().is_empty()) else { return Self::Nothing };
        let revision = revision.filter(|revision| !revision.is_empty());
        match (base.parse::<RepoId>(), revision.map(str::parse::<Revision>).transpose()) {
            (Ok(repo), Ok(revision)) => Self::Repo(repo, revision),
            _ => Self::other(base, revision),
        }
    }

    /// What no pin can be made of, in words that a lock does not take for anything else.
    fn other(base: &str, revision: Option<&str>) -> Self {
        let text = revision.map_or_else(|| base.to_owned(), |revision| format!("{base}@{revision}"));
        let shown: String = visible(&text).chars().take(200).collect();
        let read = |text: &str| text.parse().map(|text| Self::read(&text));
        match read(&shown) {
            Ok(Self::Other(text)) => Self::Other(text),
            _ => read(&format!("`{shown}`")).unwrap_or(Self::Nothing),
        }
    }

    /// Reads the value of a lock.
    #[must_use]
    pub fn read(text: &super::PrintableText) -> Self {
        if text.as_str() == NOTHING {
            return Self::Nothing;
        }
        let (repo, revision) = match text.as_str().split_once('@') {
            Some((repo, revision)) => (repo, Some(revision)),
            None => (text.as_str(), None),
        };
        match (repo.parse(), revision.map(str::parse).transpose()) {
            (Ok(repo), Ok(revision)) => Self::Repo(repo, revision),
            _ => Self::Other(text.clone()),
        }
    }
}

/// How a lock says that no base is named: no repo can be called so.
const NOTHING: &str = "(none)";

impl fmt::Display for DeclaredBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repo(repo, None) => repo.fmt(f),
            Self::Repo(repo, Some(revision)) => write!(f, "{repo}@{revision}"),
            Self::Other(text) => text.fmt(f),
            Self::Nothing => f.write_str(NOTHING),
        }
    }
}
