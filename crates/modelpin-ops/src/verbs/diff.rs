//! `diff`: the change ticket between two locks.

use crate::project::{LOCK, Project, read};
use crate::refusal::{Failure, files, wish};
use modelpin_schema::lockfile::diff::{Change, diff};
use modelpin_schema::lockfile::{self, Lockfile};
use std::path::Path;
use std::process::{Command, Stdio};

/// What changed from the lock in `against` (a file, or a git revision) to the project's own.
///
/// # Errors
/// No lock here; nothing that `against` could mean; an old lock that is not believed.
pub fn run(project: &Project, against: &str) -> Result<Vec<Change>, Failure> {
    let new = project.lock.as_ref().ok_or_else(files::no_lock)?;
    Ok(diff(&lock_at(project, against)?, new))
}

/// The lock in `against`: a file, or a git revision. One without a lock has nothing locked.
///
/// # Errors
/// Nothing that `against` could mean; a lock that is not believed.
pub(crate) fn lock_at(project: &Project, against: &str) -> Result<Lockfile, Failure> {
    let path = Path::new(against);
    let old = if path.is_file() {
        read(path, lockfile::MAX_BYTES)?.unwrap_or_default()
    } else {
        at_revision(&project.dir, against)?
    };
    if old.is_empty() {
        return Ok(Lockfile::default());
    }
    Lockfile::read(against, &old).map_err(files::lock_refused)
}

/// The text of the lock at a git revision; empty where that revision has none.
fn at_revision(dir: &Path, revision: &str) -> Result<String, Failure> {
    let unknown = |got: String| {
        let expected = "a file, or a revision that git knows";
        let help = "`modelpin diff HEAD~1` shows what the last commit changed";
        let what = format!("there is no lock `{revision}` to compare with");
        Failure::from(wish::other(what, expected, got, "a ticket against nothing would show everything as new", help))
    };
    if revision.starts_with('-') {
        return Err(unknown("a word that git would read as an option".to_owned()));
    }
    let known = git(dir, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])?;
    if !known.status.success() {
        let inside = git(dir, &["rev-parse", "--is-inside-work-tree"])?;
        if !inside.status.success() {
            return Err(unknown("a folder that git does not track".to_owned()));
        }
        // `HEAD` before the first commit: nothing was locked yet.
        return if revision == "HEAD" { Ok(String::new()) } else { Err(unknown("neither".to_owned())) };
    }
    let listed = git(dir, &["ls-tree", "--name-only", revision, "--", LOCK])?;
    if listed.stdout.is_empty() {
        return Ok(String::new());
    }
    let shown = git(dir, &["cat-file", "blob", &format!("{revision}:./{LOCK}")])?;
    if !shown.status.success() {
        return Err(Failure::Tool {
            program: "git",
            message: String::from_utf8_lossy(&shown.stderr).trim().to_owned(),
        });
    }
    String::from_utf8(shown.stdout).map_err(|_| unknown("a lock that is not UTF-8".to_owned()))
}

fn git(dir: &Path, arguments: &[&str]) -> Result<std::process::Output, Failure> {
    let output = Command::new("git").arg("-C").arg(dir).args(arguments).stdin(Stdio::null()).output();
    output.map_err(|error| Failure::Tool { program: "git", message: error.to_string() })
}
