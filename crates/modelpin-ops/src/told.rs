//! What the Hub told this machine of the commits of a project's repos: the bytes of each file. A commit never changes,
//! so
//! that what was told once holds for good.
//!
//! It is kept in the project's [`Record`], which no clone brings along, and only where the person's own Hub was asked:
//! not
//! one that models.toml alone names.

use modelpin_schema::text::line;
use modelpin_schema::{CommitId, Digest, Pin, RepoPath, Source};
use modelpin_store::Record;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The file of the record.
const FILE: &str = "told";
/// Files that are remembered at most.
const MOST: usize = 500_000;

/// By place (source, commit, path): the content.
type Files = BTreeMap<Digest, Digest>;

/// What is told in this run, and where it is kept.
#[derive(Debug, Default)]
pub struct Told {
    record: Option<Record>,
    heard: Mutex<Files>,
}

impl Told {
    /// What is told in this run; kept in `record`, where there is one.
    #[must_use]
    pub fn new(record: Option<Record>) -> Self {
        Self { record, heard: Mutex::default() }
    }

    /// Hears that `pin` is what the Hub has.
    pub(crate) fn hear(&self, pin: &Pin) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(pin.files().iter().map(|(path, file)| (place(&pin.source, &pin.revision, path), file.sha256)));
    }

    /// Keeps what was heard. Where it cannot be kept, nothing is lost but a proof.
    pub(crate) fn keep(&self) {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(record) = self.record.as_ref().filter(|_| !heard.is_empty()) else { return };
        let before = known(Some(record));
        let mut all = before.clone();
        all.extend(heard);
        if all == before || all.len() > MOST {
            return;
        }
        let mut text = String::new();
        for (place, content) in &all {
            line(&mut text, format_args!("{} {}", place.hex(), content.hex()));
        }
        let _ = record.write(FILE, &text);
    }
}

/// Everything that was ever told of the project.
pub(crate) fn known(record: Option<&Record>) -> Files {
    let text = record.and_then(|record| record.read(FILE)).unwrap_or_default();
    let line = |line: &str| {
        let (place, content) = line.split_once(' ')?;
        Some((Digest::from_hex(place).ok()?, Digest::from_hex(content).ok()?))
    };
    text.lines().map_while(line).collect()
}

/// Where a file is, whatever the entry is called.
pub(crate) fn place(source: &Source, revision: &CommitId, path: &RepoPath) -> Digest {
    Digest::new(Sha256::digest(format!("{source}\n{revision}\n{path}")).into())
}
