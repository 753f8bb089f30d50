//! What the bytes of an entry are and do, as far as a reviewer should know: recorded in the lock when the bytes are
//! scanned, and compared with it whenever they are scanned again.

use super::keys::pin_keys;
use super::{DeclaredBase, Identifier, LockKey, PrintableText, Reference};
use crate::{Digest, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Facts that a lock does not record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Where the lock would have them: a table of the entry, or a key of one, as in `globals` or `code.auto-map`.
    pub key: &'static str,
    /// The file that they are about; none where they are about the entry as a whole.
    pub file: Option<RepoPath>,
    /// The facts, as text; never empty.
    pub facts: Vec<String>,
    /// The key of the first of them, in a table.
    first: String,
}

impl Missing {
    /// Where the lock would have the first of them.
    #[must_use]
    pub fn lock_key(&self) -> LockKey<'_> {
        match self.key.split_once('.') {
            Some((table, key)) => LockKey::InTable(table, key),
            None => LockKey::InTable(self.key, &self.first),
        }
    }
}

/// Of which sorts of files all were scanned, so that a fact about the entry as a whole that was not found there is
/// gone.
#[derive(Debug, Clone, Copy)]
pub struct CompleteFacts {
    /// All code files: its capabilities are complete.
    pub code: bool,
    /// All configuration: the classes, references and base that it names are complete.
    pub configuration: bool,
    /// All files that can ask for something to be installed.
    pub requirements: bool,
}

