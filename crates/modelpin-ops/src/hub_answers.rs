//! What the Hub answered about the commits of a project's repos: the hash of each file. A commit never changes,
//! so an answer holds for good.
//!
//! It is kept in the project's [`Record`], which no clone brings along, and only where the user's own Hub was asked:
//! not one that only models.toml names.

use modelpin_schema::text::line;
use modelpin_schema::{CommitId, Digest, Pin, RepoPath, Source};
use modelpin_store::Record;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The file of the record.
const FILE: &str = "hub-answers";
/// The most files whose answers are kept.
const MOST: usize = 500_000;

/// By place (source, commit, path): the content.
type Files = BTreeMap<Digest, Digest>;

/// The answers of this run, and where they are kept.
#[derive(Debug, Default)]
pub struct HubAnswers {
    record: Option<Record>,
    answers: Mutex<Files>,
}

impl HubAnswers {
    /// No answers yet; they are kept in `record`, where there is one.
    #[must_use]
    pub fn new(record: Option<Record>) -> Self {
        Self { record, answers: Mutex::default() }
    }

    /// Adds that `pin` is what the Hub has.
    pub(crate) fn add(&self, pin: &Pin) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.extend(pin.files().iter().map(|(path, file)| (key(&pin.source, &pin.revision, path), file.sha256)));
    }

    /// Writes the answers to the record. Where that fails, a later run asks the Hub again.
    pub(crate) fn save(&self) {
        let answers = std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(record) = self.record.as_ref().filter(|_| !answers.is_empty()) else { return };
        let before = load(Some(record));
        let mut all = before.clone();
        all.extend(answers);
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

/// All answers about the project that this machine has.
pub(crate) fn load(record: Option<&Record>) -> Files {
    let text = record.and_then(|record| record.read(FILE)).unwrap_or_default();
    let line = |line: &str| {
        let (place, content) = line.split_once(' ')?;
        Some((Digest::from_hex(place).ok()?, Digest::from_hex(content).ok()?))
    };
    text.lines().map_while(line).collect()
}

/// The key of a file, whatever its entry is called.
pub(crate) fn key(source: &Source, revision: &CommitId, path: &RepoPath) -> Digest {
    Digest::new(Sha256::digest(format!("{source}\n{revision}\n{path}")).into())
}
