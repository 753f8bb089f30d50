//! The change report: what changed in the three files of a project, and what of it a reviewer reads first.
//!
//! - [`manifest`]: what changed in models.toml, key by key, as it is spelled
//! - [`audits`]: what changed in models.audits.toml
//! - what changed in models.lock is in [`crate::lockfile::diff`]

pub mod audits;
pub mod manifest;

use crate::Name;
use crate::lockfile::diff::{Change, FactChange};

/// What changed in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeReport {
    /// In models.lock, by entry.
    pub changes: Vec<Change>,
    /// In models.toml.
    pub manifest: Vec<FactChange>,
    /// In models.audits.toml.
    pub audits: Vec<FactChange>,
}

/// Where a fact changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// An entry of models.lock.
    Entry(&'a Name),
    /// models.toml.
    Manifest,
    /// models.audits.toml.
    Audits,
}

/// A change that lets in more, holds back less, or is of another origin than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Highlight<'a> {
    /// Where.
    pub subject: Subject<'a>,
    /// What.
    pub fact: &'a FactChange,
}

impl ChangeReport {
    /// The report of a change of the lock alone.
    #[must_use]
    pub fn of_lock(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.manifest.is_empty() && self.audits.is_empty()
    }

    /// Leaves out what models.toml says of an entry where the entry in models.lock says the same.
    #[must_use]
    pub fn without_repeats(mut self) -> Self {
        let Self { changes, manifest, .. } = &mut self;
        manifest.retain(|fact| !changes.iter().any(|change| manifest::repeats(fact, change)));
        self
    }

    /// The changes that a reviewer reads first, of all files and entries: contradictions to the past, then what is trusted
    /// and let in, then what the models can do.
    #[must_use]
    pub fn highlights(&self) -> Vec<Highlight<'_>> {
        let mut all = Vec::new();
        for change in &self.changes {
            let subject = Subject::Entry(&change.name);
            all.extend(change.facts.iter().map(|fact| Highlight { subject, fact }));
        }
        all.extend(self.manifest.iter().map(|fact| Highlight { subject: Subject::Manifest, fact }));
        all.extend(self.audits.iter().map(|fact| Highlight { subject: Subject::Audits, fact }));
        all.retain(|highlight| highlight.fact.widens);
        all.sort_by_key(Highlight::rank);
        all
    }
}

impl Highlight<'_> {
    /// Its place in the order of reading; the lowest is read first.
    fn rank(&self) -> u8 {
        match (self.fact.key, self.subject) {
            ("same-commit", _) => 0,
            ("source" | "repo-id" | "requested", _) => 1,
            (_, Subject::Manifest) => 2,
            (_, Subject::Audits) => 3,
            ("include" | "exclude" | "converted" | "code", _) => 4,
            ("capability", _) => 5,
            _ => 6,
        }
    }
}

/// Whether the requested revision `new` may fix the bytes less firmly than `old`, both as models.toml or models.lock spell
/// them. A name alone does not tell a tag from a branch, which the owner of the repo moves at will; what may be less firm
/// counts as looser.
pub(crate) fn is_looser_request(old: &str, new: &str) -> bool {
    if old == new {
        return false;
    }
    match (firmness(old), firmness(new)) {
        (_, Firmness::Commit) | (Firmness::Branch, Firmness::Range) => false,
        (old, Firmness::Tag) => old == Firmness::Commit,
        _ => true,
    }
}

/// How firmly a requested revision fixes the bytes, as far as its spelling tells.
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

fn firmness(requested: &str) -> Firmness {
    let bare = requested.strip_prefix(['v', 'V']).unwrap_or(requested);
    // A version with more behind it may be the branch on which it is being made.
    let is_exact = semver::Version::parse(bare).is_ok_and(|version| version.pre.is_empty() && version.build.is_empty());
    match requested {
        commit if commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()) => Firmness::Commit,
        tag if tag.starts_with("refs/tags/") || is_exact => Firmness::Tag,
        range if range.starts_with("version:") => Firmness::Range,
        branch if branch.starts_with("refs/heads/") || matches!(branch, "main" | "master") => Firmness::Branch,
        _ => Firmness::Name,
    }
}

#[cfg(test)]
mod tests {
    use super::is_looser_request;

    const COMMIT: &str = "1363cd39cc551f26a400ae20dc1b67bb0914dce6";

    #[test]
    fn a_revision_that_may_be_less_firm_is_looser() {
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
            assert!(is_looser_request(old, new), "{old} > {new}");
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
            assert!(!is_looser_request(old, new), "{old} > {new}");
        }
    }
}
