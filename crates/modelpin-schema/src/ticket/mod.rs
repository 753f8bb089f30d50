//! The change ticket: what changed in the three files of a project, and what of it a reviewer reads first.
//!
//! - [`wishes`]: what changed in models.toml, key by key, as it is spelled
//! - [`decisions`]: what changed in models.audits.toml
//! - what changed in models.lock is in [`crate::lockfile::diff`]

pub mod decisions;
pub mod wishes;

use crate::Name;
use crate::lockfile::diff::{Change, Fact};

/// What changed in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ticket {
    /// In models.lock, by entry.
    pub changes: Vec<Change>,
    /// In models.toml.
    pub wishes: Vec<Fact>,
    /// In models.audits.toml.
    pub decisions: Vec<Fact>,
}

/// Where a fact changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// An entry of models.lock.
    Entry(&'a Name),
    /// models.toml.
    Wishes,
    /// models.audits.toml.
    Decisions,
}

/// A fact that lets in more, holds back less, or is of another origin than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'a> {
    /// Where.
    pub subject: Subject<'a>,
    /// What.
    pub fact: &'a Fact,
}

impl Ticket {
    /// The ticket of a change of the lock alone.
    #[must_use]
    pub fn of_lock(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.wishes.is_empty() && self.decisions.is_empty()
    }

    /// Leaves out what models.toml says of an entry where the entry in models.lock says the same.
    #[must_use]
    pub fn without_repeats(mut self) -> Self {
        let Self { changes, wishes, .. } = &mut self;
        wishes.retain(|wish| !changes.iter().any(|change| wishes::repeats(wish, change)));
        self
    }

    /// What a reviewer reads first, of all files and entries: what contradicts the past, then who may be believed and what
    /// is let in, then what the models can do.
    #[must_use]
    pub fn marks(&self) -> Vec<Mark<'_>> {
        let of_lock = self
            .changes
            .iter()
            .flat_map(|change| change.facts.iter().map(|fact| Mark { subject: Subject::Entry(&change.name), fact }));
        let wishes = self.wishes.iter().map(|fact| Mark { subject: Subject::Wishes, fact });
        let decisions = self.decisions.iter().map(|fact| Mark { subject: Subject::Decisions, fact });
        let mut marks: Vec<Mark<'_>> = of_lock.chain(wishes).chain(decisions).filter(|mark| mark.fact.widens).collect();
        marks.sort_by_key(Mark::rank);
        marks
    }
}

impl Mark<'_> {
    fn rank(&self) -> u8 {
        match (self.fact.key, self.subject) {
            ("same-commit", _) => 0,
            ("source" | "repo-id" | "requested", _) => 1,
            (_, Subject::Wishes) => 2,
            (_, Subject::Decisions) => 3,
            ("include" | "exclude" | "converted" | "code", _) => 4,
            ("capability", _) => 5,
            _ => 6,
        }
    }
}

/// How firmly a wish names bytes, in models.toml's words or the lock's: a commit, then a tag or a range of versions, then a
/// branch, which whoever owns the repo moves at will. What cannot be told counts as a branch.
pub(crate) fn firmness(requested: &str) -> u8 {
    let is_commit = requested.len() == 40 && requested.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bare = requested.strip_prefix(['v', 'V']).unwrap_or(requested);
    let is_version = bare.contains('.')
        && bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.split('.').take(2).all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    match requested {
        _ if is_commit => 2,
        tag if tag.starts_with("refs/tags/") || tag.starts_with("version:") || is_version => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::firmness;

    #[test]
    fn a_branch_is_the_loosest_wish() {
        let order = ["main", "v1.2.0", "1363cd39cc551f26a400ae20dc1b67bb0914dce6"];
        assert!(order.windows(2).all(|pair| firmness(pair[0]) < firmness(pair[1])));
        for tag in ["refs/tags/x", "version:^1.2", "1.0", "v2.0-rc1"] {
            assert_eq!(firmness(tag), 1, "{tag}");
        }
        for branch in ["v1", "refs/heads/v1.0", "release", "1", "vx.1", "1.x"] {
            assert_eq!(firmness(branch), 0, "{branch}");
        }
    }
}
