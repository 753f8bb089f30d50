//! What changed between two locks.

use super::fact::FactChange;
use super::firmness::is_looser_request;
use crate::lockfile::keys::{KEYS, Key, Value, Widens, pin_keys};
use crate::lockfile::{Artifact, Code, Converted, Facts, Lockfile, Origin, Pin, PrintableText, Reference};
use crate::selection::Reason;
use crate::{Name, Pattern, RepoKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// What changed for one model or dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: Name,
    /// What sort of repo it is of.
    pub repo_kind: RepoKind,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Facts that were added, removed or changed, in the lock's order; `tree` is left out, since the files say it.
    pub facts: Vec<FactChange>,
    /// Files that were added, removed or changed, by path.
    pub files: Vec<FileChange>,
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another than it was.
    Changed,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its path.
    pub path: RepoPath,
    /// What it was.
    pub old: Option<Artifact>,
    /// What it is.
    pub new: Option<Artifact>,
}

/// Everything that changed from `old` to `new`, by name.
#[must_use]
pub fn diff(old: &Lockfile, new: &Lockfile) -> Vec<Change> {
    let names: BTreeSet<&Name> = old.pins.keys().chain(new.pins.keys()).collect();
    names.into_iter().filter_map(|name| change(name, old, new)).collect()
}

fn change(name: &Name, old: &Lockfile, new: &Lockfile) -> Option<Change> {
    let none = Facts::default();
    let old_pin = old.pins.get(name);
    let new_pin = new.pins.get(name);
    let sides = Sides {
        old: old_pin,
        new: new_pin,
        old_facts: old_pin.map_or(&none, |pin| &pin.facts),
        new_facts: new_pin.map_or(&none, |pin| &pin.facts),
        old_code: old.code(name),
        new_code: new.code(name),
    };
    let kind = match (old_pin, new_pin) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        // The code of an entry can change where its pin does not: it is that of others as well.
        (old, new) if old == new && sides.old_code.digest() == sides.new_code.digest() => return None,
        _ => ChangeKind::Changed,
    };
    let repo_kind = new_pin.or(old_pin).map_or(RepoKind::Model, |pin| pin.source.kind);
    Some(Change { name: name.clone(), repo_kind, kind, facts: sides.facts(), files: sides.files() })
}

/// An entry as it was and as it is. A side without the entry has no pin, no facts and no code.
struct Sides<'a> {
    old: Option<&'a Pin>,
    new: Option<&'a Pin>,
    old_facts: &'a Facts,
    new_facts: &'a Facts,
    old_code: Code<'a>,
    new_code: Code<'a>,
}

