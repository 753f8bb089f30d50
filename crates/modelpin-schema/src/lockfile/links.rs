//! What leads where: from references, and from what adapters say of their bases, to the entries of a lock.
//!
//! Edges follow from the manifest and from what is recorded of the bytes, so that whoever has both can tell without a
//! network whether a lock has them right.

use super::{Adapter, Declared, Edge, Lockfile, Pin, Reference, Role};
use crate::text::serde_by_text;
use crate::{Filter, Invalid, Manifest, Name, RepoId, RepoKind, Requested, Source, Spec};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::str::FromStr;

/// How many edges away from the entries of the manifest an entry may be that is locked for another: an adapter of an
/// adapter of a model with foreign code is three.
pub const MAX_DEPTH: usize = 5;

/// How many references of one entry are followed. More than any honest model has.
pub const MAX_EDGES: usize = 64;

/// How many entries are locked that the manifest does not name.
pub const MAX_PULLED: usize = 256;

/// What one entry takes from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// It is an adapter, and the other is its base.
    Base,
    /// Its files refer to the other.
    Refers(Role),
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base => f.write_str("base"),
            Self::Refers(role) => role.fmt(f),
        }
    }
}

/// Why an entry is locked that the manifest does not name; prints as `chat: auto_map`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Via {
    /// The entry that needs it.
    pub from: Name,
    /// What for.
    pub how: How,
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.from, self.how)
    }
}

impl FromStr for Via {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("reason to be locked", text, "expected `NAME: ROLE`, as in `chat: auto_map`");
        let (from, how) = text.split_once(": ").ok_or_else(wrong)?;
        let how = if how == "base" { How::Base } else { How::Refers(how.parse()?) };
        Ok(Self { from: from.parse()?, how })
    }
}

serde_by_text!(Via, "reason to be locked", "^[a-z0-9-]+: (base|auto_map|component|processor|tokenizer)$");

/// The edges of a lock as they should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// By entry: the edges that go out from it, and why it is there. An entry that is not here has no business in the
    /// lock.
    pub of: BTreeMap<Name, Linked>,
    /// What has to be pinned as well.
    pub needs: Vec<Need>,
}

/// The edges of one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked {
    /// Why it is locked, where the manifest does not name it.
    pub via: BTreeSet<Via>,
    /// The base that it is an adapter of.
    pub adapter: Option<Adapter>,
    /// Where its references lead.
    pub edges: BTreeMap<Reference, Edge>,
}

/// A repo that an entry leads to and that the lock does not have, or not all that is needed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The pin that has too few of its files, or too many.
    pub instead_of: Option<Name>,
    /// Which repo.
    pub source: Source,
    /// What a loader asks it for.
    pub requested: Requested,
    /// Which files.
    pub filter: Filter,
    /// Why.
    pub via: BTreeSet<Via>,
}

/// One thing that an entry leads to.
struct Aim {
    how: How,
    repo: RepoId,
    requested: Requested,
    /// Whether the file says that revision; where it says none, any pin of the repo will do.
    stated: bool,
    reference: Option<Reference>,
}

/// What is reached and not named by the manifest, by repo and revision.
type Pulled = BTreeMap<(Source, String), (Requested, BTreeSet<Via>)>;

