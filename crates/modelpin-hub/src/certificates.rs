//! The certificates that are trusted instead of the system's.

use crate::Error;
use modelpin_schema::text::visible;
use reqwest::Certificate;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The most bytes of a file of certificates that are read.
const MAX_CERTIFICATES: u64 = 16 << 20;

/// Checks that the file at `path` can be opened, without reading it.
///
/// # Errors
/// A file that cannot be opened.
pub(crate) fn check(path: &Path) -> Result<(), Error> {
    File::open(path).map(drop).map_err(|error| unusable(path, error.to_string()))
}

/// The certificates in a PEM file.
pub(crate) fn read(path: &Path) -> Result<Vec<Certificate>, Error> {
    let mut pem = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_CERTIFICATES).read_to_end(&mut pem));
    read.map_err(|error| unusable(path, error.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|_| unusable(path, "it is not a PEM file".to_owned()))?;
    if found.is_empty() {
        return Err(unusable(path, "there is no certificate in it; expected PEM".to_owned()));
    }
    Ok(found)
}

fn unusable(path: &Path, why: String) -> Error {
    Error::BadCertificates { path: visible(&path.to_string_lossy()), why }
}
