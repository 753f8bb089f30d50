//! Looking for the project of a folder. What another user put into a folder above is not taken for this user's project.

use crate::file_names::AUDITS;
use crate::file_names::{LOCK, MANIFEST};
use crate::refusal::Failure;
use crate::settings::UserSettings;
use modelpin_store::files::is_ours;
use std::path::{Path, PathBuf};

/// What was found.
pub(crate) enum Discovery {
    /// The folder of a manifest.
    Found(PathBuf),
    /// No manifest.
    None {
        /// The folder above which another file system begins, where the search ended for that.
        border: Option<PathBuf>,
    },
}

/// Looks for a manifest in `start` and in the folders above, up to the border of the file system. Whoever works in a
/// folder has chosen it; one above that belongs to another user is refused, unless the user trusts it.
///
/// # Errors
/// A manifest above that belongs to another user, or is in a folder of one.
pub(crate) fn discover(start: &Path, settings: &UserSettings) -> Result<Discovery, Failure> {
    let mut last: Option<&Path> = None;
    for dir in start.ancestors() {
        if last.is_some_and(|last| is_border(last, dir)) {
            return Ok(Discovery::None { border: last.map(Path::to_owned) });
        }
        // Whatever has its name: what is no manifest is refused, and not passed over for one further up.
        if dir.join(MANIFEST).symlink_metadata().is_ok() {
            check_owner(start, dir, settings)?;
            return Ok(Discovery::Found(dir.to_owned()));
        }
        last = Some(dir);
    }
    Ok(Discovery::None { border: None })
}

/// Whether `above` is on another file system than its folder `below`.
#[cfg(unix)]
fn is_border(below: &Path, above: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (below.metadata(), above.metadata()) {
        (Ok(below), Ok(above)) => below.dev() != above.dev(),
        _ => false,
    }
}

/// Whether the folder and the files in it that modelpin obeys belong to this user. The lock and the decisions need
/// not be there.
fn is_all_ours(dir: &Path) -> bool {
    let is_ours = |path: &Path| path.symlink_metadata().is_ok_and(|found| is_ours(&found));
    let optional = [LOCK, AUDITS].map(|name| dir.join(name));
    is_ours(dir)
        && is_ours(&dir.join(MANIFEST))
        && optional.iter().all(|path| path.symlink_metadata().is_err() || is_ours(path))
}

fn check_owner(start: &Path, dir: &Path, settings: &UserSettings) -> Result<(), Failure> {
    let is_trusted = settings.grants(dir).is_some_and(|grants| grants.trust_owner);
    if start == dir || is_trusted || is_all_ours(dir) {
        return Ok(());
    }
    let line = dir.to_str().map(|dir| modelpin_schema::config::line(dir, "trust-owner", "true"));
    Err(crate::refusal::files::foreign_manifest(dir, line.map(|line| settings.advice(&line))).into())
}

#[cfg(not(unix))]
fn is_border(_: &Path, _: &Path) -> bool {
    false
}