impl Links {
    /// The edges that follow from `manifest` and from what the pins of `lock` refer to, by the shortest ways.
    #[must_use]
    pub fn of(manifest: &Manifest, lock: &Lockfile) -> Self {
        let mut links = Self::default();
        let mut pulled = Pulled::new();
        let named = lock.pins.keys().filter(|name| manifest.entries.contains_key(*name));
        let mut queue: VecDeque<(&Name, usize)> = named.map(|name| (name, 0)).collect();
        links.of.extend(queue.iter().map(|(name, _)| ((*name).clone(), Linked::default())));
        while let Some((name, depth)) = queue.pop_front() {
            let Some(pin) = lock.pins.get(name) else { continue };
            let spec = manifest.entries.get(name);
            let mut linked = Linked { adapter: asked_base(spec, lock), ..Linked::default() };
            for aim in aims(pin, spec).filter(|aim| !manifest.policy.unfollowed.contains(&aim.repo)) {
                let via = Via { from: name.clone(), how: aim.how };
                let found = named_entry(manifest, lock, &aim).or_else(|| {
                    let source = Source { kind: RepoKind::Model, repo: aim.repo.clone() };
                    let key = (source, aim.requested.to_string());
                    let is_new = !pulled.contains_key(&key);
                    if is_new && (depth >= MAX_DEPTH || pulled.len() >= MAX_PULLED) {
                        return None;
                    }
                    let found = pulled_entry(manifest, lock, &key.0, &aim.requested);
                    pulled.entry(key).or_insert_with(|| (aim.requested.clone(), BTreeSet::new())).1.insert(via);
                    if let Some(found) = found.filter(|_| is_new) {
                        links.of.entry(found.clone()).or_default();
                        queue.push_back((found, depth + 1));
                    }
                    found
                });
                let Some((end, revision)) = found.and_then(|end| Some((end, lock.pins.get(end)?.revision))) else {
                    continue;
                };
                match aim.reference {
                    Some(reference) => drop(linked.edges.insert(reference, Edge { pin: end.clone(), revision })),
                    None => linked.adapter = Some(Adapter { base: end.clone(), base_revision: revision }),
                }
            }
            links.of.insert(name.clone(), linked);
        }
        links.break_circles();
        links.ask(manifest, lock, pulled);
        links
    }

    /// An adapter that sits, in the end, on itself sits on nothing.
    fn break_circles(&mut self) {
        let names: Vec<Name> = self.of.keys().cloned().collect();
        for name in names {
            let base = |name: &Name| Some(self.of.get(name)?.adapter.as_ref()?.base.clone());
            let mut chain = std::iter::successors(base(&name), base).take(self.of.len() + 1);
            if chain.any(|base| base == name)
                && let Some(linked) = self.of.get_mut(&name)
            {
                linked.adapter = None;
            }
        }
    }

    /// Says of what is pulled in why, and what of it is not pinned.
    fn ask(&mut self, manifest: &Manifest, lock: &Lockfile, pulled: Pulled) {
        for ((source, _), (requested, via)) in pulled {
            let filter = wanted(&via);
            let found = pulled_entry(manifest, lock, &source, &requested);
            if let Some(linked) = found.and_then(|found| self.of.get_mut(found)) {
                linked.via.clone_from(&via);
            }
            let is_whole = found.and_then(|found| lock.pins.get(found)).is_some_and(|pin| pin.filter == filter);
            if !is_whole {
                self.needs.push(Need { instead_of: found.cloned(), source, requested, filter, via });
            }
        }
    }
}

/// The files of a repo that is reached: all, or its code where nothing else is taken from it.
fn wanted(via: &BTreeSet<Via>) -> Filter {
    let code_only = via.iter().all(|via| via.how == How::Refers(Role::Code));
    let code = "*.py".parse().ok().filter(|_| code_only);
    Filter { include: code.into_iter().collect(), exclude: Vec::new() }
}

/// The base that the manifest names.
fn asked_base(spec: Option<&Spec>, lock: &Lockfile) -> Option<Adapter> {
    let base = spec?.adapter_of.as_ref()?;
    Some(Adapter { base: base.clone(), base_revision: lock.pins.get(base)?.revision })
}

