//! `export`: the lock as evidence for other tools.

use crate::project::Project;
use crate::refusal::Failure;
use std::fmt::Write as _;

/// All locked files as `sha256sum --check` reads them, with their paths in the target as it is laid out, so
/// that the check needs neither modelpin nor its store.
///
/// # Errors
/// A lock that does not answer the manifest.
pub fn sha256sums(project: &Project) -> Result<String, Failure> {
    let lock = project.locked()?;
    let mut out = String::new();
    for (name, pin) in &lock.pins {
        let folder = crate::target::folder_of(&project.manifest.target, name, pin);
        for (path, file) in pin.files() {
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, "{}  {folder}/{path}", file.sha256.hex());
        }
    }
    Ok(out)
}
