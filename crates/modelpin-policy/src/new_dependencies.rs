//! Repos that an update takes something from for the first time: the only rules that are about a change, not about a
//! lock.
//!
//! A change is a change of the commit: where a pin stays at its commit, whatever is new about its dependencies was
//! asked for by whoever edited models.toml. What a new dependency leads to has dependencies of its own, which are new
//! as well.

use crate::Violation;
use crate::evaluator::Message;
use crate::levels::level;
use modelpin_rules::policy::{DEPENDENCY_ADDED, DEPENDENCY_REDIRECTED};
use modelpin_schema::lockfile::DependencyKind;
use modelpin_schema::lockfile::{AutoMapClass, DeclaredBase, Facts, Reference, Role};
use modelpin_schema::manifest::policy::Level;
use modelpin_schema::{Lockfile, Manifest, Name, Pin, RepoId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A dependency that was not there before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct New {
    /// The repo, as the files name it.
    to: String,
    /// Where the same was taken from before; empty if nothing of the kind was.
    from: BTreeSet<String>,
}

/// By what is taken and from which repo.
type NewByRepo = BTreeMap<(DependencyKind, RepoId), New>;

/// The violations of dependencies that were added or redirected between `old` and `new`, other than on the `allowed`
/// repos. `command` is the one that makes the change.
#[must_use]
pub fn new_dependencies(
    manifest: &Manifest,
    old: &Lockfile,
    new: &Lockfile,
    allowed: &BTreeSet<RepoId>,
    command: &str,
) -> Vec<Violation> {
    let found = found(manifest, old, new, allowed);
    let repos: BTreeSet<&RepoId> = found.iter().map(|(_, _, repo, _)| repo).chain(allowed).collect();
    let flags: String = repos.into_iter().map(|repo| format!(" --allow-source {repo}")).collect();
    let help = [
        format!("to see the change, run `{command} --dry-run`"),
        format!("to allow all of it, run `{command}{flags}`"),
    ];
    let mut violations = Vec::new();
    for (name, how, _, dependency) in &found {
        let rule = if dependency.from.is_empty() { &DEPENDENCY_ADDED } else { &DEPENDENCY_REDIRECTED };
        let level = level(manifest, rule);
        if level == Level::Allow {
            continue;
        }
        let Message { what, expected, got, help } = message(*how, dependency, help.to_vec());
        let name = Some((*name).clone());
        violations.push(Violation { rule, level, name, path: None, at: None, what, expected, got, help });
    }
    violations
}

/// The dependencies that were added or redirected, with the entry that has them.
fn found<'a>(
    manifest: &Manifest,
    old: &Lockfile,
    new: &'a Lockfile,
    allowed: &BTreeSet<RepoId>,
) -> Vec<(&'a Name, DependencyKind, RepoId, New)> {
    let mut found = Vec::new();
    let nothing = Facts::default();
    let mut queue: VecDeque<(&Name, &Pin, &Facts)> = VecDeque::new();
    for (name, pin) in &new.pins {
        let before = before(old, name, pin).filter(|before| before.revision != pin.revision);
        queue.extend(before.map(|before| (name, pin, &before.facts)));
    }
    let mut queued = BTreeSet::new();
    while let Some((name, pin, before)) = queue.pop_front() {
        let is_declared = manifest.entries.get(name).is_none_or(|spec| spec.adapter_of.is_none());
        for ((how, repo), dependency) in compare(before, pin, is_declared) {
            if repo == pin.source.repo || manifest.policy.ignored_dependencies.contains(&repo) {
                continue;
            }
            for end in ends(pin, how, &repo) {
                let Some((end, pin)) = new.pins.get_key_value(end) else { continue };
                if self::before(old, end, pin).is_none() && queued.insert(end) {
                    queue.push_back((end, pin, &nothing));
                }
            }
            if !allowed.contains(&repo) {
                found.push((name, how, repo, dependency));
            }
        }
    }
    found
}

/// The pin that `pin` replaces. One that models.toml does not ask for may have another name now.
fn before<'a>(old: &'a Lockfile, name: &Name, pin: &Pin) -> Option<&'a Pin> {
    let same = |before: &&Pin| before.source == pin.source;
    let named = old.pins.get(name).filter(same);
    named.or_else(|| old.pins.values().find(|before| same(before) && before.requested == pin.requested))
}

