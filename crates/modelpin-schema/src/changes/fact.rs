//! One fact that changed.

use std::collections::BTreeSet;

/// A fact that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactChange {
    /// Its key in the file, in the singular where that is a list or table.
    pub key: &'static str,
    /// What it is about, where the key alone does not say: a file, or what is to be installed.
    pub about: Option<String>,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
    /// Whether the entry can do more than before, brings in what nobody pinned, or is of another origin than it was:
    /// what a reviewer reads first. A removed conversion is one, since its source is no longer replaced.
    pub widens: bool,
}

impl FactChange {
    /// The change from `old` to `new`; none where they are equal. `is_power` is whether a new value lets the entry do
    /// more.
    pub(super) fn of(
        key: &'static str,
        about: Option<&str>,
        old: Option<String>,
        new: Option<String>,
        is_power: bool,
    ) -> Option<Self> {
        let widens = is_power && new.is_some();
        (old != new).then(|| Self { key, about: about.map(str::to_owned), old, new, widens })
    }

    /// One change for each member that a list gained or lost.
    pub(super) fn of_members<T: Ord + ToString>(
        key: &'static str,
        about: Option<&str>,
        old: &BTreeSet<T>,
        new: &BTreeSet<T>,
    ) -> Vec<Self> {
        // What a template renders is text: another one is news, but no power, and one change, not two.
        let is_power = key != "template";
        let lost: Vec<&T> = old.difference(new).collect();
        let gained: Vec<&T> = new.difference(old).collect();
        if let (false, [lost], [gained]) = (is_power, &*lost, &*gained) {
            return Self::of(key, about, Some(lost.to_string()), Some(gained.to_string()), false).into_iter().collect();
        }
        let mut changes = Vec::new();
        for member in old.symmetric_difference(new) {
            let was = old.get(member).map(ToString::to_string);
            let is = new.get(member).map(ToString::to_string);
            changes.extend(Self::of(key, about, was, is, is_power));
        }
        changes
    }

    /// The key, and what it is about, as in `requires torch`.
    #[must_use]
    pub fn label(&self) -> String {
        self.about.as_ref().map_or_else(|| self.key.to_owned(), |about| format!("{} {about}", self.key))
    }
}
