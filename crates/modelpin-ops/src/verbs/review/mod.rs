//! `review`: the code of an entry as a user has to read it, whole or as a change. Nothing is run, and nothing is
//! written but verified bytes into the store.
//!
//! - `code`: the files, verified, read and scanned; `reviewed_file`: one of them
//! - `inside`: the code in archives
//! - `status`: who certified it
//! - `review_record`: what a user was shown on this machine
//! - `comparison`: what it is compared with
//! - [`change`]: the lines that differ

pub mod change;
mod code;
mod comparison;
mod inside;
pub(crate) mod review_record;
mod reviewed_file;
mod status;

pub use comparison::{Base, Comparison, Selection};
pub use review_record::remember;
pub use reviewed_file::{Content, ReviewedFile, capabilities};
pub use status::{ReviewStatus, SourcedAudit};

use crate::decisions;
use crate::online::Online;
use crate::project::Project;
use crate::project::find_entry;
use crate::refusal::{ErrorClass, Failure, Refusal, files};
use crate::workspace::Workspace;
use modelpin_policy::disguised;
use modelpin_schema::lockfile::{self, Origin};
use modelpin_schema::{CommitId, Digest, Name, Pin};
use std::num::NonZeroU32;

/// Another entry that code of this one is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Its repo.
    pub origin: Origin,
    /// Its name in models.lock.
    pub name: Name,
    /// Its commit.
    pub commit: CommitId,
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
    pub status: ReviewStatus,
    /// Who vouches for exactly it.
    pub people: Vec<SourcedAudit>,
    /// How many have to.
    pub required: NonZeroU32,
    /// The other entries that some of the code is in, by repo.
    pub foreign: Vec<Foreign>,
    /// All code files, by place: its own first. The code inside of an archive stands behind it.
    pub files: Vec<ReviewedFile>,
    /// What changed, where that was asked for.
    pub since: Option<Comparison>,
}

/// Reads the code of the entry `name`. Content that is not in the store is fetched and verified.
///
/// # Errors
/// No lock, no such entry, no code; nothing to compare with; decisions that cannot be read; content that is not found
/// or does not match the lock.
pub async fn run(
    workspace: &Workspace,
    online: &Online,
    name: &Name,
    selection: &Selection,
) -> Result<Review, Failure> {
    let project = &workspace.project;
    let EntryCode { pin, code, digest } = entry_code(project, name)?;
    let decisions = decisions::fetch_and_load(online, project).await?;
    let status = ReviewStatus::of(&decisions, pin, &code).unwrap_or(ReviewStatus::Unknown);
    let last = match &status {
        ReviewStatus::Certified(vouched) => Some(vouched.clone()),
        ReviewStatus::Changed(_) | ReviewStatus::Unknown => SourcedAudit::before(&decisions, &pin.source, &digest),
    };
    let base = comparison::base(workspace, name, last, selection)?;
    let people = SourcedAudit::people(&decisions, &pin.source, &digest);
    let foreign = code.foreign.iter().map(|(origin, (name, pin))| Foreign {
        origin: origin.clone(),
        name: (*name).clone(),
        commit: pin.revision,
    });
    let foreign = foreign.collect();
    let files = code::read(online, name, &code::set(&code)).await?;
    let since = match base {
        Some(base) => Some(comparison::compare(online, name, pin, &code, base, &files).await?),
        None => None,
    };
    let name = name.clone();
    let pin = pin.clone();
    let required = decisions.required;
    Ok(Review { name, pin, digest, status, people, required, foreign, files, since })
}

/// An entry that has code.
pub(crate) struct EntryCode<'a> {
    pub(crate) pin: &'a Pin,
    /// All of it.
    pub(crate) code: lockfile::Code<'a>,
    pub(crate) digest: Digest,
}

/// The entry `name` with all its code.
///
/// # Errors
/// No lock, no such entry, no code; a lock that calls code something else.
pub(crate) fn entry_code<'a>(project: &'a Project, name: &Name) -> Result<EntryCode<'a>, Failure> {
    let lock = project.lock.as_ref().ok_or_else(files::no_lock)?;
    let (_, pin) = find_entry(lock, name)?;
    let code = lock.code(name);
    // A lock that leaves files out of its code would let whoever reads the rest vouch for them.
    let is_of_it = |other: &Name| other == name || code.foreign.values().any(|(foreign, _)| *foreign == other);
    let disguised = disguised(lock).into_iter().filter(|file| is_of_it(&file.name));
    crate::refusal::fail_if_any(disguised.map(|file| file.refusal()).collect())?;
    let digest = code.digest().ok_or_else(|| no_code().entry(name))?;
    Ok(EntryCode { pin, code, digest })
}

fn no_code() -> Refusal {
    Refusal::new(ErrorClass::Usage, "it has no code to review")
        .help("run `modelpin scan NAME` to scan files of all kinds")
}
