//! Revisions of the project that git cannot give.

use super::{ErrorClass, Refusal};
use modelpin_schema::shell_word;
use modelpin_schema::text::{code, list, visible};
use std::fmt::Display;
use std::path::Path;

fn usage(what: impl Display) -> Refusal {
    Refusal::new(ErrorClass::Usage, what)
}

/// No git on this machine.
#[must_use]
pub fn no_git() -> Refusal {
    usage("git not found")
        .expected("the program `git` in one of the absolute folders of `PATH`")
        .help("install git")
        .help("or compare with a file, as in `modelpin diff ./old.lock`")
}

/// A folder that is in no repository, as git says.
#[must_use]
pub fn not_tracked(dir: &Path, got: &str) -> Refusal {
    usage(format_args!("`{}` is not in a git repository", visible(&dir.display().to_string())))
        .got(visible(got))
        .help("compare with a file, as in `modelpin diff ./old.lock`")
        .help("or run `git init` to create a repository")
}

/// A repository of another owner; `command` makes git trust it.
#[must_use]
pub fn dubious(dir: &Path, command: &str) -> Refusal {
    usage("git does not trust this repository, since it belongs to another user")
        .got(format_args!("git reports dubious ownership of `{}` or its `.git`", visible(&dir.display().to_string())))
        .why("the owner of a repository decides what git shows of its history")
        .help(format_args!("to trust it, run `{command}`"))
}

/// A folder of the checkout that is a repository to git.
#[must_use]
pub fn embedded(place: &Path) -> Refusal {
    usage(format_args!(
        "`{}` looks like a git repository, and the project is in it",
        visible(&place.display().to_string())
    ))
    .expected("a repository whose checkout contains the project")
    .got("a folder with `HEAD`, `objects` and `refs`, which git would read instead")
    .why("whoever committed such a folder would choose every revision")
    .help(format_args!("run `git log -- {}` to see who added it", shell_word(&place.to_string_lossy())))
    .help("remove it if it is not yours")
}

/// A word that is no revision.
#[must_use]
pub fn no_revision(revision: &str, got: &str) -> Refusal {
    unusable(revision, got)
        .help("run `modelpin diff HEAD~1` to see what the last commit changed")
        .help("use `--file FILE` for a file of any name")
}

fn unusable(revision: &str, got: &str) -> Refusal {
    usage(format_args!("unknown revision `{}`", visible(revision))).expected("a branch, a tag or a commit").got(got)
}

/// A revision that git does not know, and one that may be meant.
#[must_use]
pub fn unknown(revision: &str, meant: Option<&str>) -> Refusal {
    let refusal = unusable(revision, "nothing of that name in this repository");
    let refusal = match meant {
        Some(meant) => refusal.help(format_args!("did you mean `{}`?", visible(meant))),
        None if revision.contains("..") => refusal.help("give one revision, not a range"),
        None => refusal,
    };
    refusal
        .help("run `git branch --all` or `git tag` to list the names")
        .help("write `./FILE` or `--file FILE` for a file")
}

/// A name that git could take for several refs, each given with its commit.
#[must_use]
pub fn ambiguous(revision: &str, name: &str, meant: &[(String, String)]) -> Refusal {
    let listed = list(meant.iter().map(|(path, commit)| format!("`{}` is {commit}", visible(path))));
    let ways: Vec<String> = meant.iter().map(|(path, _)| code(visible(&revision.replacen(name, path, 1)))).collect();
    usage(format_args!("`{}` is ambiguous", visible(name)))
        .expected("the name of one branch or tag")
        .got(listed)
        .why("anyone who can push one of them would choose what is compared")
        .help(format_args!("choose one for `modelpin diff REV`: {}", ways.join(" or ")))
}

/// A revision that is spelled like a branch of a remote and is the ref `path`; `command` fetches that branch.
#[must_use]
pub fn disguised(revision: &str, path: &str, command: &str) -> Refusal {
    usage(format_args!("`{}` looks like a branch of a remote, but is not one", visible(revision)))
        .expected("a branch that was fetched from there")
        .got(code(visible(path)))
        .why("whoever proposes a change may choose such a name for a branch or tag")
        .help(format_args!("run `{}` to fetch the branch", visible(command)))
        .help(format_args!("run `modelpin diff {}` if you mean that ref", shell_word(path)))
}

/// A commit that is missing since the clone is shallow.
#[must_use]
pub fn shallow(revision: &str, more: u32) -> Refusal {
    usage(format_args!("the history of this clone ends before `{}`", visible(revision)))
        .got("a shallow clone")
        .help(format_args!("run `git fetch --deepen={more}` to fetch it"))
        .help("or run `git fetch --unshallow` to fetch the whole history")
}

/// A revision of a remote that was never fetched; `command` fetches it.
#[must_use]
pub fn not_fetched(revision: &str, command: &str) -> Refusal {
    usage(format_args!("`{}` was not found in this clone", visible(revision)))
        .got("nothing of that name in this repository")
        .help(format_args!("run `{}` to fetch it, if the remote has it", visible(command)))
}

/// An object that is not in this clone, in git's words.
#[must_use]
pub fn missing(revision: &str, name: &str, complaint: &str) -> Refusal {
    let fatal = complaint.lines().rfind(|line| line.starts_with("fatal: ")).unwrap_or_default();
    let got = fatal.trim_start_matches("fatal: ");
    usage(format_args!("this clone does not have all of `{}`", visible(revision)))
        .expected("a clone with all objects of that commit")
        .got(if got.is_empty() { "an object that is missing".to_owned() } else { visible(got) })
        .why("missing objects are not fetched automatically, since the repository would choose from where")
        .help(format_args!(
            "in a partial clone, run `git show {}` to fetch it",
            shell_word(&format!("{revision}:./{name}"))
        ))
        .help("otherwise run `git fsck` to see what is broken")
}

/// What has the lock's name at a revision and is no text file.
#[must_use]
pub fn no_file(revision: &str, name: &str) -> Refusal {
    not_text(revision, name, "a link, a folder, a submodule, or bytes that are not UTF-8")
}

/// A lock at a revision that is larger than what is read.
#[must_use]
pub fn too_large(revision: &str, name: &str, most: u64) -> Refusal {
    not_text(revision, name, format_args!("more than {most} bytes, the most that is read"))
}

fn not_text(revision: &str, name: &str, got: impl Display) -> Refusal {
    usage(format_args!("`{name}` at `{}` cannot be read", visible(revision)))
        .expected("an ordinary text file")
        .got(got)
        .help(format_args!("run `git log -- {name}` to see who changed it"))
        .help("or compare with another revision")
}
