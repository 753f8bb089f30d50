//! What keeps a file from being converted, and a result from being believed.

use super::{ErrorClass, Refusal};
use modelpin_schema::file_word;
use modelpin_schema::lockfile::{Converted, is_shard};
use modelpin_schema::{Digest, FileKind, RepoPath};

const DATA: &str = "safetensors in which the scan finds nothing";

fn refusal(class: ErrorClass, what: &str, expected: String, got: String, why: &str, help: String) -> Refusal {
    let (what, why) = (what.to_owned(), why.to_owned());
    Refusal::new(class, what).expected(expected).got(got).why(why).help(help)
}

/// The way that is left for a file that cannot be converted.
fn exempt(from: &RepoPath) -> String {
    format!(
        "leave it out with `exclude` in models.toml; or `modelpin exempt NAME {} --reason WHY --owner WHO --ticket TICKET --expires 90d` lets these bytes into the quarantine",
        file_word(from.as_str())
    )
}

/// The ways out of a recorded conversion that does not hold.
fn take_back(from: &RepoPath) -> String {
    format!(
        "`git checkout models.lock` takes the reviewed lock back; `modelpin convert NAME {} --undo` takes the conversion out",
        file_word(from.as_str())
    )
}

/// A file that is no pickle.
#[must_use]
pub fn no_pickle(kind: FileKind) -> Refusal {
    refusal(
        ErrorClass::Usage,
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
    let (what, expected, why) = if is_shard(from) {
        (
            "it is one of several shards, and those are not converted yet",
            "weights in one file",
            "loaders find shards by an index, which would have to be made of all results together",
        )
    } else {
        (
            "loaders look for no safetensors in the place of this file",
            "a name that ends in `.bin`, `.pt`, `.pth` or `.ckpt`",
            "a result that no loader finds would replace nothing",
        )
    };
    refusal(ErrorClass::Usage, what, expected.to_owned(), format!("`{}`", from.file_name()), why, exempt(from))
}

/// A result that would take the place of a locked file, or of another result.
#[must_use]
pub fn taken(result: &RepoPath, by: &RepoPath) -> Refusal {
    refusal(
        ErrorClass::Usage,
        "something is in the place of its result already",
        format!("no file at `{result}`"),
        format!("`{by}`"),
        "of two files for one place, nobody could say which a loader gets",
        "leave one of them out with `exclude` in models.toml, then `modelpin lock`".to_owned(),
    )
}

/// A conversion that is to go, and is none.
#[must_use]
pub fn not_converted() -> Refusal {
    refusal(
        ErrorClass::Usage,
        "it is not converted, so there is nothing to undo",
        "a file of which models.lock records a conversion".to_owned(),
        "none".to_owned(),
        "a success on nothing would look like something that was done",
        "`[model.NAME.converted]` in models.lock lists the conversions; `modelpin diff` shows what changed".to_owned(),
    )
}

/// A file that the converter refuses, with its reason.
#[must_use]
pub fn outside(from: &RepoPath, reason: &str) -> Refusal {
    refusal(
        ErrorClass::Policy,
        "it cannot be converted",
        "a pickle that holds nothing but tensors".to_owned(),
        reason.to_owned(),
        "whatever is not understood to its end would be lost or changed without a word",
        exempt(from),
    )
}

/// A result that the lock knows, and that is not data to every loader.
#[must_use]
pub fn not_data(from: &RepoPath, got: &str) -> Refusal {
    refusal(
        ErrorClass::Integrity,
        "models.lock calls it a conversion, and by its content it is none",
        DATA.to_owned(),
        got.to_owned(),
        "bytes that nobody reviewed may do anything when they are loaded",
        take_back(from),
    )
}

/// A result that comes out otherwise than the lock says.
#[must_use]
pub fn other_result(from: &RepoPath, expected: &Digest, got: &str) -> Refusal {
    refusal(
        ErrorClass::Integrity,
        "converting its source gives other bytes than models.lock records",
        expected.to_string(),
        got.to_owned(),
        "the recorded bytes are no conversion of what was reviewed, whoever made them",
        take_back(from),
    )
}

/// A result of which the converter does not even take the source.
#[must_use]
pub fn not_made(from: &RepoPath, expected: &Digest, why: &str) -> Refusal {
    refusal(
        ErrorClass::Integrity,
        "models.lock records a conversion of its source, and the converter does not take that",
        expected.to_string(),
        why.to_owned(),
        "nobody can have made the recorded bytes as models.lock says",
        take_back(from),
    )
}

/// A result that another converter made, and that nobody has.
#[must_use]
pub fn by_another(converted: &Converted) -> Refusal {
    let Converted { from, sha256, converter, .. } = converted;
    refusal(
        ErrorClass::Stale,
        "it was made by another converter, and its bytes are nowhere",
        format!("{sha256} in the store or a mirror, or a conversion by converter {}", modelpin_scan::convert::VERSION),
        format!("converter {converter}"),
        "only the same converter makes the same bytes",
        format!(
            "`modelpin convert NAME {}` converts it anew, which the ticket shows; or use the modelpin that has converter {converter}",
            file_word(from.as_str())
        ),
    )
}
