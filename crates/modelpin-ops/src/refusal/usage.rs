//! Arguments of a command that name something that does not exist, or cannot be done.

use super::commands::add_command;
use super::{ErrorClass, Refusal};
use modelpin_schema::fault::nearest;
use modelpin_schema::lockfile::{DependencyKind, RequiredBy};
use modelpin_schema::text::{code, list, list_up_to, visible};
use modelpin_schema::{Name, Pattern, Pin, RepoId, Requested, Source, Spec, shell_word};
use std::fmt::Display;
use std::path::Path;

fn usage(what: impl Display) -> Refusal {
    Refusal::new(ErrorClass::Usage, what)
}

/// A name without an entry.
#[must_use]
pub fn unknown_name(name: &Name, known: &[&Name]) -> Refusal {
    let refusal = usage(format_args!("no entry named `{name}` in models.toml"));
    let refusal = if known.is_empty() {
        refusal.expected("a name from models.toml, which has no entries")
    } else {
        refusal.expected(format_args!("one of {}", list(known.iter().map(code))))
    };
    match nearest(name.as_str(), known.iter().map(|name| name.as_str())) {
        Some(meant) => refusal.help(format_args!("did you mean `{meant}`?")),
        None => refusal.help("run `modelpin tree` to list the names"),
    }
}

/// A name that another entry has already: of another repo, or of another revision.
#[must_use]
pub fn name_taken(name: &Name, by: &Spec, source: &Source, requested: Option<&Requested>) -> Refusal {
    let other = modelpin_schema::lockfile::dependencies::name_for(source, |other| other == name);
    let command = add_command(source, requested, &other, None);
    let is_same_repo = by.source == *source;
    let got = format!("an entry for `{}` at `{}`", by.source.repo, by.requested);
    let refusal = usage(format_args!("an entry named `{name}` exists already"))
        .got(got)
        .help(format_args!("run `{command}` to add another entry"));
    if is_same_repo {
        let key = if matches!(by.requested, Requested::Version(_)) { "version" } else { "revision" };
        return refusal.help(format_args!(
            "change `{key}` of `{name}` in models.toml, then run `modelpin lock`, to move this one"
        ));
    }
    refusal.help(format_args!("run `modelpin remove {name}` to remove it"))
}

/// An entry that is there, and of which nothing is to be changed.
#[must_use]
pub fn declared_already(name: &Name, spec: &Spec) -> Refusal {
    let command = add_command(&spec.source, Some(&spec.requested), name, None);
    let other = format!("{name}-2").parse().unwrap_or_else(|_| name.clone());
    let other = add_command(&spec.source, Some(&spec.requested), &other, None);
    usage(format_args!("`{name}` is declared already"))
        .got(format_args!("an entry for `{}` at `{}`", spec.source.repo, spec.requested))
        .help(format_args!("run `modelpin update {name}` to update its pin"))
        .help(format_args!("run `modelpin exclude {name} GLOB` to leave files out"))
        .help(format_args!("run `{command} --include GLOB` to choose its files"))
        .help(format_args!("run `{other}` to add another entry of the repo"))
        .help(format_args!("run `modelpin remove {name}` to remove it"))
}

/// Several entries of the repo that is to be changed.
#[must_use]
pub fn several_entries(repo: &RepoId, names: &[&Name]) -> Refusal {
    let first = names.first().map_or_else(String::new, ToString::to_string);
    usage(format_args!("several entries are of `{repo}`"))
        .expected("the name of one of them")
        .got(list_up_to(NAMED, names.iter().map(code)))
        .help(format_args!("name it: `modelpin add {repo} --name {first}`, with what is to be changed"))
}

/// An entry that is there, with another base.
#[must_use]
pub fn other_base(name: &Name) -> Refusal {
    usage(format_args!("`{name}` is declared already, with another base"))
        .help(format_args!("change `adapter-of` of `{name}` in models.toml, then run `modelpin lock`"))
}

/// A repo whose name makes no entry's name.
#[must_use]
pub fn no_name_for(repo: &RepoId) -> Refusal {
    usage("no entry name can be made from the repo's name")
        .got(code(repo))
        .help(format_args!("name the entry: `modelpin add {repo} --name my-model`"))
}

