//! The text of a manifest that is changed: what is read of it, and what is written back.

use crate::Manifest;
use crate::fault::Fault;
use toml_edit::DocumentMut;

/// The document in `text`, which is a valid manifest.
pub(super) fn parse(file: &str, text: &str) -> Result<DocumentMut, Fault> {
    Manifest::read(file, text)?;
    text.replace("\r\n", "\n")
        .parse()
        .map_err(|error: toml_edit::TomlError| Fault::whole(file, error.message().to_owned()))
}

/// `edited` as a manifest, with the byte order mark and the line ends that `text` had.
pub(super) fn checked(file: &str, text: &str, edited: &str) -> Result<String, Fault> {
    let mut whole = String::new();
    if text.starts_with('\u{feff}') && !edited.starts_with('\u{feff}') {
        whole.push('\u{feff}');
    }
    if text.contains("\r\n") && !text.replace("\r\n", "").contains('\n') {
        whole.push_str(&edited.replace("\r\n", "\n").replace('\n', "\r\n"));
    } else {
        whole.push_str(edited);
    }
    Manifest::read(file, &whole).map(|_| whole)
}
