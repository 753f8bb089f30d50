//! Trouble with models.toml and models.lock as wholes.

use super::{Class, Failure, Refusal};
use modelpin_schema::lockfile::{Refused, Stale};
use std::path::Path;

/// No manifest from `start` upwards.
#[must_use]
pub fn no_manifest(start: &Path) -> Refusal {
    Refusal {
        class: Class::Usage,
        rule: None,
        at: None,
        name: None,
        path: None,
        what: "this is no modelpin project".to_owned(),
        expected: format!("`models.toml` in `{}` or a folder above it", start.display()),
        got: "none".to_owned(),
        why: "without it nothing says which models are wanted".to_owned(),
        help: "`modelpin init` starts a project here".to_owned(),
    }
}

/// A manifest that wants nothing, where something has to be done.
#[must_use]
pub fn nothing_declared() -> Refusal {
    Refusal {
        class: Class::Usage,
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
        class: Class::Stale,
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
        class: Class::Stale,
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
                class: Class::Integrity,
                rule: None,
                at: None,
                name: None,
                path: None,
                what: format!("models.lock was edited by hand (line {})", place.line),
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