/// An entry that is locked for another one, and that models.toml does not name.
#[must_use]
pub fn exclude_undeclared(name: &Name, pin: &Pin, patterns: &[Pattern]) -> Refusal {
    let excludes: String =
        patterns.iter().map(|pattern| format!(" --exclude {}", shell_word(pattern.as_str()))).collect();
    // Its own name is said always: it may be another than that of the repo.
    let command = format!("modelpin add {} --name {name}{excludes}", pin.source.repo);
    let required_by = list_up_to(NAMED, pin.dependencies.required_by.iter().map(|by| code(&by.entry)));
    usage(format_args!("models.toml has no entry `{name}` to change"))
        .expected("an entry of models.toml")
        .got(format_args!("an entry that is locked because {required_by} depends on it"))
        .help(format_args!("run `{command}` to declare it without these files"))
}

/// Names that are listed in one line.
const NAMED: usize = 10;

/// A base that an adapter needs, and that is to be removed.
#[must_use]
pub fn base_in_use(base: &Name, adapter: &Name) -> Refusal {
    usage(format_args!("`{base}` is the base of the adapter `{adapter}`"))
        .help(format_args!("run `modelpin remove {base} {adapter}` to remove both"))
}

/// An entry that another one depends on, for files that are not locked.
#[must_use]
pub fn still_needed(name: &Name, by: &RequiredBy) -> Refusal {
    if by.kind == DependencyKind::Base {
        return base_in_use(name, &by.entry);
    }
    usage(format_args!("`{name}` is required by `{}` ({}), for files that its entry leaves out", by.entry, by.kind))
        .help(format_args!("run `modelpin remove {name} {}` to remove both", by.entry))
        .help(format_args!(
            "or remove it from models.toml, then run `modelpin lock`, which asks the Hub for those files"
        ))
}

/// A `--precise` that the requirement does not allow.
#[must_use]
pub fn precise_not_allowed(requested: &Requested, precise: &Requested) -> Refusal {
    usage(format_args!("`{precise}` does not match `{requested}` in models.toml"))
        .expected("a tag that the requirement allows, or the commit of one")
        .help("change `version` in models.toml first")
}

/// A word that is neither an entry nor a path.
#[must_use]
pub fn neither_name_nor_path(word: &str, meant: Option<&str>) -> Refusal {
    let refusal = usage(format_args!("`{word}` not found")).expected("a name from models.lock, or a file or folder");
    match meant {
        Some(meant) => refusal.help(format_args!("did you mean `modelpin scan {meant}`?")),
        None => refusal
            .help("run `modelpin tree` to list the names")
            .help("run `modelpin scan ./PATH` to scan a file or folder"),
    }
}

/// A scan of nothing, outside of any project.
#[must_use]
pub fn nothing_to_scan(place: &Path) -> Refusal {
    usage("no files to scan")
        .expected("paths to scan, or a project with a lock")
        .got(format_args!("`{}`, which is not in a modelpin project", place.display()))
        .help("run `modelpin scan PATH` to scan a file or folder")
}

/// A folder without a file.
#[must_use]
pub fn empty_folder(shown: &str) -> Refusal {
    usage(format_args!("no files in `{shown}`"))
        .why("an empty run must not be reported as a pass")
        .help("run `modelpin scan PATH` with a folder that has files")
}

/// A folder with more in it than is scanned at once.
#[must_use]
pub fn vast_folder(shown: &str, most: usize) -> Refusal {
    usage(format_args!("`{shown}` has more than {most} files and folders"))
        .expected("one model, or a few")
        .help("run `modelpin scan PATH` with a folder inside of it")
}

/// A locked entry whose bytes are not all on this machine.
#[must_use]
pub fn not_here(verb: &str, name: &Name, missing: &[String]) -> Refusal {
    let missing = list_up_to(5, missing.iter().map(|path| code(visible(path))));
    Refusal::new(ErrorClass::Upstream, "some of its files are not on this machine, and this run is offline")
        .expected("all of its files in the target, the cache or a mirror")
        .got(format_args!("no copy of {missing}"))
        .help(format_args!("run `modelpin {verb} NAME` without `--offline` to download them into the cache"))
        .help("or use `--mirror DIR` with a folder that `modelpin vendor` made")
        .entry(name)
}

/// A word that is no rule.
#[must_use]
pub fn unknown_rule(verb: &str, word: &str, meant: Option<&str>) -> Refusal {
    let refusal = usage(format_args!("unknown rule `{word}`"));
    match meant {
        Some(meant) => refusal.help(format_args!("did you mean `modelpin {verb} --explain {meant}`?")),
        None => refusal
            .expected("the id of a rule, as findings show it")
            .help("see `docs/reference/rules.md` for all rules"),
    }
}
