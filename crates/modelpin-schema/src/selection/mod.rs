//! Which files of a repo are taken by default: what a standard loader of this kind of repo reads, once.
//!
//! The decision is made over the whole listing, and explained file by file: a file that is left out has a [`Reason`],
//! and, where the reason is another file, that file. Only then `include` and `exclude` are applied: `include` is the
//! whole set, as `allow_patterns` of `huggingface_hub` is, and `exclude` only ever removes.

mod choice;
mod shelf;

pub use choice::{Choice, LeftOut, ListedFile, Reason};
pub use shelf::{Alternative, Shelf};

use crate::filter::{Filter, Patterns};
use crate::{FileKind, RepoKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// What is taken of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'a> {
    files: BTreeMap<&'a RepoPath, Choice<'a>>,
    shelf: Option<Shelf<'a>>,
    undecided: bool,
}

impl<'a> Selection<'a> {
    /// The decision over all `files` of a commit. It does not depend on their order.
    #[must_use]
    pub fn of(kind: RepoKind, files: &[ListedFile<'a>], filter: &Filter) -> Self {
        let paths: Vec<&RepoPath> = files.iter().map(|file| file.path).collect();
        let safetensors = folders_with_safetensors(&paths);
        let include = Patterns::new(&filter.include);
        let exclude = Patterns::new(&filter.exclude);
        let left_out = |path: &RepoPath| {
            if exclude.matches(path) {
                Some(Reason::Excluded)
            } else if !filter.include.is_empty() {
                (!include.matches(path)).then_some(Reason::NotIncluded)
            } else {
                (kind == RepoKind::Model && repeats_weights(path, &safetensors)).then_some(Reason::Copy)
            }
        };
        let choose = |path: &RepoPath| match left_out(path) {
            Some(reason) => Choice::LeftOut(LeftOut { reason, beside: None }),
            None => Choice::Taken,
        };
        Self { files: paths.into_iter().map(|path| (path, choose(path))).collect(), shelf: None, undecided: false }
    }

    /// The files that are taken, in order.
    pub fn taken(&self) -> impl Iterator<Item = &'a RepoPath> {
        self.files.iter().filter(|(_, choice)| matches!(choice, Choice::Taken)).map(|(path, _)| *path)
    }

    /// The files that are not taken, in order, and why.
    pub fn left_out(&self) -> impl Iterator<Item = (&'a RepoPath, LeftOut<'a>)> {
        self.files.iter().filter_map(|(path, choice)| match choice {
            Choice::Taken => None,
            Choice::LeftOut(why) => Some((*path, *why)),
        })
    }

    /// What is decided about a file; none where it is not in the listing.
    #[must_use]
    pub fn choice(&self, path: &RepoPath) -> Option<Choice<'a>> {
        self.files.get(path).copied()
    }

    /// The alternatives of a repo of which a loader takes one, whether one is chosen or not.
    #[must_use]
    pub fn shelf(&self) -> Option<&Shelf<'a>> {
        self.shelf.as_ref()
    }

    /// The alternatives, where the filter chooses none: `include` is empty, `variant` is not given, and `exclude`
    /// leaves more than one of them. All of them are taken then.
    #[must_use]
    pub fn undecided(&self) -> Option<&Shelf<'a>> {
        self.shelf.as_ref().filter(|_| self.undecided)
    }

    /// The names that `variant` of the filter could be. Empty where the repo has neither alternatives nor variants.
    #[must_use]
    pub fn variants(&self) -> Vec<String> {
        self.shelf.iter().flat_map(|shelf| &shelf.alternatives).map(|one| one.name.clone()).collect()
    }

    /// The `variant` of the filter as the repo spells it; none where it is not given, or where the repo has none of that
    /// name.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        None
    }
}

fn folder(path: &RepoPath) -> &str {
    path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn folders_with_safetensors<'a>(paths: &[&'a RepoPath]) -> BTreeSet<&'a str> {
    let weights = paths.iter().filter(|path| FileKind::of(path) == FileKind::Safetensors);
    weights.map(|path| folder(path)).collect()
}

/// A pickle repeats the safetensors beside it and no others: in a repo of several parts (`unet/`, `2_Dense/`)
/// another folder's pickle is another part's weights. The other formats live in folders of their own
/// (`onnx/`, `openvino/`), so for them the safetensors of any folder above count as well.
fn repeats_weights(path: &RepoPath, safetensors: &BTreeSet<&str>) -> bool {
    let kind = FileKind::of(path);
    if !kind.is_copy_of_weights() {
        return false;
    }
    let mut above = folder(path);
    loop {
        if safetensors.contains(above) {
            return true;
        }
        if kind == FileKind::Pickle || above.is_empty() {
            return false;
        }
        above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}
