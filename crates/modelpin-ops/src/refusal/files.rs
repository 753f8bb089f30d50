//! Trouble with models.toml and models.lock as wholes.

use super::{ErrorClass, Failure, Refusal, usage};
use crate::policy::shell_word;
use crate::project::MANIFEST;
use modelpin_schema::fault::Place;
use modelpin_schema::lockfile::{Refused, Stale};
use modelpin_schema::visible;
use std::path::Path;

/// A manifest in a folder above that another user owns; `trust` is the advice that makes it count.
#[must_use]
pub fn foreign_manifest(dir: &Path, trust: Option<String>) -> Refusal {
    let folder = shell_word(&dir.to_string_lossy());
    let trust = trust.map(|trust| format!("; for always, {trust}")).unwrap_or_default();
    Refusal {
        class: ErrorClass::Usage,
        rule: None,
        at: None,
        name: None,
        path: None,
        what: format!("`{}`, or its folder, belongs to another user", dir.join(MANIFEST).display()),
        expected: "a models.toml of this user or of root, or one in the folder of the command".to_owned(),
        got: "one of somebody else in a folder above".to_owned(),
        why: "whoever can write there would choose what is fetched here".to_owned(),
        help: format!("if it is meant, `modelpin -C {folder} …` says so{trust}; `modelpin init` starts a project here"),
    }
}

/// No manifest from `start` upwards, as far as the file system goes whose topmost folder is `border`.
#[must_use]
pub fn no_manifest(start: &Path, border: Option<&Path>) -> Refusal {
    let got =
        border.map(|border| format!("none; above `{}` is another file system, where nobody looks", border.display()));
    Refusal {
        class: ErrorClass::Usage,
        rule: None,
        at: None,
        name: None,
        path: None,
        what: "this is no modelpin project".to_owned(),
        expected: format!("`models.toml` in `{}` or a folder above it", start.display()),
        got: got.unwrap_or_else(|| "none".to_owned()),
        why: "without it nothing says which models are wanted".to_owned(),
        help: "`modelpin init` starts a project here".to_owned(),
    }
}

/// A manifest that wants nothing, where something has to be done.
#[must_use]
pub fn nothing_declared() -> Refusal {
    Refusal {
        class: ErrorClass::Usage,
        rule: None,
        at: None,
        name: None,
        path: None,
        what: "models.toml declares no model and no dataset".to_owned(),
        expected: "at least one entry below `[models]` or `[datasets]`".to_owned(),
        got: "none".to_owned(),
        why: "a success on nothing would look like a check that passed".to_owned(),
        help: "`modelpin add ORG/REPO` declares one".to_owned(),
    }
}

/// No lock, where one has to be there.
#[must_use]
pub fn no_lock() -> Refusal {
    Refusal {
        class: ErrorClass::Stale,
        rule: None,
        at: None,
        name: None,
        path: None,
        what: "there is no models.lock".to_owned(),
        expected: "a lock that answers models.toml, in version control beside it".to_owned(),
        got: "none".to_owned(),
        why: "nothing is pinned, so whatever the Hub serves today would be taken".to_owned(),
        help: "`modelpin lock` makes it; commit it".to_owned(),
    }
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
    let refusal = Refusal {
        class: ErrorClass::Stale,
        rule: None,
        at: None,
        name: None,
        path: None,
        what,
        expected,
        got,
        why: "the lock was reviewed for another wish than the one in the manifest".to_owned(),
        help: "`modelpin lock` answers the manifest anew; review and commit the lock".to_owned(),
    };
    refusal.of(stale.name())
}

/// A lock that is not believed.
#[must_use]
pub fn lock_refused(refused: Refused) -> Failure {
    match refused {
        Refused::Unreadable(fault) => Failure::Fault(fault),
        Refused::Edited { name, key, recorded, computed, place } => {
            let refusal = Refusal {
                class: ErrorClass::Integrity,
                rule: None,
                at: None,
                name: None,
                path: None,
                what: place.map_or_else(
                    || "models.lock was edited by hand".to_owned(),
                    |place| format!("models.lock was edited by hand (line {})", place.line),
                ),
                expected: format!("files that give its recorded `{key}`, {recorded}"),
                got: computed.to_string(),
                why: "a hash that somebody typed proves nothing about the bytes that were reviewed".to_owned(),
                help: "`git checkout models.lock` takes the reviewed lock back; `modelpin update` moves a pin"
                    .to_owned(),
            };
            refusal.of(&name).into()
        }
    }
}

/// A file that a link leads to, out of the folder that it belongs to.
#[must_use]
pub fn leads_out(path: &Path, real: &Path) -> Refusal {
    usage::other(
        format!("`{}` leads out of its folder", shown(path)),
        "an ordinary file, or a link that ends in the same folder",
        format!("`{}`", shown(real)),
        "whoever made the link chose the file, and it may be one that nobody else should read or write",
        &format!("look at it (`ls -l {word}`), remove the link, and put the file itself there", word = word(path)),
    )
}

/// A link behind which nothing is.
#[must_use]
pub fn leads_nowhere(path: &Path) -> Refusal {
    usage::other(
        format!("`{}` is a link that leads nowhere", shown(path)),
        "an ordinary file, or a link to one in the same folder",
        "a link to nothing".to_owned(),
        "what would be written there belongs to whoever made the link",
        &format!("remove the link (`rm {}`), or make the file that it names", word(path)),
    )
}

/// Something that is no file, in the place of one.
#[must_use]
pub fn not_ordinary(path: &Path, got: &str) -> Refusal {
    usage::other(
        format!("`{}` is no ordinary file", shown(path)),
        "an ordinary file",
        got.to_owned(),
        "to read it could take for ever, and to write it could change something else",
        &format!("look at it (`ls -ld {word}`) and move it away (`mv {word} {word}.old`)", word = word(path)),
    )
}

/// A file that a link led to and that cannot be read for what it should be; none of it is shown.
#[must_use]
pub fn linked_text(path: &Path, real: &Path, at: Option<&Place>) -> Refusal {
    let at = at.map(|at| format!(", wrong in line {}, column {}", at.line, at.column)).unwrap_or_default();
    usage::other(
        format!("`{}` is a link to a file that cannot be read for it", shown(path)),
        "a link to a file of the same kind",
        format!("`{}`{at}", shown(real)),
        "none of it is shown, since a link may lead to a file with secrets",
        &format!("correct that file, or remove the link (`rm {}`) and put the file itself there", word(path)),
    )
}

/// A file of the project that somebody else changed while it was worked on.
#[must_use]
pub fn changed_meanwhile(path: &Path) -> Refusal {
    let refusal = usage::other(
        format!("`{}` changed while this command worked on it", shown(path)),
        "the file as it was read",
        "another text".to_owned(),
        "what somebody else wrote would be lost",
        "run the same command again; it begins with the file as it is now",
    );
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
    Refusal {
        class: ErrorClass::Integrity,
        rule: None,
        at: None,
        name: None,
        path: None,
        what: "nothing is synced yet".to_owned(),
        expected: format!("the files of models.lock in `{}`", visible(&target.to_string_lossy())),
        got: "none of them".to_owned(),
        why: "there is nothing that a loader could be given".to_owned(),
        help: "`modelpin sync`".to_owned(),
    }
}
