//! What an update leads to that the lock did not lead to before: the only rules that are about a change, not a lock.
//!
//! A change is one of the commit: where a pin stays at its commit, whatever is new about its edges was asked for by
//! whoever edited models.toml. What a new edge leads to brings its own edges, which are new as well.

use super::{Ruling, Words, levels};
use modelpin_rules::policy;
use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::lockfile::{AutoMapClass, DeclaredBase, Facts, Reference, Role};
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Lockfile, Manifest, Name, Pin, RepoId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Where an edge leads that was not there before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moved {
    /// The place, as the files call it.
    to: String,
    /// Where the same was taken from before; nowhere, if the edge is a new one.
    from: BTreeSet<String>,
}

/// By what is taken and from which repo.
type All = BTreeMap<(DependencyKind, RepoId), Moved>;

/// What there is to say of the edges that came or were redirected from `old` to `new`, other than to the `accepted`
/// repos. `command` is the one that would make the change.
#[must_use]
pub fn moved(
    manifest: &Manifest,
    old: &Lockfile,
    new: &Lockfile,
    accepted: &BTreeSet<RepoId>,
    command: &str,
) -> Vec<Ruling> {
    let mut all: Vec<(&Name, DependencyKind, RepoId, Moved)> = Vec::new();
    let known = Facts::default();
    let mut queue: VecDeque<(&Name, &Pin, &Facts)> = VecDeque::new();
    for (name, pin) in &new.pins {
        let before = before(old, name, pin).filter(|before| before.revision != pin.revision);
        queue.extend(before.map(|before| (name, pin, &before.facts)));
    }
    let mut brought = BTreeSet::new();
    while let Some((name, pin, before)) = queue.pop_front() {
        let is_declared = manifest.entries.get(name).is_none_or(|spec| spec.adapter_of.is_none());
        for ((how, repo), moved) in edges(before, pin, is_declared) {
            if repo == pin.source.repo || manifest.policy.ignored_dependencies.contains(&repo) {
                continue;
            }
            // What comes along such an edge brings its own.
            let ends = ends(pin, how, &repo).filter_map(|end| new.pins.get_key_value(end));
            let ends = ends.filter(|(end, pin)| self::before(old, end, pin).is_none() && brought.insert(*end));
            queue.extend(ends.map(|(end, pin)| (end, pin, &known)));
            if !accepted.contains(&repo) {
                all.push((name, how, repo, moved));
            }
        }
    }
    let repos: BTreeSet<&RepoId> = all.iter().map(|(_, _, repo, _)| repo).chain(accepted).collect();
    let accept: String = repos.into_iter().map(|repo| format!(" --allow-source {repo}")).collect();
    let help =
        format!("`{command} --dry-run` shows the ticket; if all of it is meant, `{command}{accept}` makes the change");
    let rulings = all.iter().map(|(name, how, _, moved)| {
        let words = words(*how, moved, &help);
        let rule = if moved.from.is_empty() { &policy::EDGE_ADDED } else { &policy::EDGE_REDIRECTED };
        let Words { what, expected, got, help } = words;
        Ruling {
            rule,
            level: levels::level(manifest, rule),
            name: Some((*name).clone()),
            path: None,
            at: None,
            what,
            expected,
            got,
            help,
        }
    });
    rulings.filter(|ruling| ruling.level != Level::Allow).collect()
}

/// The pin in whose place `pin` comes. One that nobody asked for can have got another name.
fn before<'a>(old: &'a Lockfile, name: &Name, pin: &Pin) -> Option<&'a Pin> {
    let same = |before: &&Pin| before.source == pin.source;
    let named = old.pins.get(name).filter(same);
    named.or_else(|| old.pins.values().find(|before| same(before) && before.requested == pin.requested))
}

/// The entries that edges lead to over which `how` is taken from `repo`.
fn ends<'a>(pin: &'a Pin, how: DependencyKind, repo: &'a RepoId) -> impl Iterator<Item = &'a Name> {
    let base =
        pin.dependencies.adapter.iter().filter(move |_| how == DependencyKind::Base).map(|adapter| &adapter.base);
    let edges = pin
        .dependencies
        .pinned
        .iter()
        .filter(move |(to, _)| DependencyKind::Reference(to.role) == how && to.repo == *repo);
    base.chain(edges.map(|(_, edge)| &edge.pin))
}

