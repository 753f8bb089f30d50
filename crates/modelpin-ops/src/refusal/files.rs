//! Errors about models.toml and models.lock as wholes, and the files that they are.

use super::{ErrorClass, Failure, Refusal};
use modelpin_schema::fault::Place;
use modelpin_schema::lockfile::{LockError, Stale};
use modelpin_schema::{MANIFEST, shell_word, visible};
use std::path::Path;

/// A manifest in a folder above that another user owns; `trust` is the advice that makes it count.
#[must_use]
pub fn foreign_manifest(dir: &Path, trust: Option<String>) -> Refusal {
    let folder = word(dir);
    Refusal::new(
        ErrorClass::Usage,
        format_args!("`{}`, or its folder, belongs to another user", shown(&dir.join(MANIFEST))),
    )
    .expected("a models.toml of this user or of root, or one in the current folder")
    .why("another user would choose what is downloaded here")
    .help(format_args!("run `modelpin -C {folder} …` to use it once"))
    .helps(trust.map(|trust| format!("to trust it permanently, {trust}")))
    .help("or run `modelpin init` to start a project here")
}

/// No manifest from `start` upwards, up to the file system whose topmost folder is `border`.
#[must_use]
pub fn no_manifest(start: &Path, border: Option<&Path>) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Usage, "no models.toml found")
        .expected(format_args!("`models.toml` in `{}` or a folder above it", shown(start)));
    let refusal = match border {
        Some(border) => {
            refusal.got(format_args!("none; the search ended at `{}`, the top of its file system", shown(border)))
        }
        None => refusal,
    };
    refusal.help("run `modelpin init` to start a project here")
}

/// A manifest without entries, where something has to be done.
#[must_use]
pub fn nothing_declared() -> Refusal {
    Refusal::new(ErrorClass::Usage, "models.toml has no models and no datasets")
        .expected("at least one entry in `[models]` or `[datasets]`")
        .why("an empty run must not be reported as a pass")
        .help("run `modelpin add ORG/REPO` to add one")
}

/// No lock, where there has to be one.
#[must_use]
pub fn no_lock() -> Refusal {
    Refusal::new(ErrorClass::Stale, "models.lock not found")
        .why("without it nothing is pinned")
        .help("run `modelpin lock` to create it, then commit it")
}

/// A difference between the manifest and the lock.
#[must_use]
pub fn stale(stale: &Stale) -> Refusal {
    let refusal = match stale {
        Stale::Missing(_) => Refusal::new(ErrorClass::Stale, "it is in models.toml but not in models.lock"),
        Stale::Extra(_) => Refusal::new(ErrorClass::Stale, "it is in models.lock but not in models.toml"),
        Stale::Differs { field, manifest, lock, .. } => Refusal::new(
            ErrorClass::Stale,
            format_args!("models.lock is not up to date: `{field}` differs from models.toml"),
        )
        .expected(format_args!("`{manifest}`"))
        .got(format_args!("`{lock}`")),
    };
    refusal
        .why("models.toml changed after models.lock was reviewed")
        .help("run `modelpin lock`, then review and commit models.lock")
        .entry(stale.name())
}

/// A lock that cannot be used.
#[must_use]
pub fn lock_refused(error: LockError) -> Failure {
    match error {
        LockError::Unreadable(fault) => Failure::Fault(fault),
        LockError::Edited { name, key, recorded, computed, place } => {
            let line = place.map(|place| format!(" (line {})", place.line)).unwrap_or_default();
            Refusal::new(ErrorClass::Integrity, format_args!("models.lock was edited by hand{line}"))
                .expected(format_args!("files whose `{key}` is {recorded}"))
                .got(computed)
                .why("a hash that was typed in proves nothing about the reviewed bytes")
                .help("run `git checkout models.lock` to restore the reviewed lock")
                .help("run `modelpin update` to change a pin")
                .entry(&name)
                .into()
        }
    }
}

/// A link whose target is outside of the folder that it belongs to.
#[must_use]
pub fn leads_out(path: &Path, real: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format_args!("`{}` is a link to a file outside of its folder", shown(path)))
        .expected("an ordinary file, or a link within the same folder")
        .got(format_args!("`{}`", shown(real)))
        .why("whoever made the link chose the file, which may hold secrets")
        .help(format_args!("inspect the link (`ls -l {}`)", word(path)))
        .help("replace it by the file itself")
}

/// A link whose target does not exist.
#[must_use]
pub fn leads_nowhere(path: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format_args!("`{}` is a dangling link", shown(path)))
        .expected("an ordinary file, or a link within the same folder")
        .why("whoever made the link would choose where a file is written")
        .help(format_args!("remove the link (`rm {}`), or create the file that it names", word(path)))
}

/// Something that is no ordinary file, in the place of one.
#[must_use]
pub fn not_ordinary(path: &Path, got: &str) -> Refusal {
    let word = word(path);
    Refusal::new(ErrorClass::Usage, format_args!("`{}` is not an ordinary file", shown(path)))
        .expected("an ordinary file")
        .got(got)
        .why("reading it could block, and writing to it could change something else")
        .help(format_args!("inspect it (`ls -ld {word}`)"))
        .help(format_args!("move it away (`mv {word} {word}.old`)"))
}

/// A file that a link leads to and that cannot be parsed; none of it is shown.
#[must_use]
pub fn linked_text(path: &Path, real: &Path, at: Option<&Place>) -> Refusal {
    let at = at.map(|at| format!(", with an error in line {}, column {}", at.line, at.column)).unwrap_or_default();
    Refusal::new(ErrorClass::Usage, format_args!("`{}` is a link to a file that cannot be parsed", shown(path)))
        .expected("a link to a file of the same format")
        .got(format_args!("`{}`{at}", shown(real)))
        .why("its text is not shown, since a link may lead to a file with secrets")
        .help("correct that file")
        .help(format_args!("or remove the link (`rm {}`) and put the file itself there", word(path)))
}

/// A file of the project that another process changed while a command ran.
#[must_use]
pub fn changed_meanwhile(path: &Path) -> Refusal {
    Refusal::new(ErrorClass::Stale, format_args!("`{}` changed while this command was running", shown(path)))
        .why("writing it would lose that change")
        .help("run the same command again")
}

/// A target without any of the locked files.
#[must_use]
pub fn not_synced(target: &Path) -> Refusal {
    Refusal::new(ErrorClass::Integrity, "nothing is installed yet")
        .expected(format_args!("the files of models.lock in `{}`", visible(&target.to_string_lossy())))
        .got("none of them")
        .why("a program would find no model there")
        .help("run `modelpin sync`")
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string())
}

fn word(path: &Path) -> String {
    shell_word(&path.to_string_lossy())
}