macro_rules! facts {
    (
        keys { $($keys:tt)* }
        tables { $($tables:tt)* }
        file_facts { $($(#[$docs:meta])* $table:literal $field:ident: $type:ty, $singular:literal;)* }
        content { $($content:tt)* }
    ) => {
        /// What the bytes of an entry are and do. The facts by file are rows of the table of keys; every operation
        /// names every fact, so that a new one does not compile before each operation covers it.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Facts {
            /// The classes that configuration makes a loader import from code, as `AutoModel=module.Class`, or
            /// `AutoModel=owner/repo--module.Class` where the code is another repo's.
            pub auto_map: BTreeSet<PrintableText>,
            /// What the code can do, such as `network`.
            pub capabilities: BTreeSet<Identifier>,
            /// What a loader takes from other repos.
            pub references: BTreeSet<Reference>,
            /// What the configuration of an adapter says of its base; none where it is no adapter.
            pub base: Option<DeclaredBase>,
            /// What has to be installed: a name, and the version asked for (`==2.6.0`, `unpinned`, an address).
            pub requires: BTreeMap<PrintableText, PrintableText>,
            $($(#[$docs])* pub $field: BTreeMap<RepoPath, BTreeSet<$type>>,)*
        }

        impl Facts {
            /// Adds the facts of `other`. Nothing is taken away, but where both have the same requirement, that of
            /// `other` holds; where both declare a base, the own one does.
            pub fn merge(&mut self, other: &Self) {
                let Self { auto_map, capabilities, references, base, requires, $($field),* } = other;
                self.auto_map.extend(auto_map.iter().cloned());
                self.capabilities.extend(capabilities.iter().cloned());
                self.references.extend(references.iter().cloned());
                self.base = self.base.take().or_else(|| base.clone());
                self.requires.extend(requires.iter().map(|(name, version)| (name.clone(), version.clone())));
                $(for (path, facts) in $field {
                    self.$field.entry(path.clone()).or_default().extend(facts.iter().cloned());
                })*
            }

            /// The facts that `recorded` does not have: those of the entry as a whole first, then those by file.
            #[must_use]
            pub fn missing_from(&self, recorded: &Self) -> Vec<Missing> {
                let Self { auto_map, capabilities, references, base, requires, $($field),* } = self;
                let bases: BTreeSet<&DeclaredBase> = base.iter().collect();
                let recorded_bases: BTreeSet<&DeclaredBase> = recorded.base.iter().collect();
                let mut missing = Vec::new();
                missing.extend(missing_members("code.auto-map", auto_map, &recorded.auto_map));
                missing.extend(missing_members("code.capabilities", capabilities, &recorded.capabilities));
                missing.extend(missing_members("dependencies", references, &recorded.references));
                missing.extend(missing_members("adapter.base-declared", &bases, &recorded_bases));
                missing.extend(missing_requirements(requires, &recorded.requires));
                $(missing.extend(missing_file_facts($table, $field, &recorded.$field));)*
                missing
            }

            /// Takes the facts about the entry as a whole from `found`: those that are `complete` are replaced, the
            /// others are added to.
            pub fn replace_whole(&mut self, found: &Self, complete: CompleteFacts) {
                let Self { auto_map, capabilities, references, base, requires, $($field: _),* } = self;
                if complete.code {
                    capabilities.clear();
                }
                if complete.configuration {
                    auto_map.clear();
                    references.clear();
                    *base = None;
                }
                if complete.requirements {
                    requires.clear();
                }
                let Self { auto_map, capabilities, references, base, requires, $($field: _),* } = found;
                self.auto_map.extend(auto_map.iter().cloned());
                self.capabilities.extend(capabilities.iter().cloned());
                self.references.extend(references.iter().cloned());
                self.base = base.clone().or_else(|| self.base.take());
                self.requires.extend(requires.iter().map(|(name, version)| (name.clone(), version.clone())));
            }

            /// Takes the facts about the file at `path` from `found`: where that has none, there are none.
            pub fn replace_for_file(&mut self, path: &RepoPath, found: &Self) {
                $(match found.$field.get(path) {
                    Some(facts) => drop(self.$field.insert(path.clone(), facts.clone())),
                    None => drop(self.$field.remove(path)),
                })*
            }

            /// The files about which there are facts.
            #[must_use]
            pub fn files(&self) -> BTreeSet<&RepoPath> {
                std::iter::empty()$(.chain(self.$field.keys()))*.collect()
            }

            /// Whether there are facts about the file at `path`.
            #[must_use]
            pub fn has_file(&self, path: &RepoPath) -> bool {
                $(self.$field.contains_key(path))||*
            }

            /// Drops the facts about the files of which `keep` is false.
            pub fn retain_files(&mut self, keep: impl Fn(&RepoPath) -> bool) {
                $(self.$field.retain(|path, _| keep(path));)*
            }
        }
    };
}

pin_keys!(facts);

fn missing_members<T: Ord + Display>(
    key: &'static str,
    found: &BTreeSet<T>,
    recorded: &BTreeSet<T>,
) -> Option<Missing> {
    let facts: Vec<String> = found.difference(recorded).map(ToString::to_string).collect();
    let first = facts.first()?.clone();
    Some(Missing { key, file: None, facts, first })
}

fn missing_requirements(
    found: &BTreeMap<PrintableText, PrintableText>,
    recorded: &BTreeMap<PrintableText, PrintableText>,
) -> Option<Missing> {
    let missing: Vec<_> = found.iter().filter(|(name, version)| recorded.get(name) != Some(version)).collect();
    let first = missing.first()?.0.to_string();
    let facts = missing.into_iter().map(|(name, version)| format!("{name} {version}")).collect();
    Some(Missing { key: "requires", file: None, facts, first })
}

fn missing_file_facts<T: Ord + Display>(
    key: &'static str,
    found: &BTreeMap<RepoPath, BTreeSet<T>>,
    recorded: &BTreeMap<RepoPath, BTreeSet<T>>,
) -> Vec<Missing> {
    let none = BTreeSet::new();
    let mut all = Vec::new();
    for (path, facts) in found {
        if let Some(missing) = missing_members(key, facts, recorded.get(path).unwrap_or(&none)) {
            all.push(Missing { file: Some(path.clone()), first: path.to_string(), ..missing });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{CompleteFacts, Facts};
    use crate::RepoPath;
    use crate::lockfile::sample::sample;

    fn facts() -> Facts {
        sample().pins[&"chat".parse().unwrap()].facts.clone()
    }

    #[test]
    fn merging_adds_every_fact_and_takes_none_away() {
        let mut merged = Facts::default();
        merged.merge(&facts());
        assert_eq!(merged, facts());
        merged.merge(&Facts::default());
        assert_eq!(merged, facts());
        assert!(merged.missing_from(&facts()).is_empty() && facts().missing_from(&merged).is_empty());
    }

    #[test]
    fn every_fact_that_is_not_recorded_is_missing_under_its_key() {
        let mut found = facts();
        found.base = Some(crate::lockfile::DeclaredBase::of(Some("acme/base"), None));
        let missing = found.missing_from(&Facts::default());
        let keys: Vec<&str> = missing.iter().map(|missing| missing.key).collect();
        let whole = ["code.auto-map", "code.capabilities", "dependencies", "adapter.base-declared", "requires"];
        assert_eq!(keys, [&whole[..], &["globals", "templates", "findings"]].concat());
        assert!(missing.iter().skip(whole.len()).all(|missing| missing.file.is_some()));
        assert!(Facts::default().missing_from(&found).is_empty());
    }

    #[test]
    fn facts_of_a_file_come_and_go_with_it() {
        let path: RepoPath = "pytorch_model.bin".parse().unwrap();
        let mut of_one = Facts::default();
        of_one.replace_for_file(&path, &facts());
        assert_eq!(of_one.files().into_iter().collect::<Vec<_>>(), [&path]);
        assert_eq!(of_one.globals, facts().globals);
        of_one.replace_for_file(&path, &Facts::default());
        assert_eq!(of_one, Facts::default());
        let mut kept = facts();
        kept.retain_files(|at| *at != path);
        assert!(!kept.has_file(&path) && kept.files().len() + 1 == facts().files().len());
    }

    #[test]
    fn only_complete_facts_of_the_whole_are_replaced() {
        let mut known = facts();
        let incomplete = CompleteFacts { code: false, configuration: false, requirements: false };
        known.replace_whole(&Facts::default(), incomplete);
        assert_eq!(known, facts());
        known.replace_whole(&Facts::default(), CompleteFacts { code: true, ..incomplete });
        assert!(known.capabilities.is_empty() && known.auto_map == facts().auto_map);
        known.replace_whole(&Facts::default(), CompleteFacts { configuration: true, requirements: true, ..incomplete });
        known.retain_files(|_| false);
        assert_eq!(known, Facts::default());
    }
}
