//! `certify`: records that somebody read the code of an entry.

use super::review::review_record::{self, ShownReview};
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
        None => not_shown(&review_record::recall(workspace, &name)?, &digest, since),
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
    Refusal::new(ErrorClass::Usage, "the name of the reviewer is ambiguous")
        .expected("a name, or a name and one address at its end: `Jo Doe <jo@acme.example>`")
        .got(format_args!("`{who}`"))
        .why("`[policy] audits` counts reviewers by their addresses")
        .help("use `--who 'Jo Doe <jo@acme.example>'`")
        .help("or correct git's `user.name` and `user.email`")
}

fn certified_already(vouched: &SourcedAudit) -> Refusal {
    Refusal::new(ErrorClass::Usage, "the same person has already certified this code")
        .expected("an audit by somebody else")
        .got(format_args!("an audit by {vouched} of {}", vouched.audit.digest))
        .help("run `modelpin review NAME` to see what was certified")
        .help(format_args!("run `git log {AUDITS}` to see when"))
}

/// A refusal for what was not shown on this machine: all of the code, or its change since `since`.
fn not_shown(shown: &[ShownReview], digest: &Digest, since: Option<Digest>) -> Option<Refusal> {
    let of_it: Vec<&ShownReview> = shown.iter().filter(|shown| shown.digest == *digest).collect();
    if of_it.iter().any(|shown| shown.since.is_none() || (since.is_some() && shown.since == since)) {
        return None;
    }
    let refusal = match (of_it.last().and_then(|shown| shown.since), shown.last(), since) {
        (Some(shown), _, None) => policy("only a change of the code was reviewed on this machine")
            .expected("a review of all of it")
            .got(format_args!("a review of the change since {shown}"))
            .why(EXACT)
            .help("run `modelpin review NAME` to review all of it")
            .help("or use `--delta` to certify the change since the last certified version"),
        (Some(shown), _, Some(since)) => policy("another change of the code was reviewed on this machine")
            .expected(format_args!("a review of the change since {since}, which is certified"))
            .got(format_args!("a review of the change since {shown}"))
            .why(EXACT)
            .help("run `modelpin review NAME --since`"),
        (None, Some(last), _) => other_code(&last.digest, digest),
        (None, None, _) => policy("the code was not reviewed on this machine")
            .expected("a review of exactly the locked bytes, or their digest with `--digest`")
            .got("neither")
            .why(EXACT)
            .help("run `modelpin review NAME`"),
    };
    Some(refusal)
}

/// Why only what was shown can be certified.
const EXACT: &str = "certifying means that you have read exactly these bytes";

fn policy(what: &str) -> Refusal {
    Refusal::new(ErrorClass::Policy, what)
}

/// A refusal for code that is not what was read.
fn other_code(read: &Digest, locked: &Digest) -> Refusal {
    policy("the locked code is not the code that was reviewed")
        .expected(format_args!("code with the digest {read}"))
        .got(locked)
        .why("one changed line can make reviewed code harmful")
        .help("run `modelpin review NAME` to review what is locked now")
        .help("run `modelpin diff` to see what changed")
}

fn no_earlier() -> Refusal {
    Refusal::new(ErrorClass::Usage, "no earlier version of the code is certified")
        .expected("an earlier audit of code from this repo")
        .why("a chain of changes must begin with a version that was reviewed as a whole")
        .help("run `modelpin review NAME`, then `modelpin certify NAME --criteria safe-to-run`")
}

fn never_here(place: &CodePath) -> Refusal {
    policy("the file is not in the cache on this machine, so it was not reviewed here")
        .file(place)
        .expected("a copy in the cache, which a review makes")
        .got("none")
        .why(EXACT)
        .help("run `modelpin review NAME` to download and review it")
}

fn nobody() -> Refusal {
    Refusal::new(ErrorClass::Usage, "no reviewer is named")
        .expected("a name and an address, from `--who` or git's `user.name` and `user.email`")
        .help("use `--who 'Jo Doe <jo@acme.example>'`")
        .help("or set git's `user.name` and `user.email`")
}
