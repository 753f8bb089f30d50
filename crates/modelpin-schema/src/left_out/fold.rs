//! Which files are shown as one.

use super::glob::pattern_of;
use super::group::{LeftOutFile, LeftOutGroup, Take};
use crate::selection::Reason;
use crate::{FileKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Groups up to which each file, shard set or folder is named for itself.
const FEW: usize = 4;

/// The folders that are left out as a whole, for one reason.
pub(super) struct Folders<'a> {
    /// The reason of each folder with a file that is left out; none where a file below it is locked, or where there
    /// are several reasons.
    reasons: BTreeMap<&'a str, Option<Reason>>,
}

impl<'a> Folders<'a> {
    pub(super) fn of(left_out: &[LeftOutFile<'a>], taken: &[&'a RepoPath]) -> Self {
        let mut reasons: BTreeMap<&str, Option<Reason>> = BTreeMap::new();
        for file in left_out {
            for folder in folders(file.path.as_str()) {
                let reason = reasons.entry(folder).or_insert(Some(file.reason));
                *reason = reason.filter(|reason| *reason == file.reason);
            }
        }
        for folder in taken.iter().flat_map(|path| folders(path.as_str())) {
            if let Some(reason) = reasons.get_mut(folder) {
                *reason = None;
            }
        }
        Self { reasons }
    }

    /// The uppermost folder above `path` that is left out as a whole, with its `/`.
    fn whole(&self, path: &'a str) -> Option<&'a str> {
        folders(path).find(|folder| self.reasons.get(folder).is_some_and(Option::is_some))
    }
}

/// The folders above `path`, the uppermost first, each with its `/`.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..=at))
}

/// The files of one reason by what they are shown as.
pub(super) fn groups(reason: Reason, files: &[LeftOutFile<'_>], folders: &Folders<'_>) -> Vec<LeftOutGroup> {
    let mut units: BTreeMap<String, Vec<LeftOutFile<'_>>> = BTreeMap::new();
    for file in files {
        let path = file.path.as_str();
        let label = folders.whole(path).map_or_else(|| shards(path), ToOwned::to_owned);
        units.entry(label).or_default().push(*file);
    }
    // One file alone has its own name.
    let own = |label: String, files: &[LeftOutFile<'_>]| match files {
        [one] => one.path.to_string(),
        _ => label,
    };
    let mut units: BTreeMap<_, _> = units.into_iter().map(|(label, files)| (own(label, &files), files)).collect();
    for broader in [starred, suffix] {
        if units.len() > FEW {
            units = merged(units, broader);
        }
    }
    units.into_iter().map(|(label, files)| group(reason, label, &files)).collect()
}

/// The units of which several have the same broader name, under that name.
fn merged<'a>(
    units: BTreeMap<String, Vec<LeftOutFile<'a>>>,
    broader: fn(&str) -> String,
) -> BTreeMap<String, Vec<LeftOutFile<'a>>> {
    let mut shares: BTreeMap<String, usize> = BTreeMap::new();
    for label in units.keys() {
        *shares.entry(broader(label)).or_default() += 1;
    }
    let mut all: BTreeMap<String, Vec<LeftOutFile<'a>>> = BTreeMap::new();
    for (label, files) in units {
        let broad = broader(&label);
        let label = if shares.get(&broad).is_some_and(|count| *count > 1) { broad } else { label };
        all.entry(label).or_default().extend(files);
    }
    all
}

/// `model-00001-of-00004.safetensors` as `model-*-of-00004.safetensors`: a shard is never seen alone.
fn shards(path: &str) -> String {
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let of = path.rfind("-of-").and_then(|at| Some((path.get(..at)?, path.get(at..)?)));
    let parts = of.and_then(|(before, after)| {
        let (stem, number) = before.rsplit_once('-')?;
        let total = after.get(4..9)?;
        (is_number(number) && is_number(total)).then_some((stem, after))
    });
    parts.map_or_else(|| path.to_owned(), |(stem, after)| format!("{stem}-*{after}"))
}

/// The label with `*` for each run of digits: `checkpoint-500/` as `checkpoint-*/`.
fn starred(label: &str) -> String {
    let mut out = String::with_capacity(label.len());
    for c in label.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('*') {
            out.push('*');
        }
    }
    out
}

/// The label by the end of its name alone: `*.fp16.safetensors`. Of a folder it is the folder.
fn suffix(label: &str) -> String {
    let name = label.rsplit('/').next().unwrap_or_default();
    let mut ends = name.rsplit('.');
    let Some(last) = ends.next().filter(|last| !last.is_empty() && *last != name) else { return label.to_owned() };
    let is_word = |word: &&str| word.len() <= 8 && word.starts_with(|c: char| c.is_ascii_alphabetic());
    // The first part is the stem.
    let before = ends.next().filter(is_word).filter(|_| ends.next().is_some());
    match before {
        Some(before) => format!("*.{before}.{last}"),
        None => format!("*.{last}"),
    }
}

fn group(reason: Reason, label: String, files: &[LeftOutFile<'_>]) -> LeftOutGroup {
    let beside: BTreeSet<Option<String>> = files.iter().map(|file| Some(shards(file.beside?.as_str()))).collect();
    let beside = beside.into_iter().next().filter(|_| all_equal(files.iter().map(|file| file.beside))).flatten();
    LeftOutGroup {
        reason,
        take: take(reason, &label, files),
        label: Some(label),
        files: files.len() as u64,
        bytes: files.iter().fold(0, |sum, file| sum.saturating_add(file.size)),
        beside,
    }
}

/// Whether all besides are one file, or the shards of one.
fn all_equal<'a>(besides: impl Iterator<Item = Option<&'a RepoPath>>) -> bool {
    let names: BTreeSet<Option<String>> = besides.map(|beside| Some(shards(beside?.as_str()))).collect();
    names.len() == 1
}

/// What takes the files, where somebody may want them: no leftovers of training, and no pickle beside the same weights
/// in a format that runs nothing.
fn take(reason: Reason, label: &str, files: &[LeftOutFile<'_>]) -> Option<Take> {
    let is_pickle = |file: &LeftOutFile<'_>| FileKind::of(file.path) == FileKind::Pickle;
    match reason {
        Reason::Variant => {
            let names: BTreeSet<Option<&str>> = files.iter().map(variant).collect();
            let one = names.first().copied().flatten().filter(|_| names.len() == 1);
            one.map(|name| Take::Variant(name.to_owned()))
        }
        Reason::Training | Reason::NotChosen | Reason::NotIncluded | Reason::Excluded => None,
        Reason::Copy | Reason::PublisherFormat | Reason::OtherFormat if files.iter().any(is_pickle) => None,
        Reason::Copy | Reason::PublisherFormat | Reason::OtherFormat => {
            let pattern = pattern_of(label, files.len() > 1);
            pattern.map(|pattern| Take::Include(pattern.to_string()))
        }
    }
}

/// What the file's name has more than that of the plain file beside it: `fp16` of `model.fp16.safetensors`.
fn variant<'a>(file: &LeftOutFile<'a>) -> Option<&'a str> {
    let (stem, _) = file.beside?.file_name().split_once('.')?;
    let stem = stem.split("-0").next().unwrap_or(stem);
    let name = file.path.file_name().strip_prefix(stem)?.strip_prefix('.')?;
    let word = name.split(['.', '-']).next()?;
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // An index has its variant behind: `model.safetensors.index.fp16.json`.
    let word = if word == "safetensors" || word == "bin" { name.rsplit('.').nth(1)? } else { word };
    (is_word && word != "index").then_some(word)
}
