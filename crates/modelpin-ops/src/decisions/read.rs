//! The text of a file of audits.

use crate::file_names::AUDITS;
use crate::files;
use crate::refusal::{ErrorClass, Failure, Line, Refusal};
use modelpin_schema::audits::{self, Audits, AuditsError};
use std::path::Path;

/// The own decisions of the project in `dir`; none, where there is no file.
pub(crate) fn own(dir: &Path) -> Result<Audits, Failure> {
    let text = files::read(dir, &dir.join(AUDITS), audits::MAX_BYTES)?;
    text.map_or_else(|| Ok(Audits::default()), |text| text.read(|text| believe(AUDITS, text)))
}

/// The decisions of a text; `file` is its name in messages.
///
/// # Errors
/// Text that is no file of decisions; an audit that was edited.
pub(crate) fn believe(file: &str, text: &str) -> Result<Audits, Failure> {
    Audits::read(file, text).map_err(|refused| match refused {
        AuditsError::Unreadable(fault) => Failure::Fault(fault),
        AuditsError::Edited { source_repo, recorded, computed, place } => {
            Refusal::new(ErrorClass::Policy, format!("an audit of {source_repo} was edited by hand"))
                .at(Line { file: file.to_owned(), line: place.line })
                .expected(format!("files that give its `digest`, {recorded}"))
                .got(computed.to_string())
                .why("nobody reviewed the code that it certifies now")
                .help("run `git checkout models.audits.toml` to restore it")
                .help("or remove it, and review the code again with `modelpin review` and `modelpin certify`")
                .into()
        }
    })
}
