//! A listing, ready to be asked about: its files, and the families of weights in each folder.

use super::choice::ListedFile;
use super::known;
use super::names::{Part, WeightName};
use crate::{FileKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Folders above a file that are looked at.
const MAX_DEPTH: usize = 32;

/// A file, and what its name says.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) size: u64,
    pub(super) kind: FileKind,
    /// The folder it is in; empty at the top.
    pub(super) folder: &'a str,
    pub(super) name: &'a str,
    pub(super) weight: Option<WeightName<'a>>,
}

impl<'a> File<'a> {
    fn of(listed: &ListedFile<'a>) -> Self {
        let (folder, name) = listed.path.as_str().rsplit_once('/').unwrap_or(("", listed.path.as_str()));
        let kind = FileKind::of(listed.path);
        Self { path: listed.path, size: listed.size, kind, folder, name, weight: WeightName::of(name) }
    }

    pub(super) fn is_weights(&self) -> bool {
        self.kind == FileKind::Safetensors || self.kind.is_copy_of_weights()
    }

    /// The family it belongs to.
    pub(super) fn family(&self) -> Option<FamilyKey<'a>> {
        self.weight.map(|WeightName { stem, extension, variant, .. }| (self.folder, stem, extension, variant))
    }
}

/// Folder, stem, extension, variant.
pub(super) type FamilyKey<'a> = (&'a str, &'a str, &'a str, &'a str);

/// The files that hold the same weights together: one file, or shards with their index.
#[derive(Debug, Clone, Default)]
struct Family<'a> {
    whole: Option<&'a RepoPath>,
    /// By how many there should be.
    shards: BTreeMap<u32, BTreeMap<u32, &'a RepoPath>>,
    index: bool,
}

impl<'a> Family<'a> {
    fn add(&mut self, file: &File<'a>, part: Part) {
        if file.size == 0 {
            return;
        }
        match part {
            Part::Whole => self.whole = Some(file.path),
            Part::Shard { number, total } => {
                let first = self.shards.entry(total).or_default().entry(number).or_insert(file.path);
                *first = (*first).min(file.path);
            }
            Part::Index => self.index = true,
        }
    }

    /// The first file, where nothing is missing: the whole file, or all shards and, where a loader finds them by their
    /// index alone, the index.
    fn complete(&self, needs_index: bool) -> Option<&'a RepoPath> {
        if self.whole.is_some() {
            return self.whole;
        }
        if needs_index && !self.index {
            return None;
        }
        let (_, shards) = self.shards.iter().find(|(total, shards)| {
            // gpt-oss numbers three shards 0 to 2 of 2.
            let from = |first: u32| shards.range(first..first.saturating_add(**total)).count() as u64;
            **total > 0 && from(1).max(from(0)) == u64::from(**total)
        })?;
        shards.values().next().copied()
    }
}

/// All files of a commit.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    pub(super) files: Vec<File<'a>>,
    paths: BTreeSet<&'a str>,
    /// Each family's first file, where nothing of the family is missing.
    families: BTreeMap<FamilyKey<'a>, Option<&'a RepoPath>>,
    /// The weights that a loader finds by their names, by folder; the best format first.
    mains: BTreeMap<&'a str, BTreeMap<usize, &'a RepoPath>>,
}

impl<'a> Listing<'a> {
    pub(super) fn of(listed: &[ListedFile<'a>]) -> Self {
        let mut files: Vec<File<'a>> = listed.iter().map(File::of).collect();
        files.sort_by_key(|file| file.path);
        files.dedup_by_key(|file| file.path);
        let mut families: BTreeMap<FamilyKey<'a>, Family<'a>> = BTreeMap::new();
        for file in &files {
            if let (Some(key), Some(weight)) = (file.family(), file.weight) {
                families.entry(key).or_default().add(file, weight.part);
            }
        }
        let complete = |(key, family): (FamilyKey<'a>, Family<'a>)| (key, family.complete(known::needs_index(key.1)));
        let families = families.into_iter().map(complete).collect();
        let paths = files.iter().filter(|file| file.size > 0).map(|file| file.path.as_str()).collect();
        let mut listing = Self { files, paths, families, mains: BTreeMap::new() };
        listing.mains = listing.find_mains();
        listing
    }

    fn find_mains(&self) -> BTreeMap<&'a str, BTreeMap<usize, &'a RepoPath>> {
        let mut mains: BTreeMap<&'a str, BTreeMap<usize, &'a RepoPath>> = BTreeMap::new();
        for key in self.families.keys() {
            let (folder, stem, extension, variant) = *key;
            let Some(rank) = known::main_rank(stem, extension, variant) else { continue };
            if let Some(first) = self.complete(*key) {
                mains.entry(folder).or_default().entry(rank).or_insert(first);
            }
        }
        mains
    }

    /// The first file of a family, where nothing of it is missing or empty.
    pub(super) fn complete(&self, key: FamilyKey<'_>) -> Option<&'a RepoPath> {
        self.families.get(&key).copied().flatten()
    }

    /// The variants of which something is complete.
    pub(super) fn variants(&self) -> impl Iterator<Item = &'a str> {
        let complete = self.families.iter().filter(|(_, first)| first.is_some());
        complete.map(|((_, _, _, variant), _)| *variant).filter(|variant| !variant.is_empty())
    }

    /// Whether `folder` has a file of that name with something in it.
    pub(super) fn has(&self, folder: &str, name: &str) -> bool {
        if folder.is_empty() {
            self.paths.contains(name)
        } else {
            self.paths.contains(format!("{folder}/{name}").as_str())
        }
    }

    /// The model that a loader finds in `folder` by the usual names, in the best of its formats.
    pub(super) fn main(&self, folder: &str) -> Option<Main<'a>> {
        let (rank, first) = self.mains.get(folder)?.first_key_value()?;
        known::is_whole_model(*rank).then_some(Main { path: first, rank: *rank })
    }

    /// The same, where PyTorch reads it.
    pub(super) fn torch_main(&self, folder: &str) -> Option<Main<'a>> {
        self.main(folder).filter(|main| known::format(main.rank) <= known::Format::Torch)
    }

    /// The same, or an adapter.
    pub(super) fn main_or_adapter(&self, folder: &str) -> Option<&'a RepoPath> {
        self.mains.get(folder)?.first_key_value().map(|(_, first)| *first)
    }

    /// The folders in which [`Self::torch_main`] finds something.
    pub(super) fn folders_with_torch_main(&self) -> impl Iterator<Item = (&'a str, Main<'a>)> {
        self.mains.keys().filter_map(|folder| self.torch_main(folder).map(|main| (*folder, main)))
    }
}

/// The weights of a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Main<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) rank: usize,
}

/// `folder` and the folders above it, the nearest first, the top last.
pub(super) fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| above(folder)).take(MAX_DEPTH)
}

fn above(folder: &str) -> Option<&str> {
    (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(parent, _)| parent))
}
