//! `review`: the code of an entry as a person has to read it, whole or as a change. Nothing is run, and nothing is
//! written but proven bytes into the store.
//!
//! - `code`: the files, proven, read and judged
//! - `inside`: the code in archives
//! - `shown`: what a person was shown on this machine
//! - `since`: what it is compared with
//! - [`change`]: the lines that differ

pub mod change;
mod code;
mod inside;
pub(crate) mod shown;
mod since;

pub use code::{Code, Content};
pub use shown::remember;
pub use since::{Base, Since};

use crate::decisions::Decisions;
use crate::facts;
use crate::online::Online;
use crate::project::Project;
use crate::refusal::{ErrorClass, Failure, Refusal, files, usage};
use crate::verbs::diff::Against;
use crate::workspace::Workspace;
use modelpin_schema::audits::{Audit, AuditStatus};
use modelpin_schema::lockfile::{self, Origin};
use modelpin_schema::{CommitId, Digest, Name, Pin, Source};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

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

impl Vouched {
    fn of(decisions: &Decisions, audit: &Audit) -> Self {
        Self { audit: audit.clone(), import: decisions.import_of(audit).cloned() }
    }

    /// Everybody who vouches for exactly the code with that digest, of the repo `source`.
    pub(crate) fn people(decisions: &Decisions, source: &Source, digest: &Digest) -> Vec<Self> {
        decisions.chain(source).people(digest).into_iter().map(|audit| Self::of(decisions, audit)).collect()
    }

    /// Who vouches for the last set before that with the digest, and counts.
    pub(crate) fn before(decisions: &Decisions, source: &Source, digest: &Digest) -> Option<Self> {
        decisions.chain(source).before(digest).map(|audit| Self::of(decisions, audit))
    }
}

impl std::fmt::Display for Vouched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.audit.who)?;
        self.import.iter().try_for_each(|import| write!(f, " (import {import})"))
    }
}

impl Stand {
    /// How all the code of the entry of `pin` stands; none where it has no code.
    #[must_use]
    pub fn of(decisions: &Decisions, pin: &Pin, code: &lockfile::Code<'_>) -> Option<Self> {
        let vouched = |audit: &Audit| Vouched::of(decisions, audit);
        decisions.standing(pin, code).map(|standing| match standing {
            AuditStatus::Certified(audit) => Self::Certified(vouched(audit)),
            AuditStatus::Changed(audit) => Self::Changed(vouched(audit)),
            AuditStatus::Unknown => Self::Unknown,
        })
    }
}

/// Another entry that code of this one is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Its repo.
    pub origin: Origin,
    /// It.
    pub name: Name,
    /// Its commit.
    pub commit: CommitId,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of the code.
    Whole,
    /// The change since the last certified set.
    SinceCertified,
    /// The change since another lock.
    SinceLock(Against),
}

/// The code of an entry.
#[derive(Debug)]
pub struct Review {
    /// The entry.
    pub name: Name,
    /// Its pin.
    pub pin: Pin,
    /// The digest of all its code files.
    pub digest: Digest,
    /// How it stands.
    pub stand: Stand,
    /// Who vouches for exactly it.
    pub people: Vec<Vouched>,
    /// How many have to.
    pub required: NonZeroU32,
    /// The other entries that some of the code is in, by repo.
    pub foreign: Vec<Foreign>,
    /// All code files, by place: its own first. The code inside of an archive stands behind it.
    pub files: Vec<Code>,
    /// What changed, where that was asked for.
    pub since: Option<Since>,
}

/// Reads the code of the entry `name`. Bytes that are not in the store are fetched, and proven.
///
/// # Errors
/// No lock, no such entry, no code; nothing to compare with; decisions that cannot be read; bytes that cannot be had
/// or are not what they have to be.
pub async fn run(
    workspace: &Workspace,
    online: &Online,
    name: &Name,
    selection: &Selection,
) -> Result<Review, Failure> {
    let project = &workspace.project;
    let Coded { pin, code, digest } = coded(project, name)?;
    let decisions = Decisions::bring(online, project).await?;
    let stand = Stand::of(&decisions, pin, &code).unwrap_or(Stand::Unknown);
    let last = match &stand {
        Stand::Certified(vouched) => Some(vouched.clone()),
        Stand::Changed(_) | Stand::Unknown => Vouched::before(&decisions, &pin.source, &digest),
    };
    let base = since::base(workspace, name, last, selection)?;
    let people = Vouched::people(&decisions, &pin.source, &digest);
    let foreign = code.foreign.iter().map(|(origin, (name, pin))| Foreign {
        origin: origin.clone(),
        name: (*name).clone(),
        commit: pin.revision,
    });
    let foreign = foreign.collect();
    let files = code::read(online, name, &code::set(&code)).await?;
    let since = match base {
        Some(base) => Some(since::compare(online, name, pin, &code, base, &files).await?),
        None => None,
    };
    let (name, pin, required) = (name.clone(), pin.clone(), decisions.required);
    Ok(Review { name, pin, digest, stand, people, required, foreign, files, since })
}

/// An entry that has code.
pub(crate) struct Coded<'a> {
    pub(crate) pin: &'a Pin,
    /// All of it.
    pub(crate) code: lockfile::Code<'a>,
    pub(crate) digest: Digest,
}

/// The entry `name` with all its code.
///
/// # Errors
/// No lock, no such entry, no code; a lock that calls code something else.
pub(crate) fn coded<'a>(project: &'a Project, name: &Name) -> Result<Coded<'a>, Failure> {
    let lock = project.lock.as_ref().ok_or_else(files::no_lock)?;
    let known = || usage::unknown_name(name, &lock.pins.keys().collect::<Vec<_>>());
    let pin = lock.pins.get(name).ok_or_else(known)?;
    let code = lock.code(name);
    // A lock that leaves files out of its code would let whoever reads the rest vouch for them.
    let is_of_it = |other: &Name| other == name || code.foreign.values().any(|(foreign, _)| *foreign == other);
    let disguised = facts::disguised(lock).into_iter();
    crate::refusal::fail_if_any(disguised.filter(|no| no.name.as_ref().is_some_and(is_of_it)).collect())?;
    let digest = code.digest().ok_or_else(|| no_code().entry(name))?;
    Ok(Coded { pin, code, digest })
}

fn no_code() -> Refusal {
    Refusal::new(ErrorClass::Usage, "it has no code")
        .expected("at least one file of the kind `code`")
        .got("none")
        .why("there is nothing to read, and nothing to vouch for")
        .help("`modelpin tree` shows what is locked; `modelpin scan NAME` judges files of all kinds")
}

/// What the code of several files can do, by its words.
#[must_use]
pub fn capabilities<'a>(files: impl IntoIterator<Item = &'a Code>) -> BTreeSet<&'static str> {
    files.into_iter().flat_map(|file| file.report.facts.capabilities.keys()).map(|found| found.word()).collect()
}
