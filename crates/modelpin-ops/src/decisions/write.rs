//! Adding a decision to `models.audits.toml`: to its end, so that a diff shows the decision and nothing else.

use super::believe;
use crate::file_names::AUDITS;
use crate::files;
use crate::refusal::Failure;
use crate::writable::WritableWorkspace;
use modelpin_schema::audits::{self, Audits};

/// Adds the text of decisions to the project's file, which is made when it is missing, and returns all that it says
/// then. What is there stays as it is, comments included. The new text is read before it is written: nothing is
/// written that would not be believed.
///
/// # Errors
/// I/O errors from reading or writing the file; a file that is not valid before or after the change.
pub(crate) fn append(workspace: &mut WritableWorkspace, decisions: &str) -> Result<Audits, Failure> {
    let dir = &workspace.project.dir;
    let old = files::read(dir, &dir.join(AUDITS), audits::MAX_BYTES)?.map(files::Text::into_string);
    let mut text = old.clone().unwrap_or_else(Audits::empty_text);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(decisions);
    let read = believe(AUDITS, &text)?;
    workspace.write_decisions(old.as_deref(), &text)?;
    Ok(read)
}
