//! What changed between two locks: the change ticket.

use super::{Artifact, Code, Converted, Facts, Lockfile, Origin, Pin, PrintableText, Reference};
use crate::changes::is_looser_request;
use crate::{Name, RepoKind, RepoPath};
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
    /// Facts that came, went or changed, in the lock's order; `tree` is left out, since the files say it.
    pub facts: Vec<FactChange>,
    /// Files that came, went or changed, by path.
    pub files: Vec<FileChange>,
}

/// What happened to a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another than it was.
    Changed,
}

/// A fact that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactChange {
    /// Its key in the lock, in the singular where that is a list or table.
    pub key: &'static str,
    /// What it is about, where the key alone does not say: a file, or what is to be installed.
    pub about: Option<String>,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
    /// Whether the entry can do more than before, brings in what nobody pinned, or is of another origin than it was: what a
    /// reviewer reads first. A conversion that goes is one, since its source is no longer replaced.
    pub widens: bool,
}

impl FactChange {
    /// The key, and what it is about, as in `requires torch`.
    #[must_use]
    pub fn label(&self) -> String {
        self.about.as_ref().map_or_else(|| self.key.to_owned(), |about| format!("{} {about}", self.key))
    }
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
    let code = [old.code(name), new.code(name)];
    let (old, new) = (old.pins.get(name), new.pins.get(name));
    let kind = match (old, new) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        // The code of an entry can change where its pin does not: it is that of others as well.
        (old, new) if old == new && code[0].digest() == code[1].digest() => return None,
        _ => ChangeKind::Changed,
    };
    let repo_kind = new.or(old).map_or(RepoKind::Model, |pin| pin.source.kind);
    Some(Change { name: name.clone(), repo_kind, kind, facts: facts(old, new, &code), files: files(old, new) })
}