macro_rules! table_changes {
    (
        keys { $($keys:tt)* }
        tables { $($(#[$meta:meta])* $table:literal $field:ident: $type:ty => $print:ident, $changes:ident;)* }
        file_facts { $($(#[$fact_meta:meta])* $fact:literal $fact_field:ident: $fact_type:ty, $singular:literal;)* }
        content { $($(#[$last_meta:meta])* $last:literal $last_field:ident: $last_type:ty => $p:ident, $last_changes:ident;)* }
    ) => {
        impl Sides<'_> {
            /// The facts of the tables that changed, in the order of the table of keys.
            fn table_changes(&self) -> Vec<FactChange> {
                let mut changes = Vec::new();
                $(changes.extend(self.$changes());)*
                $(changes.extend(file_fact_changes(
                    $singular,
                    &self.old_facts.$fact_field,
                    &self.new_facts.$fact_field,
                ));)*
                $(changes.extend(self.$last_changes());)*
                changes
            }
        }
    };
}

pin_keys!(table_changes);

impl Sides<'_> {
    fn facts(&self) -> Vec<FactChange> {
        let mut changes: Vec<FactChange> = KEYS.iter().filter_map(|key| self.key_change(key)).collect();
        changes.extend(self.table_changes());
        changes
    }

    fn key_change(&self, key: &Key) -> Option<FactChange> {
        if matches!(key.widens, Widens::NotReported) {
            return None;
        }
        let text = |pin: &Pin| match (key.value)(pin)? {
            Value::Text(text) => Some(text),
            Value::List(values) => Some(values.join(", ")),
        };
        let change = FactChange::of(key.name, None, self.old.and_then(text), self.new.and_then(text), false)?;
        let widens = self.old.zip(self.new).is_some_and(|(old, new)| widens(key.widens, old, new));
        Some(FactChange { widens, ..change })
    }

    /// How many files are not locked, by reason. It widens nothing: what is no longer left out is among the files.
    fn left_out_changes(&self) -> Vec<FactChange> {
        let of = |pin: Option<&Pin>, reason: &Reason| pin?.hub.left_out.get(reason).map(ToString::to_string);
        let reasons: BTreeSet<&Reason> = self.pins().flat_map(|pin| pin.hub.left_out.keys()).collect();
        let changes = reasons.into_iter().filter_map(|reason| {
            FactChange::of("left-out", Some(reason.word()), of(self.old, reason), of(self.new, reason), false)
        });
        changes.collect()
    }

    /// The files that could run code and are not locked.
    fn left_out_code_changes(&self) -> Vec<FactChange> {
        let of = |pin: Option<&Pin>, path: &RepoPath| pin?.hub.left_out_code.get(path).map(ToString::to_string);
        let paths: BTreeSet<&RepoPath> = self.pins().flat_map(|pin| pin.hub.left_out_code.keys()).collect();
        let changes = paths.into_iter().filter_map(|path| {
            FactChange::of("left-out-code", Some(path.as_str()), of(self.old, path), of(self.new, path), false)
        });
        changes.collect()
    }

    /// The base that is pinned, and the one that the adapter declares.
    fn adapter_changes(&self) -> Vec<FactChange> {
        let base = |pin: &Pin| pin.dependencies.adapter.as_ref().map(|adapter| adapter.base.to_string());
        let declared = |facts: &Facts| facts.base.as_ref().map(ToString::to_string);
        let revision = |pin: &Pin| pin.dependencies.adapter.as_ref().map(|adapter| adapter.base_revision.to_string());
        // An entry that is new, or gone, is read as a whole.
        let is_both = self.old.is_some() && self.new.is_some();
        let changes = [
            (FactChange::of("adapter-of", None, self.old.and_then(base), self.new.and_then(base), false), is_both),
            (FactChange::of("base-declared", None, declared(self.old_facts), declared(self.new_facts), false), is_both),
            (
                FactChange::of("base-revision", None, self.old.and_then(revision), self.new.and_then(revision), false),
                false,
            ),
        ];
        changes.into_iter().filter_map(|(change, widens)| Some(FactChange { widens, ..change? })).collect()
    }

    /// The entry that each reference is pinned as, if it is.
    fn dependency_changes(&self) -> Vec<FactChange> {
        let of = |pin: Option<&Pin>, reference: &Reference| {
            let pin = pin.filter(|pin| pin.facts.references.contains(reference))?;
            let pinned = pin.dependencies.pinned.get(reference);
            Some(pinned.map_or_else(|| "not pinned".to_owned(), ToString::to_string))
        };
        let mut changes = Vec::new();
        for reference in self.old_facts.references.union(&self.new_facts.references) {
            let about = reference.to_string();
            let was = of(self.old, reference);
            let is = of(self.new, reference);
            changes.extend(FactChange::of("dependency", Some(&about), was, is, true));
        }
        changes
    }

    /// What configuration imports, the digest of all code, and what it can do: its own, and that of each other repo.
    fn code_changes(&self) -> Vec<FactChange> {
        let old = self.old_facts;
        let new = self.new_facts;
        let mut changes = FactChange::of_members("auto-map", None, &old.auto_map, &new.auto_map);
        let digest = |code: &Code<'_>| code.digest().map(|digest| digest.to_string());
        changes.extend(FactChange::of("code", None, digest(&self.old_code), digest(&self.new_code), true));
        let old = &self.old_code.capabilities;
        let new = &self.new_code.capabilities;
        let none = BTreeSet::new();
        let origins: BTreeSet<&Option<Origin>> = old.keys().chain(new.keys()).collect();
        for origin in origins {
            let about = origin.as_ref().map(ToString::to_string);
            let was = old.get(origin).copied().unwrap_or(&none);
            let is = new.get(origin).copied().unwrap_or(&none);
            changes.extend(FactChange::of_members("capability", about.as_deref(), was, is));
        }
        changes
    }

    fn requires_changes(&self) -> Vec<FactChange> {
        let old = &self.old_facts.requires;
        let new = &self.new_facts.requires;
        let names: BTreeSet<&PrintableText> = old.keys().chain(new.keys()).collect();
        let mut changes = Vec::new();
        for name in names {
            let was = old.get(name);
            let is = new.get(name);
            let is_open = is.is_some_and(|version| !is_one_release(version.as_str()));
            let was = was.map(ToString::to_string);
            let is = is.map(ToString::to_string);
            changes.extend(FactChange::of("requires", Some(name.as_str()), was, is, is_open));
        }
        changes
    }

    /// Bytes that no publisher made are installed, or a file that can run code is no longer replaced: a reviewer
    /// reads both first.
    fn conversion_changes(&self) -> Vec<FactChange> {
        let of = |pin: Option<&Pin>, path: &RepoPath| pin?.converted.get(path).map(Converted::to_string);
        let paths: BTreeSet<&RepoPath> = self.pins().flat_map(|pin| pin.converted.keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            let change = FactChange::of("converted", Some(path.as_str()), of(self.old, path), of(self.new, path), true);
            // An entry that goes as a whole leaves nothing that could run.
            changes.extend(change.map(|change| FactChange { widens: self.new.is_some(), ..change }));
        }
        changes
    }

    /// A commit is a commit: where the same one of the same repo has other bytes, one of the two locks is not true. A
    /// file that is new although neither the commit nor the choice of files changed is another as well.
    fn same_commit_changes(&self) -> Vec<FactChange> {
        let both = self.old.zip(self.new);
        let Some((old, new)) = both.filter(|(old, new)| old.source == new.source && old.revision == new.revision)
        else {
            return Vec::new();
        };
        let text = |file: &Artifact| format!("{}, {} bytes", file.sha256, file.size);
        let bytes = |file: &Artifact| (file.sha256, file.size);
        let paths: BTreeSet<&RepoPath> = old.files().keys().chain(new.files().keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            let was = old.files().get(path);
            let is = new.files().get(path);
            // Another choice of files is no contradiction.
            let can_differ = old.filter == new.filter || (was.is_some() && is.is_some());
            if can_differ && was.map(bytes) != is.map(bytes) {
                changes.extend(FactChange::of("same-commit", Some(path.as_str()), was.map(text), is.map(text), true));
            }
        }
        changes
    }

    fn files(&self) -> Vec<FileChange> {
        let of = |pin: Option<&Pin>, path: &RepoPath| pin.and_then(|pin| pin.files().get(path).copied());
        let paths: BTreeSet<&RepoPath> = self.pins().flat_map(|pin| pin.files().keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            let old = of(self.old, path);
            let new = of(self.new, path);
            if old != new {
                changes.push(FileChange { path: path.clone(), old, new });
            }
        }
        changes
    }

    fn pins(&self) -> impl Iterator<Item = &Pin> {
        self.old.into_iter().chain(self.new)
    }
}

/// Whether a changed key lets in more, or is of another origin than before.
fn widens(when: Widens, old: &Pin, new: &Pin) -> bool {
    match when {
        Widens::Always => true,
        Widens::Never | Widens::NotReported => false,
        Widens::IfKnownBefore => old.hub.repo_id.is_some(),
        Widens::IfLooser => is_looser_request(&old.requested.to_string(), &new.requested.to_string()),
        Widens::IfMoreIncluded => includes_more(&old.filter.include, &new.filter.include),
        Widens::IfAnother => old.filter.variant != new.filter.variant,
        Widens::IfLessExcluded => !is_within(&old.filter.exclude, &new.filter.exclude),
    }
}

/// Whether each of `some` is among `others`.
fn is_within(some: &[Pattern], others: &[Pattern]) -> bool {
    some.iter().all(|one| others.contains(one))
}

/// Whether `new` may include more files than `old`. Without patterns the default set is included, which neither
/// contains nor is contained in that of any pattern.
fn includes_more(old: &[Pattern], new: &[Pattern]) -> bool {
    old.is_empty() || new.is_empty() || !is_within(new, old)
}

fn file_fact_changes<T: Ord + ToString>(
    key: &'static str,
    old: &BTreeMap<RepoPath, BTreeSet<T>>,
    new: &BTreeMap<RepoPath, BTreeSet<T>>,
) -> Vec<FactChange> {
    let none = BTreeSet::new();
    let paths: BTreeSet<&RepoPath> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for path in paths {
        let was = old.get(path).unwrap_or(&none);
        let is = new.get(path).unwrap_or(&none);
        changes.extend(FactChange::of_members(key, Some(path.as_str()), was, is));
    }
    changes
}

/// Whether a requirement names one release of an index, and nothing else: `==2.6.0`. An address, a range and an
/// option of the installer all let somebody else decide what is installed.
fn is_one_release(version: &str) -> bool {
    let asked = version.split(';').next().unwrap_or_default().trim();
    asked.strip_prefix("==").is_some_and(|version| !version.is_empty() && !version.contains(['*', ',', '/', ' ']))
}

#[cfg(test)]
mod tests {
    use super::{ChangeKind, diff, is_one_release};
    use crate::lockfile::sample::sample;
    use crate::{Lockfile, Pin};

    #[test]
    fn a_list_that_gained_one_shows_that_one() {
        let old = sample();
        let mut new = old.clone();
        let pin = new.pins.get_mut(&"chat".parse().unwrap()).unwrap();
        pin.facts.capabilities.insert("network".parse().unwrap());
        pin.facts.requires.insert("einops".parse().unwrap(), "==0.8.1".parse().unwrap());
        pin.facts.requires.insert("torch".parse().unwrap(), "git+https://host/torch".parse().unwrap());
        let path: crate::RepoPath = "pytorch_model.bin".parse().unwrap();
        pin.facts.globals.get_mut(&path).unwrap().insert("posix.system".parse().unwrap());
        let shown: Vec<String> = diff(&old, &new)[0]
            .facts
            .iter()
            .map(|fact| format!("{} {:?} {:?} {}", fact.label(), fact.old, fact.new, fact.widens))
            .collect();
        assert_eq!(
            shown,
            [
                r#"capability None Some("network") true"#,
                r#"requires einops None Some("==0.8.1") false"#,
                r#"requires torch Some("==2.6.0") Some("git+https://host/torch") true"#,
                r#"global pytorch_model.bin None Some("posix.system") true"#,
            ]
        );
        assert!(diff(&new, &old)[0].facts.iter().filter(|fact| fact.key != "requires").all(|fact| !fact.widens));
    }

    #[test]
    fn one_release_is_not_a_range_or_an_address() {
        for one in ["==2.6.0", "===1", "==1.0 ; python_version < '3.9'"] {
            assert!(is_one_release(one), "{one}");
        }
        for open in ["unpinned", "", "==", ">=1", "==2.*", "==1,<2", "git+https://host/x@v1", "==1 @ https://host/x"] {
            assert!(!is_one_release(open), "{open}");
        }
    }

    #[test]
    fn another_origin_and_other_bytes_under_a_commit_are_read_first() {
        let old = sample();
        let name = "chat".parse().unwrap();
        let marked = |change: &dyn Fn(&Pin) -> Pin| {
            let mut new = old.clone();
            let pin = change(&old.pins[&name]);
            new.pins.insert("chat".parse().unwrap(), pin);
            let facts = diff(&old, &new).into_iter().flat_map(|change| change.facts);
            facts.filter(|fact| fact.widens && fact.key != "code").map(|fact| fact.label()).collect::<Vec<_>>()
        };
        let with = |pin: &Pin, change: &dyn Fn(&mut Pin)| {
            let mut pin = pin.clone();
            change(&mut pin);
            pin
        };
        let remade = |pin: &Pin, path: &str, byte: u8| {
            let mut files = pin.files().clone();
            let mut file = files[&"config.json".parse().unwrap()];
            file.sha256 = crate::Digest::new([byte; 32]);
            files.insert(path.parse().unwrap(), file);
            let made = Pin::new(pin.source.clone(), pin.requested.clone(), pin.filter.clone(), pin.revision, files);
            with(pin, &|pin| *pin = Pin { files: made.files.clone(), tree: made.tree, ..pin.clone() })
        };
        assert_eq!(marked(&|pin| remade(pin, "config.json", 9)), ["same-commit config.json"]);
        assert_eq!(marked(&|pin| remade(pin, "new.json", 9)), ["same-commit new.json"]);
        let moved =
            |pin: &Pin| with(&remade(pin, "new.json", 9), &|pin| pin.revision = "ee".repeat(20).parse().unwrap());
        assert_eq!(marked(&moved), [""; 0]);
        let to = |change: &dyn Fn(&mut Pin)| marked(&|pin| with(pin, change));
        assert_eq!(to(&|pin| pin.hub.repo_id = Some("0".repeat(24).parse().unwrap())), ["repo-id"]);
        assert_eq!(to(&|pin| pin.hub.repo_id = None), ["repo-id"]);
        assert_eq!(to(&|pin| pin.source = "hf:model/evil/chat-7b".parse().unwrap()), ["source"]);
        assert_eq!(to(&|pin| pin.requested = "main".parse().unwrap()), ["requested"]);
        assert_eq!(to(&|pin| pin.requested = "v1.4.0".parse().unwrap()), [""; 0]);
        assert_eq!(to(&|pin| pin.filter.exclude.clear()), ["exclude"]);
        assert_eq!(to(&|pin| pin.filter.include.push("*.bin".parse().unwrap())), ["include"]);
        assert_eq!(to(&|pin| pin.filter.exclude.push("*.bin".parse().unwrap())), [""; 0]);
        assert_eq!(to(&|pin| pin.filter.variant = Some("all".parse().unwrap())), ["variant"]);
    }

    #[test]
    fn a_report_names_what_moved_and_nothing_else() {
        let old = sample();
        let mut new = old.clone();
        let name = "chat".parse().unwrap();
        let was = &old.pins[&name];
        let mut files = was.files().clone();
        files.pop_first();
        let mut pin = Pin::new(
            was.source.clone(),
            was.requested.clone(),
            was.filter.clone(),
            "ff".repeat(20).parse().unwrap(),
            files,
        );
        pin.hub.license.clone_from(&was.hub.license);
        pin.facts.clone_from(&was.facts);
        pin.dependencies.pinned.clone_from(&was.dependencies.pinned);
        new.pins.insert(name, pin);
        let changes = diff(&old, &new);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].kind, ChangeKind::Changed);
        let keys: Vec<&str> = changes[0].facts.iter().map(|fact| fact.key).collect();
        assert_eq!(
            keys,
            [
                "repo-id",
                "tag",
                "revision",
                "revision-date",
                "ticket",
                "left-out",
                "left-out",
                "left-out-code",
                "converted"
            ]
        );
        let lost = changes[0].facts.last().unwrap();
        assert!(lost.widens && lost.new.is_none(), "what was replaced is not any more: {lost:?}");
        assert_eq!(changes[0].files.len(), 1);
        assert!(diff(&new, &new).is_empty());
        assert_eq!(diff(&Lockfile::default(), &old).len(), 4);
    }
}
