//! Everything that can go wrong between here and a Hub.

use modelpin_schema::text::visible;
use modelpin_schema::{CommitId, RepoPath};
use std::time::Duration;

/// Why a Hub gave no answer, or none that is believed. Addresses are shown without their query, which may
/// hold a signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The endpoint is no address of a Hub.
    #[error("`{endpoint}` is not a valid endpoint: {why}")]
    BadEndpoint {
        /// As it was given.
        endpoint: String,
        /// What is wrong with it.
        why: String,
    },
    /// The address of a document is none that is fetched.
    #[error("`{url}` is not an address that documents are fetched from: {why}")]
    BadAddress {
        /// The address, made visible.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The certificates to trust cannot be read.
    #[error("cannot read the certificates in `{path}`: {why}")]
    BadCertificates {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The HTTP client could not be set up.
    #[error("cannot set up the HTTP client")]
    Client(#[source] reqwest::Error),
    /// No answer from the server, after every retry.
    #[error("no answer from {url}")]
    Unreachable {
        /// The address.
        url: String,
        /// What the last try failed with.
        #[source]
        source: reqwest::Error,
    },
    /// The repo is gated.
    #[error("the repo is gated: {message}")]
    Gated {
        /// The Hub's word.
        message: String,
        /// What came of the token.
        permission: Permission,
        /// Where its conditions are.
        endpoint: String,
    },
    /// The repo was disabled by the Hub.
    #[error("the Hub has disabled the repo")]
    Disabled,
    /// What a person gave as the token could be none.
    #[error("{} does not hold a usable token: {}", .0.found, .0.why)]
    UnusableToken(Box<UnusableToken>),
    /// The token is not one that the Hub knows.
    #[error("the Hub does not accept the token")]
    BadToken,
    /// There is no such repo, or it is private and the token (if any) may not see it.
    #[error("there is no such repo, or it is hidden")]
    NotFoundOrPrivate {
        /// Whether a token was sent.
        authenticated: bool,
    },
    /// The repo has no such revision.
    #[error("the repo has no revision `{revision}`")]
    RevisionGone {
        /// The one that was asked for.
        revision: String,
    },
    /// The commit has no such file.
    #[error("the commit has no such file")]
    EntryGone,
    /// The Hub refuses, and says why.
    #[error("the Hub refuses: {message}")]
    Forbidden {
        /// The Hub's word.
        message: String,
    },
    /// The Hub asks for a longer wait than anyone would sit through.
    #[error("the Hub limits the rate and asks to wait {} s", wait.as_secs())]
    RateLimited {
        /// How long.
        wait: Duration,
    },
    /// Another status.
    #[error("{url} answered {status}: {message}{}", id(request.as_ref()))]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// The server's word.
        message: String,
        /// The id of the request, for a report.
        request: Option<String>,
    },
    /// An answer that is not what the protocol says.
    #[error("{url} sent an invalid answer: {what}")]
    Malformed {
        /// The address.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// An answer with something in it that must not be believed.
    #[error("{what}")]
    Hostile {
        /// What it is.
        what: &'static str,
        /// The thing itself, made visible.
        got: String,
    },
    /// A body with another length than the listing's.
    #[error("{got} instead of {expected} bytes")]
    Length {
        /// Bytes that the file has.
        expected: u64,
        /// What came.
        got: String,
    },
    /// An answer for another commit.
    #[error("the answer is of commit `{got}`")]
    CommitMismatch {
        /// The one that was asked for.
        asked: CommitId,
        /// The one that was answered, made visible.
        got: String,
    },
    /// A body in an encoding that was not asked for.
    #[error("{url} sent `{encoding}` although plain bytes were asked for")]
    Encoding {
        /// The address.
        url: String,
        /// The encoding.
        encoding: String,
    },
    /// A redirect that must not be followed.
    #[error("{url} sent a redirect that is not followed: {why}")]
    Redirect {
        /// The address.
        url: String,
        /// Why not.
        why: &'static str,
    },
    /// A body that was cut again and again.
    #[error("the connection for `{path}` was cut off at byte {at}, again and again")]
    Cut {
        /// The file.
        path: RepoPath,
        /// Where.
        at: u64,
    },
}

/// Why there is no token where a person said that there is one. What was found is not in it.
#[derive(Debug, Clone)]
pub struct UnusableToken {
    /// Where it was looked for, as a person calls it: a variable or a file.
    pub found: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Who else would meet an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Nobody: it is about one file, or one answer.
    File,
    /// Every file of the repo.
    Repo,
    /// Every file that the Hub has.
    Hub,
}

/// What the Hub made of the token, where a repo is gated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// There was none.
    NoToken,
    /// It is not accepted any more.
    BadToken,
    /// Its account did not accept the conditions, or was not granted access.
    NotListed,
    /// Its account asked for access, and nobody has answered yet.
    Pending,
}

impl Permission {
    /// By the status of the answer (401 without a usable token, else 403) and by its text: the Hub has no code for a
    /// request that awaits its answer.
    pub(crate) fn of(authenticated: bool, status: u16, message: &str) -> Self {
        match (authenticated, status) {
            (false, _) => Self::NoToken,
            (true, 401) => Self::BadToken,
            _ if message.contains("awaiting a review") => Self::Pending,
            _ => Self::NotListed,
        }
    }
}

impl Error {
    /// The same error, with the revision that is gone named.
    pub(crate) fn of_revision(self, revision: &str) -> Self {
        match self {
            Self::RevisionGone { .. } => Self::RevisionGone { revision: visible(revision) },
            other => other,
        }
    }

    /// Who else would meet it.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Unreachable { .. } | Self::BadToken | Self::UnusableToken(_) | Self::RateLimited { .. } => Scope::Hub,
            Self::Gated { .. } | Self::Disabled | Self::NotFoundOrPrivate { .. } | Self::RevisionGone { .. } => {
                Scope::Repo
            }
            _ => Scope::File,
        }
    }
}

fn id(request: Option<&String>) -> String {
    request.map(|id| format!(" (request {id})")).unwrap_or_default()
}