/// A fact of a pin: its key, its text, and whether a change of it from one pin to another is read first.
type Key = (&'static str, fn(&Pin) -> Option<String>, fn(&Pin, &Pin) -> bool);

fn never(_: &Pin, _: &Pin) -> bool {
    false
}

fn always(_: &Pin, _: &Pin) -> bool {
    true
}

/// The facts of a pin by key, as the lock prints them.
const FACTS: [Key; 15] = [
    ("source", |pin| Some(pin.source.to_string()), always),
    ("repo-id", |pin| pin.hub.repo_id.as_ref().map(ToString::to_string), |old, _| old.hub.repo_id.is_some()),
    ("required-by", |pin| joined(pin.dependencies.required_by.iter()), never),
    (
        "requested",
        |pin| Some(pin.requested.to_string()),
        |old, new| is_looser_request(&old.requested.to_string(), &new.requested.to_string()),
    ),
    ("include", |pin| joined(pin.filter.include.iter()), |old, new| is_wider(&old.filter.include, &new.filter.include)),
    (
        "exclude",
        |pin| joined(pin.filter.exclude.iter()),
        |old, new| !is_within(&old.filter.exclude, &new.filter.exclude),
    ),
    ("tag", |pin| pin.hub.tag.as_ref().map(ToString::to_string), never),
    ("revision", |pin| Some(pin.revision.to_string()), never),
    ("revision-date", |pin| pin.hub.revision_date.as_ref().map(ToString::to_string), never),
    ("license", |pin| pin.hub.license.as_ref().map(ToString::to_string), never),
    ("ticket", |pin| pin.ticket.as_ref().map(ToString::to_string), never),
    ("skipped", |pin| joined(pin.hub.skipped.iter().map(|(kind, count)| format!("{kind}: {count}"))), never),
    ("adapter-of", |pin| pin.dependencies.adapter.as_ref().map(|adapter| adapter.base.to_string()), always),
    ("base-declared", |pin| pin.facts.base.as_ref().map(ToString::to_string), always),
    ("base-revision", |pin| pin.dependencies.adapter.as_ref().map(|adapter| adapter.base_revision.to_string()), never),
];

/// Whether each of `some` is among `others`.
fn is_within<T: PartialEq>(some: &[T], others: &[T]) -> bool {
    some.iter().all(|one| others.contains(one))
}

/// Whether `new` may want more files than `old`: without patterns, that is the default set, which has no order with others.
fn is_wider<T: PartialEq>(old: &[T], new: &[T]) -> bool {
    old.is_empty() || new.is_empty() || !is_within(new, old)
}

fn joined(values: impl Iterator<Item = impl ToString>) -> Option<String> {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn facts(old: Option<&Pin>, new: Option<&Pin>, code: &[Code<'_>; 2]) -> Vec<FactChange> {
    let plain = |(key, value, is_first): &Key| {
        let fact = FactChange::of(key, None, old.and_then(value), new.and_then(value), false)?;
        let widens = old.zip(new).is_some_and(|(old, new)| is_first(old, new));
        Some(FactChange { widens, ..fact })
    };
    let none = Facts::default();
    let (was, is) = (old.map_or(&none, |pin| &pin.facts), new.map_or(&none, |pin| &pin.facts));
    let mut facts: Vec<FactChange> = FACTS.iter().filter_map(plain).collect();
    facts.extend(old.zip(new).into_iter().flat_map(|(old, new)| same_commit(old, new)));
    facts.extend(edges(old, new));
    facts.extend(set("auto-map", None, &was.auto_map, &is.auto_map));
    let digest = |code: &Code<'_>| code.digest().map(|digest| digest.to_string());
    facts.extend(FactChange::of("code", None, digest(&code[0]), digest(&code[1]), true));
    facts.extend(capabilities(code));
    facts.extend(requires(was, is));
    facts.extend(by_file("global", &was.globals, &is.globals));
    facts.extend(by_file("template", &was.templates, &is.templates));
    facts.extend(by_file("finding", &was.findings, &is.findings));
    facts.extend(conversions(old, new));
    facts
}

impl FactChange {
    /// The change from `old` to `new`, if it is one; `power` is whether to have the fact is to be able to do more.
    fn of(
        key: &'static str,
        about: Option<&str>,
        old: Option<String>,
        new: Option<String>,
        power: bool,
    ) -> Option<Self> {
        let widens = power && new.is_some();
        (old != new).then(|| Self { key, about: about.map(str::to_owned), old, new, widens })
    }
}

/// One change a member: a list that gained one shows that one.
fn set<T: Ord + ToString>(
    key: &'static str,
    about: Option<&str>,
    old: &BTreeSet<T>,
    new: &BTreeSet<T>,
) -> Vec<FactChange> {
    // What a template renders is text: that it is another one is news, but no power, and one change, not two.
    let power = key != "template";
    if let (false, [lost], [gained]) = (power, &*without(old, new), &*without(new, old)) {
        return FactChange::of(key, about, Some(lost.to_string()), Some(gained.to_string()), power)
            .into_iter()
            .collect();
    }
    let side = |side: &BTreeSet<T>, member: &T| side.get(member).map(ToString::to_string);
    let changed = old.symmetric_difference(new);
    changed.filter_map(|member| FactChange::of(key, about, side(old, member), side(new, member), power)).collect()
}

fn without<'a, T: Ord>(some: &'a BTreeSet<T>, others: &'a BTreeSet<T>) -> Vec<&'a T> {
    some.difference(others).collect()
}

/// What its own code can do, and that of each other repo.
fn capabilities([old, new]: &[Code<'_>; 2]) -> Vec<FactChange> {
    let none = BTreeSet::new();
    let origins: BTreeSet<&Option<Origin>> = old.capabilities.keys().chain(new.capabilities.keys()).collect();
    let changes = |origin: &Option<Origin>| {
        let about = origin.as_ref().map(ToString::to_string);
        let of = |code: &Code<'_>| code.capabilities.get(origin).map_or(&none, |words| *words).clone();
        set("capability", about.as_deref(), &of(old), &of(new))
    };
    origins.into_iter().flat_map(changes).collect()
}

fn by_file<T: Ord + ToString>(
    key: &'static str,
    old: &BTreeMap<RepoPath, BTreeSet<T>>,
    new: &BTreeMap<RepoPath, BTreeSet<T>>,
) -> Vec<FactChange> {
    let none = BTreeSet::new();
    let paths: BTreeSet<&RepoPath> = old.keys().chain(new.keys()).collect();
    let changes =
        |path: &RepoPath| set(key, Some(path.as_str()), old.get(path).unwrap_or(&none), new.get(path).unwrap_or(&none));
    paths.into_iter().flat_map(changes).collect()
}

/// A commit is a commit: where the same one of the same repo has other bytes, one of the two locks is not true. A file that
/// comes although neither the commit nor the choice of files changed is another as well.
fn same_commit(old: &Pin, new: &Pin) -> Vec<FactChange> {
    if old.source != new.source || old.revision != new.revision {
        return Vec::new();
    }
    let says = |file: &Artifact| format!("{}, {} bytes", file.sha256, file.size);
    let bytes = |file: &Artifact| (file.sha256, file.size);
    let paths: BTreeSet<&RepoPath> = old.files().keys().chain(new.files().keys()).collect();
    let change = |path: &RepoPath| {
        let (was, is) = (old.files().get(path), new.files().get(path));
        // Another choice of files is no contradiction.
        let can_differ = old.filter == new.filter || (was.is_some() && is.is_some());
        let differs = can_differ && was.map(bytes) != is.map(bytes);
        differs.then(|| FactChange::of("same-commit", Some(path.as_str()), was.map(says), is.map(says), true)).flatten()
    };
    paths.into_iter().filter_map(change).collect()
}

/// Where each reference leads: to an entry of the lock, or to nothing that is pinned.
fn edges(old: Option<&Pin>, new: Option<&Pin>) -> Vec<FactChange> {
    let of = |pin: Option<&Pin>, reference: &Reference| {
        let pin = pin.filter(|pin| pin.facts.references.contains(reference))?;
        Some(pin.dependencies.pinned.get(reference).map_or_else(|| "not pinned".to_owned(), ToString::to_string))
    };
    let all: BTreeSet<&Reference> = old.into_iter().chain(new).flat_map(|pin| &pin.facts.references).collect();
    let change = |reference: &Reference| {
        FactChange::of("dependency", Some(&reference.to_string()), of(old, reference), of(new, reference), true)
    };
    all.into_iter().filter_map(change).collect()
}

/// Bytes that no publisher made come into the tree, or the file that can run code is no longer replaced by any: either is
/// what a reviewer reads first.
fn conversions(old: Option<&Pin>, new: Option<&Pin>) -> Vec<FactChange> {
    let of = |pin: Option<&Pin>, path: &RepoPath| pin?.converted.get(path).map(Converted::to_string);
    let paths: BTreeSet<&RepoPath> = old.into_iter().chain(new).flat_map(|pin| pin.converted.keys()).collect();
    let change = |path: &RepoPath| {
        let fact = FactChange::of("converted", Some(path.as_str()), of(old, path), of(new, path), true)?;
        // An entry that goes as a whole leaves nothing that could run.
        Some(FactChange { widens: new.is_some(), ..fact })
    };
    paths.into_iter().filter_map(change).collect()
}

fn requires(old: &Facts, new: &Facts) -> Vec<FactChange> {
    let names: BTreeSet<&PrintableText> = old.requires.keys().chain(new.requires.keys()).collect();
    let change = |name: &PrintableText| {
        let (was, is) = (old.requires.get(name), new.requires.get(name));
        let power = is.is_some_and(|how| !is_one_release(how.as_str()));
        FactChange::of(
            "requires",
            Some(name.as_str()),
            was.map(ToString::to_string),
            is.map(ToString::to_string),
            power,
        )
    };
    names.into_iter().filter_map(change).collect()
}

/// Whether a requirement names one release of an index, and nothing else: `==2.6.0`. An address, a range and an
/// option of the installer all let somebody else decide what is installed.
fn is_one_release(how: &str) -> bool {
    let asked = how.split(';').next().unwrap_or_default().trim();
    asked.strip_prefix("==").is_some_and(|version| !version.is_empty() && !version.contains(['*', ',', '/', ' ']))
}

fn files(old: Option<&Pin>, new: Option<&Pin>) -> Vec<FileChange> {
    let of = |pin: Option<&Pin>, path: &RepoPath| pin.and_then(|pin| pin.files().get(path).copied());
    let paths: BTreeSet<&RepoPath> = old.into_iter().chain(new).flat_map(|pin| pin.files().keys()).collect();
    let files = paths.into_iter().map(|path| FileChange { path: path.clone(), old: of(old, path), new: of(new, path) });
    files.filter(|file| file.old != file.new).collect()
}

#[cfg(test)]
mod tests {
    use super::{ChangeKind, diff, is_one_release};
    use crate::lockfile::tests::sample;
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
    }

    #[test]
    fn a_ticket_names_what_moved_and_nothing_else() {
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
        assert_eq!(keys, ["repo-id", "tag", "revision", "revision-date", "ticket", "skipped", "converted"]);
        let lost = changes[0].facts.last().unwrap();
        assert!(lost.widens && lost.new.is_none(), "what was replaced is not any more: {lost:?}");
        assert_eq!(changes[0].files.len(), 1);
        assert!(diff(&new, &new).is_empty());
        assert_eq!(diff(&Lockfile::default(), &old).len(), 4);
    }
}