/// The entries that the dependencies of `pin` of the kind `how` on `repo` lead to.
fn ends<'a>(pin: &'a Pin, how: DependencyKind, repo: &'a RepoId) -> impl Iterator<Item = &'a Name> {
    let base =
        pin.dependencies.adapter.iter().filter(move |_| how == DependencyKind::Base).map(|adapter| &adapter.base);
    let dependencies = pin
        .dependencies
        .pinned
        .iter()
        .filter(move |(to, _)| DependencyKind::Reference(to.role) == how && to.repo == *repo);
    base.chain(dependencies.map(|(_, dependency)| &dependency.pin))
}

/// What `new` depends on and `old` did not. `is_declared` says that its own configuration names its base.
fn compare(old: &Facts, new: &Pin, is_declared: bool) -> NewByRepo {
    let mut all = NewByRepo::new();
    let own = new.source.repo.as_str();
    let was = classes(old, own);
    let is = classes(&new.facts, own);
    for (key, repos) in &is {
        let Some(before) = was.get(key) else { continue };
        for repo in repos.difference(before).flatten() {
            let Ok(repo) = repo.parse::<RepoId>() else { continue };
            let from = before.iter().map(|repo| repo.map_or("its own code".to_owned(), |repo| format!("`{repo}`")));
            let dependency = New { to: repo.to_string(), from: from.collect() };
            all.entry((DependencyKind::Reference(Role::Code), repo)).or_insert(dependency);
        }
    }
    for reference in new.facts.references.difference(&old.references) {
        let dependency = all.entry((DependencyKind::Reference(reference.role), reference.repo.clone()));
        let dependency =
            dependency.or_insert_with(|| New { to: String::new(), from: places(old, &new.facts, reference) });
        dependency.to = reference.to_string().split_off(reference.role.word().len() + 1);
    }
    if let (Some(DeclaredBase::Repo(repo, _)), true) = (&new.facts.base, is_declared)
        && new.facts.base != old.base
    {
        let from = old.base.iter().filter(|base| **base != DeclaredBase::Nothing);
        let from = from.map(|base| format!("`{base}`")).collect();
        let to = new.facts.base.as_ref().map_or_else(String::new, ToString::to_string);
        all.insert((DependencyKind::Base, repo.clone()), New { to, from });
    }
    all
}

/// By key of `auto_map`: the repos that its classes are in, `None` for the entry's `own`.
fn classes<'a>(facts: &'a Facts, own: &str) -> BTreeMap<&'a str, BTreeSet<Option<&'a str>>> {
    let mut classes: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    for class in facts.auto_map.iter().filter_map(AutoMapClass::read) {
        let repo = class.repo.filter(|repo| *repo != own);
        classes.entry(class.key).or_default().insert(repo);
    }
    classes
}

/// Where `old` took from what `new` takes from `reference`: the same repo at another revision, or else whatever it took
/// of the same role and no longer takes.
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

fn message(how: DependencyKind, dependency: &New, help: Vec<String>) -> Message {
    let taken = match how {
        DependencyKind::Base => "its base",
        DependencyKind::Reference(Role::Code) => "code",
        DependencyKind::Reference(Role::Component) => "a part",
        DependencyKind::Reference(Role::Config) => "the configuration of a part",
        DependencyKind::Reference(Role::Processor) => "a processor",
        DependencyKind::Reference(Role::Tokenizer) => "a tokenizer",
    };
    let what = format!("its new commit takes {taken} from `{}`", dependency.to);
    let from: Vec<&str> = dependency.from.iter().map(String::as_str).collect();
    let expected = if from.is_empty() { "no new dependency".to_owned() } else { from.join(", ") };
    Message { what, expected, got: format!("`{}` ({how})", dependency.to), help }
}

#[cfg(test)]
mod tests {
    use super::new_dependencies;
    use modelpin_schema::lockfile::DeclaredBase;
    use modelpin_schema::{Artifact, Digest, FileKind, Filter, Lockfile, Manifest, Pin};
    use std::collections::BTreeSet;

    const MANIFEST: &str = "[models]\nm = \"acme/m\"\n";

