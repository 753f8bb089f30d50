//! `models.audits.toml`: decisions of people, each bound to the exact bytes that it was made about.
//!
//! - An [`Audit`] says that somebody read a set of code files, whole or as a change from a set that was read before.
//!   It repeats the files of the set, those of other repos included, so that its digest can be computed again and the
//!   older set can be shown.
//! - An [`Exemption`] lets one file in that would be refused, for a reason, until a day.
//! - An [`Import`] takes the audits of another team's file, at one content of it.
//!
//! The file is written by `certify` and `exempt`, which only add to its end, and may be edited by people: what does
//! not follow from itself is refused.

mod chain;
mod print;
mod read;

use crate::fault::Place;
use crate::lockfile::{CodePath, Day, PrintableText};
use crate::manifest::{ConfiguredPath, ProjectPath};
use crate::text::serde_by_text;
use crate::{CommitId, Digest, Invalid, Name, RepoPath, Source, Ticket};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use chain::{AuditStatus, Chain, names_somebody};
pub use read::AuditsError;
#[cfg(feature = "json-schema")]
pub use read::json_schema;

/// The version of the format that is written.
pub const VERSION: i64 = 1;

/// The largest file of decisions that is read, in bytes.
pub const MAX_BYTES: u64 = 16 << 20;

/// Every decision of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audits {
    /// Who read which code.
    pub audits: Vec<Audit>,
    /// Who lets which file in, until when.
    pub exemptions: Vec<Exemption>,
    /// Whose audits count as well.
    pub imports: Vec<Import>,
}

/// What somebody vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criteria {
    /// The code does nothing but what the model needs, and may run.
    SafeToRun,
}

impl Criteria {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SafeToRun => "safe-to-run",
        }
    }
}

impl FromStr for Criteria {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "safe-to-run" => Ok(Self::SafeToRun),
            _ => Err(Invalid::new("criterion", text, "there is one, `safe-to-run`")),
        }
    }
}

impl fmt::Display for Criteria {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

serde_by_text!(Criteria, "criterion", "^safe-to-run$");

/// Somebody read code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Which repo's.
    pub source: Source,
    /// The commit that it was read at; the bytes can be downloaded from there again. No part of the decision.
    pub revision: CommitId,
    /// The digest of the set of code files.
    pub digest: Digest,
    /// The digest of the older set from which only the change was read; none, where the whole was.
    pub from: Option<Digest>,
    /// What is vouched for.
    pub criteria: Criteria,
    /// Who read it.
    pub who: PrintableText,
    /// What they have to say.
    pub notes: Option<PrintableText>,
    /// The files of the set that are the repo's own.
    pub files: BTreeMap<RepoPath, Digest>,
    /// Those that are in other repos, to which its `auto_map` leads. The digest of both is `digest`.
    pub foreign: BTreeMap<CodePath, Foreign>,
    /// Where in the file it stands.
    pub place: Option<Place>,
}

/// A code file of another repo, as somebody read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign {
    /// The commit of that repo that it was read at; the bytes can be downloaded from there again. No part of the
    /// decision.
    pub revision: CommitId,
    /// Of its content.
    pub sha256: Digest,
}

impl Audit {
    /// All files of the set, in the order in which they make its digest.
    #[must_use]
    pub fn set(&self) -> BTreeMap<CodePath, Digest> {
        let own = self.files.iter().map(|(path, sha256)| (path.clone().into(), *sha256));
        own.chain(self.foreign.iter().map(|(place, file)| (place.clone(), file.sha256))).collect()
    }
}

/// A file that somebody allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// Which repo's.
    pub source: Source,
    /// Its path.
    pub file: RepoPath,
    /// Its exact bytes.
    pub sha256: Digest,
    /// Why the file is allowed.
    pub reason: PrintableText,
    /// Who answers for it.
    pub owner: PrintableText,
    /// Who agreed to it, where that is another person.
    pub approver: Option<PrintableText>,
    /// The ticket in which it was agreed to.
    pub ticket: Ticket,
    /// The last day on which it holds.
    pub expires: Day,
    /// Where in the file it stands.
    pub place: Option<Place>,
}

/// Another team's file of decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What it is called here.
    pub name: Name,
    /// Where it is.
    pub from: From,
    /// The SHA-256 of the file.
    pub sha256: Digest,
    /// Where in the file it stands.
    pub place: Option<Place>,
}

/// Where an imported file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// A path, from the folder of the file that imports it.
    Path(ConfiguredPath<ProjectPath>),
    /// An https address.
    Url(String),
}

impl Exemption {
    /// Whether it holds on `today`.
    #[must_use]
    pub fn holds_on(&self, today: Day) -> bool {
        today <= self.expires
    }
}
