//! A repo of alternatives: many models, or many precisions of one, of which a loader takes one.

use crate::{FileKind, Pattern, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// So many files have one pattern together.
const MANY: usize = 3;

/// Two or more alternatives of which a loader takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf<'a> {
    /// The alternatives, in the order in which people read them.
    pub alternatives: Vec<Alternative<'a>>,
    /// Files that a loader may need with any of them: configurations, tokenizers, other weights.
    pub shared: Vec<&'a RepoPath>,
}

/// One of the alternatives of a [`Shelf`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative<'a> {
    /// What tells it from the others: `Q4_K_M`, `model_q4f16`, `base.en`, `en_US-amy-low`.
    pub name: String,
    /// The sizes of its files together, in bytes.
    pub size: u64,
    /// Its files, shards and all, sorted.
    pub files: Vec<&'a RepoPath>,
}

impl<'a> Shelf<'a> {
    /// The alternative of that name, without regard to case; else the only one whose name ends so, as `q4f16` is the end
    /// of `model_q4f16` and `amy-low` of `en_US-amy-low`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Alternative<'a>> {
        let whole = |one: &&Alternative<'a>| one.name.eq_ignore_ascii_case(name);
        let ends = |one: &&Alternative<'a>| {
            let start = one.name.len().checked_sub(name.len()).filter(|_| !name.is_empty());
            let split = start.and_then(|start| one.name.split_at_checked(start));
            split.is_some_and(|(rest, end)| end.eq_ignore_ascii_case(name) && rest.ends_with(['-', '_', '.']))
        };
        let exact = self.alternatives.iter().find(|one| one.name == name);
        exact.or_else(|| self.alternatives.iter().find(whole)).or_else(|| {
            let mut found = self.alternatives.iter().filter(ends);
            found.next().filter(|_| found.next().is_none())
        })
    }

    /// The `include` patterns that take `one` and nothing of the others, with the shared files that a loader may read.
    /// Shards have one pattern together, as have a folder that is `one`'s alone, and many small files with one ending.
    #[must_use]
    pub fn include(&self, one: &Alternative<'a>) -> Vec<String> {
        let own: BTreeSet<&RepoPath> = one.files.iter().copied().collect();
        let others = self.alternatives.iter().flat_map(|other| &other.files).copied();
        let others: Vec<&RepoPath> = others.filter(|path| !own.contains(path)).collect();
        let mut patterns: Vec<String> = match self.folder(one, &others) {
            Some(folder) => vec![format!("{}/", Pattern::escape(folder))],
            None => one.files.iter().map(|path| pattern(path)).collect(),
        };
        let mut endings: BTreeMap<&str, usize> = BTreeMap::new();
        let read: Vec<&RepoPath> = self.shared.iter().copied().filter(|path| is_read(path)).collect();
        for ending in read.iter().filter_map(|path| small(path)) {
            *endings.entry(ending).or_default() += 1;
        }
        endings.retain(|ending, count| *count >= MANY && !others.iter().any(|path| path.as_str().ends_with(ending)));
        for path in read {
            match small(path).filter(|ending| endings.contains_key(ending)) {
                Some(ending) => patterns.push(format!("*{ending}")),
                None => patterns.push(pattern(path)),
            }
        }
        let mut seen = BTreeSet::new();
        patterns.retain(|pattern| seen.insert(pattern.clone()));
        patterns
    }

    /// The folder that holds many files of `one` and no other.
    fn folder(&self, one: &Alternative<'a>, others: &[&RepoPath]) -> Option<&'a str> {
        let first = one.files.first().filter(|_| one.files.len() >= MANY)?.as_str();
        let mut folder = first.rsplit_once('/')?.0;
        let inside = |path: &RepoPath, folder: &str| {
            path.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        while !one.files.iter().all(|path| inside(path, folder)) {
            folder = folder.rsplit_once('/')?.0;
        }
        let alone = !others.iter().chain(&self.shared).any(|path| inside(path, folder));
        alone.then_some(folder)
    }
}

/// Whether a loader may read the file: it is neither a text for people, nor a picture, nor git's.
fn is_read(path: &RepoPath) -> bool {
    !matches!(FileKind::of(path), FileKind::Doc | FileKind::Media) && !path.as_str().ends_with(".gitattributes")
}

/// The ending of a configuration or vocabulary.
fn small(path: &RepoPath) -> Option<&'static str> {
    [".json", ".txt"].into_iter().find(|ending| path.as_str().ends_with(ending))
}

/// A pattern for one file, or for all shards that it is one of.
fn pattern(path: &RepoPath) -> String {
    let whole = path.as_str();
    if let Some((before, after)) = whole.rsplit_once("-of-") {
        let stem = before.trim_end_matches(|c: char| c.is_ascii_digit());
        let numbers = before.len() > stem.len() && after.starts_with(|c: char| c.is_ascii_digit());
        if numbers && stem.ends_with(['-', '_']) {
            return format!("{}*-of-{}", Pattern::escape(stem), Pattern::escape(after));
        }
    }
    Pattern::escape(whole)
}
