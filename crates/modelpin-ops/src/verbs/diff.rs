//! `diff`: the changes between two states of a project.

use crate::decisions;
use crate::file_names::AUDITS;
use crate::file_names::{LOCK, MANIFEST};
use crate::files::{Text, folder_of, read};
use crate::git;
use crate::project::Project;
use crate::refusal::{ErrorClass, Failure, Refusal, files};
use crate::workspace::Workspace;
use modelpin_policy::evaluate;
use modelpin_schema::Name;
use modelpin_schema::audits::{self, Audits};
use modelpin_schema::changes::{self, ChangeReport};
use modelpin_schema::changes::{Change, ChangeKind, FactChange, diff};
use modelpin_schema::file_word;
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::manifest;
use modelpin_schema::manifest::policy::{Level, RemoteCode};
use modelpin_schema::text::visible;
use std::collections::{BTreeMap, BTreeSet};
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
    /// What `word` means, by its form alone: a path that begins with `./`, `../` or `/`, or a name that ends in
    /// `.lock`, which no ref of git may, is a file; everything else a revision. Which files there are decides
    /// nothing, or a pull request could answer for a revision by a file of its name.
    #[must_use]
    pub fn parse(word: &str) -> Self {
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

/// What changed since an older state of the project.
#[derive(Debug)]
pub struct Compared {
    /// What changed.
    pub report: ChangeReport,
    /// Whether there was a lock.
    pub had_lock: bool,
    /// Whether nothing but the lock could be compared, since that is all that a file holds.
    pub only_lock: bool,
    /// The project's folder as its repository calls it; empty for the repository's own, or where none was asked.
    pub folder: String,
    /// The entries that changed and need a decision, each with what to type about it.
    pub undecided: BTreeMap<Name, Vec<String>>,
}

/// What changed from the files in `against` to the project's own.
///
/// # Errors
/// No lock here; nothing that `against` could mean; old files that are not believed.
pub fn run(workspace: &Workspace, against: &Against) -> Result<Compared, Failure> {
    let project = &workspace.project;
    let new = project.lock.as_ref().ok_or_else(files::no_lock)?;
    let (old, manifest_facts, audit_facts, folder) = match against {
        Against::File(_) => (lock_at(project, against)?, Vec::new(), Vec::new(), String::new()),
        Against::Revision(revision) => {
            let at = git::At::of(&project.dir, revision)?;
            let old = lock_of(&at, against)?;
            (old, manifest_changes(project, &at, against)?, audit_changes(project, &at, against)?, at.folder()?)
        }
    };
    let had_lock = old.is_some();
    let only_lock = matches!(against, Against::File(_));
    let changes = diff(&old.unwrap_or_default(), new);
    let undecided = undecided(workspace, new, &changes);
    let report = ChangeReport { changes, manifest: manifest_facts, audits: audit_facts }.without_repeats();
    Ok(Compared { report, had_lock, only_lock, folder, undecided })
}

/// What changed in models.toml.
fn manifest_changes(project: &Project, at: &git::At<'_>, against: &Against) -> Result<Vec<FactChange>, Failure> {
    let old = at.file(MANIFEST, manifest::MAX_BYTES)?.unwrap_or_default();
    Ok(changes::manifest::diff(&format!("{MANIFEST} of {against}"), &old, &project.text)?)
}

/// What changed in models.audits.toml.
fn audit_changes(project: &Project, at: &git::At<'_>, against: &Against) -> Result<Vec<FactChange>, Failure> {
    let old = at.file(AUDITS, audits::MAX_BYTES)?;
    let old = match &old {
        Some(text) => decisions::believe(&format!("{AUDITS} of {against}"), text)?,
        None => Audits::default(),
    };
    Ok(changes::audits::diff(&old, &decisions::own(&project.dir)?))
}

/// Who of those that changed waits for a user, by the policy as it is now.
fn undecided(workspace: &Workspace, lock: &Lockfile, changes: &[Change]) -> BTreeMap<Name, Vec<String>> {
    // Decisions that cannot be read decide nothing; `check` says why.
    let decisions =
        decisions::load(&workspace.project, &workspace.store).unwrap_or_else(|_| decisions::none(&workspace.project));
    let found = evaluate(workspace.project.project_policy(), lock, &decisions, workspace.today);
    let never = workspace.project.manifest.policy.remote_code == RemoteCode::Never;
    let mut undecided = BTreeMap::new();
    for change in changes.iter().filter(|change| change.kind != ChangeKind::Removed) {
        let name = &change.name;
        let about = || found.violations.iter().filter(|violation| violation.name.as_ref() == Some(name));
        let mut commands = Vec::new();
        // Code of other repos is read with the entry that runs it.
        let withheld = found.withheld.get(name).filter(|withheld| !withheld.uncertified.is_empty() && !never);
        let read = withheld.map(|by| if by.needed_by.is_empty() { vec![name] } else { by.needed_by.iter().collect() });
        for name in read.into_iter().flatten() {
            commands.push(format!("modelpin review {name}"));
            commands.push(format!("modelpin certify {name} --criteria safe-to-run"));
        }
        let denied = || about().filter(|violation| violation.level == Level::Deny);
        let files: BTreeSet<String> = denied()
            .filter(|violation| violation.rule.decidable)
            .filter_map(|violation| violation.path.as_ref().map(|path| file_word(path.as_str())))
            .collect();
        if !files.is_empty() {
            let files = files.into_iter().collect::<Vec<_>>().join(" ");
            commands
                .push(format!("modelpin exempt {name} {files} --reason WHY --owner WHO --ticket TICKET --expires 90d"));
        }
        if !commands.is_empty() || denied().next().is_some() {
            undecided.insert(name.clone(), commands);
        }
    }
    undecided
}

/// The lock in `against`; none where it is a revision without one.
///
/// # Errors
/// Nothing that `against` could mean; a lock that is not believed.
pub(crate) fn lock_at(project: &Project, against: &Against) -> Result<Option<Lockfile>, Failure> {
    match against {
        Against::Revision(revision) => lock_of(&git::At::of(&project.dir, revision)?, against),
        Against::File(file) => {
            let path = std::path::absolute(file).map_err(Failure::io("find", file))?;
            let text = read(folder_of(&project.dir, &path), &path, lockfile::MAX_BYTES)?;
            let text = text.ok_or_else(|| no_file(file))?;
            text.read(|text| parse_lock(against, text)).map(Some)
        }
    }
}

fn lock_of(at: &git::At<'_>, against: &Against) -> Result<Option<Lockfile>, Failure> {
    let text = at.file(LOCK, lockfile::MAX_BYTES)?.map(Text::plain);
    text.map(|text| text.read(|text| parse_lock(against, text))).transpose()
}

fn parse_lock(against: &Against, text: &str) -> Result<Lockfile, Failure> {
    Lockfile::read(&against.to_string(), text).map_err(files::lock_refused)
}

fn no_file(file: &Path) -> Failure {
    Refusal::new(ErrorClass::Usage, format_args!("file `{}` not found", visible(&file.display().to_string())))
        .expected("a file (it begins with `./`, `../` or `/`, or ends in `.lock`), or a revision of git")
        .help("run `modelpin diff HEAD~1` to compare with a revision of git")
        .help("run `git show REV:./models.lock > old.lock` to make a file of one")
        .into()
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
            assert!(matches!(Against::parse(file), Against::File(_)), "{file}");
        }
        for revision in
            ["HEAD", "HEAD~1", "origin/main", "v1.0", "models.lock~", "a.locked", "lock", ".", "..", "@", "", "é:\\"]
        {
            assert_eq!(Against::parse(revision), Against::Revision(revision.to_owned()), "{revision}");
        }
    }
}
