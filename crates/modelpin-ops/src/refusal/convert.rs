//! Files that cannot be converted, and conversions that do not match the lock.

use super::{ErrorClass, Refusal};
use modelpin_schema::file_word;
use modelpin_schema::lockfile::{Converted, Obstacle};
use modelpin_schema::text::pattern_word;
use modelpin_schema::{Digest, FileKind, RepoPath};

/// With the ways that are left for a file that cannot be converted.
fn or_exempt(refusal: Refusal, from: &RepoPath) -> Refusal {
    let file = file_word(from.as_str());
    refusal.help(format_args!("to leave it out, run `modelpin exclude NAME {}`", pattern_word(from.as_str()))).help(format_args!(
        "or run `modelpin exempt NAME {file} --reason WHY --owner WHO --ticket TICKET --expires 90d` to allow it in \
         the quarantine only"
    ))
}

/// With the ways out of a recorded conversion that is wrong.
fn or_undo(refusal: Refusal, from: &RepoPath) -> Refusal {
    let file = file_word(from.as_str());
    refusal
        .help("run `git checkout models.lock` to restore the reviewed lock")
        .help(format_args!("or run `modelpin convert NAME {file} --undo` to remove the conversion"))
}

/// A file that is no pickle.
#[must_use]
pub fn no_pickle(kind: FileKind) -> Refusal {
    Refusal::new(ErrorClass::Usage, "the file is not a pickle, so there is nothing to convert")
        .expected("a pickle, or a PyTorch file that contains one")
        .got(kind)
        .help("run `modelpin scan NAME -v` to see the format of each file")
}

/// A file whose result would have no name that a loader looks for.
#[must_use]
pub fn no_place(from: &RepoPath) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Usage, "no loader looks for a safetensors file in place of this one")
        .expected("a name that ends in `.bin`, `.pt`, `.pth` or `.ckpt`")
        .got(format_args!("`{}`", from.file_name()));
    or_exempt(refusal, from)
}

/// A shard whose family is not locked as a whole.
#[must_use]
pub fn no_family(from: &RepoPath, obstacle: &Obstacle) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Usage, "shards are converted together with their index, or not at all")
        .expected("all shards and their index in models.lock")
        .got(obstacle)
        .why("a loader finds the results by an index of all of them")
        .help("run `modelpin update NAME` after removing the patterns in models.toml that leave them out");
    or_exempt(refusal, from)
}

/// A file of which the lock says that it is more than tensors.
#[must_use]
pub fn found(from: &RepoPath, obstacle: &Obstacle) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Policy, "the file cannot be converted")
        .expected("a pickle that contains nothing but tensors")
        .got(obstacle)
        .why("anything else in it would be lost or changed")
        .help("run `modelpin scan NAME` to see where");
    or_exempt(refusal, from)
}

/// An index that does not say what is in its shards.
#[must_use]
pub fn other_index(from: &RepoPath, reason: &str) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Policy, "the shards cannot be converted")
        .expected("an index that names the tensors of exactly these shards")
        .got(reason)
        .why("a loader would read other tensors from the results than from the pickles");
    or_exempt(refusal, from)
}

/// An entry without a file that can be converted; `why` has a line for each pickle.
#[must_use]
pub fn nothing_to_convert(why: &str) -> Refusal {
    Refusal::new(ErrorClass::Usage, "no file of the entry was found that can be converted for its loader")
        .expected("a pickle with a name of which loaders find the safetensors")
        .got(why)
        .help("run `modelpin convert NAME FILE` to convert one of them all the same")
        .help("or run `modelpin check` to see the other ways")
}

/// A result that would take the place of a locked file, or of another result.
#[must_use]
pub fn taken(result: &RepoPath, by: &RepoPath) -> Refusal {
    Refusal::new(ErrorClass::Usage, format_args!("the result would replace the file `{by}`"))
        .expected(format_args!("no file at `{result}`"))
        .help(format_args!("to leave that file out, run `modelpin exclude NAME {}`", pattern_word(by.as_str())))
}

/// A conversion that is to be undone, and does not exist.
#[must_use]
pub fn not_converted() -> Refusal {
    Refusal::new(ErrorClass::Usage, "the file is not converted, so there is nothing to undo")
        .help("see `[model.NAME.converted]` in models.lock for the conversions")
}

/// A file that the converter does not take, with its reason.
#[must_use]
pub fn outside(from: &RepoPath, reason: &str) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Policy, "the file cannot be converted")
        .expected("a pickle that contains nothing but tensors")
        .got(reason)
        .why("anything else in it would be lost or changed");
    or_exempt(refusal, from)
}

/// A result that the lock knows, and that is not data to every loader.
#[must_use]
pub fn not_data(from: &RepoPath, got: &str) -> Refusal {
    let refusal =
        Refusal::new(ErrorClass::Integrity, "models.lock calls it a conversion, but its content is something else")
            .expected("safetensors without findings")
            .got(got)
            .why("nobody reviewed these bytes, and loading them may run code");
    or_undo(refusal, from)
}

/// A result that differs from what the lock says.
#[must_use]
pub fn other_result(from: &RepoPath, expected: &Digest, got: &str) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Integrity, "converting the source does not give the file in models.lock")
        .expected(expected)
        .got(got)
        .why("the recorded file was not made from the reviewed source");
    or_undo(refusal, from)
}

/// A result whose source the converter does not take.
#[must_use]
pub fn not_made(from: &RepoPath, expected: &Digest, why: &str) -> Refusal {
    let refusal =
        Refusal::new(ErrorClass::Integrity, "models.lock records a conversion of a file that cannot be converted")
            .expected(expected)
            .got(why)
            .why("the recorded file was not made from the reviewed source");
    or_undo(refusal, from)
}

/// A result that another version of the converter made, and of which there is no copy.
#[must_use]
pub fn by_another(converted: &Converted) -> Refusal {
    let Converted { from, sha256, converter, .. } = converted;
    let file = file_word(from.as_str());
    Refusal::new(ErrorClass::Stale, "it was made by another version of the converter, and no copy of it was found")
        .expected(format_args!(
            "{sha256} in the cache or a mirror, or a conversion by converter {}",
            modelpin_scan::convert::VERSION
        ))
        .got(format_args!("converter {converter}"))
        .why("only the same version of the converter makes the same bytes")
        .help(format_args!("run `modelpin convert NAME {file}` to convert it again, then review the change"))
        .help(format_args!("or use a version of modelpin with converter {converter}"))
}
