//! Git cannot say what the lock was.

use super::{ErrorClass, Refusal};
use modelpin_schema::shell_word;
use modelpin_schema::text::visible;
use std::path::Path;

const AGAINST_NOTHING: &str = "a ticket against nothing would show everything as new";

/// No git on this machine.
#[must_use]
pub fn no_git() -> Refusal {
    Refusal::new(ErrorClass::Usage, "there is no git to ask for a revision")
        .expected("the program `git` in one of the absolute folders of `PATH`")
        .got("none")
        .why(AGAINST_NOTHING)
        .help("install git; or compare with a file, as in `modelpin diff ./old.lock`")
}

/// A folder that is in no repository, as git says.
#[must_use]
pub fn not_tracked(dir: &Path, got: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("git does not track `{}`", visible(&dir.display().to_string())))
        .expected("a folder in a git repository, or a file to compare with")
        .got(visible(got))
        .why(AGAINST_NOTHING)
        .help("`modelpin diff ./old.lock` compares with a file; `git init` makes a repository")
}

/// A repository of another owner; `command` makes git trust it.
#[must_use]
pub fn dubious(dir: &Path, command: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, "git does not trust this repository, since it belongs to another user")
        .expected("a repository of this user, or one that this user trusts")
        .got(format!("dubious ownership of `{}` or its `.git`, in git's words", visible(&dir.display().to_string())))
        .why("whoever owns a repository decides what git says of its revisions")
        .help(format!("if it is to be trusted: `{command}`"))
}

/// A folder of the checkout that is a repository to git.
#[must_use]
pub fn embedded(place: &Path) -> Refusal {
    let shown = visible(&place.display().to_string());
    Refusal::new(ErrorClass::Usage, format!("`{shown}` is laid out like a git repository, and the project is in it"))
        .expected("a repository whose checkout the project is")
        .got("a folder with `HEAD`, `objects` and `refs`, which git would ask instead")
        .why("whoever brings such a folder would answer for every revision")
        .help(format!(
            "`git log -- {}` shows who brought it; remove what is not yours",
            shell_word(&place.to_string_lossy())
        ))
}

/// A word that is no revision.
#[must_use]
pub fn no_revision(revision: &str, got: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{}` is no revision", visible(revision)))
        .expected("a branch, a tag or a commit, as git knows them")
        .got(got)
        .why(AGAINST_NOTHING)
        .help("`modelpin diff HEAD~1` shows what the last commit changed; `--file FILE` takes a file of any name")
}

/// A revision that git does not know, and one that may be meant.
#[must_use]
pub fn unknown(revision: &str, meant: Option<&str>) -> Refusal {
    let help = match meant {
        Some(meant) => format!("did you mean `{}`? ", visible(meant)),
        None if revision.contains("..") => "give one revision, not a range. ".to_owned(),
        None => String::new(),
    };
    let refusal = no_revision(revision, "nothing of that name in this repository");
    Refusal {
        help: vec![format!(
            "{help}`git branch --all` and `git tag` list the names; a file is `./FILE` or `--file FILE`"
        )],
        ..refusal
    }
}

/// A name that git could take for several refs, each given with its commit.
#[must_use]
pub fn ambiguous(revision: &str, name: &str, meant: &[(String, String)]) -> Refusal {
    let listed: Vec<String> = meant.iter().map(|(path, commit)| format!("`{}` is {commit}", visible(path))).collect();
    let ways = meant.iter().map(|(path, _)| format!("`{}`", visible(&revision.replacen(name, path, 1))));
    Refusal::new(ErrorClass::Usage, format!("`{}` is more than one ref", visible(name)))
        .expected("the name of one branch or tag")
        .got(listed.join(", "))
        .why("which of them is meant would be a guess, and anybody who can push one can bring the other")
        .help(format!("say which, as in `modelpin diff REV`: {}", ways.collect::<Vec<_>>().join(" or ")))
}

/// A revision that is spelled like a branch of a remote and is the ref `path`; `command` fetches that branch.
#[must_use]
pub fn disguised(revision: &str, path: &str, command: &str) -> Refusal {
    Refusal::new(
        ErrorClass::Usage,
        format!("`{}` is spelled like a branch of a remote and is none here", visible(revision)),
    )
    .expected("a branch that was fetched from there")
    .got(format!("`{}`", visible(path)))
    .why("whoever proposes a change may choose such a name for its branch or tag")
    .help(format!(
        "`{}` fetches the branch; `modelpin diff {}` if that is meant",
        visible(command),
        shell_word(path)
    ))
}

/// A commit that is not there since the clone is shallow.
#[must_use]
pub fn shallow(revision: &str, more: u32) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("the history of this clone ends before `{}`", visible(revision)))
        .expected("a clone in which that commit is")
        .got("a shallow clone")
        .why(AGAINST_NOTHING)
        .help(format!("`git fetch --deepen={more}` brings what is missing, `git fetch --unshallow` all"))
}

/// A revision of a remote that was never fetched; `command` fetches it.
#[must_use]
pub fn not_fetched(revision: &str, command: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{}` is not in this clone", visible(revision)))
        .expected("a revision that was fetched")
        .got("nothing of that name in this repository")
        .why(AGAINST_NOTHING)
        .help(format!("`{}` fetches it, where the remote has it", visible(command)))
}

/// An object that is not in this clone, in git's words.
#[must_use]
pub fn missing(revision: &str, name: &str, complaint: &str) -> Refusal {
    let said = complaint.lines().rfind(|line| line.starts_with("fatal: ")).unwrap_or_default();
    let got = said.trim_start_matches("fatal: ");
    Refusal::new(ErrorClass::Usage, format!("git has not got all of `{}` here", visible(revision)))
        .expected("a clone with all objects of that commit")
        .got(if got.is_empty() { "an object that is missing".to_owned() } else { visible(got) })
        .why("what is missing is not fetched by itself: where from is the repository's word")
        .help(format!(
            "in a partial clone, `git show {}` fetches it; else `git fsck` says what is broken",
            shell_word(&format!("{revision}:./{name}"))
        ))
}

/// What has the lock's name at a revision and is no text file.
#[must_use]
pub fn no_file(revision: &str, name: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{name}` at `{}` is no lock", visible(revision)))
        .expected("an ordinary file of text")
        .got("a link, a folder, a submodule, or bytes that are not UTF-8")
        .why(AGAINST_NOTHING)
        .help(format!("`git log -- {name}` shows how it came; compare with another revision"))
}

/// A lock at a revision that is larger than is read.
#[must_use]
pub fn too_large(revision: &str, name: &str, most: u64) -> Refusal {
    no_file(revision, name).got(format!("more than {most} bytes, the most that is read"))
}
