//! `certify`: records that somebody read the code of an entry.

use super::review::{Coded, Stand, Vouched, coded};
use crate::decisions::{AUDITS, Decisions, write};
use crate::git;
use crate::refusal::{Class, Failure, Refusal, wish};
use crate::session::Session;
use crate::store::Proof;
use crate::target::io;
use crate::writable::WritableProject;
use modelpin_schema::Name;
use modelpin_schema::audits::{Audit, Criteria, Foreign};
use modelpin_schema::lockfile::code::CodeFile;
use modelpin_schema::lockfile::{Code, CodePath, FactText};
use std::path::Path;

/// What somebody vouches for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The entry.
    pub name: Name,
    /// What for.
    pub criteria: Criteria,
    /// Who; asked of git, where it is not said.
    pub who: Option<FactText>,
    /// What they have to say.
    pub notes: Option<FactText>,
    /// Only the change since the last certified set was read.
    pub delta: bool,
}

/// What was recorded.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The audit.
    pub audit: Audit,
    /// The audit of the set from which only the change was read.
    pub from: Option<Vouched>,
}

/// Adds an audit of the code of an entry to the project's decisions.
///
/// # Errors
/// A lock that is missing or stale; no code; code that is certified already, or was never on this machine; a change
/// from nothing; nobody who would answer for it.
pub async fn run(session: &Session, project: &mut WritableProject, wish: Wish) -> Result<Certified, Failure> {
    let Wish { name, criteria, who, notes, delta } = wish;
    let Coded { pin, code, digest } = coded(project, &name)?;
    project.locked()?;
    let decisions = Decisions::bring(session, project).await?;
    let from = match (Stand::of(&decisions, pin, &code), delta) {
        (Some(Stand::Certified(vouched)), _) => return Err(certified_already(&vouched).of(&name).into()),
        (Some(Stand::Changed(vouched)), true) => Some(vouched),
        (_, true) => return Err(no_earlier().of(&name).into()),
        (_, false) => None,
    };
    crate::refusal::all(unread(session, &name, &code)?)?;
    let who = match who {
        Some(who) => who,
        None => who_by_git(&project.dir)?,
    };
    let foreign = code.files.iter().filter(|(place, _)| place.origin.is_some());
    let foreign = foreign
        .map(|(place, found)| (place.clone(), Foreign { revision: found.pin.revision, sha256: found.file.sha256 }));
    let audit = Audit {
        source: pin.source.clone(),
        revision: pin.revision,
        digest,
        from: from.as_ref().map(|vouched| vouched.audit.digest),
        criteria,
        who,
        notes,
        files: pin.code_files().map(|(path, file)| (path.clone(), file.sha256)).collect(),
        foreign: foreign.collect(),
        place: None,
    };
    write::append(project, &audit.print())?;
    Ok(Certified { audit, from })
}

/// A refusal for each code file that is not in the store: `review` puts there what it shows, so that nobody here can
/// have read what is not.
fn unread(session: &Session, name: &Name, code: &Code<'_>) -> Result<Vec<Refusal>, Failure> {
    let mut refusals = Vec::new();
    for (place, CodeFile { file, .. }) in &code.files {
        if !matches!(session.store.prove(&file.sha256, file.size).map_err(io)?, Proof::Good(_)) {
            refusals.push(never_here(place).of(name));
        }
    }
    Ok(refusals)
}

/// Who git says is working here, as it would sign a commit: the repository's own configuration counts, as it does there.
fn who_by_git(dir: &Path) -> Result<FactText, Failure> {
    let name = git::config(dir, "user.name").ok_or_else(nobody)?;
    let email = git::config(dir, "user.email").ok_or_else(nobody)?;
    format!("{name} <{email}>").parse().map_err(|_| nobody().into())
}

fn certified_already(vouched: &Vouched) -> Refusal {
    let got = format!("an audit by {vouched} of {}", vouched.audit.digest);
    wish::other(
        "its code is certified already".to_owned(),
        "code that nobody vouches for",
        got,
        "a second audit of the same bytes would change nothing",
        &format!("`modelpin review NAME` shows what was certified; `git log {AUDITS}` shows since when"),
    )
}

fn no_earlier() -> Refusal {
    wish::other(
        "there is no certified set that this would be a change of".to_owned(),
        "an earlier audit of code of its repo",
        "none".to_owned(),
        "a chain of changes has to begin with a set that was read whole",
        "`modelpin review NAME` shows the whole; then `modelpin certify NAME --criteria safe-to-run`",
    )
}

fn never_here(place: &CodePath) -> Refusal {
    let refusal = wish::other(
        "its bytes are not in the store on this machine".to_owned(),
        "bytes that somebody here can have read",
        "none".to_owned(),
        "a certificate is a person's word that they read exactly these bytes",
        "`modelpin review NAME` brings and shows them",
    );
    Refusal { class: Class::Policy, path: Some(place.to_string()), ..refusal }
}

fn nobody() -> Refusal {
    wish::other(
        "nobody is named who read it".to_owned(),
        "a name and an address, as git signs commits",
        "neither `--who` nor git's `user.name` and `user.email`".to_owned(),
        "an audit that nobody answers for is worth nothing",
        "`--who 'Jo Doe <jo@acme.example>'`, or `git config user.name` and `git config user.email`",
    )
}
