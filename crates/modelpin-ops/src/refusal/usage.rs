//! What was asked for cannot be had as it was asked.

use super::{ErrorClass, Line, Refusal};
use modelpin_schema::fault::nearest;
use modelpin_schema::manifest::OutsidePath;
use modelpin_schema::shell_word;
use modelpin_schema::{CommitId, Name, Pattern, RepoId, Requested, Revision, Source, visible};
use std::path::Path;

fn usage(what: String, expected: &str, got: String, why: &str, help: String) -> Refusal {
    let (expected, why) = (expected.to_owned(), why.to_owned());
    Refusal::new(ErrorClass::Usage, what).expected(expected).got(got).why(why).help(help)
}

/// An abbreviated commit.
#[must_use]
pub fn short_commit(asked: &Revision, full: &CommitId) -> Refusal {
    usage(
        format!("`{asked}` is an abbreviated commit"),
        "a branch, a tag or all 40 digits of a commit",
        format!("`{asked}`"),
        "what is short and unique today may mean two commits tomorrow",
        format!("write `revision = \"{full}\"`"),
    )
}

/// A branch or tag whose name is that of a commit.
#[must_use]
pub fn ref_like_commit(asked: &str) -> Refusal {
    usage(
        format!("the repo has a branch or tag named `{asked}`, like a commit"),
        "40 hex digits that can only mean a commit",
        "a ref that can move".to_owned(),
        "a pin that looks fixed would follow whoever moves the ref",
        "ask for another branch or tag: `revision = \"…\"` in models.toml, or `modelpin add ORG/REPO@REV`".to_owned(),
    )
}

/// A name of several refs of a repo, each given with its path and commit.
#[must_use]
pub fn ambiguous(source: &Source, revision: &Revision, meant: &[(String, CommitId)]) -> Refusal {
    let listed: Vec<String> = meant.iter().map(|(path, commit)| format!("`{path}` is {commit}")).collect();
    // A branch can have the path of a tag as its name; then only a commit says which.
    let spelled = |(path, commit): &(String, CommitId)| {
        if path.ends_with(revision.as_str()) && path != revision.as_str() { path.clone() } else { commit.hex() }
    };
    let ways: Vec<String> = meant.iter().map(spelled).collect();
    let example = ways.last().map_or_else(String::new, |way| format!("`modelpin add {}@{way}`", source.repo));
    let ways: Vec<String> = ways.iter().map(|way| format!("`{way}`")).collect();
    usage(
        format!("`{revision}` is more than one ref of the repo"),
        "the name of one branch or tag",
        listed.join(", "),
        "which of them is meant would be a guess",
        format!(
            "say which: {}, as in {example}, `--precise` of `modelpin update`, or `revision` in models.toml",
            ways.join(" or ")
        ),
    )
}

/// No tag that a version requirement allows.
#[must_use]
pub fn no_version(requested: &Requested, newest: Option<&str>) -> Refusal {
    usage(
        format!("no tag of the repo answers `{requested}`"),
        "a tag `vX.Y.Z` that the requirement allows",
        newest.map_or_else(|| "no version tags at all".to_owned(), |tag| format!("`{tag}` as the newest")),
        "any other revision would be a guess",
        "change `version`, or pin a branch or commit with `revision`".to_owned(),
    )
}

/// No file left after `include` and `exclude`.
#[must_use]
pub fn no_files(listed: usize) -> Refusal {
    usage(
        "none of the repo's files is wanted".to_owned(),
        "at least one file",
        format!("0 of the {listed} files in the commit"),
        "a pin of nothing would pass every check",
        "change `include` and `exclude` in models.toml, then `modelpin lock`".to_owned(),
    )
}

/// `include` patterns that match nothing.
#[must_use]
pub fn idle_patterns(patterns: &[&Pattern]) -> Refusal {
    let patterns: Vec<String> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
    usage(
        "an `include` pattern matches no file of the commit".to_owned(),
        "patterns that each match a file",
        patterns.join(", "),
        "a file that is believed to be locked would not be",
        "correct `include` in models.toml, then `modelpin lock`".to_owned(),
    )
}

/// A name that is no entry.
#[must_use]
pub fn unknown_name(name: &Name, known: &[&Name]) -> Refusal {
    let meant = nearest(name.as_str(), known.iter().map(|name| name.as_str()));
    let meant = meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let known = if known.is_empty() { "no entry at all".to_owned() } else { known.join(", ") };
    usage(
        format!("`{name}` is no entry of this project"),
        "a name from models.toml",
        known,
        "a name that is skipped would look like one that was handled",
        format!("{meant}`modelpin tree` lists the names"),
    )
}

