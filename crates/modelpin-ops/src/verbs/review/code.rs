//! Code files, proven, read and judged.

use crate::refusal::Failure;
use crate::scanning::{Place, Task, judge};
use crate::session::Session;
use crate::store::{Proof, open_no_follow};
use crate::target::io;
use crate::transfer::{self, Wanted};
use modelpin_scan::{Format, Report};
use modelpin_schema::Digest;
use modelpin_schema::lockfile::code::CodeFile;
use modelpin_schema::lockfile::{self, CodePath};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::path::Path;

/// The largest file that is shown, in bytes: more than a person reads.
const MAX_SHOWN: u64 = 16 << 20;

/// A set of code files, and where they can be had, by their place.
pub(super) type Set = BTreeMap<CodePath, Wanted>;

/// All the code of an entry.
pub(super) fn set(code: &lockfile::Code<'_>) -> Set {
    let wanted = |(place, found): (&CodePath, &CodeFile<'_>)| {
        let wanted = Wanted {
            digest: found.file.sha256,
            size: found.file.size,
            name: found.name.clone(),
            path: found.path.clone(),
            source: found.pin.source.clone(),
            commit: found.pin.revision,
            repo_id: found.pin.repo_id.clone(),
        };
        (place.clone(), wanted)
    };
    code.files.iter().map(wanted).collect()
}

/// One code file.
#[derive(Debug, Clone)]
pub struct Code {
    /// Its place: a path in the entry's own repo, or in another.
    pub place: CodePath,
    /// Bytes.
    pub size: u64,
    /// Of its content.
    pub sha256: Digest,
    /// Its content.
    pub content: Content,
    /// What the scan says of it.
    pub report: Report,
}

/// The content of a code file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Lines that a person can read, as bytes: nobody knows yet what is in them.
    Lines(Vec<u8>),
    /// What no person can read; says why.
    Opaque(&'static str),
}

/// Reads a set, by place. What is not in the store is fetched; every byte that is shown was hashed.
///
/// # Errors
/// Bytes that cannot be had or are not what they have to be; a scanner that broke; the system's.
pub(super) async fn read(session: &Session, set: &Set) -> Result<Vec<Code>, Failure> {
    let mut missing = Vec::new();
    for wanted in set.values() {
        if !matches!(session.store.prove(&wanted.digest, wanted.size).map_err(io)?, Proof::Good(_)) {
            missing.push(wanted.clone());
        }
    }
    if !missing.is_empty() {
        transfer::fetch(session, missing).await?;
    }
    let blob = |digest: &Digest| session.store.blob_path(digest);
    let task = |wanted: &Wanted| Task { path: wanted.path.to_string(), place: Place::at(blob(&wanted.digest)) };
    let tasks: Vec<Task> = set.values().map(task).collect();
    let reports = judge(&tasks, session.jobs, &*session.reporter)?;
    let files = set.iter().zip(reports).map(|((place, wanted), report)| {
        let (size, sha256) = (wanted.size, wanted.digest);
        let content = content(&blob(&sha256), &sha256, size, report.format)?;
        Ok(Code { place: place.clone(), size, sha256, content, report })
    });
    files.collect()
}

fn content(place: &Path, sha256: &Digest, size: u64, format: Format) -> Result<Content, Failure> {
    if size > MAX_SHOWN {
        return Ok(Content::Opaque("more than a person reads"));
    }
    let file = open_no_follow(OpenOptions::new().read(true), place).map_err(Failure::io("open", place))?;
    let mut bytes = Vec::new();
    file.take(size.saturating_add(1)).read_to_end(&mut bytes).map_err(Failure::io("read", place))?;
    // It was proven a moment ago, but what is shown has to be what was proven.
    if Digest::new(Sha256::digest(&bytes).into()) != *sha256 {
        return Err(Failure::Tool { program: "the store", message: format!("`{}` keeps changing", place.display()) });
    }
    // Python takes no source with a NUL in it, and there is no machine code without one: what could be either is shown.
    if format == Format::Native && bytes.contains(&0) {
        return Ok(Content::Opaque("native code or byte code"));
    }
    Ok(Content::Lines(bytes))
}
