//! The keys of `models.lock`, and what is checked of one entry.

use super::LockError;
use crate::fault::{Fault, Place};
use crate::lockfile::{
    Adapter, Artifact, Converted, Day, DeclaredBase, Dependency, Facts, Identifier, License, Pin, PrintableText,
    Reference, RequiredBy, result_path,
};
use crate::path::collision;
use crate::text::toml_string;
use crate::{
    CommitId, Digest, FileKind, Filter, Name, Pattern, RepoKind, RepoPath, RepoUid, Requested, Revision, Source, Ticket,
};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;

/// What a project gets of a Hugging Face Hub. Written by modelpin only.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(title = "models.lock"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Wire {
    /// The version of this format; read before everything else.
    #[serde(rename = "version")]
    #[cfg_attr(feature = "json-schema", schemars(range(min = 1, max = 1)))]
    _version: i64,
    /// Locked models by name.
    #[serde(default, deserialize_with = "unique")]
    pub(super) model: BTreeMap<Name, Box<WirePin>>,
    /// Locked datasets by name.
    #[serde(default, deserialize_with = "unique")]
    pub(super) dataset: BTreeMap<Name, Box<WirePin>>,
}

/// The facts of one locked model or dataset.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Pin"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WirePin {
    /// Which repo, as the manifest says: `hf:model/owner/name`.
    source: Source,
    /// The repo's unchanging identity on the Hub; a repo registered later under the same name has another.
    repo_id: Option<RepoUid>,
    /// Where the manifest does not name it: which entries it is locked for, each with what they take from it, as in
    /// `chat: auto_map` or `support-lora: base`.
    #[serde(default)]
    required_by: BTreeSet<RequiredBy>,
    /// Which revision the manifest asks for: a branch or tag, `version:REQUIREMENT`, or a commit id.
    requested: Requested,
    /// The manifest's `include`.
    #[serde(default)]
    include: Vec<Pattern>,
    /// The manifest's `exclude`.
    #[serde(default)]
    exclude: Vec<Pattern>,
    /// The tag that answers the version requirement.
    tag: Option<Revision>,
    /// The commit: 40 hex digits. Content is fetched by it and nothing else.
    revision: CommitId,
    /// The day of the commit, by the Hub.
    revision_date: Option<Day>,
    /// The licence that the repo's card declares.
    license: Option<License>,
    /// The ticket that the last change of this pin answers.
    ticket: Option<Ticket>,
    /// SHA-256 of the lines `<sha256>  <path>`, sorted by path; it must follow from `files`.
    tree: Digest,
    /// Files of the commit that are not locked: `KIND: COUNT`.
    #[serde(default)]
    skipped: Vec<String>,
    /// The base that this adapter sits on.
    adapter: Option<WireAdapter>,
    /// What a loader takes from other repos, as in `"auto_map acme/other-code"`, and where that is pinned.
    #[serde(default, deserialize_with = "unique")]
    dependencies: BTreeMap<Reference, WireDependency>,
    /// Its code, and what configuration makes of it.
    code: Option<WireCode>,
    /// What it asks to be installed: a name, and how it is asked for, as in `torch = "==2.6.0"` or `"unpinned"`.
    #[serde(default, deserialize_with = "unique")]
    requires: BTreeMap<PrintableText, PrintableText>,
    /// By file: the globals that its pickles import.
    #[serde(default, deserialize_with = "unique")]
    globals: BTreeMap<RepoPath, BTreeSet<PrintableText>>,
    /// By file: the SHA-256 of each chat template in it.
    #[serde(default, deserialize_with = "unique")]
    templates: BTreeMap<RepoPath, BTreeSet<Digest>>,
    /// By file: the rules of the scan that find something to review, or something dangerous. Rules that only note
    /// something are not recorded.
    #[serde(default, deserialize_with = "unique")]
    findings: BTreeMap<RepoPath, BTreeSet<Identifier>>,
    /// What stands in a tree in the place of locked files that can run code, by its path there.
    #[serde(default, deserialize_with = "unique")]
    converted: BTreeMap<RepoPath, WireConverted>,
    /// The locked files by path.
    #[serde(deserialize_with = "unique")]
    files: BTreeMap<RepoPath, WireFile>,
}

/// The code of an entry, and what configuration makes of it.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Code"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireCode {
    /// The classes that configuration makes a loader import from code: `AutoModel=module.Class`, or
    /// `AutoModel=owner/repo--module.Class` where the code is another repo's.
    #[serde(default)]
    auto_map: BTreeSet<PrintableText>,
    /// SHA-256 of the lines `<sha256>  <path>` of the code files, sorted by path, and after them of those of other repos
    /// to which `auto_map` edges lead, each as `hf:model/owner/repo:path`, by repo and path; it must follow from `files`
    /// and `edges`. Reviews are bound to it.
    digest: Option<Digest>,
    /// What the code can do, such as `network` or `process`.
    #[serde(default)]
    capabilities: BTreeSet<Identifier>,
}

