//! How firmly a requested revision fixes the bytes.

/// Whether the requested revision `new` may fix the bytes less firmly than `old`, both as models.toml or models.lock
/// spell them. A name alone does not tell a tag from a branch, which the owner of the repo moves at will; what may be
/// less firm counts as looser.
pub(super) fn is_looser_request(old: &str, new: &str) -> bool {
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
