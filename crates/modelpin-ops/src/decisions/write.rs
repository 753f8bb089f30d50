//! Adding a decision to `models.audits.toml`: to its end, so that a diff shows the decision and nothing else.

use super::{AUDITS, believe};
use crate::project::{Project, read, replace};
use crate::record::Record;
use crate::refusal::Failure;
use crate::store::Store;
use modelpin_schema::audits::{self, Audits};

/// Adds the text of decisions to the project's file, which is made when it is missing, and returns all that it says
/// then. What is there stays as it is, comments included. The new text is read before it is written: nothing is
/// written that would not be believed.
///
/// # Errors
/// A file that cannot be read or believed, before or after; the system's.
pub(crate) fn append(store: &Store, project: &Project, decisions: &str) -> Result<Audits, Failure> {
    // Two people at one machine, or two jobs: neither may lose the other's decision.
    let _held = Record::of(store, &project.dir)?.lock(&|_| ())?;
    let path = project.dir.join(AUDITS);
    let mut text = read(&path, audits::MAX_BYTES)?.unwrap_or_else(Audits::empty_text);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(decisions);
    let read = believe(AUDITS, &text)?;
    replace(&path, text.as_bytes())?;
    Ok(read)
}