/// Something in the working folder that loaders take for the repo `named`.
#[must_use]
pub fn shadowed(named: &str, there: &Path, kind: &str) -> Refusal {
    let word = shell_word(&format!("./{}", there.to_string_lossy()));
    let there = visible(&there.to_string_lossy());
    Refusal {
        class: ErrorClass::Integrity,
        ..usage(
            format!("`{named}` would be loaded from the working folder"),
            "nothing there that is called like a repo of models.lock",
            format!("{kind} `{there}`"),
            "loaders take a name for a path first, and nobody pinned what lies there",
            format!("`mv {word} ELSEWHERE`, or start the command in another folder: `modelpin -C PROJECT exec -- CMD`"),
        )
    }
}

/// Something in a folder that Python imports in the place of `package`, a loader's copies of code.
#[must_use]
pub fn imported(package: &str, there: &Path, kind: &str) -> Refusal {
    let word = shell_word(&there.to_string_lossy());
    let there = visible(&there.to_string_lossy());
    Refusal {
        class: ErrorClass::Integrity,
        ..usage(
            format!("`{package}` would be imported from `{there}`"),
            "no module or package there that is called like a loader's copies of code",
            kind.to_owned(),
            "Python imports it in their place, and nobody pinned it",
            format!("`mv {word} ELSEWHERE`"),
        )
    }
}

/// A name that an entry has already.
#[must_use]
pub fn name_taken(name: &Name, by: &RepoId) -> Refusal {
    usage(
        format!("`{name}` is declared already"),
        "a name of its own for each entry",
        format!("an entry for `{by}`"),
        "`add` never changes what is pinned",
        format!(
            "`modelpin update {name}` moves its pin; `--name OTHER` adds another entry; `modelpin remove {name}` makes room"
        ),
    )
}

/// A base that an adapter sits on, and that is to go.
#[must_use]
pub fn base_in_use(base: &Name, adapter: &Name) -> Refusal {
    usage(
        format!("`{base}` is the base of `{adapter}`"),
        "no adapter that would be left without its base",
        format!("`{adapter}`"),
        "an adapter without its base is pinned to nothing",
        format!("`modelpin remove {base} {adapter}` removes both"),
    )
}

/// A `--precise` that the requirement does not allow.
#[must_use]
pub fn precise_not_allowed(requested: &Requested, precise: &Requested) -> Refusal {
    usage(
        format!("`{precise}` does not answer `{requested}`"),
        "a tag that the requirement allows, or the commit of one",
        format!("`{precise}`"),
        "the lock would answer another wish than the manifest's",
        "change `version` in models.toml first".to_owned(),
    )
}

/// A folder of the project that is a link to another place.
#[must_use]
pub fn linked_folder(place: &Path) -> Refusal {
    usage(
        format!("`{}` is a symbolic link", place.display()),
        "a folder of the project's own",
        "a link, which may lead anywhere".to_owned(),
        "what modelpin writes and tidies there would be somebody else's",
        format!(
            "remove the link (`rm {}`), or name where it leads with `--target` or `--mirror`",
            shell_word(&place.to_string_lossy())
        ),
    )
}

/// Something that is no folder, where there has to be one.
#[must_use]
pub fn no_folder(place: &Path) -> Refusal {
    usage(
        format!("`{}` is no folder", place.display()),
        "a folder, or nothing yet",
        "a file".to_owned(),
        "modelpin would write below it",
        "choose another folder with `[sync] target` in models.toml or `--target`; then `modelpin sync`".to_owned(),
    )
}

/// How a person grants what a file of the project asks for.
pub(crate) struct Granting<'a> {
    /// What is asked for, as in `the target`.
    pub(crate) what: &'a str,
    /// What to type.
    pub(crate) help: String,
}

/// Places outside of the project that only `file`, which comes with a clone, names.
#[must_use]
pub(crate) fn elsewhere(file: &str, all: &[&OutsidePath], granting: &Granting<'_>) -> Refusal {
    let Granting { what, help } = granting;
    let refusal = usage(
        format!("{file} names {what} outside of the project"),
        "a place inside of it, or a person who names the same one",
        all.iter().map(|one| format!("`{}`", visible(&one.text))).collect::<Vec<_>>().join(", "),
        "whoever made the clone would choose what is read or written elsewhere on this machine",
        help.clone(),
    );
    let at = all.first().map(|first| Line { file: file.to_owned(), line: first.place.line });
    refusal.at(at)
}

