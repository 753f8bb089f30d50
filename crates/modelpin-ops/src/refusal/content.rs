//! Bytes that are not those of the lock.

use super::{ErrorClass, Refusal};
use modelpin_schema::text::{count, pattern_word};
use modelpin_schema::{Claim, CommitId, Digest, RepoPath};

/// Where bytes came from, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The Hub.
    Hub,
    /// A `[[mirror]]`.
    Mirror(String),
    /// The store on this machine.
    Store,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hub => f.write_str("the Hub"),
            Self::Mirror(url) => write!(f, "the mirror `{url}`"),
            Self::Store => f.write_str("the cache on this machine"),
        }
    }
}

/// Why other bytes than the locked ones are never used.
const NOT_REVIEWED: &str = "nobody reviewed these bytes, and loading them may run code";
/// How to see what the Hub has now.
const COMPARE: &str = "run `modelpin outdated` to see what the Hub has now";

fn integrity(what: impl std::fmt::Display) -> Refusal {
    Refusal::new(ErrorClass::Integrity, what)
}

/// Content with another hash than the lock's.
#[must_use]
pub fn digest(origin: &Origin, expected: &Digest, got: &Digest) -> Refusal {
    let refusal = integrity(format_args!("the file from {origin} does not match models.lock"))
        .expected(expected)
        .got(got)
        .why(NOT_REVIEWED);
    with_help(refusal, origin)
}

/// What to do about the bytes from `origin`.
fn with_help(refusal: Refusal, origin: &Origin) -> Refusal {
    match origin {
        Origin::Hub => refusal.help(COMPARE),
        Origin::Mirror(_) => {
            refusal.help("recreate the mirror with `modelpin vendor DIR`").help("or remove it from models.toml")
        }
        Origin::Store => refusal.help("run `modelpin sync` without `--offline` to download it again"),
    }
}

/// Content with another length than the lock's or the listing's.
#[must_use]
pub fn size(origin: &Origin, expected: u64, got: &str) -> Refusal {
    let refusal = integrity(format_args!("the length of the file from {origin} does not match models.lock"))
        .expected(count(expected, "byte"))
        .got(got)
        .why("bytes of another length are not those that were reviewed");
    with_help(refusal, origin).help("if only `size` in models.lock was edited, run `git checkout models.lock`")
}

/// At lock time: content that is not what the Hub's own listing claims.
#[must_use]
pub fn claim(expected: &Claim, got: &str) -> Refusal {
    let refusal = integrity("the file from the Hub does not match the Hub's own listing of the commit");
    let refusal = match expected {
        Claim::Sha256(digest) => refusal.expected(digest),
        Claim::GitBlob(blob) => refusal.expected(format_args!("git blob {blob}")),
    };
    refusal
        .got(got)
        .why("the listing and the file cannot both be the commit, so nothing was locked")
        .help("run it again later")
        .help("if it persists, report the repo to the Hub")
}

/// An answer for another commit than the one that was asked for.
#[must_use]
pub fn commit(asked: &CommitId, got: &str) -> Refusal {
    integrity("the Hub answered for another commit").expected(asked).got(got).why(NOT_REVIEWED).help(COMPARE)
}

/// A listing that holds something which must not be written or believed.
#[must_use]
pub fn hostile(what: &str, got: &str) -> Refusal {
    integrity(format_args!("the Hub sent an invalid answer: {what}"))
        .expected("relative paths, ids and hashes in canonical form")
        .got(got)
        .why("paths from the Hub decide where files are written, so one invalid entry rules out the whole answer")
        .help("report the repo to the Hub")
        .help("run `modelpin remove NAME` to take it out of the project")
}

/// Two files that are one on systems that ignore case or Unicode form.
#[must_use]
pub fn collision(one: &RepoPath, other: &RepoPath) -> Refusal {
    integrity("two file names differ only in case or Unicode form")
        .expected("names that differ on every system")
        .got(format_args!("`{one}` and `{other}`"))
        .why("on some systems one file would replace the other")
        .help(format_args!("to leave one of them out, add the repo with `--exclude {}`", pattern_word(other.as_str())))
        .help(format_args!(
            "where models.toml has the entry, run `modelpin exclude NAME {}`",
            pattern_word(other.as_str())
        ))
}
