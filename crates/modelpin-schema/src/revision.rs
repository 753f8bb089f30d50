//! What a person asks for: a branch or tag, a version, or a commit.

use crate::text::{serde_by_text, text};
use crate::{CommitId, Invalid};
use std::fmt;
use std::str::FromStr;

text! {
    /// The name of a branch, tag or other ref, which can move. Its rules are git's
    /// (`git check-ref-format`), so it can also be a path below `refs/`.
    ///
    /// ```
    /// use modelpin_schema::Revision;
    /// assert!("refs/pr/1".parse::<Revision>().is_ok());
    /// assert!("../main".parse::<Revision>().is_err());
    /// ```
    Revision, "revision", "^[^\\s~^:?*\\[\\\\]{1,255}$", |text| {
        if text.is_empty() || text.len() > 255 {
            return Err("a revision has 1 to 255 bytes".to_owned());
        }
        if text.chars().any(|c| c.is_whitespace() || crate::text::hides(c) || "~^:?*[\\".contains(c)) {
            return Err("git allows no spaces, control characters or any of ~^:?*[\\ in a ref".to_owned());
        }
        if text.contains("..") || text.contains("@{") || text == "@" || text.starts_with('-') {
            return Err("git allows no `..`, `@{` or leading `-` in a ref".to_owned());
        }
        let bad = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with('.') || part.ends_with(".lock");
        if text.split('/').any(bad) {
            return Err("no part of a ref is empty, begins or ends with `.` or ends in `.lock`".to_owned());
        }
        Ok(())
    }
}

impl Revision {
    /// Whether it could be taken for an abbreviated or full commit id.
    #[must_use]
    pub fn looks_like_commit(&self) -> bool {
        (7..=40).contains(&self.as_str().len()) && self.as_str().bytes().all(|b| b.is_ascii_hexdigit())
    }
}

/// What the manifest asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// A branch or tag by name.
    Revision(Revision),
    /// The newest `vX.Y.Z` tag that the requirement allows.
    Version(semver::VersionReq),
    /// One commit, for good.
    Commit(CommitId),
}

impl Requested {
    /// What is asked for where the manifest says nothing.
    #[must_use]
    pub fn main() -> Self {
        Self::Revision(Revision::main())
    }
}

impl Revision {
    /// The default branch of every repo on the Hub.
    #[must_use]
    pub fn main() -> Self {
        Self("main".to_owned())
    }
}

/// Reads the form that a lock holds: 40 hex digits are a commit, `version:…` a requirement (git allows no
/// `:` in a ref, so no branch can be taken for one), everything else a branch or tag.
impl FromStr for Requested {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if let Some(requirement) = text.strip_prefix("version:") {
            return version(requirement);
        }
        if let Ok(commit) = CommitId::from_hex(text) {
            return Ok(Self::Commit(commit));
        }
        text.parse().map(Self::Revision)
    }
}

/// Reads a version requirement such as `^1.2`.
///
/// # Errors
/// Text that `semver` does not read as one.
pub fn version(requirement: &str) -> Result<Requested, Invalid> {
    semver::VersionReq::parse(requirement)
        .map(Requested::Version)
        .map_err(|error| Invalid::new("version requirement", requirement, error.to_string()))
}

impl fmt::Display for Requested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revision(revision) => revision.fmt(f),
            Self::Version(requirement) => write!(f, "version:{requirement}"),
            Self::Commit(commit) => commit.fmt(f),
        }
    }
}

serde_by_text!(Requested, "requested revision", "^.{1,255}$");

#[cfg(test)]
mod tests {
    use super::{Requested, Revision};

    #[test]
    fn a_request_prints_as_it_reads() {
        for text in ["main", "v1.0", "refs/pr/1", "version:^1.2", "version:>=1, <2", &"0a".repeat(20)] {
            assert_eq!(text.parse::<Requested>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refs_that_git_refuses_are_refused() {
        for text in [
            "", "/", "a//b", "/a", "a/", "..", "a..b", ".a", "a/.b", "a.lock", "a b", "a\nb", "a:b", "a\\b", "-x", "@",
            "a@{1}",
        ] {
            assert!(text.parse::<Revision>().is_err(), "{text:?}");
        }
    }
}
