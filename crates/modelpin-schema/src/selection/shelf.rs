//! A repo of alternatives: many models, or many sizes of one, of which a loader takes one.

use crate::RepoPath;

/// Two or more alternatives of which a loader takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf<'a> {
    /// The alternatives, in the order in which people read them.
    pub alternatives: Vec<Alternative<'a>>,
    /// Files that are taken with any of them: configurations, tokenizers.
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
    /// The alternative of that name, without regard to case.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Alternative<'a>> {
        self.alternatives.iter().find(|one| one.name.eq_ignore_ascii_case(name))
    }

    /// The `include` patterns that take `one` and nothing of the others, with the shared files.
    #[must_use]
    pub fn include(&self, one: &Alternative<'a>) -> Vec<String> {
        one.files.iter().chain(&self.shared).map(ToString::to_string).collect()
    }
}
