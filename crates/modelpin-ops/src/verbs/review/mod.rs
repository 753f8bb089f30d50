//! `review`: the code of an entry as a person has to read it, whole or as a change. Nothing is run, and nothing is
//! written but proven bytes into the store.
//!
//! - `code`: the files, proven, read and judged
//! - `since`: what it is compared with
//! - [`change`]: the lines that differ

pub mod change;
mod code;
mod since;

pub use code::{Code, Content};
pub use since::{Base, Since};

use crate::decisions::Decisions;
use crate::facts;
use crate::project::Project;
use crate::refusal::{Failure, Refusal, files, wish};
use crate::session::Session;
use code::Set;
use modelpin_schema::audits::{Audit, Standing};
use modelpin_schema::{Digest, Name, Pin};
use std::collections::BTreeSet;

/// How the code of an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// Somebody vouches for it.
    Certified(Vouched),
    /// Nobody does, but for another set of the same repo.
    Changed(Vouched),
    /// Nobody vouches for any code of the repo.
    Unknown,
}

/// An audit, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The audit.
    pub audit: Audit,
    /// The import that it came with; none for the project's own.
    pub import: Option<Name>,
}

impl std::fmt::Display for Vouched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.audit.who)?;
        self.import.iter().try_for_each(|import| write!(f, " (import {import})"))
    }
}

impl Stand {
    /// How the code of `pin` stands; none where it has no code.
    #[must_use]
    pub fn of(decisions: &Decisions, pin: &Pin) -> Option<Self> {
        let vouched = |audit: &Audit| Vouched { audit: audit.clone(), import: decisions.import_of(audit).cloned() };
        decisions.standing(pin).map(|standing| match standing {
            Standing::Certified(audit) => Self::Certified(vouched(audit)),
            Standing::Changed(audit) => Self::Changed(vouched(audit)),
            Standing::Unknown => Self::Unknown,
        })
    }
}

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// All of the code.
    Whole,
    /// The change since the last certified set.
    SinceCertified,
    /// The change since a lock: a file, or a git revision.
    SinceLock(String),
}

/// The code of an entry.
#[derive(Debug)]
pub struct Review {
    /// The entry.
    pub name: Name,
    /// Its pin.
    pub pin: Pin,
    /// The digest of its code files.
    pub digest: Digest,
    /// How it stands.
    pub stand: Stand,
    /// Its code files, by path.
    pub files: Vec<Code>,
    /// What changed, where that was asked for.
    pub since: Option<Since>,
}

/// Reads the code of the entry `name`. Bytes that are not in the store are fetched, and proven.
///
/// # Errors
/// No lock, no such entry, no code; nothing to compare with; decisions that cannot be read; bytes that cannot be had
/// or are not what they have to be.
pub async fn run(session: &Session, project: &Project, name: &Name, wish: &Wish) -> Result<Review, Failure> {
    let (pin, digest) = coded(project, name)?;
    let decisions = Decisions::bring(session, project).await?;
    let stand = Stand::of(&decisions, pin).unwrap_or(Stand::Unknown);
    let base = since::base(project, name, &stand, wish)?;
    let files = code::read(session, &Set::of(name, pin)).await?;
    let since = match base {
        Some(base) => Some(since::compare(session, name, pin, base, &files).await?),
        None => None,
    };
    Ok(Review { name: name.clone(), pin: pin.clone(), digest, stand, files, since })
}

/// The pin of `name` and the digest of its code.
///
/// # Errors
/// No lock, no such entry, no code; a lock that calls code something else.
pub(crate) fn coded<'a>(project: &'a Project, name: &Name) -> Result<(&'a Pin, Digest), Failure> {
    let lock = project.lock.as_ref().ok_or_else(files::no_lock)?;
    let known = || wish::unknown_name(name, &lock.pins.keys().collect::<Vec<_>>());
    let pin = lock.pins.get(name).ok_or_else(known)?;
    // A lock that leaves files out of its code would let whoever reads the rest vouch for them.
    crate::refusal::all(facts::disguised(lock).into_iter().filter(|no| no.name.as_ref() == Some(name)).collect())?;
    Ok((pin, pin.code_digest().ok_or_else(|| no_code().of(name))?))
}

fn no_code() -> Refusal {
    wish::other(
        "it has no code".to_owned(),
        "at least one file of the kind `code`",
        "none".to_owned(),
        "there is nothing to read, and nothing to vouch for",
        "`modelpin tree` shows what is locked; `modelpin scan NAME` judges files of all kinds",
    )
}

/// What the code of several files can do, by its words.
#[must_use]
pub fn capabilities<'a>(files: impl IntoIterator<Item = &'a Code>) -> BTreeSet<&'static str> {
    files.into_iter().flat_map(|file| file.report.facts.capabilities.keys()).map(|found| found.word()).collect()
}
