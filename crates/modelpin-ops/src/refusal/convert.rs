//! What keeps a file from being converted, and a result from being believed.

use super::{Class, Refusal};
use modelpin_schema::lockfile::{Converted, is_shard};
use modelpin_schema::{Digest, FileKind, RepoPath};

fn refusal(class: Class, what: &str, expected: String, got: String, why: &str, help: String) -> Refusal {
    let (what, why) = (what.to_owned(), why.to_owned());
    Refusal { class, rule: None, at: None, name: None, path: None, what, expected, got, why, help }
}

/// A file that is no pickle.
#[must_use]
pub fn no_pickle(kind: FileKind) -> Refusal {
    refusal(
        Class::Usage,
        "it is no pickle, so there is nothing to convert",
        "a pickle, or a torch file with one in it".to_owned(),
        kind.to_string(),
        "a conversion takes code out of the way of a loader, and here is none",
        "`modelpin scan NAME -v` says what each file is".to_owned(),
    )
}

/// A file whose result would have no name that a loader looks for.
#[must_use]
pub fn no_place(from: &RepoPath) -> Refusal {
    let help =
        "`modelpin exempt NAME FILE` lets exact bytes into the quarantine; `exclude` in models.toml leaves it out";
    if is_shard(from) {
        return refusal(
            Class::Usage,
            "it is one of several shards, and those are not converted yet",
            "weights in one file".to_owned(),
            format!("`{}`", from.file_name()),
            "loaders find shards by an index, which would have to be made of all results together",
            help.to_owned(),
        );
    }
    refusal(
        Class::Usage,
        "loaders look for no safetensors in the place of this file",
        "a name that ends in `.bin`, `.pt`, `.pth` or `.ckpt`".to_owned(),
        format!("`{}`", from.file_name()),
        "a result that no loader finds would replace nothing",
        help.to_owned(),
    )
}

/// A result that would take the place of a locked file, or of another result.
#[must_use]
pub fn taken(result: &RepoPath, by: &RepoPath) -> Refusal {
    refusal(
        Class::Usage,
        "something is in the place of its result already",
        format!("no file at `{result}`"),
        format!("`{by}`"),
        "of two files for one place, nobody could say which a loader gets",
        "leave this file out with `exclude` in models.toml, then `modelpin lock`: what is there holds the weights"
            .to_owned(),
    )
}

/// A conversion that is to go, and is none.
#[must_use]
pub fn not_converted() -> Refusal {
    refusal(
        Class::Usage,
        "it is not converted, so there is nothing to undo",
        "a file of which models.lock records a conversion".to_owned(),
        "none".to_owned(),
        "a success on nothing would look like something that was done",
        "`[model.NAME.converted]` in models.lock lists the conversions; `modelpin diff` shows what changed".to_owned(),
    )
}

/// A file that the converter refuses, with its reason.
#[must_use]
pub fn outside(reason: &str) -> Refusal {
    refusal(
        Class::Policy,
        "it cannot be converted",
        "a pickle that holds nothing but tensors".to_owned(),
        reason.to_owned(),
        "whatever is not understood to its end would be lost or changed without a word",
        "`modelpin scan NAME` shows what is in it; `modelpin exempt NAME FILE` lets exact bytes into the quarantine"
            .to_owned(),
    )
}

/// A result that another converter made, and that nobody has.
#[must_use]
pub fn by_another(converted: &Converted) -> Refusal {
    refusal(
        Class::Stale,
        "it was made by another converter, and its bytes are nowhere",
        format!(
            "{} in the store or a mirror, or a conversion by converter {}",
            converted.sha256,
            modelpin_scan::convert::VERSION
        ),
        format!("converter {}", converted.converter),
        "only the same converter makes the same bytes",
        format!(
            "`modelpin convert NAME {}` converts it anew, which the ticket shows; or use the modelpin that has converter {}",
            crate::policy::shell_word(converted.from.as_str()),
            converted.converter
        ),
    )
}

/// A result that comes out otherwise than the lock says.
#[must_use]
pub fn other_result(expected: &Digest, got: &str) -> Refusal {
    refusal(
        Class::Integrity,
        "converting its source gives other bytes than models.lock records",
        expected.to_string(),
        got.to_owned(),
        "the recorded bytes are no conversion of what was reviewed, whoever made them",
        "`git checkout models.lock` takes the reviewed lock back; `modelpin convert NAME FILE --undo`, and without `--undo`, records what comes out".to_owned(),
    )
}

/// A result that is not data to a loader.
#[must_use]
pub fn not_data(got: &str) -> Refusal {
    refusal(
        Class::Integrity,
        "models.lock calls it a conversion, and by its content it is none",
        "safetensors in which the scan finds nothing".to_owned(),
        got.to_owned(),
        "bytes that nobody reviewed may do anything when they are loaded",
        "`git checkout models.lock` takes the reviewed lock back; `modelpin convert NAME FILE --undo` takes the conversion out".to_owned(),
    )
}
