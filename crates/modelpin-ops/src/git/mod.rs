//! Questions to git about the project's folder: the text of a file at a revision, and the user's name.
//!
//! The repository is foreign (it may have come as an archive, with a configuration), and so is the environment (a hook
//! has variables of another repository in it). Git is asked with neither in force: see `run`.

mod find;
mod history;
mod run;

pub(crate) use history::{History, history};

use crate::refusal::{Failure, git as refusal};
use find::Missing;
use modelpin_schema::shell_word;
use modelpin_schema::text::visible;
use run::{Answer, Git, LINES};
use std::path::{Path, PathBuf};

/// A folder as it was at a revision, which is one commit whatever becomes of its name meanwhile.
pub(crate) struct At<'a> {
    git: Git<'a>,
    revision: &'a str,
    /// None for `HEAD` before the first commit.
    commit: Option<String>,
}

impl<'a> At<'a> {
    /// The folder `dir` at `revision`.
    ///
    /// # Errors
    /// No git; a folder that git does not track, or does not trust; no such revision, or several.
    pub(crate) fn of(dir: &'a Path, revision: &'a str) -> Result<Self, Failure> {
        let git = Git::of(dir)?;
        in_work_tree(&git)?;
        let commit = commit(&git, revision)?;
        Ok(Self { git, revision, commit })
    }

    /// The text of the file `name`, where there is one. At most `most` bytes of it are read.
    ///
    /// # Errors
    /// Objects that are not in this clone; a file that is too large, or not UTF-8 text.
    pub(crate) fn file(&self, name: &str, most: u64) -> Result<Option<String>, Failure> {
        self.commit.as_deref().map_or(Ok(None), |commit| file_at(&self.git, commit, self.revision, name, most))
    }

    /// The folder as the repository calls it; empty for the repository's own.
    ///
    /// # Errors
    /// A git that cannot be run, or that does not end in time.
    pub(crate) fn folder(&self) -> Result<String, Failure> {
        let said = self.git.ask(&["rev-parse", "--show-prefix"], LINES)?.text();
        Ok(said.strip_suffix('\n').unwrap_or(&said).trim_end_matches('/').to_owned())
    }
}

fn file_at(git: &Git<'_>, commit: &str, revision: &str, name: &str, most: u64) -> Result<Option<String>, Failure> {
    let listed = git.ask(&["ls-tree", "-z", commit, "--", name], LINES)?;
    if !listed.ok {
        return Err(refusal::missing(revision, name, &listed.stderr).into());
    }
    let text = listed.text();
    let Some((entry, _)) = text.split_once('\t') else { return Ok(None) };
    let mut words = entry.split(' ');
    let mode = words.next().unwrap_or_default();
    let id = words.nth(1).unwrap_or_default();
    // Links are 120000, submodules 160000, folders 040000.
    if !mode.starts_with("100") {
        return Err(refusal::no_file(revision, name).into());
    }
    let shown = git.ask(&["cat-file", "blob", id], most)?;
    if !shown.ok {
        return Err(refusal::missing(revision, name, &shown.stderr).into());
    }
    if shown.out.len() as u64 > most {
        return Err(refusal::too_large(revision, name, most).into());
    }
    String::from_utf8(shown.out).map(Some).map_err(|_| refusal::no_file(revision, name).into())
}

/// A value of the configuration that git has for the folder `dir`: this person's own and, where the folder is in the
/// checkout of a repository that git trusts, that of the repository.
pub(crate) fn config(dir: &Path, key: &str) -> Option<String> {
    let git = Git::of(dir).ok()?;
    let scopes: &[&[&str]] = if in_work_tree(&git).is_ok() { &[&[]] } else { &[&["--global"], &["--system"]] };
    scopes.iter().find_map(|scope| {
        let said = git.ask(&[&["config"], *scope, &["--get", key]].concat(), LINES).ok()?;
        let value = said.text().trim().to_owned();
        (said.ok && !value.is_empty()).then_some(value)
    })
}

/// Checks that git tracks the folder, and that the repository it takes for its own holds the folder and is not held
/// by it: a checkout can have a folder in it that is laid out like a repository, and would answer for every revision.
fn in_work_tree(git: &Git<'_>) -> Result<(), Failure> {
    let asked = git.ask(&["rev-parse", "--is-inside-work-tree", "--absolute-git-dir"], LINES)?;
    if !asked.ok {
        return Err(refused(git, &asked));
    }
    let text = asked.text();
    let (inside, place) = text.split_once('\n').unwrap_or_default();
    let place = real(&PathBuf::from(place.trim_end_matches(['\n', '\r'])));
    let dir = real(git.dir);
    if dir.starts_with(&place) {
        return Err(refusal::embedded(&place).into());
    }
    if inside.trim() == "true" {
        Ok(())
    } else {
        Err(refusal::not_tracked(git.dir, "a repository without files").into())
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Why git has no repository for the folder.
fn refused(git: &Git<'_>, answer: &Answer) -> Failure {
    let stderr = &answer.stderr;
    if stderr.contains("dubious ownership") || stderr.contains("safe.directory") {
        // Git names the folder that it means, as a word of a shell.
        let command = stderr.lines().map(str::trim).find(|line| line.starts_with("git config --global --add safe."));
        let own = || format!("git config --global --add safe.directory {}", shell_word(&git.dir.to_string_lossy()));
        return refusal::dubious(git.dir, &command.map_or_else(own, visible)).into();
    }
    if stderr.contains("not a git repository") {
        let got = stderr.lines().next().unwrap_or_default();
        return refusal::not_tracked(git.dir, got.trim_start_matches("fatal: ")).into();
    }
    Failure::Program { program: "git", message: visible(stderr.trim()) }
}

/// The commit that `revision` names; none for `HEAD` before the first commit.
fn commit(git: &Git<'_>, revision: &str) -> Result<Option<String>, Failure> {
    if revision.starts_with('-') || revision.contains('\0') {
        return Err(refusal::no_revision(revision, "a word that no revision is").into());
    }
    let answer = git.verify(&format!("{revision}^{{commit}}"))?;
    let names = answer.stderr.lines().filter_map(|line| {
        line.strip_prefix("warning: refname '").and_then(|rest| rest.strip_suffix("' is ambiguous."))
    });
    for name in names.filter(|name| *name != "HEAD") {
        let meant = find::refs_named(git, name)?;
        if meant.iter().any(|(_, commit)| Some(commit) != meant.first().map(|(_, commit)| commit)) {
            return Err(refusal::ambiguous(revision, name, &meant).into());
        }
    }
    if let Some((path, command)) = find::disguised(git, revision)? {
        return Err(refusal::disguised(revision, &path, &command).into());
    }
    if answer.ok {
        return Ok(Some(answer.text().trim().to_owned()));
    }
    match find::why_missing(git, revision)? {
        Missing::NothingYet => Ok(None),
        Missing::Object => Err(refusal::missing(revision, "models.lock", &answer.stderr).into()),
        Missing::Cut(more) => Err(refusal::shallow(revision, more).into()),
        Missing::NotFetched { command } => Err(refusal::not_fetched(revision, &command).into()),
        Missing::Unknown(meant) => Err(refusal::unknown(revision, meant.as_deref()).into()),
    }
}
