//! Which entry of a lock depends on which: by the references of its files, or as an adapter on its base.
//!
//! Dependencies follow from the manifest and from the recorded facts, so they can be checked without a network.

use super::{
    Adapter, DeclaredBase, Dependencies, Dependency, DependencyKind, Lockfile, Pin, Reference, RequiredBy, Role,
};
use crate::{Filter, Manifest, Name, RepoId, RepoKind, Requested, Source, Spec};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many dependencies an entry that is locked for another may be away from the entries of the manifest: an adapter
/// of an adapter of a model with foreign code is three away.
pub const MAX_DEPTH: usize = 5;

/// How many references of one entry are followed. More than any honest model has.
pub const MAX_REFERENCES: usize = 64;

/// How many entries are locked that the manifest does not name.
pub const MAX_INDIRECT: usize = 256;

/// The dependencies that a lock should have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DependencyGraph {
    /// The dependencies of each entry. An entry that is not here is required by nothing, and does not belong in the
    /// lock.
    pub entries: BTreeMap<Name, Dependencies>,
    /// What has to be pinned as well.
    pub unpinned: Vec<Unpinned>,
}

/// A repo that an entry depends on and that is not pinned yet, or not with the files that are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpinned {
    /// The pin to replace, which has too few of its files, or too many.
    pub instead_of: Option<Name>,
    /// Whether that pin has all that is needed, and more. It will do until the repo can be asked.
    pub has_all: bool,
    /// Which repo.
    pub source: Source,
    /// The revision that a loader asks for.
    pub requested: Requested,
    /// Which files.
    pub filter: Filter,
    /// The entries that depend on it.
    pub required_by: BTreeSet<RequiredBy>,
}

/// One dependency that an entry declares, to be resolved to a pin.
struct Declaration {
    kind: DependencyKind,
    repo: RepoId,
    requested: Requested,
    /// Whether the file names that revision; where it names none, any pin of the repo will do.
    names_revision: bool,
    /// The reference that declares it; none for an adapter's base.
    reference: Option<Reference>,
}

/// Repos that entries depend on and that the manifest does not name, by repo and revision.
type Indirect = BTreeMap<(Source, String), (Requested, BTreeSet<RequiredBy>)>;

impl DependencyGraph {
    /// The dependencies that follow from `manifest` and from what the pins of `lock` refer to, by the shortest paths.
    #[must_use]
    pub fn of(manifest: &Manifest, lock: &Lockfile) -> Self {
        let mut builder =
            Builder { manifest, lock, graph: Self::default(), indirect: Indirect::new(), queue: VecDeque::new() };
        for name in lock.pins.keys().filter(|name| manifest.entries.contains_key(*name)) {
            builder.graph.entries.insert(name.clone(), Dependencies::default());
            builder.queue.push_back((name, 0));
        }
        while let Some((name, depth)) = builder.queue.pop_front() {
            if let Some(pin) = lock.pins.get(name) {
                let dependencies = builder.resolve_all(name, pin, depth);
                builder.graph.entries.insert(name.clone(), dependencies);
            }
        }
        builder.graph.break_circles();
        builder.add_indirect();
        builder.graph
    }

    /// An adapter that sits, in the end, on itself sits on nothing.
    fn break_circles(&mut self) {
        let names: Vec<Name> = self.entries.keys().cloned().collect();
        for name in names {
            let base = |name: &Name| Some(self.entries.get(name)?.adapter.as_ref()?.base.clone());
            let mut chain = std::iter::successors(base(&name), base).take(self.entries.len() + 1);
            if chain.any(|base| base == name)
                && let Some(dependencies) = self.entries.get_mut(&name)
            {
                dependencies.adapter = None;
            }
        }
    }
}

/// A [`DependencyGraph`] that is being made.
struct Builder<'a> {
    manifest: &'a Manifest,
    lock: &'a Lockfile,
    graph: DependencyGraph,
    indirect: Indirect,
    /// Entries whose dependencies are still to be resolved, each with its distance from the manifest.
    queue: VecDeque<(&'a Name, usize)>,
}

