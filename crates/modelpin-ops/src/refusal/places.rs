//! Folders and files on this machine that cannot be used.

use super::{ErrorClass, Line, Refusal};
use modelpin_schema::manifest::OutsidePath;
use modelpin_schema::shell_word;
use modelpin_schema::text::{code, list, visible};
use std::fmt::Display;
use std::path::Path;

fn usage(what: impl Display) -> Refusal {
    Refusal::new(ErrorClass::Usage, what)
}

/// Something in the working folder that loaders take for the repo `named`.
#[must_use]
pub fn shadowed(named: &str, there: &Path, kind: &str) -> Refusal {
    let word = shell_word(&format!("./{}", there.to_string_lossy()));
    Refusal::new(ErrorClass::Integrity, format_args!("`{named}` would be loaded from the working folder"))
        .expected("nothing there with the name of a repo in models.lock")
        .got(format_args!("{kind} `{}`", visible(&there.to_string_lossy())))
        .why("loaders take a name for a path first, and this path is not pinned")
        .help(format_args!("move it away (`mv {word} ELSEWHERE`)"))
        .help("or start the command in another folder: `modelpin -C PROJECT exec -- CMD`")
}

/// Something in a folder that Python imports in place of `package`, a loader's copies of code.
#[must_use]
pub fn imported(package: &str, there: &Path, kind: &str) -> Refusal {
    let word = shell_word(&there.to_string_lossy());
    let there = visible(&there.to_string_lossy());
    Refusal::new(ErrorClass::Integrity, format_args!("`{package}` would be imported from `{there}`"))
        .expected("no module or package there with the name of a loader's copies of code")
        .got(kind)
        .why("Python imports it in their place, and it is not pinned")
        .help(format_args!("move it away (`mv {word} ELSEWHERE`)"))
}

/// A folder of the project that is a link.
#[must_use]
pub fn linked_folder(place: &Path) -> Refusal {
    usage(format_args!("`{}` is a symbolic link", place.display()))
        .expected("an ordinary folder")
        .why("files would be written and removed wherever the link points")
        .help(format_args!("remove the link (`rm {}`)", shell_word(&place.to_string_lossy())))
        .help("or name the folder that it points to with `--target` or `--mirror`")
}

/// Something else, where there has to be a folder.
#[must_use]
pub fn no_folder(place: &Path) -> Refusal {
    usage(format_args!("`{}` is not a folder", place.display()))
        .expected("a folder, or nothing yet")
        .got("a file")
        .help("choose another folder with `[sync] target` in models.toml, or with `--target`")
}

/// How a user grants what a file of the project asks for.
pub(crate) struct Granting<'a> {
    /// What is asked for, as in `the target`.
    pub(crate) what: &'a str,
    /// What to do, one action each.
    pub(crate) help: Vec<String>,
}

/// Places outside of the project that only `file`, which comes with a clone, names.
#[must_use]
pub(crate) fn elsewhere(file: &str, all: &[&OutsidePath], granting: &Granting<'_>) -> Refusal {
    let Granting { what, help } = granting;
    usage(format_args!("{file} names {what} outside of the project"))
        .at(all.first().map(|first| Line { file: file.to_owned(), line: first.place.line }))
        .expected("a path inside of the project, or one that you allow yourself")
        .got(list(all.iter().map(|one| code(visible(&one.text)))))
        .why("the author of a clone would choose what is read or written elsewhere on this machine")
        .helps(help)
}

/// No folder that the content store could be in.
#[must_use]
pub fn no_store() -> Refusal {
    usage("no folder for the cache").expected("`MODELPIN_CACHE_DIR` or a home folder").help("set `MODELPIN_CACHE_DIR`")
}

/// No folder that the shared cache could be in.
#[must_use]
pub(crate) fn no_hf_cache() -> Refusal {
    usage("no folder for the shared Hugging Face cache")
        .expected("`HF_HUB_CACHE`, `HF_HOME` or a home folder")
        .help("set `HF_HUB_CACHE`")
        .help("or choose another target with `--target`")
}
