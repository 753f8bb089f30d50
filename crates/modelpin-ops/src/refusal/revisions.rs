//! Revisions and files of a repo that models.toml asks for and that do not exist, or not without doubt.

use super::{ErrorClass, Refusal};
use modelpin_schema::text::{choose, code, count, list, list_up_to, visible};
use modelpin_schema::{CommitId, Pattern, RepoPath, Requested, Revision, Source};
use std::fmt::Display;

fn usage(what: impl Display) -> Refusal {
    Refusal::new(ErrorClass::Usage, what)
}

/// An abbreviated commit.
#[must_use]
pub fn short_commit(asked: &Revision, full: &CommitId) -> Refusal {
    usage(format_args!("`{asked}` is an abbreviated commit"))
        .expected("a branch, a tag or all 40 digits of a commit")
        .why("an abbreviation that is unique today may be ambiguous tomorrow")
        .help(format_args!("write `revision = \"{full}\"`"))
}

/// A branch or tag whose name is that of a commit.
#[must_use]
pub fn ref_like_commit(asked: &str) -> Refusal {
    usage(format_args!("the repo has a branch or tag with the name of a commit, `{asked}`"))
        .why("a pin that looks fixed would follow whoever moves that branch or tag")
        .help("use another branch or tag: `revision = \"…\"` in models.toml, or `modelpin add ORG/REPO@REV`")
}

/// A name of several refs of a repo, each given with its path and commit.
#[must_use]
pub fn ambiguous(source: &Source, revision: &Revision, meant: &[(String, CommitId)]) -> Refusal {
    // A branch can have the path of a tag as its name; then only a commit is unambiguous.
    let spelled = |(path, commit): &(String, CommitId)| {
        if path.ends_with(revision.as_str()) && path != revision.as_str() { path.clone() } else { commit.hex() }
    };
    let ways: Vec<String> = meant.iter().map(spelled).collect();
    let example = ways.last().map_or_else(String::new, |way| format!("`modelpin add {}@{way}`, ", source.repo));
    let ways: Vec<String> = ways.iter().map(code).collect();
    usage(format_args!("`{revision}` is ambiguous: the repo has more than one ref of that name"))
        .expected("the name of one branch or tag")
        .got(list(meant.iter().map(|(path, commit)| format!("`{path}` is {commit}"))))
        .help(format_args!(
            "write {} instead, in {example}`--precise` of `modelpin update`, or `revision` in models.toml",
            ways.join(" or ")
        ))
}

/// No tag that a version requirement allows.
#[must_use]
pub fn no_version(requested: &Requested, newest: Option<&str>) -> Refusal {
    usage(format_args!("no tag of the repo matches `{requested}`"))
        .expected("a tag `vX.Y.Z` that the requirement allows")
        .got(newest.map_or_else(|| "no version tags".to_owned(), |tag| format!("`{tag}` as the newest")))
        .help("change `version` in models.toml")
        .help("or pin a branch or commit with `revision`")
}

/// No file left after `include` and `exclude`.
#[must_use]
pub fn no_files(listed: usize) -> Refusal {
    usage("`include` and `exclude` match none of the repo's files")
        .expected("at least one file")
        .got(format_args!("0 of the {listed} files in the commit"))
        .why("an empty pin would pass every check")
        .help("use other patterns: `--include` and `--exclude`, or `include` and `exclude` in models.toml")
        .help("run `modelpin remove NAME` if the project needs none of its files")
}

/// `include` patterns that match nothing.
#[must_use]
pub fn idle_patterns(patterns: &[&Pattern], paths: &[&RepoPath]) -> Refusal {
    usage("an `include` pattern matches no file of the commit")
        .got(list_up_to(NAMED, patterns.iter().map(code)))
        .why("a file that you expect to be locked would be missing")
        .helps(near_files(patterns, paths))
        .help("correct the pattern: `--include GLOB`, or `include` in models.toml")
}

/// `exclude` patterns that somebody typed and that match nothing.
#[must_use]
pub fn idle_excludes(patterns: &[&Pattern], paths: &[&RepoPath]) -> Refusal {
    usage("the pattern matches no file of the commit")
        .expected("a pattern that matches a file, as in `'original/*'`")
        .got(list_up_to(NAMED, patterns.iter().map(code)))
        .helps(near_files(patterns, paths))
        .help("run `modelpin why NAME PATH` to see whether and why a file is locked")
}

/// `exclude` patterns that somebody typed and that match every file.
#[must_use]
pub fn excludes_all(locked: usize) -> Refusal {
    usage("the patterns would leave no file of the entry")
        .expected("at least one file that stays")
        .got(format_args!("patterns that match all of its {}", count(locked, "file")))
        .help("run `modelpin remove NAME` to remove the entry")
}

/// How many patterns, and files near each of them, are named.
const NAMED: usize = 5;

/// For each pattern, the files that somebody may have meant.
fn near_files(patterns: &[&Pattern], paths: &[&RepoPath]) -> Vec<String> {
    let mut lines = Vec::new();
    for pattern in patterns.iter().take(NAMED) {
        let near = pattern.near(paths, NAMED + 1);
        if !near.is_empty() {
            let names = list_up_to(NAMED, near.iter().map(|path| code(visible(path.as_str()))));
            lines.push(format!("`{pattern}`: did you mean {}{names}?", choose(near.len(), "", "one of ")));
        }
    }
    lines
}
