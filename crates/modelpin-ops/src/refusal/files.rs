//! Trouble with models.toml and models.lock as wholes.

use super::{ErrorClass, Failure, Refusal};
use crate::file_names::MANIFEST;
use modelpin_schema::fault::Place;
use modelpin_schema::lockfile::{LockError, Stale};
use modelpin_schema::shell_word;
use modelpin_schema::visible;
use std::path::Path;

/// A manifest in a folder above that another user owns; `trust` is the advice that makes it count.
#[must_use]
pub fn foreign_manifest(dir: &Path, trust: Option<String>) -> Refusal {
    let folder = shell_word(&dir.to_string_lossy());
    let trust = trust.map(|trust| format!("; for always, {trust}")).unwrap_or_default();
    Refusal::new(
        ErrorClass::Usage,
        format!("`{}`, or its folder, belongs to another user", dir.join(MANIFEST).display()),
    )
    .expected("a models.toml of this user or of root, or one in the folder of the command")
    .got("one of somebody else in a folder above")
    .why("whoever can write there would choose what is fetched here")
    .help(format!("if it is meant, `modelpin -C {folder} …` says so{trust}; `modelpin init` starts a project here"))
}

/// No manifest from `start` upwards, as far as the file system goes whose topmost folder is `border`.
#[must_use]
pub fn no_manifest(start: &Path, border: Option<&Path>) -> Refusal {
    let got =
        border.map(|border| format!("none; above `{}` is another file system, where nobody looks", border.display()));
    Refusal::new(ErrorClass::Usage, "this is no modelpin project")
        .expected(format!("`models.toml` in `{}` or a folder above it", start.display()))
        .got(got.unwrap_or_else(|| "none".to_owned()))
        .why("without it nothing says which models are wanted")
        .help("`modelpin init` starts a project here")
}

/// A manifest that wants nothing, where something has to be done.
#[must_use]
pub fn nothing_declared() -> Refusal {
    Refusal::new(ErrorClass::Usage, "models.toml declares no model and no dataset")
        .expected("at least one entry below `[models]` or `[datasets]`")
        .got("none")
        .why("a success on nothing would look like a check that passed")
        .help("`modelpin add ORG/REPO` declares one")
}

/// No lock, where one has to be there.
#[must_use]
pub fn no_lock() -> Refusal {
    Refusal::new(ErrorClass::Stale, "there is no models.lock")
        .expected("a lock that answers models.toml, in version control beside it")
        .got("none")
        .why("nothing is pinned, so whatever the Hub serves today would be taken")
        .help("`modelpin lock` makes it; commit it")
}

/// A fact that the lock does not answer.
#[must_use]
pub fn stale(stale: &Stale) -> Refusal {
    let (what, expected, got) = match stale {
        Stale::Missing(_) => {
            ("it is in models.toml but not in models.lock".to_owned(), "a pin".to_owned(), "none".to_owned())
        }
        Stale::Extra(_) => {
            let what = "it is in models.lock but not in models.toml".to_owned();
            (what, "no pin that nobody asked for".to_owned(), "a pin".to_owned())
        }
        Stale::Differs { field, manifest, lock, .. } => {
            let what = format!("models.lock does not answer models.toml: `{field}` differs");
            (what, format!("`{manifest}`"), format!("`{lock}`"))
        }
    };
    let refusal = Refusal::new(ErrorClass::Stale, what)
        .expected(expected)
        .got(got)
        .why("the lock was reviewed for another wish than the one in the manifest")
        .help("`modelpin lock` answers the manifest anew; review and commit the lock");
    refusal.entry(stale.name())
}

/// A lock that is not believed.
#[must_use]
pub fn lock_refused(refused: LockError) -> Failure {
    match refused {
        LockError::Unreadable(fault) => Failure::Fault(fault),
        LockError::Edited { name, key, recorded, computed, place } => {
            let refusal = Refusal::new(
                ErrorClass::Integrity,
                place.map_or_else(
                    || "models.lock was edited by hand".to_owned(),
                    |place| format!("models.lock was edited by hand (line {})", place.line),
                ),
            )
            .expected(format!("files that give its recorded `{key}`, {recorded}"))
            .got(computed.to_string())
            .why("a hash that somebody typed proves nothing about the bytes that were reviewed")
            .help("`git checkout models.lock` takes the reviewed lock back; `modelpin update` moves a pin");
            refusal.entry(&name).into()
        }
    }
}

/// A file that a link leads to, out of the folder that it belongs to.
#[must_use]
pub fn leads_out(path: &Path, real: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{}` leads out of its folder", shown(path)))
        .expected("an ordinary file, or a link that ends in the same folder")
        .got(format!("`{}`", shown(real)))
        .why("whoever made the link chose the file, and it may be one that nobody else should read or write")
        .help(format!("look at it (`ls -l {word}`), remove the link, and put the file itself there", word = word(path)))
}

/// A link behind which nothing is.
#[must_use]
pub fn leads_nowhere(path: &Path) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{}` is a link that leads nowhere", shown(path)))
        .expected("an ordinary file, or a link to one in the same folder")
        .got("a link to nothing")
        .why("what would be written there belongs to whoever made the link")
        .help(format!("remove the link (`rm {}`), or make the file that it names", word(path)))
}

/// Something that is no file, in the place of one.
#[must_use]
pub fn not_ordinary(path: &Path, got: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, format!("`{}` is no ordinary file", shown(path)))
        .expected("an ordinary file")
        .got(got)
        .why("to read it could take for ever, and to write it could change something else")
        .help(format!("look at it (`ls -ld {word}`) and move it away (`mv {word} {word}.old`)", word = word(path)))
}

/// A file that a link led to and that cannot be read for what it should be; none of it is shown.
#[must_use]
pub fn linked_text(path: &Path, real: &Path, at: Option<&Place>) -> Refusal {
    let at = at.map(|at| format!(", wrong in line {}, column {}", at.line, at.column)).unwrap_or_default();
    Refusal::new(ErrorClass::Usage, format!("`{}` is a link to a file that cannot be read for it", shown(path)))
        .expected("a link to a file of the same kind")
        .got(format!("`{}`{at}", shown(real)))
        .why("none of it is shown, since a link may lead to a file with secrets")
        .help(format!("correct that file, or remove the link (`rm {}`) and put the file itself there", word(path)))
}

/// A file of the project that somebody else changed while it was worked on.
#[must_use]
pub fn changed_meanwhile(path: &Path) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Usage, format!("`{}` changed while this command worked on it", shown(path)))
        .expected("the file as it was read")
        .got("another text")
        .why("what somebody else wrote would be lost")
        .help("run the same command again; it begins with the file as it is now");
    Refusal { class: ErrorClass::Stale, ..refusal }
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string())
}

fn word(path: &Path) -> String {
    shell_word(&path.to_string_lossy())
}

/// A target of which nothing is there.
#[must_use]
pub fn not_synced(target: &Path) -> Refusal {
    Refusal::new(ErrorClass::Integrity, "nothing is synced yet")
        .expected(format!("the files of models.lock in `{}`", visible(&target.to_string_lossy())))
        .got("none of them")
        .why("there is nothing that a loader could be given")
        .help("`modelpin sync`")
}