fn edges(old: &Facts, new: &Pin, is_declared: bool) -> All {
    let mut all = All::new();
    let own = new.source.repo.as_str();
    let (was, is) = (classes(old, own), classes(&new.facts, own));
    for (key, repos) in &is {
        let Some(before) = was.get(key) else { continue };
        for repo in repos.difference(before).flatten() {
            let Ok(repo) = repo.parse::<RepoId>() else { continue };
            let from = before.iter().map(|repo| repo.map_or("its own code".to_owned(), |repo| format!("`{repo}`")));
            let moved = Moved { to: repo.to_string(), from: from.collect() };
            all.entry((DependencyKind::Reference(Role::Code), repo)).or_insert(moved);
        }
    }
    let came = new.facts.references.difference(&old.references);
    for reference in came {
        let moved = all.entry((DependencyKind::Reference(reference.role), reference.repo.clone()));
        let moved = moved.or_insert_with(|| Moved { to: String::new(), from: places(old, &new.facts, reference) });
        moved.to = reference.to_string().split_off(reference.role.word().len() + 1);
    }
    if let (Some(DeclaredBase::Repo(repo, _)), true) = (&new.facts.base, is_declared)
        && new.facts.base != old.base
    {
        let from = old.base.iter().filter(|base| **base != DeclaredBase::Nothing);
        let from = from.map(|base| format!("`{base}`")).collect();
        let to = new.facts.base.as_ref().map_or_else(String::new, ToString::to_string);
        all.insert((DependencyKind::Base, repo.clone()), Moved { to, from });
    }
    all
}

/// By key: the repos that its classes are in, none standing for the entry's `own`.
fn classes<'a>(facts: &'a Facts, own: &str) -> BTreeMap<&'a str, BTreeSet<Option<&'a str>>> {
    let mut classes: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    for class in facts.auto_map.iter().filter_map(AutoMapClass::read) {
        let repo = class.repo.filter(|repo| *repo != own);
        classes.entry(class.key).or_default().insert(repo);
    }
    classes
}

/// Where `old` took from what `new` takes from `reference`: the same repo at another revision, else whatever it took of
/// the sort and takes no more.
fn places(old: &Facts, new: &Facts, reference: &Reference) -> BTreeSet<String> {
    let of_role = || old.references.iter().filter(|before| before.role == reference.role);
    let place = |before: &Reference| {
        let revision = before.revision.iter().map(|revision| format!("@{revision}")).collect::<String>();
        format!("`{}{revision}`", before.repo)
    };
    let same: BTreeSet<String> = of_role().filter(|before| before.repo == reference.repo).map(place).collect();
    if !same.is_empty() {
        return same;
    }
    of_role().filter(|before| !new.references.contains(before)).map(place).collect()
}

