//! `diff`: the change ticket between two locks.

use crate::files::{Text, folder_of, read};
use crate::git;
use crate::project::{LOCK, Project};
use crate::refusal::{Failure, files, wish};
use modelpin_schema::lockfile::diff::{Change, diff};
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::text::visible;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where an older lock is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// At a revision of the project, as git knows it.
    Revision(String),
    /// In a file.
    File(PathBuf),
}

impl Against {
    /// What `word` means, by its form alone: a path that begins with `./`, `../` or `/`, or a name that ends in `.lock`, which
    /// no ref of git may, is a file; everything else a revision. Which files there are decides nothing, or a pull request
    /// could answer for a revision by a file of its name.
    #[must_use]
    pub fn said(word: &str) -> Self {
        let is_path = ["./", "../", "/"].iter().any(|start| word.starts_with(start));
        if is_path || word.ends_with(".lock") || is_windows_path(word) {
            Self::File(word.into())
        } else {
            Self::Revision(word.to_owned())
        }
    }

    /// The same; a relative file starts at the folder `dir`, where one is given.
    #[must_use]
    pub fn from(self, dir: Option<&Path>) -> Self {
        match (self, dir) {
            (Self::File(file), Some(dir)) => Self::File(dir.join(file)),
            (against, _) => against,
        }
    }
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revision(revision) => f.write_str(&visible(revision)),
            Self::File(file) => f.write_str(&visible(&file.display().to_string())),
        }
    }
}

/// `.\\x`, `\\x` and `C:\\x`, which no revision of git looks like.
fn is_windows_path(word: &str) -> bool {
    let start: String = word.chars().take(3).collect();
    let drive = start.starts_with(|c: char| c.is_ascii_alphabetic()) && matches!(start.get(1..), Some(":\\" | ":/"));
    drive || start.starts_with(['\\']) || start.starts_with(".\\") || start == "..\\"
}

/// What changed since an older lock.
#[derive(Debug)]
pub struct Compared {
    /// The entries that differ.
    pub changes: Vec<Change>,
    /// Whether there was a lock.
    pub had_lock: bool,
}

/// What changed from the lock in `against` to the project's own.
///
/// # Errors
/// No lock here; nothing that `against` could mean; an old lock that is not believed.
pub fn run(project: &Project, against: &Against) -> Result<Compared, Failure> {
    let new = project.lock.as_ref().ok_or_else(files::no_lock)?;
    let old = lock_at(project, against)?;
    let had_lock = old.is_some();
    Ok(Compared { changes: diff(&old.unwrap_or_default(), new), had_lock })
}

/// The lock in `against`; none where it is a revision without one.
///
/// # Errors
/// Nothing that `against` could mean; a lock that is not believed.
pub(crate) fn lock_at(project: &Project, against: &Against) -> Result<Option<Lockfile>, Failure> {
    let old = match against {
        Against::Revision(revision) => {
            git::file_at(&project.dir, revision, LOCK, lockfile::MAX_BYTES)?.map(Text::plain)
        }
        Against::File(file) => {
            let path = std::path::absolute(file).map_err(Failure::io("find", file))?;
            let text = read(folder_of(&project.dir, &path), &path, lockfile::MAX_BYTES)?;
            Some(text.ok_or_else(|| no_file(file))?)
        }
    };
    let believe = |text: &str| Lockfile::read(&against.to_string(), text).map_err(files::lock_refused);
    old.map(|text| text.read(believe)).transpose()
}

fn no_file(file: &Path) -> Failure {
    let expected = "a file: what begins with `./`, `../` or `/` or ends in `.lock` is one";
    let help = "`modelpin diff HEAD~1` compares with a revision of git; `git show REV:./models.lock > old.lock` makes a \
        file of one";
    let what = format!("there is no lock in `{}`", visible(&file.display().to_string()));
    let why = "a ticket against nothing would show everything as new";
    wish::other(what, expected, "nothing of that name".to_owned(), why, help).into()
}

#[cfg(test)]
mod tests {
    use super::Against;

    #[test]
    fn the_form_of_a_word_says_what_it_is() {
        for file in [
            "./HEAD",
            "../release/models.lock",
            "/tmp/x",
            "old.lock",
            "a/b.lock",
            "./origin/main",
            ".\\old",
            "..\\old",
            "\\\\host\\old",
            "C:\\old",
            "c:/old",
            "x:/y",
        ] {
            assert!(matches!(Against::said(file), Against::File(_)), "{file}");
        }
        for revision in
            ["HEAD", "HEAD~1", "origin/main", "v1.0", "models.lock~", "a.locked", "lock", ".", "..", "@", "", "é:\\"]
        {
            assert_eq!(Against::said(revision), Against::Revision(revision.to_owned()), "{revision}");
        }
    }
}
