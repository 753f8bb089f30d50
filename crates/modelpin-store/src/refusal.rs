//! What users read when this crate's errors end a command.

use crate::error::Error;
use crate::install::{self, Conflict, Discrepancy, SharedConflict};
use modelpin_schema::refusal::{ErrorClass, Failure, Refusal, Refusals};
use modelpin_schema::text::shell_word;
use std::path::Path;

/// What to do about a target that cannot be used where it is.
const OTHER_TARGET: &str = "choose another folder with `[sync] target` in models.toml, or with `--target`";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { doing, path, source } => Self::Io { doing, path, source },
            Error::Mismatch(mismatch) => Self::internal(format_args!("unexpected content in the store: {mismatch}")),
            Error::LinkedFolder(folder) => linked_folder(&folder).into(),
        }
    }
}

impl From<install::Error> for Failure {
    fn from(error: install::Error) -> Self {
        match error {
            install::Error::Store(error) => error.into(),
            install::Error::NotAFolder(root) => not_a_folder(&root).into(),
            install::Error::NotOurs { root, path } => not_ours(&root, &path).into(),
            install::Error::Conflict(conflict) => conflicting_entries(&conflict).into(),
            install::Error::SharedCache(conflicts) => all(conflicts.iter().map(differs_in_shared_cache)),
            install::Error::ExcludedInSharedCache(found) => all(found.iter().map(denied_in_shared_cache)),
            install::Error::SizeMismatch { digest, expected, got } => Refusal::new(
                ErrorClass::Integrity,
                "the length of the file from the cache on this machine does not match models.lock",
            )
            .expected(format_args!("{expected} bytes"))
            .got(format_args!("{got} bytes of {digest}"))
            .why("bytes of another length are not those that were reviewed")
            .help("if only `size` in models.lock was edited, run `git checkout models.lock`")
            .into(),
            install::Error::NotVerified(digest) => Self::internal(format_args!("{digest} was not verified")),
            install::Error::Changed(path) => Self::changed(path.display()),
        }
    }
}

fn all(refusals: impl Iterator<Item = Refusal>) -> Failure {
    match Refusals::new(refusals.collect()) {
        Some(refusals) => refusals.into(),
        None => Failure::internal("an error without a cause"),
    }
}

fn linked_folder(link: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format_args!("`{}` in the store is a symbolic link", link.display()))
        .expected("a folder")
        .got("a symbolic link, which may point anywhere")
        .why("files would be written and removed elsewhere")
        .help("set `MODELPIN_CACHE_DIR` to the real folder, or remove the link")
}

fn not_a_folder(root: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format_args!("`{}` cannot be the target", root.display()))
        .expected("a folder, or nothing yet")
        .got("a file or a symbolic link")
        .why("files would be written and removed elsewhere")
        .help("remove it, then run `modelpin sync`")
        .help(OTHER_TARGET)
}

fn not_ours(root: &Path, path: &str) -> Refusal {
    let root = root.display();
    let word = shell_word(&root.to_string());
    Refusal::new(ErrorClass::Usage, format_args!("`{root}` was not created by modelpin on this machine"))
        .expected("a folder that modelpin created, or one that holds only what models.lock says")
        .got(format_args!("`{path}` in it"))
        .why("untracked files are removed from a target, and these may be someone's work")
        .help(format_args!("move it away (`mv {word} {word}.old`), then run `modelpin sync`"))
        .help(OTHER_TARGET)
}

fn conflicting_entries(conflict: &Conflict) -> Refusal {
    Refusal::new(ErrorClass::Usage, "the target cannot hold all entries")
        .entry(conflict.entry.as_ref())
        .file(&conflict.path)
        .expected("one content for each path")
        .got(&conflict.reason)
        .why("one entry would silently get the other's files")
        .help("pin them in separate projects, or use `[sync] target = \"flat:FOLDER\"`")
}

fn differs_in_shared_cache(conflict: &SharedConflict) -> Refusal {
    Refusal::new(ErrorClass::Integrity, "the shared Hugging Face cache differs from models.lock")
        .entry(conflict.entry.as_ref())
        .file(&conflict.path)
        .expected("the locked content, or nothing")
        .got(&conflict.got)
        .why("other tools use this cache, so modelpin adds files to it and changes none")
        .help("remove that file with the tool that made it (`hf cache`)")
        .help("choose a target of the project's own with `[sync] target` in models.toml")
}

/// The refusal of an excluded file that another tool put into the shared cache.
#[must_use]
pub fn denied_in_shared_cache(found: &Discrepancy) -> Refusal {
    Refusal::new(ErrorClass::Policy, "the shared Hugging Face cache has a file that is withheld")
        .entry(found.name.as_ref())
        .file(&found.label)
        .expected("no such file")
        .got("a file that another tool put there")
        .why("a loader would use it, and modelpin removes nothing from a cache that other tools use")
        .help("remove it from the cache (`hf cache rm`)")
        .help("choose a target of the project's own with `[sync] target` in models.toml")
}