/// The edge from an adapter to its base.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Adapter"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireAdapter {
    /// The base's name in this lock.
    base: Option<Name>,
    /// What the adapter's own configuration says: `owner/name`, perhaps with `@REVISION`, or whatever else stands there;
    /// `(none)` where it says nothing. Not there where the repo has no such configuration.
    base_declared: Option<PrintableText>,
    /// The base's commit when this adapter was locked.
    base_revision: Option<CommitId>,
}

/// Where a reference leads.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Dependency"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireDependency {
    /// The entry in this lock that it leads to; none where it is not pinned.
    pin: Option<Name>,
    /// That entry's commit.
    revision: Option<CommitId>,
}

/// One locked file.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "File"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireFile {
    /// Its sort: by its bytes, or by its name as long as nobody saw them.
    kind: FileKind,
    /// Bytes.
    size: u64,
    /// SHA-256 of its content: 64 hex digits.
    #[serde(deserialize_with = "bare_digest")]
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    sha256: Digest,
}

/// What was made of a locked file, and with what.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Converted"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireConverted {
    /// The locked file that it was made of.
    from: RepoPath,
    /// SHA-256 of that file: 64 hex digits. It must be the one in `files`.
    #[serde(deserialize_with = "bare_digest")]
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    source: Digest,
    /// The number of the converter.
    converter: NonZeroU32,
    /// Bytes of the result.
    size: u64,
    /// SHA-256 of the result: 64 hex digits.
    #[serde(deserialize_with = "bare_digest")]
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    sha256: Digest,
}

/// A map whose keys are given once; serde's own takes the last of two.
fn unique<'de, D, K, V>(from: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
{
    struct Unique<K, V>(PhantomData<(K, V)>);

    impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for Unique<K, V> {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(key) = entries.next_key()? {
                if map.contains_key(&key) {
                    return Err(serde::de::Error::custom("this key is there twice"));
                }
                map.insert(key, entries.next_value()?);
            }
            Ok(map)
        }
    }

    from.deserialize_map(Unique(PhantomData))
}

pub(crate) fn bare_digest<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
    Digest::from_hex(&text).map_err(serde::de::Error::custom)
}

/// Where `key`, as it is written, stands in the table `[KIND.NAME]` with `below` behind its name.
pub(super) fn place(text: &str, kind: RepoKind, name: &Name, below: &str, key: &str) -> Option<Place> {
    let header = format!("[{kind}.{name}{below}]");
    let (mut at, mut is_inside) = (0, false);
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        if bare.starts_with('[') {
            is_inside = bare == header;
        }
        let value = bare.strip_prefix(key).and_then(|rest| rest.trim_start().strip_prefix('='));
        if let Some(value) = value.filter(|_| is_inside) {
            let start = at + line.trim_end().len() - value.trim().len();
            return Some(Place::of(text, start..at + line.trim_end().len()));
        }
        at += line.len();
    }
    None
}

impl WirePin {
    /// The pin, and the digest of its code that is recorded, which can be checked only when all pins are known.
    pub(super) fn check(
        self,
        file: &str,
        text: &str,
        kind: RepoKind,
        name: &Name,
    ) -> Result<(Pin, Option<Digest>), LockError> {
        if self.source.kind != kind {
            let message = format!("`{name}` stands among the {}, but its source is none", kind.plural());
            return Err(Fault { place: place(text, kind, name, "", "source"), ..Fault::whole(file, message) }.into());
        }
        if self.files.is_empty() {
            return Err(Fault::whole(file, format!("`{name}` locks no file")).into());
        }
        if let Some((one, other)) = collision(self.files.keys().chain(self.converted.keys())) {
            let message = format!("`{name}` has `{one}` and `{other}`, which are one file on some systems");
            return Err(Fault::whole(file, message).into());
        }
        let files = self.files.into_iter().map(|(path, file)| {
            let WireFile { kind, size, sha256 } = file;
            (path, Artifact { kind, size, sha256 })
        });
        let filter = Filter { include: self.include, exclude: self.exclude };
        let recorded = self.tree;
        let mut pin = Pin::new(self.source, self.requested, filter, self.revision, files.collect());
        if pin.tree() != recorded {
            let place = place(text, kind, name, "", "tree").map(Box::new);
            return Err(LockError::Edited { name: name.clone(), key: "tree", recorded, computed: pin.tree(), place });
        }
        pin.hub.repo_id = self.repo_id;
        pin.hub.tag = self.tag;
        pin.hub.revision_date = self.revision_date;
        pin.hub.license = self.license;
        pin.ticket = self.ticket;
        pin.hub.skipped = skipped(&self.skipped).map_err(|got| {
            Fault::whole(
                file,
                format!(
                    "`{name}` has `skipped = [… \"{got}\" …]`, which is no `KIND: COUNT`, or a second one of its kind"
                ),
            )
        })?;
        let (auto_map, digest, capabilities) =
            self.code.map_or_else(Default::default, |code| (code.auto_map, code.digest, code.capabilities));
        let fault = |message| Fault::whole(file, format!("`{name}` has {message}"));
        let (references, edges) = ends(self.dependencies).map_err(fault)?;
        let (adapter, declared) = self.adapter.map_or(Ok((None, None)), WireAdapter::check).map_err(fault)?;
        (pin.dependencies.required_by, pin.dependencies.pinned, pin.dependencies.adapter) =
            (self.required_by, edges, adapter);
        pin.facts = Facts {
            auto_map,
            references,
            base: declared,
            capabilities,
            requires: self.requires,
            globals: without_empty(self.globals),
            templates: without_empty(self.templates),
            findings: without_empty(self.findings),
        };
        pin.check_facts().map_err(fault)?;
        for (path, wire) in self.converted {
            let converted = wire.check(&pin, &path, text, name, fault)?;
            pin.converted.insert(path, converted);
        }
        Ok((pin, digest))
    }
}

