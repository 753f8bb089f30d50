//! Recognizes repos of alternatives: weights that differ only in a precision or a name, and of which a loader takes one.
//!
//! Safetensors and pickles never are alternatives, with one exception: the ggml files of whisper.cpp, whose names say
//! what they are.

mod coreml;
mod found;
mod gguf;
mod onnx;
mod voices;
mod whisper;

use super::listing::File;
use super::shelf::{Alternative, Shelf};
use crate::{FileKind, RepoPath};
use found::Found;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The shelf that `taken`, the files of the default decision, make up; none where a loader takes all of them.
pub(super) fn find<'a>(taken: &[File<'a>]) -> Option<Shelf<'a>> {
    let forms: [&dyn Fn() -> Found<'a>; 5] =
        [&|| gguf::find(taken), &|| whisper::find(taken), &|| voices::find(taken), &|| onnx::find(taken), &|| {
            coreml::find(taken)
        }];
    let found = forms.iter().map(|form| form()).find(|found| found.len() > 1)?;
    let belonging: BTreeSet<&RepoPath> = found.values().flatten().map(|file| file.path).collect();
    let shared = taken.iter().filter(|file| !belonging.contains(file.path) && is_read(file)).map(|file| file.path);
    let mut alternatives: Vec<Alternative<'a>> = found.into_iter().map(alternative).collect();
    alternatives.sort_by(|one, other| as_read(&one.name, &other.name));
    Some(Shelf { alternatives, shared: shared.collect() })
}

fn alternative<'a>((name, files): (String, Vec<File<'a>>)) -> Alternative<'a> {
    let files: BTreeMap<&RepoPath, u64> = files.iter().map(|file| (file.path, file.size)).collect();
    let size = files.values().fold(0, |sum: u64, size| sum.saturating_add(*size));
    Alternative { name, size, files: files.into_keys().collect() }
}

/// Whether a loader may need a file, whichever alternative it takes.
fn is_read(file: &File<'_>) -> bool {
    let read = matches!(file.kind, FileKind::Config | FileKind::Tokenizer | FileKind::Code | FileKind::Numpy);
    (read || file.is_weights()) && !matches!(file.name, ".gitattributes" | ".gitignore")
}

/// The order in which people read names: numbers by their value, letters without their case.
fn as_read(one: &str, other: &str) -> Ordering {
    key(one).cmp(&key(other)).then_with(|| one.cmp(other))
}

/// Numbers, which come before letters.
fn key(name: &str) -> Vec<(bool, u64, char)> {
    let mut key = Vec::new();
    let mut number: Option<u64> = None;
    for c in name.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(digit)));
            continue;
        }
        key.extend(number.take().map(|value| (false, value, '0')));
        key.push((true, 0, c.to_ascii_lowercase()));
    }
    key.extend(number.map(|value| (false, value, '0')));
    key
}

#[cfg(test)]
mod tests {
    use super::as_read;

    #[test]
    fn numbers_are_sorted_by_their_value() {
        let mut names = ["large", "Q10_K", "Q4_K_M", "q4_0", "base.en", "Q2_K"];
        names.sort_by(|one, other| as_read(one, other));
        assert_eq!(names, ["base.en", "large", "Q2_K", "q4_0", "Q4_K_M", "Q10_K"]);
    }
}