fn aims<'a>(pin: &'a Pin, spec: Option<&Spec>) -> impl Iterator<Item = Aim> + use<'a> {
    let declared = match &pin.facts.base {
        Some(Declared::Repo(repo, revision)) if spec.is_none_or(|spec| spec.adapter_of.is_none()) => Some(Aim {
            how: How::Base,
            repo: repo.clone(),
            requested: super::reference::requested(revision.as_ref()),
            // Which pin of a base it is, is up to the manifest: an adapter's word for it is often out of date.
            stated: false,
            reference: None,
        }),
        _ => None,
    };
    let refers = pin.facts.references.iter().take(MAX_EDGES).map(|reference| Aim {
        how: How::Refers(reference.role),
        repo: reference.repo.clone(),
        requested: reference.requested(),
        stated: reference.revision.is_some(),
        reference: Some(reference.clone()),
    });
    let own = pin.source.repo.clone();
    declared.into_iter().chain(refers).filter(move |aim| aim.repo != own)
}

/// The entry of the manifest that `aim` leads to: one that wants that revision, or any of the repo where the file says none.
fn named_entry<'a>(manifest: &Manifest, lock: &'a Lockfile, aim: &Aim) -> Option<&'a Name> {
    let of_repo = || {
        let model = |spec: &Spec| spec.source.kind == RepoKind::Model && spec.source.repo == aim.repo;
        let named = manifest.entries.iter().filter(move |(_, spec)| model(spec));
        named.filter_map(|(name, spec)| Some((lock.pins.get_key_value(name)?, spec)))
    };
    let answers = |pin: &Pin, spec: &Spec| {
        spec.requested == aim.requested
            || aim.requested == Requested::Commit(pin.revision)
            || pin.tag.as_ref().is_some_and(|tag| aim.requested == Requested::Revision(tag.clone()))
    };
    let exact = of_repo().find(|((_, pin), spec)| answers(pin, spec));
    exact.or_else(|| of_repo().next().filter(|_| !aim.stated)).map(|((name, _), _)| name)
}

/// The pin of a repo that the manifest does not name.
fn pulled_entry<'a>(
    manifest: &Manifest,
    lock: &'a Lockfile,
    source: &Source,
    requested: &Requested,
) -> Option<&'a Name> {
    let pulled = lock.pins.iter().filter(|(name, _)| !manifest.entries.contains_key(*name));
    let mut found = pulled.filter(|(_, pin)| pin.source == *source && pin.requested == *requested);
    found.next().map(|(name, _)| name)
}

impl Lockfile {
    /// Gives every pin the edges of `links`, which are those of this lock, and takes out what has no business in it.
    pub fn link(&mut self, links: &Links) {
        self.pins.retain(|name, _| links.of.contains_key(name));
        for (name, pin) in &mut self.pins {
            let Linked { via, adapter, edges } = links.of.get(name).cloned().unwrap_or_default();
            (pin.via, pin.adapter, pin.edges) = (via, adapter, edges);
        }
    }
}

