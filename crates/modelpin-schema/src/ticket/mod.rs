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

/// Whether the wish `new` may name bytes less firmly than `old`, both in models.toml's words or the lock's. A name alone does
/// not say whether it is a tag or a branch, which whoever owns the repo moves at will: what cannot be told to be as firm is
/// not.
pub(crate) fn is_looser_wish(old: &str, new: &str) -> bool {
    if old == new {
        return false;
    }
    match (firmness(old), firmness(new)) {
        (_, Firmness::Commit) | (Firmness::Branch, Firmness::Range) => false,
        (old, Firmness::Tag) => old == Firmness::Commit,
        _ => true,
    }
}

/// How firmly a wish names bytes, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Firmness {
    /// A branch for sure.
    Branch,
    /// A branch or a tag.
    Name,
    /// The newest tag of a range of versions.
    Range,
    /// A tag, by its full name or as one exact version.
    Tag,
    /// One commit.
    Commit,
}

fn firmness(wish: &str) -> Firmness {
    let bare = wish.strip_prefix(['v', 'V']).unwrap_or(wish);
    // A version with more behind it may be the branch on which it is being made.
    let is_exact = semver::Version::parse(bare).is_ok_and(|version| version.pre.is_empty() && version.build.is_empty());
    match wish {
        commit if commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()) => Firmness::Commit,
        tag if tag.starts_with("refs/tags/") || is_exact => Firmness::Tag,
        range if range.starts_with("version:") => Firmness::Range,
        branch if branch.starts_with("refs/heads/") || matches!(branch, "main" | "master") => Firmness::Branch,
        _ => Firmness::Name,
    }
}

#[cfg(test)]
mod tests {
    use super::is_looser_wish;

    const COMMIT: &str = "1363cd39cc551f26a400ae20dc1b67bb0914dce6";

    #[test]
    fn what_cannot_be_told_to_be_as_firm_is_looser() {
        for (old, new) in [
            ("v1", "main"),
            ("release", "main"),
            ("main", "release"),
            ("v1.2.0", "main"),
            ("v1.2.0", "1.2.x"),
            ("v1.2.0", "v1.2-dev"),
            ("v1.2.0", "v1.2.0-dev"),
            ("v1.2.0", "version:^1"),
            ("v1", "version:^1"),
            ("version:^1", "version:*"),
            ("version:^1", "main"),
            ("refs/tags/x", "refs/heads/x"),
            ("refs/tags/x", "x"),
            (COMMIT, "v1.2.0"),
            (COMMIT, "main"),
        ] {
            assert!(is_looser_wish(old, new), "{old} > {new}");
        }
        for (old, new) in [
            ("main", "main"),
            ("v1", "v1"),
            ("main", "version:^1"),
            ("main", "v1.2.0"),
            ("v1", "1.2.0"),
            ("version:^1", "v1.2.0"),
            ("v1.2.0", "v1.3.0"),
            ("main", "refs/tags/x"),
            ("v1.2.0", COMMIT),
            ("release", COMMIT),
        ] {
            assert!(!is_looser_wish(old, new), "{old} > {new}");
        }
    }
}
