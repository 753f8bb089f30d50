//! All that changed in a project, and what of it a reviewer reads first.

use super::fact::FactChange;
use super::lock::Change;
use super::manifest::repeats;
use crate::Name;

/// What changed in a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeReport {
    /// In models.lock, by entry.
    pub changes: Vec<Change>,
    /// In models.toml.
    pub manifest: Vec<FactChange>,
    /// In models.audits.toml.
    pub audits: Vec<FactChange>,
}

/// Where a fact changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// An entry of models.lock.
    Entry(&'a Name),
    /// models.toml.
    Manifest,
    /// models.audits.toml.
    Audits,
}

/// A change that allows more, withholds less, or has another origin than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Highlight<'a> {
    /// The file or entry that changed.
    pub subject: Subject<'a>,
    /// What changed.
    pub fact: &'a FactChange,
}

impl ChangeReport {
    /// The report of a change of the lock alone.
    #[must_use]
    pub fn of_lock(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.manifest.is_empty() && self.audits.is_empty()
    }

    /// Leaves out what models.toml says of an entry where the entry in models.lock says the same.
    #[must_use]
    pub fn without_repeats(mut self) -> Self {
        let Self { changes, manifest, .. } = &mut self;
        manifest.retain(|fact| !changes.iter().any(|change| repeats(fact, change)));
        self
    }

    /// The changes that a reviewer reads first, of all files and entries: contradictions to the past, then what is
    /// trusted and let in, then what the models can do.
    #[must_use]
    pub fn highlights(&self) -> Vec<Highlight<'_>> {
        let mut all = Vec::new();
        for change in &self.changes {
            let subject = Subject::Entry(&change.name);
            all.extend(change.facts.iter().map(|fact| Highlight { subject, fact }));
        }
        all.extend(self.manifest.iter().map(|fact| Highlight { subject: Subject::Manifest, fact }));
        all.extend(self.audits.iter().map(|fact| Highlight { subject: Subject::Audits, fact }));
        all.retain(|highlight| highlight.fact.widens);
        all.sort_by_key(Highlight::rank);
        all
    }
}

impl Highlight<'_> {
    /// Its place in the order of reading; the lowest is read first.
    fn rank(&self) -> u8 {
        match (self.fact.key, self.subject) {
            ("same-commit", _) => 0,
            ("source" | "repo-id" | "requested", _) => 1,
            (_, Subject::Manifest) => 2,
            (_, Subject::Audits) => 3,
            ("include" | "exclude" | "variant" | "converted" | "code", _) => 4,
            ("capability", _) => 5,
            _ => 6,
        }
    }
}
