//! Code files, proven, read and judged.

use crate::refusal::Failure;
use crate::scanning::{Place, Task, judge};
use crate::session::Session;
use crate::store::{Proof, open_no_follow};
use crate::target::io;
use crate::transfer::{self, Wanted};
use modelpin_scan::{Format, Report};
use modelpin_schema::{CommitId, Digest, Name, Pin, RepoPath, RepoUid, Source};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::path::Path;

/// The largest file that is shown, in bytes: more than a person reads.
const MAX_SHOWN: u64 = 16 << 20;

/// A set of code files, and where they can be had.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) name: Name,
    pub(super) source: Source,
    pub(super) commit: CommitId,
    pub(super) repo_id: Option<RepoUid>,
    /// By path: hash, and length in bytes.
    pub(super) files: BTreeMap<RepoPath, (Digest, u64)>,
}

impl Set {
    /// The code of a pin.
    pub(super) fn of(name: &Name, pin: &Pin) -> Self {
        let files = pin.code_files().map(|(path, file)| (path.clone(), (file.sha256, file.size)));
        Self {
            name: name.clone(),
            source: pin.source.clone(),
            commit: pin.revision,
            repo_id: pin.repo_id.clone(),
            files: files.collect(),
        }
    }

    fn wanted(&self) -> Vec<Wanted> {
        let wanted = self.files.iter().map(|(path, (digest, size))| Wanted {
            digest: *digest,
            size: *size,
            name: self.name.clone(),
            path: path.clone(),
            source: self.source.clone(),
            commit: self.commit,
            repo_id: self.repo_id.clone(),
        });
        wanted.collect()
    }
}

/// One code file.
#[derive(Debug, Clone)]
pub struct Code {
    /// Its path in the repo.
    pub path: RepoPath,
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

/// Reads a set, by path. What is not in the store is fetched; every byte that is shown was hashed.
///
/// # Errors
/// Bytes that cannot be had or are not what they have to be; a scanner that broke; the system's.
pub(super) async fn read(session: &Session, set: &Set) -> Result<Vec<Code>, Failure> {
    let mut missing = Vec::new();
    for wanted in set.wanted() {
        if !matches!(session.store.prove(&wanted.digest, wanted.size).map_err(io)?, Proof::Good(_)) {
            missing.push(wanted);
        }
    }
    if !missing.is_empty() {
        transfer::fetch(session, missing).await?;
    }
    let place = |digest: &Digest| session.store.blob_path(digest);
    let task = |(path, (digest, _)): (&RepoPath, &(Digest, u64))| Task {
        path: path.to_string(),
        place: Place::at(place(digest)),
    };
    let tasks: Vec<Task> = set.files.iter().map(task).collect();
    let reports = judge(&tasks, session.jobs, &*session.reporter)?;
    let files = set.files.iter().zip(reports).map(|((path, (sha256, size)), report)| {
        let content = content(&place(sha256), sha256, *size, report.format)?;
        Ok(Code { path: path.clone(), size: *size, sha256: *sha256, content, report })
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