impl WireConverted {
    /// The conversion, if its source is a file of `pin`, and the result at `path` is called as it has to be.
    fn check(
        self,
        pin: &Pin,
        path: &RepoPath,
        text: &str,
        name: &Name,
        fault: impl Fn(String) -> Fault,
    ) -> Result<Converted, LockError> {
        let Self { from, source, converter, size, sha256 } = self;
        let Some(locked) = pin.files().get(&from) else {
            return Err(fault(format!("a conversion of `{from}`, which it does not lock")).into());
        };
        if result_path(&from).as_ref() != Some(path) {
            return Err(
                fault(format!("a conversion of `{from}` to `{path}`, which is not what its result is called")).into()
            );
        }
        if source != locked.sha256 {
            let place = place(text, pin.source.kind, name, ".converted", &toml_string(path.as_str())).map(Box::new);
            let (recorded, computed) = (source, locked.sha256);
            return Err(LockError::Edited { name: name.clone(), key: "source", recorded, computed, place });
        }
        Ok(Converted { from, source, converter: converter.get(), size, sha256 })
    }
}

impl WireAdapter {
    /// The base, where it is pinned, and what the adapter says of it.
    fn check(self) -> Result<(Option<Adapter>, Option<DeclaredBase>), String> {
        let declared = self.base_declared.as_ref().map(DeclaredBase::read);
        match (self.base, self.base_revision) {
            (Some(base), Some(base_revision)) => Ok((Some(Adapter { base, base_revision }), declared)),
            (None, None) if declared.is_some() => Ok((None, declared)),
            _ => Err("half an adapter: a base without its commit, or a commit without its base".to_owned()),
        }
    }
}

type Ends = (BTreeSet<Reference>, BTreeMap<Reference, Dependency>);

/// All references, and where those lead that are pinned.
fn ends(wire: BTreeMap<Reference, WireDependency>) -> Result<Ends, String> {
    let (mut references, mut edges) = Ends::default();
    for (reference, WireDependency { pin, revision }) in wire {
        match (pin, revision) {
            (Some(pin), Some(revision)) => drop(edges.insert(reference.clone(), Dependency { pin, revision })),
            (None, None) => {}
            _ => {
                return Err(format!(
                    "half an edge `{reference}`: a pin without its commit, or a commit without its pin"
                ));
            }
        }
        references.insert(reference);
    }
    Ok((references, edges))
}

impl Pin {
    /// The facts must be about its files.
    fn check_facts(&self) -> Result<(), String> {
        let facts = &self.facts;
        let about = facts.globals.keys().chain(facts.templates.keys()).chain(facts.findings.keys());
        let stray = about.into_iter().find(|path| !self.files().contains_key(*path));
        stray.map_or(Ok(()), |path| Err(format!("a fact about `{path}`, which it does not lock")))
    }
}

/// A file about which nothing is said has no fact, and is printed as none.
fn without_empty<T>(mut facts: BTreeMap<RepoPath, BTreeSet<T>>) -> BTreeMap<RepoPath, BTreeSet<T>> {
    facts.retain(|_, facts| !facts.is_empty());
    facts
}

fn skipped(texts: &[String]) -> Result<BTreeMap<FileKind, u64>, String> {
    let mut counts = BTreeMap::new();
    for text in texts {
        let one = text.split_once(": ").and_then(|(kind, count)| Some((kind.parse().ok()?, count.parse().ok()?)));
        let twice = one.is_some_and(|(kind, count)| counts.insert(kind, count).is_some());
        if one.is_none() || twice {
            return Err(crate::text::visible(text));
        }
    }
    Ok(counts)
}

/// The JSON Schema of `models.lock`.
#[cfg(feature = "json-schema")]
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Wire).to_value()
}