impl<'a> Builder<'a> {
    /// The dependencies of the entry `name`, which is `depth` dependencies away from the manifest.
    fn resolve_all(&mut self, name: &Name, pin: &Pin, depth: usize) -> Dependencies {
        let spec = self.manifest.entries.get(name);
        let mut dependencies = Dependencies { adapter: requested_base(spec, self.lock), ..Dependencies::default() };
        for declaration in declarations(pin, spec) {
            if self.manifest.policy.ignored_dependencies.contains(&declaration.repo) {
                continue;
            }
            let direct = direct_entry(self.manifest, self.lock, &declaration);
            let found = direct.or_else(|| self.resolve_indirect(name, &declaration, depth));
            let Some((end, revision)) = found.and_then(|end| Some((end, self.lock.pins.get(end)?.revision))) else {
                continue;
            };
            match declaration.reference {
                Some(reference) => {
                    dependencies.pinned.insert(reference, Dependency { pin: end.clone(), revision });
                }
                None => dependencies.adapter = Some(Adapter { base: end.clone(), base_revision: revision }),
            }
        }
        dependencies
    }

    /// The pin of a repo that the manifest does not name, whose own dependencies are resolved next.
    fn resolve_indirect(&mut self, name: &Name, declaration: &Declaration, depth: usize) -> Option<&'a Name> {
        let source = Source { kind: RepoKind::Model, repo: declaration.repo.clone() };
        let key = (source, declaration.requested.to_string());
        let is_new = !self.indirect.contains_key(&key);
        if is_new && (depth >= MAX_DEPTH || self.indirect.len() >= MAX_INDIRECT) {
            return None;
        }
        let found = indirect_entry(self.manifest, self.lock, &key.0, &declaration.requested);
        let required_by = RequiredBy { entry: name.clone(), kind: declaration.kind };
        let known = self.indirect.entry(key).or_insert_with(|| (declaration.requested.clone(), BTreeSet::new()));
        known.1.insert(required_by);
        if let Some(found) = found.filter(|_| is_new) {
            self.graph.entries.entry(found.clone()).or_default();
            self.queue.push_back((found, depth + 1));
        }
        found
    }

    /// Records which entries each indirect one is required by, and which of them are not pinned yet.
    fn add_indirect(&mut self) {
        for ((source, _), (requested, required_by)) in std::mem::take(&mut self.indirect) {
            let filter = needed_files(&required_by);
            let found = indirect_entry(self.manifest, self.lock, &source, &requested);
            if let Some(dependencies) = found.and_then(|found| self.graph.entries.get_mut(found)) {
                dependencies.required_by.clone_from(&required_by);
            }
            let pinned = found.and_then(|found| self.lock.pins.get(found));
            if pinned.is_none_or(|pin| pin.filter != filter) {
                let instead_of = found.cloned();
                let has_all = pinned.is_some_and(|pin| pin.filter.covers(&filter));
                self.graph.unpinned.push(Unpinned { instead_of, has_all, source, requested, filter, required_by });
            }
        }
    }
}

/// The files that are needed of an indirect dependency: those of every role that it has. A base is needed as a whole.
fn needed_files(required_by: &BTreeSet<RequiredBy>) -> Filter {
    Role::needed(required_by.iter().map(|reason| match reason.kind {
        DependencyKind::Base => Role::Component,
        DependencyKind::Reference(role) => role,
    }))
}

/// The base that the manifest names.
fn requested_base(spec: Option<&Spec>, lock: &Lockfile) -> Option<Adapter> {
    let base = spec?.adapter_of.as_ref()?;
    Some(Adapter { base: base.clone(), base_revision: lock.pins.get(base)?.revision })
}

/// What `pin` declares to depend on in other repos.
fn declarations<'a>(pin: &'a Pin, spec: Option<&Spec>) -> impl Iterator<Item = Declaration> + use<'a> {
    let base = match &pin.facts.base {
        Some(DeclaredBase::Repo(repo, revision)) if spec.is_none_or(|spec| spec.adapter_of.is_none()) => {
            Some(Declaration {
                kind: DependencyKind::Base,
                repo: repo.clone(),
                requested: super::reference::requested(revision.as_ref()),
                // Which pin of a base it is, is up to the manifest: what an adapter declares is often out of date.
                names_revision: false,
                reference: None,
            })
        }
        _ => None,
    };
    let references = pin.facts.references.iter().take(MAX_REFERENCES).map(|reference| Declaration {
        kind: DependencyKind::Reference(reference.role),
        repo: reference.repo.clone(),
        requested: reference.requested(),
        names_revision: reference.revision.is_some(),
        reference: Some(reference.clone()),
    });
    let own = pin.source.repo.clone();
    base.into_iter().chain(references).filter(move |declaration| declaration.repo != own)
}