    /// A lock of `m` at the commit `byte`, which refers to `references`, has the classes `map`, and declares `base`.
    fn lock(byte: &str, references: &[&str], map: &[&str], base: &str) -> Lockfile {
        let file = Artifact { kind: FileKind::Config, size: 1, sha256: Digest::new([1; 32]) };
        let source = "hf:model/acme/m".parse().unwrap();
        let files = [("config.json".parse().unwrap(), file)].into();
        let commit = byte.repeat(20).parse().unwrap();
        let mut pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), commit, files);
        pin.facts.references = references.iter().map(|text| text.parse().unwrap()).collect();
        pin.facts.auto_map = map.iter().map(|text| text.parse().unwrap()).collect();
        pin.facts.base = (!base.is_empty()).then(|| DeclaredBase::of(Some(base), None));
        Lockfile { pins: [("m".parse().unwrap(), pin)].into() }
    }

    /// Rule, what was expected, and what was got, a line each.
    fn violations(manifest: &str, old: &Lockfile, new: &Lockfile, allowed: &[&str]) -> Vec<String> {
        let manifest = Manifest::read("models.toml", manifest).unwrap();
        let allowed: BTreeSet<_> = allowed.iter().map(|text| text.parse().unwrap()).collect();
        let found = new_dependencies(&manifest, old, new, &allowed, "modelpin update");
        found.iter().map(|found| format!("{}: {}: {}", found.rule.id, found.expected, found.got)).collect()
    }

    #[test]
    fn what_takes_the_place_of_another_is_redirected_and_the_rest_is_added() {
        let old = lock("13", &["component a/x", "component a/y", "tokenizer a/t@v1"], &[], "");
        let new = lock("14", &["component a/x", "component b/z", "processor b/p", "tokenizer a/t@v2"], &[], "");
        assert_eq!(
            violations(MANIFEST, &old, &new, &[]),
            [
                "dependency-redirected: `a/y`: `b/z` (component)",
                "dependency-added: no new dependency: `b/p` (processor)",
                "dependency-redirected: `a/t@v1`: `a/t@v2` (tokenizer)",
            ]
        );
        assert_eq!(violations(MANIFEST, &old, &new, &["b/z", "b/p", "a/t"]), Vec::<String>::new());
        let ignored = format!("{MANIFEST}[policy]\nignored-dependencies = [\"b/z\", \"b/p\"]\n");
        assert_eq!(violations(&ignored, &old, &new, &[]).len(), 1);
        let relaxed =
            format!("{MANIFEST}[policy.rules]\ndependency-added = \"allow\"\ndependency-redirected = \"allow\"\n");
        assert!(violations(&relaxed, &old, &new, &[]).is_empty());
    }

    #[test]
    fn a_class_that_moves_to_a_known_repo_is_redirected() {
        let references = ["auto_map a/x", "auto_map b/y"];
        let old = lock("13", &references, &["AutoModel=a/x--m.M", "AutoConfig=b/y--c.C", "AutoProcessor=p.P"], "");
        let new = lock("14", &references, &["AutoModel=b/y--m.M", "AutoConfig=c.C", "AutoProcessor=acme/m--p.P"], "");
        assert_eq!(violations(MANIFEST, &old, &new, &[]), ["dependency-redirected: `a/x`: `b/y` (auto_map)"]);
    }

    #[test]
    fn a_base_is_a_dependency_where_only_the_adapter_names_it() {
        let old = lock("13", &[], &[], "a/base");
        let new = lock("14", &[], &[], "b/base");
        assert_eq!(violations(MANIFEST, &old, &new, &[]), ["dependency-redirected: `a/base`: `b/base` (base)"]);
        let asked = "[models]\nbase = \"a/base\"\n[models.m]\nrepo = \"acme/m\"\nadapter-of = \"base\"\n";
        assert!(violations(asked, &old, &new, &[]).is_empty());
        assert_eq!(violations(MANIFEST, &lock("13", &[], &[], ""), &new, &[]).len(), 1);
    }

    #[test]
    fn what_is_new_at_the_same_commit_is_not_reported() {
        let old = lock("13", &[], &[], "");
        let new = lock("13", &["component a/x"], &["AutoModel=a/x--m.M"], "a/b");
        assert!(violations(MANIFEST, &old, &new, &[]).is_empty());
        // A repo that replaces another has no dependencies that were added.
        let mut other = new;
        let mut pin = other.pins.remove(&"m".parse().unwrap()).unwrap();
        (pin.source, pin.revision) = ("hf:model/acme/other".parse().unwrap(), "15".repeat(20).parse().unwrap());
        other.pins.insert("m".parse().unwrap(), pin);
        assert!(violations(MANIFEST, &old, &other, &[]).is_empty());
    }

    #[test]
    fn an_entry_with_a_new_name_is_recognised() {
        let old = lock("13", &["component a/x"], &[], "");
        let mut new = lock("14", &["component b/x"], &[], "");
        let pin = new.pins.remove(&"m".parse().unwrap()).unwrap();
        new.pins.insert("acme-m".parse().unwrap(), pin);
        assert_eq!(violations("[models]\n", &old, &new, &[]).len(), 1);
    }
}
