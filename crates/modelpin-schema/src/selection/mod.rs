//! Which files of a repo are taken by default: what a standard loader of this kind of repo reads, once.
//!
//! The decision is made over the whole listing, and explained file by file: a file that is left out has a [`Reason`],
//! and, where the reason is another file, that file. Only then `include` and `exclude` are applied: `include` is the
//! whole set, as `allow_patterns` of `huggingface_hub` is, and `exclude` only ever removes.

mod choice;
mod decision;
mod formats;
mod known;
mod listing;
mod names;
mod pipeline;
mod publisher;
mod shelf;
mod shelves;
mod training;
mod weights;

pub use choice::{Choice, LeftOut, ListedFile, Reason};
pub use shelf::{Alternative, Shelf};

use crate::filter::{Filter, Patterns, Variant};
use crate::{RepoKind, RepoPath};
use decision::Decision;
use listing::{File, Listing};
use pipeline::Pipelines;
use std::collections::{BTreeMap, BTreeSet};

/// What is taken of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'a> {
    files: BTreeMap<&'a RepoPath, Choice<'a>>,
    shelf: Option<Shelf<'a>>,
    undecided: bool,
    variants: Vec<String>,
    variant: Option<String>,
}

impl<'a> Selection<'a> {
    /// The decision over all `files` of a commit. It does not depend on their order.
    #[must_use]
    pub fn of(kind: RepoKind, files: &[ListedFile<'a>], filter: &Filter) -> Self {
        let listing = Listing::of(files);
        let asked = filter.variant.as_ref();
        let spelled = asked.and_then(|asked| weights::spelled(&listing, asked.as_str()));
        let default = match kind {
            RepoKind::Model => default(&listing, spelled),
            RepoKind::Dataset => BTreeMap::new(),
        };
        let shelf = match kind {
            RepoKind::Model => shelf(&listing, &default),
            RepoKind::Dataset => None,
        };
        let chosen = asked.zip(shelf.as_ref()).and_then(|(asked, shelf)| shelf.named(asked.as_str()));
        let by_shelf = asked.zip(chosen).map(|(asked, one)| spelling(asked, one));
        let variant = by_shelf.or(spelled).map(ToOwned::to_owned);
        let all = || asked.filter(|asked| asked.is_all()).map(|_| Variant::ALL.to_owned());
        let variants = match &shelf {
            Some(shelf) => shelf.alternatives.iter().map(|one| one.name.clone()).collect(),
            None => listing.variants().collect::<BTreeSet<_>>().into_iter().map(ToOwned::to_owned).collect(),
        };
        let not_chosen = not_chosen(shelf.as_ref(), chosen);
        let choose = Choosing::new(filter, &default, &not_chosen);
        let choices: BTreeMap<_, _> = listing.files.iter().map(|file| (file.path, choose.choice(file.path))).collect();
        let undecided = asked.is_none() && filter.include.is_empty() && several_left(shelf.as_ref(), &choices);
        Self { files: choices, shelf, undecided, variants, variant: variant.or_else(all) }
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

    /// The names that `variant` of the filter could be, in the order in which people read them. Empty where the repo has
    /// neither alternatives nor variants.
    #[must_use]
    pub fn variants(&self) -> &[String] {
        &self.variants
    }

    /// The `variant` of the filter as the repo spells it; none where it is not given, or where the repo has none of that
    /// name.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }
}

/// What is left out of a model's repo without any filter but `variant`.
fn default<'a>(listing: &Listing<'a>, variant: Option<&str>) -> BTreeMap<&'a RepoPath, LeftOut<'a>> {
    let pipelines = Pipelines::of(listing);
    let mut decision = Decision::default();
    training::decide(listing, &pipelines, &mut decision);
    publisher::decide(listing, &mut decision);
    pipelines.decide(listing, &mut decision);
    weights::decide(listing, variant, &mut decision);
    formats::decide(listing, &mut decision);
    decision.settled()
}

fn shelf<'a>(listing: &Listing<'a>, default: &BTreeMap<&'a RepoPath, LeftOut<'a>>) -> Option<Shelf<'a>> {
    let taken = listing.files.iter().filter(|file| !default.contains_key(file.path));
    shelves::find(&taken.copied().collect::<Vec<File<'a>>>())
}

/// The name of an alternative; what was asked for where that is only the end of it. The lock and models.toml then say the
/// same but for the case.
fn spelling<'s>(asked: &'s Variant, one: &'s Alternative<'_>) -> &'s str {
    if one.name.eq_ignore_ascii_case(asked.as_str()) { &one.name } else { asked.as_str() }
}

/// The files of all other alternatives, beside a file of the chosen one.
fn not_chosen<'a>(shelf: Option<&Shelf<'a>>, chosen: Option<&Alternative<'a>>) -> BTreeMap<&'a RepoPath, LeftOut<'a>> {
    let Some((shelf, chosen)) = shelf.zip(chosen) else { return BTreeMap::new() };
    let kept: BTreeSet<&RepoPath> = chosen.files.iter().copied().collect();
    let left_out = LeftOut { reason: Reason::NotChosen, beside: chosen.files.first().copied() };
    let others = shelf.alternatives.iter().flat_map(|one| &one.files);
    others.filter(|path| !kept.contains(*path)).map(|path| (*path, left_out)).collect()
}

/// Whether more than one alternative has files that are taken and that the others do not have.
fn several_left<'a>(shelf: Option<&Shelf<'a>>, choices: &BTreeMap<&'a RepoPath, Choice<'a>>) -> bool {
    let Some(shelf) = shelf else { return false };
    let mut uses: BTreeMap<&RepoPath, usize> = BTreeMap::new();
    for path in shelf.alternatives.iter().flat_map(|one| &one.files) {
        *uses.entry(path).or_default() += 1;
    }
    let own = |path: &&&'a RepoPath| uses.get(**path).is_some_and(|uses| *uses < shelf.alternatives.len());
    let taken = |path: &&'a RepoPath| matches!(choices.get(*path), Some(Choice::Taken));
    let left = shelf.alternatives.iter().filter(|one| {
        let mut own = one.files.iter().filter(own).peekable();
        own.peek().is_some() && own.all(&taken)
    });
    left.count() > 1
}

/// What filter, default decision and chosen alternative say of a file.
struct Choosing<'f, 'a> {
    include: Option<Patterns>,
    exclude: Patterns,
    default: &'f BTreeMap<&'a RepoPath, LeftOut<'a>>,
    not_chosen: &'f BTreeMap<&'a RepoPath, LeftOut<'a>>,
}

impl<'f, 'a> Choosing<'f, 'a> {
    fn new(
        filter: &Filter,
        default: &'f BTreeMap<&'a RepoPath, LeftOut<'a>>,
        not_chosen: &'f BTreeMap<&'a RepoPath, LeftOut<'a>>,
    ) -> Self {
        let include = (!filter.include.is_empty()).then(|| Patterns::new(&filter.include));
        Self { include, exclude: Patterns::new(&filter.exclude), default, not_chosen }
    }

    fn choice(&self, path: &'a RepoPath) -> Choice<'a> {
        let by_pattern = |reason| Some(LeftOut { reason, beside: None });
        let left_out = match &self.include {
            Some(include) if !include.matches(path) => by_pattern(Reason::NotIncluded),
            Some(_) => self.not_chosen.get(path).copied(),
            None => self.default.get(path).or_else(|| self.not_chosen.get(path)).copied(),
        };
        let excluded = || if self.exclude.matches(path) { by_pattern(Reason::Excluded) } else { None };
        left_out.or_else(excluded).map_or(Choice::Taken, Choice::LeftOut)
    }
}
