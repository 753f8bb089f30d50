//! Bytes that are not those of the lock.

use super::{ErrorClass, Refusal};
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
            Self::Store => f.write_str("the store on this machine"),
        }
    }
}

const OTHER_BYTES: &str = "bytes that nobody reviewed may do anything when they are loaded";

fn integrity(what: String, expected: String, got: String, help: &str) -> Refusal {
    Refusal::new(ErrorClass::Integrity, what).expected(expected).got(got).why(OTHER_BYTES).help(help)
}

/// Content with another hash than the lock's.
#[must_use]
pub fn digest(origin: &Origin, expected: &Digest, got: &Digest) -> Refusal {
    let help = match origin {
        Origin::Hub => "`modelpin outdated` shows what upstream says; a lock that was right stays as it is",
        Origin::Mirror(_) => "remove the mirror from models.toml, or make it anew with `modelpin vendor DIR`",
        Origin::Store => "`modelpin sync` without `--offline` fetches it again",
    };
    integrity(format!("{origin} has other bytes than models.lock"), expected.to_string(), got.to_string(), help)
}

/// Content with another length than the lock's or the listing's.
#[must_use]
pub fn size(origin: &Origin, expected: u64, got: &str) -> Refusal {
    let what = format!("{origin} has another length than models.lock");
    let help =
        "`modelpin outdated` shows what upstream says; if only the lock's `size` is odd, `git checkout models.lock`";
    integrity(what, format!("{expected} bytes"), got.to_owned(), help)
}

/// At lock time: content that is not what the Hub's own listing claims.
#[must_use]
pub fn claim(expected: &Claim, got: &str) -> Refusal {
    let expected = match expected {
        Claim::Sha256(digest) => digest.to_string(),
        Claim::GitBlob(blob) => format!("git blob {blob}"),
    };
    let what = "the Hub serves other bytes than it lists for this commit".to_owned();
    integrity(what, expected, got.to_owned(), "run it again later; if it stays so, report the repo to its Hub")
        .why("a listing and a body that disagree cannot both be the commit; nothing is locked")
}

/// An answer for another commit than the one that was asked for.
#[must_use]
pub fn commit(asked: &CommitId, got: &str) -> Refusal {
    let what = "the Hub answered for another commit".to_owned();
    integrity(what, asked.to_string(), got.to_owned(), "`modelpin outdated` shows what upstream says of the pin")
}

/// A listing that holds something which must not be written or believed.
#[must_use]
pub fn hostile(what: &str, got: &str) -> Refusal {
    integrity(
        format!("the Hub's answer is not one that can be believed: {what}"),
        "relative paths, ids and hashes in their one form".to_owned(),
        got.to_owned(),
        "report the repo to its Hub; `modelpin remove NAME` takes it out of the project",
    )
    .why("a path or id from a Hub decides where bytes are written; one such entry makes the listing untrustworthy")
}

/// Two files that are one on systems that ignore case or Unicode form.
#[must_use]
pub fn collision(one: &RepoPath, other: &RepoPath) -> Refusal {
    integrity(
        "two of its files are one file on systems that ignore case".to_owned(),
        "paths that differ on every system".to_owned(),
        format!("`{one}` and `{other}`"),
        "leave one out with `exclude = […]` in models.toml, then `modelpin lock`",
    )
    .why("on another machine the second would silently replace the first")
}