/// No folder that the content store could be in.
#[must_use]
pub fn no_store() -> Refusal {
    usage(
        "there is no folder for the store".to_owned(),
        "`MODELPIN_CACHE_DIR` or a home folder",
        "neither".to_owned(),
        "verified files need a place that survives this project",
        "set `MODELPIN_CACHE_DIR`".to_owned(),
    )
}

/// No place for the shared cache.
#[must_use]
pub(crate) fn no_hf_cache() -> Refusal {
    usage(
        "there is no place for the shared Hugging Face cache".to_owned(),
        "`HF_HUB_CACHE`, `HF_HOME` or a home folder",
        "none of them".to_owned(),
        "other tools would look elsewhere",
        "set `HF_HUB_CACHE`, or name another folder with `--target`".to_owned(),
    )
}

/// A word that is neither an entry nor a path.
#[must_use]
pub fn neither_name_nor_path(word: &str, meant: Option<&str>) -> Refusal {
    let help = match meant {
        Some(meant) => format!("did you mean `modelpin scan {meant}`?"),
        None => "`modelpin tree` lists the names; `modelpin scan ./PATH` takes a file or folder".to_owned(),
    };
    usage(
        format!("there is no `{word}` to scan"),
        "a name from models.lock, or a file or folder",
        "neither".to_owned(),
        "a word that is skipped would look like one that was found safe",
        help,
    )
}

/// A scan of nothing, outside of any project.
#[must_use]
pub fn nothing_to_scan(place: &Path) -> Refusal {
    usage(
        format!("`{}` is in no modelpin project, so there is nothing to scan", place.display()),
        "a project with a lock, or paths to scan",
        "neither".to_owned(),
        "a success on nothing would look like a check that passed",
        "`modelpin scan PATH` takes a file or folder".to_owned(),
    )
}

/// A folder without a file.
#[must_use]
pub fn empty_folder(shown: &str) -> Refusal {
    usage(
        format!("`{shown}` holds no file"),
        "at least one file",
        "none".to_owned(),
        "a success on nothing would look like a check that passed",
        "look where the files are, then `modelpin scan PATH`".to_owned(),
    )
}

/// A folder with more in it than is looked at.
#[must_use]
pub fn vast_folder(shown: &str, most: usize) -> Refusal {
    usage(
        format!("`{shown}` holds more than is scanned at once"),
        "one model, or a few",
        format!("more than {most} files and folders"),
        "what was not listed was not judged",
        "`modelpin scan PATH` with a folder further down".to_owned(),
    )
}

/// A locked entry whose bytes are not all on this machine.
#[must_use]
pub fn not_here(verb: &str, name: &Name, missing: &[String]) -> Refusal {
    const NAMED: usize = 5;
    let mut named: Vec<String> = missing.iter().take(NAMED).map(|path| format!("`{}`", visible(path))).collect();
    if missing.len() > NAMED {
        named.push(format!("{} more", missing.len().saturating_sub(NAMED)));
    }
    let refusal = usage(
        "some of its files are not on this machine, and this run is offline".to_owned(),
        "all of its files, in the target, the store or a mirror",
        format!("nowhere: {}", named.join(", ")),
        "nobody can look at what is not here",
        format!(
            "`modelpin {verb} NAME` without `--offline` brings them into the store, and nowhere else; or `--mirror DIR` names a folder that `modelpin vendor` made"
        ),
    );
    Refusal { class: ErrorClass::Upstream, ..refusal }.entry(name)
}

/// A rule that is none.
#[must_use]
pub fn unknown_rule(verb: &str, word: &str, meant: Option<&str>) -> Refusal {
    let help = match meant {
        Some(meant) => format!("did you mean `modelpin {verb} --explain {meant}`?"),
        None => format!(
            "a finding names its rule; `docs/reference/rules.md` lists all of them, as `modelpin {verb} --explain RULE` takes them"
        ),
    };
    usage(
        format!("`{word}` is no rule"),
        "the name of a rule, as a finding shows it",
        format!("`{word}`"),
        "a page about something else would mislead",
        help,
    )
}

/// Something else that cannot be meant.
#[must_use]
pub fn other(what: String, expected: &str, got: String, why: &str, help: &str) -> Refusal {
    usage(what, expected, got, why, help.to_owned())
}
