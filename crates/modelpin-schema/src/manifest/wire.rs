//! `models.toml` as it is spelled. The doc comments here are the user's reference.

use super::policy::{Days, Formats, Level, Publisher, RemoteCode, TicketPattern};
use super::spec::Spec;
use crate::document::Document;
use crate::fault::{Fault, Place};
use crate::lockfile::{Identifier, License};
use crate::revision::version;
use crate::{Filter, Name, Pattern, RepoId, RepoKind, Requested, Source, Variant};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;
use toml::Spanned;

/// What a project wants of a Hugging Face Hub: models and datasets, and where their bytes may come from and go.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(title = "models.toml"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Manifest {
    /// The project itself.
    pub(super) project: Option<Project>,
    /// The Hub that models come from.
    pub(super) hub: Option<Hub>,
    /// Models by name: the short form `name = "owner/repo"`, or a table.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "BTreeMap<Name, Entry>"))]
    pub(super) models: BTreeMap<Name, Spanned<Entry>>,
    /// Datasets by name, in the same two forms.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "BTreeMap<Name, Entry>"))]
    pub(super) datasets: BTreeMap<Name, Spanned<Entry>>,
    /// Directories that hold copies of locked files, made by `modelpin vendor`; tried in order, before the Hub.
    #[serde(default)]
    pub(super) mirror: Vec<Mirror>,
    /// What may come in.
    pub(super) policy: Option<Policy>,
    /// How files are laid out on disk.
    pub(super) sync: Option<Sync>,
}

/// The project itself.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Project {
    /// The project's name, for people.
    pub(super) name: Option<String>,
}

/// The Hub that models come from.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Hub {
    /// The Hub's address; `HF_ENDPOINT` wins over it. The default is `https://huggingface.co`. One that only this file
    /// names is asked without a token; see [settings](settings.md).
    pub(super) endpoint: Option<String>,
}

/// What may come in. Every key may be left out; without the table the strict defaults hold.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Policy {
    /// `data-only` (the default): files that can run code when they are loaded need an exemption. `scanned`: those
    /// of which the scan followed every byte and found nothing but data may come in as well.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<Formats>"))]
    formats: Option<Spanned<Formats>>,
    /// `reviewed` (the default): code comes in once somebody certified exactly these bytes. `never`: none does.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<RemoteCode>"))]
    remote_code: Option<Spanned<RemoteCode>>,
    /// How many people have to certify code before it is installed: `1` without the key. They are distinguished by the
    /// address in their `who`.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<NonZeroU32>"))]
    audits: Option<Spanned<i64>>,
    /// The licences that are allowed, as the Hub spells them (`apache-2.0`), in any case; a model that declares none is
    /// refused. Without the key every licence is allowed.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<Vec<License>>"))]
    licenses: Option<Spanned<Vec<License>>>,
    /// The namespaces that models may come from: `org:acme`, `user:jo` or `acme`. Without the key every one is allowed.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<Vec<Publisher>>"))]
    publishers: Option<Spanned<Vec<Publisher>>>,
    /// How old a commit has to be, by the day that the Hub tells: `7d`, `2w`.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<Days>"))]
    min_age: Option<Spanned<Days>>,
    /// A regular expression that is found in the ticket of every pin, such as `^SEC-[0-9]+$`; `^` and `$` bind it to
    /// the whole ticket. A pin without a ticket is refused.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<TicketPattern>"))]
    require_ticket: Option<Spanned<TicketPattern>>,
    /// Repos that others refer to (`auto_map`, a foreign tokenizer, an adapter's base) and that are not locked with
    /// them: no loader that goes by the lock gets anything of them.
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<Vec<RepoId>>"))]
    ignored_dependencies: Option<Spanned<Vec<RepoId>>>,
    /// What to do about a rule of the policy or of the scan, by its id: `allow`, `warn` or `deny`.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "BTreeMap<Identifier, Level>"))]
    rules: BTreeMap<Identifier, Spanned<Level>>,
}

impl Policy {
    /// The policy, with the place of each of its keys in `document`.
    pub(super) fn read(self, document: &Document<'_>) -> Result<super::policy::Policy, Fault> {
        let fault = |(span, message): (Range<usize>, String)| document.fault(span, message);
        let mut places = BTreeMap::new();
        let formats = taken(&mut places, document, "formats", self.formats).unwrap_or_default();
        let remote_code = taken(&mut places, document, "remote-code", self.remote_code).unwrap_or_default();
        let audits = match &self.audits {
            Some(said) => people(said).ok_or_else(|| no_people(document, said))?,
            None => NonZeroU32::MIN,
        };
        taken(&mut places, document, "audits", self.audits);
        let lower = |license: License| license.as_str().to_lowercase().parse().unwrap_or(license);
        let licenses = taken(&mut places, document, "licenses", some("licenses", self.licenses).map_err(fault)?);
        let publishers =
            taken(&mut places, document, "publishers", some("publishers", self.publishers).map_err(fault)?);
        let min_age = taken(&mut places, document, "min-age", self.min_age);
        let require_ticket = taken(&mut places, document, "require-ticket", self.require_ticket);
        let ignored_dependencies =
            taken(&mut places, document, "ignored-dependencies", self.ignored_dependencies).unwrap_or_default();
        let mut rules = BTreeMap::new();
        for (rule, level) in self.rules {
            places.insert(format!("rules.{rule}"), document.place(level.span()));
            rules.insert(rule, level.into_inner());
        }
        Ok(super::policy::Policy {
            formats,
            remote_code,
            audits,
            licenses: licenses.map(|list| list.into_iter().map(lower).collect()),
            publishers: publishers.map(|list| list.into_iter().collect()),
            min_age,
            require_ticket,
            ignored_dependencies: ignored_dependencies.into_iter().collect(),
            rules,
            places,
        })
    }
}

