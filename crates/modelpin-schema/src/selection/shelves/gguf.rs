//! Quants of GGUF, and of what came before it.

use super::found::{Found, named};
use crate::FileKind;
use crate::selection::listing::File;
use crate::selection::names::strip_shard;
use std::collections::{BTreeMap, BTreeSet};

/// The files of one quant: in one folder, with one name but for the number of the shard.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    folder: &'a str,
    stem: &'a str,
    total: u32,
}

pub(super) fn find<'a>(taken: &[File<'a>]) -> Found<'a> {
    let mut groups: BTreeMap<Group<'a>, Vec<File<'a>>> = BTreeMap::new();
    for file in taken {
        let Some(stem) = stem(file) else { continue };
        let (stem, shard) = strip_shard(stem);
        let group = Group { folder: file.folder, stem, total: shard.map_or(0, |(_, total)| total) };
        groups.entry(group).or_default().push(*file);
    }
    let bases: BTreeSet<&str> = groups.keys().filter_map(|group| split(group.stem)).map(|(base, _)| base).collect();
    if groups.keys().filter(|group| quant(group).is_some()).count() < 2 {
        return Found::new();
    }
    // A file without a quant is one more where it is the unquantized original, and something else where it is not.
    let alternative = |group: &Group<'a>| quant(group).is_some() || bases.contains(group.stem);
    let groups = groups.into_iter().filter(|(group, _)| alternative(group));
    named(groups.map(|(group, files)| {
        let short = quant(&group).unwrap_or(group.stem);
        // Where two models have the same quants, the name of the model is part of the name.
        let long = if split(group.stem).is_some() || short == group.stem {
            group.stem.to_owned()
        } else {
            format!("{}-{short}", group.stem)
        };
        (short.to_owned(), long, files)
    }))
}

/// The name of a GGUF file without its extension. A projector and an importance matrix are read beside any quant.
fn stem<'a>(file: &File<'a>) -> Option<&'a str> {
    let (stem, extension) = split_name(file.name)?;
    let old = extension == "bin" && stem.contains(".ggmlv3.");
    if file.kind != FileKind::Gguf && !matches!(extension, "gguf" | "llamafile") && !old {
        return None;
    }
    let lower = stem.to_ascii_lowercase();
    let beside = ["mmproj", "imatrix", "-vocab"].iter().any(|word| lower.contains(word));
    (!beside).then_some(stem)
}

/// The name and its extension; also of what was cut into pieces before shards were known: `X.gguf-split-a`,
/// `X.gguf.part1of2`.
fn split_name(name: &str) -> Option<(&str, &str)> {
    let piece = name.rsplit_once(".gguf").filter(|(_, rest)| rest.starts_with("-split-") || rest.starts_with(".part"));
    piece.map(|(stem, _)| (stem, "gguf")).or_else(|| name.rsplit_once('.'))
}

/// The quant of a file's name, else of its folder's.
fn quant<'a>(group: &Group<'a>) -> Option<&'a str> {
    let folder = group.folder.rsplit('/').next().unwrap_or_default();
    split(group.stem).map(|(_, quant)| quant).or_else(|| is_quant(folder).then_some(folder))
}

/// `Qwen3-8B-UD-Q4_K_XL` as `Qwen3-8B` and `UD-Q4_K_XL`.
fn split(stem: &str) -> Option<(&str, &str)> {
    let mut starts = stem.char_indices().filter(|(_, c)| matches!(c, '-' | '.' | '_'));
    let found = starts.find_map(|(at, _)| {
        let (base, rest) = stem.split_at_checked(at)?;
        let rest = rest.get(1..)?;
        is_quant(rest).then_some((base, rest))
    });
    found.or_else(|| is_quant(stem).then_some(("", stem)))
}

/// The names of llama.cpp's quantizations (`tools/quantize/quantize.cpp`, `QUANT_OPTIONS`), and what publishers make of
/// them: `Q4_K_M`, `IQ2_XXS`, `TQ1_0`, `MXFP4_MOE`, `BF16`, `UD-Q4_K_XL`, `Q4_0_4_4`.
fn is_quant(text: &str) -> bool {
    if text.len() > 24 {
        return false;
    }
    let upper = text.to_ascii_uppercase();
    let text = upper.strip_prefix("UD-").unwrap_or(&upper);
    let mut parts = text.split('_');
    let head = parts.next().unwrap_or_default();
    let is_part = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_head(head) && parts.all(is_part)
}

fn is_head(head: &str) -> bool {
    if matches!(head, "F16" | "F32" | "F64" | "BF16" | "FP16" | "FP32" | "FP8" | "MXFP4" | "NVFP4") {
        return true;
    }
    let digits = head.strip_prefix("IQ").or_else(|| head.strip_prefix("TQ")).or_else(|| head.strip_prefix('Q'));
    digits.is_some_and(|digits| matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_quant_is_the_longest_end_that_is_one() {
        let rows = [
            ("mistral-7b-instruct-v0.2.Q4_K_M", Some(("mistral-7b-instruct-v0.2", "Q4_K_M"))),
            ("qwen2.5-7b-instruct-q4_k_m", Some(("qwen2.5-7b-instruct", "q4_k_m"))),
            ("Qwen3-8B-UD-Q4_K_XL", Some(("Qwen3-8B", "UD-Q4_K_XL"))),
            ("Qwen3-8B-BF16", Some(("Qwen3-8B", "BF16"))),
            ("gpt-oss-20b-mxfp4", Some(("gpt-oss-20b", "mxfp4"))),
            ("ggml-model-i2_s", None),
            ("phi-2", None),
            ("Q8_0", Some(("", "Q8_0"))),
            ("vocoder", None),
            ("é-Q4_0", Some(("é", "Q4_0"))),
        ];
        for (stem, expected) in rows {
            assert_eq!(split(stem), expected, "{stem}");
        }
    }
}
