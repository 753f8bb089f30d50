//! `certify`: records that somebody read the code of an entry.

use super::review::shown::{self, Shown};
use super::review::{EntryCode, SourcedAudit, entry_code};
use crate::decisions::{self, write};
use crate::file_names::AUDITS;
use crate::git;
use crate::online::Online;
use crate::refusal::{ErrorClass, Failure, Refusal};
use crate::writable::WritableWorkspace;
use modelpin_schema::audits::{Audit, Criteria, Foreign, names_somebody};
use modelpin_schema::lockfile::code::CodeFile;
use modelpin_schema::lockfile::{Code, CodePath, PrintableText};
use modelpin_schema::{Digest, Name};
use modelpin_store::Verification;
use std::num::NonZeroU32;
use std::path::Path;

/// What somebody vouches for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The entry.
    pub name: Name,
    /// What for.
    pub criteria: Criteria,
    /// Who read it; git's `user.name` and `user.email`, where it is not given.
    pub who: Option<PrintableText>,
    /// What they have to say.
    pub notes: Option<PrintableText>,
    /// Only the change since the last certified set was read.
    pub delta: bool,
    /// The digest of what was read; that of what `review` showed on this machine, where it is not given.
    pub digest: Option<Digest>,
}

/// What was recorded.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The audit.
    pub audit: Audit,
    /// The audit of the set from which only the change was read.
    pub from: Option<SourcedAudit>,
    /// How many people vouch for the code now.
    pub people: usize,
    /// How many have to.
    pub required: NonZeroU32,
}

/// Adds an audit of the code of an entry to the project's decisions.
///
/// # Errors
/// A lock that is missing or stale; no code; code that nobody was shown on this machine, or that is other than what was
/// read; a user who vouches for it already; a change from nothing; no name of a person.
pub async fn run(workspace: &mut WritableWorkspace, online: &Online, options: Options) -> Result<Certified, Failure> {
    let project = &workspace.project;
    let Options { name, criteria, who, notes, delta, digest: read } = options;
    let EntryCode { pin, code, digest } = entry_code(project, &name)?;
    project.locked()?;
    let decisions = decisions::fetch_and_load(online, project).await?;
    let from = match delta {
        true => Some(SourcedAudit::before(&decisions, &pin.source, &digest).ok_or_else(|| no_earlier().entry(&name))?),
        false => None,
    };
    let since = from.as_ref().map(|vouched| vouched.audit.digest);
    let refusal = match read {
        Some(read) => (read != digest).then(|| other_code(&read, &digest)),
        None => not_shown(&shown::recall(workspace, &name)?, &digest, since),
    };
    if let Some(refusal) = refusal {
        return Err(refusal.entry(&name).into());
    }
    crate::refusal::fail_if_any(unread(online, &name, &code)?)?;
    let who = match who {
        Some(who) => who,
        None => who_by_git(&project.dir)?,
    };
    if !names_somebody(who.as_str()) {
        return Err(malformed(&who).entry(&name).into());
    }
    let foreign = code.files.iter().filter(|(place, _)| place.origin.is_some());
    let foreign = foreign
        .map(|(place, found)| (place.clone(), Foreign { revision: found.pin.revision, sha256: found.file.sha256 }));
    let audit = Audit {
        source: pin.source.clone(),
        revision: pin.revision,
        digest,
        from: since,
        criteria,
        who,
        notes,
        files: pin.code_files().map(|(path, file)| (path.clone(), file.sha256)).collect(),
        foreign: foreign.collect(),
        place: None,
    };
    let people = SourcedAudit::people(&decisions, &pin.source, &digest);
    if let Some(vouched) = people.iter().find(|vouched| vouched.audit.person() == audit.person()) {
        return Err(certified_already(vouched).entry(&name).into());
    }
    write::append(workspace, &audit.print())?;
    Ok(Certified { audit, from, people: people.len().saturating_add(1), required: decisions.required })
}

/// A refusal for each code file that is not in the store: `review` puts there what it shows, so that nobody here can
/// have read what is not.
fn unread(online: &Online, name: &Name, code: &Code<'_>) -> Result<Vec<Refusal>, Failure> {
    let mut refusals = Vec::new();
    for (place, CodeFile { file, .. }) in &code.files {
        if !matches!(online.store.verify(&file.sha256, file.size)?, Verification::Good(_)) {
            refusals.push(never_here(place).entry(name));
        }
    }
    Ok(refusals)
}

