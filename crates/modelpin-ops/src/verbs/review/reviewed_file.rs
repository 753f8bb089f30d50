//! A code file as a user reviews it.

use crate::refusal::Failure;
use modelpin_scan::Report;
use modelpin_schema::Digest;
use modelpin_schema::lockfile::CodePath;
use std::collections::BTreeSet;
use std::path::Path;

/// The largest file that is shown, in bytes: more than a user reads.
pub(super) const MAX_SHOWN: u64 = 16 << 20;

/// One code file.
#[derive(Debug, Clone)]
pub struct ReviewedFile {
    /// Its place: a path in the entry's own repo, or in another.
    pub place: CodePath,
    /// The members of archives that lead to it, outermost first, and it, made harmless; none for the file itself.
    pub member: Vec<String>,
    /// The SHA-256 of the file that it is, or is in.
    pub file: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Of its content; none where that could not be read.
    pub sha256: Option<Digest>,
    /// Its content.
    pub content: Content,
    /// What the scan says of it.
    pub report: Report,
}

impl ReviewedFile {
    /// What a user calls it: its place, and for a member the way to it, as in `ops.whl!/ops/load.py`.
    #[must_use]
    pub fn called(&self) -> String {
        self.member.iter().fold(self.place.to_string(), |outer, member| format!("{outer}!/{member}"))
    }
}

/// The content of a code file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Lines that a user can read, as bytes: nobody knows yet what is in them.
    Lines(Vec<u8>),
    /// What no user can read; says why.
    Opaque(&'static str),
}

/// What the code of several files can do, by its words.
#[must_use]
pub fn capabilities<'a>(files: impl IntoIterator<Item = &'a ReviewedFile>) -> BTreeSet<&'static str> {
    files.into_iter().flat_map(|file| file.report.facts.capabilities.keys()).map(|found| found.word()).collect()
}

/// The file at `path` changed between two readings.
pub(super) fn keeps_changing(place: &Path) -> Failure {
    Failure::changed(place.display())
}