/// The entry of the manifest that `declaration` resolves to: one that asks for that revision, or any of the repo
/// where no revision is named.
fn direct_entry<'a>(manifest: &Manifest, lock: &'a Lockfile, declaration: &Declaration) -> Option<&'a Name> {
    let of_repo = || {
        let is_it = |spec: &Spec| spec.source.kind == RepoKind::Model && spec.source.repo == declaration.repo;
        let named = manifest.entries.iter().filter(move |(_, spec)| is_it(spec));
        named.filter_map(|(name, spec)| Some((lock.pins.get_key_value(name)?, spec)))
    };
    let has_revision = |pin: &Pin, spec: &Spec| {
        spec.requested == declaration.requested
            || declaration.requested == Requested::Commit(pin.revision)
            || pin.hub.tag.as_ref().is_some_and(|tag| declaration.requested == Requested::Revision(tag.clone()))
    };
    let exact = of_repo().find(|((_, pin), spec)| has_revision(pin, spec));
    exact.or_else(|| of_repo().next().filter(|_| !declaration.names_revision)).map(|((name, _), _)| name)
}

/// The pin of a repo that the manifest does not name.
fn indirect_entry<'a>(
    manifest: &Manifest,
    lock: &'a Lockfile,
    source: &Source,
    requested: &Requested,
) -> Option<&'a Name> {
    let indirect = lock.pins.iter().filter(|(name, _)| !manifest.entries.contains_key(*name));
    let mut found = indirect.filter(|(_, pin)| pin.source == *source && pin.requested == *requested);
    found.next().map(|(name, _)| name)
}

impl Lockfile {
    /// Gives every pin its dependencies by `graph`, which was made of this lock, and drops entries that nothing
    /// requires.
    pub fn set_dependencies(&mut self, graph: &DependencyGraph) {
        self.pins.retain(|name, _| graph.entries.contains_key(name));
        for (name, pin) in &mut self.pins {
            pin.dependencies = graph.entries.get(name).cloned().unwrap_or_default();
        }
    }
}