/// Who git says is working here, as it would sign a commit: the repository's own configuration counts, as it does
/// there.
fn who_by_git(dir: &Path) -> Result<PrintableText, Failure> {
    let name = git::config(dir, "user.name").ok_or_else(nobody)?;
    let email = git::config(dir, "user.email").ok_or_else(nobody)?;
    format!("{name} <{email}>").parse().map_err(|_| nobody().into())
}

fn malformed(who: &PrintableText) -> Refusal {
    Refusal::new(ErrorClass::Usage, "the reviewer's name can be read as several people")
        .expected("a name, or a name and one address at its end: `Jo Doe <jo@acme.example>`")
        .got(format!("`{who}`"))
        .why("people are told apart by their addresses, and `[policy] audits` counts them")
        .help("`--who 'Jo Doe <jo@acme.example>'`, or `git config user.name` and `git config user.email`")
}

fn certified_already(vouched: &SourcedAudit) -> Refusal {
    let got = format!("an audit by {vouched} of {}", vouched.audit.digest);
    Refusal::new(ErrorClass::Usage, "the same person certified its code already")
        .expected("an audit by somebody else")
        .got(got)
        .why("a second audit of the same bytes by the same person would change nothing")
        .help(format!("`modelpin review NAME` shows what was certified; `git log {AUDITS}` shows since when"))
}

/// A refusal for what was not shown on this machine: all of the code, or its change since `since`.
fn not_shown(shown: &[Shown], digest: &Digest, since: Option<Digest>) -> Option<Refusal> {
    let of_it: Vec<&Shown> = shown.iter().filter(|shown| shown.digest == *digest).collect();
    if of_it.iter().any(|shown| shown.since.is_none() || (since.is_some() && shown.since == since)) {
        return None;
    }
    let why = "a certificate is a person's word that they read exactly these bytes";
    let refusal = match (of_it.last().and_then(|shown| shown.since), shown.last(), since) {
        (Some(shown), _, None) => Refusal::new(
            ErrorClass::Usage,
            "only a change of its code was shown on this machine",
        )
        .expected("a review of all of it")
        .got(format!("a review of the change since {shown}"))
        .why(why)
        .help("`modelpin review NAME` shows all of it; `--delta` vouches for the change since the last certified set"),
        (Some(shown), _, Some(since)) => {
            Refusal::new(ErrorClass::Usage, "another change of its code was shown on this machine")
                .expected(format!("a review of the change since {since}, which is certified"))
                .got(format!("a review of the change since {shown}"))
                .why(why)
                .help("`modelpin review NAME --since` shows it")
        }
        (None, Some(last), _) => other_code(&last.digest, digest),
        (None, None, _) => Refusal::new(ErrorClass::Usage, "its code was not shown on this machine")
            .expected("a review of exactly the locked bytes, or their digest with `--digest`")
            .got("none")
            .why(why)
            .help("`modelpin review NAME` shows it, and what to type then"),
    };
    Some(Refusal { class: ErrorClass::Policy, ..refusal })
}

/// A refusal for code that is not what was read.
fn other_code(read: &Digest, locked: &Digest) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Usage, "its code is not the code that was read")
        .expected(format!("the code with the digest {read}"))
        .got(locked.to_string())
        .why("one line is enough to make reviewed code harmful")
        .help("`modelpin review NAME` shows what is locked now; `modelpin diff` shows what moved");
    Refusal { class: ErrorClass::Policy, ..refusal }
}

fn no_earlier() -> Refusal {
    Refusal::new(ErrorClass::Usage, "there is no earlier certified code to compare with")
        .expected("an earlier audit of code of its repo")
        .got("none")
        .why("a chain of changes has to begin with a set that was read whole")
        .help("`modelpin review NAME` shows the whole; then `modelpin certify NAME --criteria safe-to-run`")
}

fn never_here(place: &CodePath) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Usage, "its bytes are not in the store on this machine")
        .expected("bytes that were reviewed on this machine")
        .got("none")
        .why("a certificate is a person's word that they read exactly these bytes")
        .help("`modelpin review NAME` fetches and shows them");
    Refusal { class: ErrorClass::Policy, path: Some(place.to_string()), ..refusal }
}

fn nobody() -> Refusal {
    Refusal::new(ErrorClass::Usage, "no reviewer is named")
        .expected("a name and an address, as git signs commits")
        .got("neither `--who` nor git's `user.name` and `user.email`")
        .why("every audit needs a person who is responsible for it")
        .help("`--who 'Jo Doe <jo@acme.example>'`, or `git config user.name` and `git config user.email`")
}