fn words(how: DependencyKind, moved: &Moved, help: &str) -> Words {
    let taken = match how {
        DependencyKind::Base => "its base",
        DependencyKind::Reference(Role::Code) => "code",
        DependencyKind::Reference(Role::Component) => "a part",
        DependencyKind::Reference(Role::Processor) => "a processor",
        DependencyKind::Reference(Role::Tokenizer) => "a tokenizer",
    };
    let what = format!("its new pin makes it take {taken} from `{}`", moved.to);
    let from: Vec<&str> = moved.from.iter().map(String::as_str).collect();
    let expected = if from.is_empty() { "no edge that was not there before".to_owned() } else { from.join(", ") };
    Words { what, expected, got: format!("`{}` ({how})", moved.to), help: help.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::moved;
    use modelpin_schema::lockfile::DeclaredBase;
    use modelpin_schema::{Artifact, Digest, FileKind, Filter, Lockfile, Manifest, Pin};
    use std::collections::BTreeSet;

    const MANIFEST: &str = "[models]\nm = \"acme/m\"\n";

    /// A lock of `m` at the commit `byte`, which refers to `references`, has the classes `map`, and declares `base`.
    fn lock(byte: &str, references: &[&str], map: &[&str], base: &str) -> Lockfile {
        let file = Artifact { kind: FileKind::Config, size: 1, sha256: Digest::new([1; 32]) };
        let (source, files) = ("hf:model/acme/m".parse().unwrap(), [("config.json".parse().unwrap(), file)].into());
        let commit = byte.repeat(20).parse().unwrap();
        let mut pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), commit, files);
        pin.facts.references = references.iter().map(|text| text.parse().unwrap()).collect();
        pin.facts.auto_map = map.iter().map(|text| text.parse().unwrap()).collect();
        pin.facts.base = (!base.is_empty()).then(|| DeclaredBase::of(Some(base), None));
        Lockfile { pins: [("m".parse().unwrap(), pin)].into() }
    }

    /// Rule, what was expected, and what was got, a line each.
    fn told(manifest: &str, old: &Lockfile, new: &Lockfile, accepted: &[&str]) -> Vec<String> {
        let manifest = Manifest::read("models.toml", manifest).unwrap();
        let accepted: BTreeSet<_> = accepted.iter().map(|text| text.parse().unwrap()).collect();
        let rulings = moved(&manifest, old, new, &accepted, "modelpin update");
        rulings.iter().map(|ruling| format!("{}: {}: {}", ruling.rule.id, ruling.expected, ruling.got)).collect()
    }

    #[test]
    fn what_takes_the_place_of_another_is_redirected_and_the_rest_is_added() {
        let old = lock("13", &["component a/x", "component a/y", "tokenizer a/t@v1"], &[], "");
        let new = lock("14", &["component a/x", "component b/z", "processor b/p", "tokenizer a/t@v2"], &[], "");
        assert_eq!(
            told(MANIFEST, &old, &new, &[]),
            [
                "edge-redirected: `a/y`: `b/z` (component)",
                "edge-added: no edge that was not there before: `b/p` (processor)",
                "edge-redirected: `a/t@v1`: `a/t@v2` (tokenizer)",
            ]
        );
        assert_eq!(told(MANIFEST, &old, &new, &["b/z", "b/p", "a/t"]), Vec::<String>::new());
        let ignored = format!("{MANIFEST}[policy]\nignored-dependencies = [\"b/z\", \"b/p\"]\n");
        assert_eq!(told(&ignored, &old, &new, &[]).len(), 1);
        let allowed = format!("{MANIFEST}[policy.rules]\nedge-added = \"allow\"\nedge-redirected = \"allow\"\n");
        assert!(told(&allowed, &old, &new, &[]).is_empty());
    }

    #[test]
    fn a_class_that_leads_elsewhere_is_redirected_wherever_that_was_known_from() {
        let references = ["auto_map a/x", "auto_map b/y"];
        let old = lock("13", &references, &["AutoModel=a/x--m.M", "AutoConfig=b/y--c.C", "AutoProcessor=p.P"], "");
        let new = lock("14", &references, &["AutoModel=b/y--m.M", "AutoConfig=c.C", "AutoProcessor=acme/m--p.P"], "");
        assert_eq!(told(MANIFEST, &old, &new, &[]), ["edge-redirected: `a/x`: `b/y` (auto_map)"]);
    }

    #[test]
    fn a_base_is_an_edge_where_only_the_adapter_says_it() {
        let (old, new) = (lock("13", &[], &[], "a/base"), lock("14", &[], &[], "b/base"));
        assert_eq!(told(MANIFEST, &old, &new, &[]), ["edge-redirected: `a/base`: `b/base` (base)"]);
        let said = "[models]\nbase = \"a/base\"\n[models.m]\nrepo = \"acme/m\"\nadapter-of = \"base\"\n";
        assert!(told(said, &old, &new, &[]).is_empty());
        assert_eq!(told(MANIFEST, &lock("13", &[], &[], ""), &new, &[]).len(), 1);
    }

    #[test]
    fn what_is_new_at_the_same_commit_was_asked_for() {
        let (old, new) = (lock("13", &[], &[], ""), lock("13", &["component a/x"], &["AutoModel=a/x--m.M"], "a/b"));
        assert!(told(MANIFEST, &old, &new, &[]).is_empty());
        // Nor has a repo that takes the place of another any edges that were added.
        let mut other = new;
        let mut pin = other.pins.remove(&"m".parse().unwrap()).unwrap();
        (pin.source, pin.revision) = ("hf:model/acme/other".parse().unwrap(), "15".repeat(20).parse().unwrap());
        other.pins.insert("m".parse().unwrap(), pin);
        assert!(told(MANIFEST, &old, &other, &[]).is_empty());
    }

    #[test]
    fn an_entry_that_has_got_another_name_is_known_again() {
        let old = lock("13", &["component a/x"], &[], "");
        let mut new = lock("14", &["component b/x"], &[], "");
        let pin = new.pins.remove(&"m".parse().unwrap()).unwrap();
        new.pins.insert("acme-m".parse().unwrap(), pin);
        assert_eq!(told("[models]\n", &old, &new, &[]).len(), 1);
    }
}