/// A name for a pin of `source` that is not `taken`: that of the repo, with its owner's or a number where it has to be.
pub fn name_for(source: &Source, taken: impl Fn(&Name) -> bool) -> Name {
    let owner = source.repo.owner().unwrap_or("repo");
    let repo = source.repo.name();
    let mut names = [repo.to_owned(), format!("{owner}-{repo}")].into_iter();
    let mut number = 1_u64;
    loop {
        number += 1;
        let text = names.next().unwrap_or_else(|| format!("{number}-{repo}"));
        if let Some(name) = Name::for_repo(&text).filter(|name| !taken(name)) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DependencyGraph, MAX_DEPTH, MAX_REFERENCES};
    use crate::lockfile::{DeclaredBase, Pin};
    use crate::{Artifact, Digest, FileKind, Filter, Lockfile, Manifest, Name};

    /// A pin of `acme/NAME` that refers to `references`, and declares `base` where that is not empty.
    fn pin(name: &str, references: &[&str], base: &str) -> (Name, Pin) {
        let file = Artifact { kind: FileKind::Config, size: 1, sha256: Digest::new([1; 32]) };
        let source = format!("hf:model/acme/{name}").parse().unwrap();
        let files = [("config.json".parse().unwrap(), file)].into();
        let revision = "13".repeat(20).parse().unwrap();
        let mut pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), revision, files);
        pin.facts.references = references.iter().map(|text| text.parse().unwrap()).collect();
        pin.facts.base = (!base.is_empty()).then(|| DeclaredBase::of(Some(base), None));
        (name.parse().unwrap(), pin)
    }

    fn manifest(text: &str) -> Manifest {
        Manifest::read("models.toml", text).unwrap()
    }

    #[test]
    fn what_leads_nowhere_is_asked_for_and_what_nothing_leads_to_goes() {
        let manifest = manifest("[models]\nchat = \"acme/chat\"\n");
        let chat = pin("chat", &["auto_map acme/code", "config acme/text", "component acme/tok@v1"], "");
        let mut lock = Lockfile { pins: [chat, pin("stray", &[], "")].into() };
        let graph = DependencyGraph::of(&manifest, &lock);
        let asked: Vec<String> = graph
            .unpinned
            .iter()
            .map(|need| format!("{} {} {:?}", need.source.repo, need.requested, need.filter.include))
            .collect();
        assert_eq!(
            asked,
            ["acme/code main [Pattern(\"*.py\")]", "acme/text main [Pattern(\"config.json\")]", "acme/tok v1 []"]
        );
        lock.set_dependencies(&graph);
        assert_eq!(lock.pins.len(), 1);
        // A pin that is there with the wrong files is asked for again, under its name.
        lock.pins.extend([pin("code", &[], "")]);
        let again = DependencyGraph::of(&manifest, &lock);
        assert_eq!(again.unpinned.iter().filter_map(|need| need.instead_of.as_ref()).count(), 1);
    }

    #[test]
    fn a_linked_lock_is_not_stale_and_links_to_itself() {
        let manifest = manifest(
            "[models]\na = \"acme/a\"\nlora = \"acme/lora\"\n[policy]\nignored-dependencies = [\"acme/gone\"]\n",
        );
        let pins = [
            pin("a", &["component acme/b", "component acme/gone"], ""),
            pin("b", &["tokenizer acme/a", "component acme/c"], ""),
            pin("c", &["processor acme/b"], ""),
            pin("lora", &[], "acme/a"),
        ];
        let mut lock = Lockfile { pins: pins.into() };
        assert!(!lock.stale(&manifest).is_empty());
        let graph = DependencyGraph::of(&manifest, &lock);
        assert!(graph.unpinned.is_empty(), "{graph:?}");
        lock.set_dependencies(&graph);
        assert_eq!(lock.stale(&manifest), []);
        assert_eq!(DependencyGraph::of(&manifest, &lock), graph);
        let via = |name: &str| {
            lock.pins[&name.parse().unwrap()]
                .dependencies
                .required_by
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!((via("a"), via("b")), (vec![], vec!["a: component".to_owned(), "c: processor".to_owned()]));
        assert_eq!(lock.pins[&"a".parse().unwrap()].dependencies.pinned.len(), 1);
        assert_eq!(Lockfile::read("models.lock", &lock.print()).unwrap(), lock);
    }

    #[test]
    fn an_adapter_of_itself_has_no_base() {
        let manifest = manifest("[models]\na = \"acme/a\"\nb = \"acme/b\"\nc = \"acme/c\"\n");
        let pins = [pin("a", &[], "acme/b"), pin("b", &[], "acme/a"), pin("c", &[], "acme/c")];
        let lock = Lockfile { pins: pins.into() };
        let graph = DependencyGraph::of(&manifest, &lock);
        let bases: Vec<bool> = graph.entries.values().map(|entry| entry.adapter.is_some()).collect();
        assert_eq!(bases, [false, true, false], "somewhere the circle is broken, and the policy refuses the rest");
        assert!(graph.unpinned.is_empty());
    }

    #[test]
    fn there_is_an_end_to_what_is_followed() {
        let manifest = manifest("[models]\nt0 = \"acme/t0\"\nwide = \"acme/wide\"\n");
        let next = |at: usize| pin(&format!("t{at}"), &[&format!("component acme/t{}", at + 1)], "");
        let many: Vec<String> = (0..500).map(|at| format!("component acme/part-{at:03}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let lock = Lockfile { pins: (0..9).map(next).chain([pin("wide", &many, "")]).collect() };
        let graph = DependencyGraph::of(&manifest, &lock);
        assert_eq!(graph.unpinned.len(), MAX_REFERENCES);
        let last: Name = format!("t{MAX_DEPTH}").parse().unwrap();
        assert!(graph.entries[&last].pinned.is_empty() && !graph.entries.contains_key(&"t6".parse().unwrap()));
    }
}