/// A name for a pin of `source` that is not `taken`: that of the repo, with its owner's or a number where it has to be.
pub fn name_for(source: &Source, taken: impl Fn(&Name) -> bool) -> Name {
    let (owner, repo) = (source.repo.owner().unwrap_or("repo"), source.repo.name());
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
    use super::{Links, MAX_DEPTH, MAX_EDGES};
    use crate::lockfile::{Declared, Pin};
    use crate::{Artifact, Digest, FileKind, Filter, Lockfile, Manifest, Name};

    /// A pin of `acme/NAME` that refers to `references`, and declares `base` where that is not empty.
    fn pin(name: &str, references: &[&str], base: &str) -> (Name, Pin) {
        let file = Artifact { kind: FileKind::Config, size: 1, sha256: Digest::new([1; 32]) };
        let source = format!("hf:model/acme/{name}").parse().unwrap();
        let files = [("config.json".parse().unwrap(), file)].into();
        let revision = "13".repeat(20).parse().unwrap();
        let mut pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), revision, files);
        pin.facts.references = references.iter().map(|text| text.parse().unwrap()).collect();
        pin.facts.base = (!base.is_empty()).then(|| Declared::of(Some(base), None));
        (name.parse().unwrap(), pin)
    }

    fn manifest(text: &str) -> Manifest {
        Manifest::read("models.toml", text).unwrap()
    }

    #[test]
    fn what_leads_nowhere_is_asked_for_and_what_nothing_leads_to_goes() {
        let manifest = manifest("[models]\nchat = \"acme/chat\"\n");
        let chat = pin("chat", &["auto_map acme/code", "tokenizer acme/tok@v1"], "");
        let mut lock = Lockfile { pins: [chat, pin("stray", &[], "")].into() };
        let links = Links::of(&manifest, &lock);
        let asked: Vec<String> = links
            .needs
            .iter()
            .map(|need| format!("{} {} {:?}", need.source.repo, need.requested, need.filter.include))
            .collect();
        assert_eq!(asked, ["acme/code main [Pattern(\"*.py\")]", "acme/tok v1 []"]);
        lock.link(&links);
        assert_eq!(lock.pins.len(), 1);
        // A pin that is there with the wrong files is asked for again, under its name.
        lock.pins.extend([pin("code", &[], "")]);
        let again = Links::of(&manifest, &lock);
        assert_eq!(again.needs.iter().filter_map(|need| need.instead_of.as_ref()).count(), 1);
    }

    #[test]
    fn a_linked_lock_is_not_stale_and_links_to_itself() {
        let manifest =
            manifest("[models]\na = \"acme/a\"\nlora = \"acme/lora\"\n[policy]\nunfollowed = [\"acme/gone\"]\n");
        let pins = [
            pin("a", &["tokenizer acme/b", "component acme/gone"], ""),
            pin("b", &["tokenizer acme/a", "tokenizer acme/c"], ""),
            pin("c", &["processor acme/b"], ""),
            pin("lora", &[], "acme/a"),
        ];
        let mut lock = Lockfile { pins: pins.into() };
        assert!(!lock.stale(&manifest).is_empty());
        let links = Links::of(&manifest, &lock);
        assert!(links.needs.is_empty(), "{links:?}");
        lock.link(&links);
        assert_eq!(lock.stale(&manifest), []);
        assert_eq!(Links::of(&manifest, &lock), links);
        let via =
            |name: &str| lock.pins[&name.parse().unwrap()].via.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!((via("a"), via("b")), (vec![], vec!["a: tokenizer".to_owned(), "c: processor".to_owned()]));
        assert_eq!(lock.pins[&"a".parse().unwrap()].edges.len(), 1);
        assert_eq!(Lockfile::read("models.lock", &lock.print()).unwrap(), lock);
    }

    #[test]
    fn an_adapter_of_itself_has_no_base() {
        let manifest = manifest("[models]\na = \"acme/a\"\nb = \"acme/b\"\nc = \"acme/c\"\n");
        let pins = [pin("a", &[], "acme/b"), pin("b", &[], "acme/a"), pin("c", &[], "acme/c")];
        let lock = Lockfile { pins: pins.into() };
        let links = Links::of(&manifest, &lock);
        let bases: Vec<bool> = links.of.values().map(|linked| linked.adapter.is_some()).collect();
        assert_eq!(bases, [false, true, false], "somewhere the circle is broken, and the policy refuses the rest");
        assert!(links.needs.is_empty());
    }

    #[test]
    fn there_is_an_end_to_what_is_followed() {
        let manifest = manifest("[models]\nt0 = \"acme/t0\"\nwide = \"acme/wide\"\n");
        let next = |at: usize| pin(&format!("t{at}"), &[&format!("tokenizer acme/t{}", at + 1)], "");
        let many: Vec<String> = (0..500).map(|at| format!("component acme/part-{at:03}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let lock = Lockfile { pins: (0..9).map(next).chain([pin("wide", &many, "")]).collect() };
        let links = Links::of(&manifest, &lock);
        assert_eq!(links.needs.len(), MAX_EDGES);
        let last: Name = format!("t{MAX_DEPTH}").parse().unwrap();
        assert!(links.of[&last].edges.is_empty() && !links.of.contains_key(&"t6".parse().unwrap()));
    }
}