type List<T> = Option<Spanned<Vec<T>>>;

/// A list of what is allowed, which is not one of nothing: nobody who writes that means that nothing may come in.
fn some<T>(key: &str, list: List<T>) -> Result<List<T>, (Range<usize>, String)> {
    match list {
        Some(list) if list.get_ref().is_empty() => {
            Err((list.span(), format!("an empty `{key}` would allow nothing; leave it out to allow all")))
        }
        list => Ok(list),
    }
}

/// So many people.
fn people(said: &Spanned<i64>) -> Option<NonZeroU32> {
    u32::try_from(*said.get_ref()).ok().and_then(NonZeroU32::new)
}

fn no_people(document: &Document<'_>, said: &Spanned<i64>) -> Fault {
    let message =
        format!("`audits = {}`: at least one person has to certify code before it is installed", said.get_ref());
    document.fault(said.span(), message).help("`audits = 1`, or leave it out, for one person; `audits = 2` for two")
}

/// The value of a key, whose place is remembered.
fn taken<T>(
    places: &mut BTreeMap<String, Place>,
    document: &Document<'_>,
    key: &str,
    value: Option<Spanned<T>>,
) -> Option<T> {
    let value = value?;
    places.insert(key.to_owned(), document.place(value.span()));
    Some(value.into_inner())
}

/// A directory that holds copies of locked files. It is only transport: the lock's hashes decide.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Mirror {
    /// A path from the manifest's folder, or `file:///…`. One that leads out of the folder counts only if the person
    /// names the same one; see [settings](settings.md).
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    pub(super) url: Spanned<String>,
}

/// How files are laid out on disk.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sync {
    /// A folder inside of the project, for a Hugging Face cache of its own (the default is `.modelpin/hub`), or
    /// `flat:FOLDER`, for plain folders, one an entry. Elsewhere, and `hf-cache`, the cache that this user's other
    /// tools share, only where the person says so; see [settings](settings.md).
    #[cfg_attr(feature = "json-schema", schemars(with = "Option<String>"))]
    pub(super) target: Option<Spanned<String>>,
}

/// A model or dataset: a repo in the short form, or a table.
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(untagged))]
pub(super) enum Entry {
    /// The repo alone: its `main` branch, its default file set.
    Short(RepoId),
    /// The repo with further settings.
    Table(Box<Table>),
}

/// A model or dataset.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Table {
    /// The repo on the Hub, `owner/name`.
    repo: RepoId,
    /// A branch, tag or full commit id; `refs/tags/NAME` or `refs/heads/NAME` where both have the name; `main` where
    /// neither this nor `version` is given.
    revision: Option<String>,
    /// A version requirement such as `^1.2`, answered by the newest `vX.Y.Z` tag that it allows.
    version: Option<String>,
    /// Globs: only files that match one of these. Without it, every file but those that repeat the weights
    /// in another format. `*` also matches `/`.
    include: Option<Vec<Pattern>>,
    /// Globs: none of the files that match one of these.
    #[serde(default)]
    exclude: Vec<Pattern>,
    /// Which one of several variants of the same weights, by its name: a quantization such as `Q4_K_M`, a precision such
    /// as `fp16`, or one model of a collection, in any case; `all` for every one.
    variant: Option<Variant>,
    /// The name of the model that this one is an adapter of.
    adapter_of: Option<Name>,
}

impl Entry {
    /// The entry, or why it is invalid.
    pub(super) fn spec(self, kind: RepoKind, place: Place) -> Result<Spec, String> {
        let table = match self {
            Self::Table(table) => *table,
            Self::Short(repo) => {
                let source = Source { kind, repo };
                return Ok(Spec {
                    source,
                    requested: Requested::main(),
                    filter: Filter::default(),
                    adapter_of: None,
                    place: Some(place),
                    is_unwritten: false,
                });
            }
        };
        let requested = match (&table.revision, &table.version) {
            (Some(_), Some(_)) => {
                return Err("`revision` and `version` are two answers to one question; keep one".to_owned());
            }
            (None, Some(requirement)) => version(requirement).map_err(|error| error.to_string())?,
            (Some(revision), None) if revision.starts_with("version:") => {
                return Err("write a version requirement as `version = \"…\"`".to_owned());
            }
            (Some(revision), None) => revision.parse().map_err(|error: crate::Invalid| error.to_string())?,
            (None, None) => Requested::main(),
        };
        if table.include.as_ref().is_some_and(Vec::is_empty) {
            return Err("`include = []` selects no files; leave it out for the default files".to_owned());
        }
        if kind == RepoKind::Dataset && table.adapter_of.is_some() {
            return Err("a dataset cannot be an adapter; `adapter-of` belongs to models".to_owned());
        }
        let include = table.include.unwrap_or_default();
        let filter = Filter { include, exclude: table.exclude, variant: table.variant };
        let source = Source { kind, repo: table.repo };
        Ok(Spec { source, requested, filter, adapter_of: table.adapter_of, place: Some(place), is_unwritten: false })
    }
}

/// Serde's own untagged reading would answer every slip with "data did not match any variant".
impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`\"owner/repo\"` or a table with `repo`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Entry, E> {
                text.parse().map(Entry::Short).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
                Table::deserialize(MapAccessDeserializer::new(map)).map(|table| Entry::Table(Box::new(table)))
            }
        }
        from.deserialize_any(Either)
    }
}

/// The JSON Schema of `models.toml`.
#[cfg(feature = "json-schema")]
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Manifest).to_value()
}
