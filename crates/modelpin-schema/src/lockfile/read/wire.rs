//! `models.lock` as serde reads it: the doc comments here and in `keys` are the user's reference.

use crate::lockfile::keys::pin_keys;
use crate::lockfile::{Day, Identifier, License, Pin, PrintableText, Reference, RequiredBy};
use crate::selection::Reason;
use crate::{
    CommitId, Digest, FileKind, Filter, Name, Pattern, RepoId, RepoPath, RepoUid, Requested, Revision, Source, Ticket,
    Variant,
};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64};

/// The locked models and datasets of a project. Written by modelpin only.
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

macro_rules! wire_pin {
    (
        keys { $($(#[$meta:meta])* $key:literal $field:ident: $type:ty => $($path:ident).+, $widens:ident;)* }
        tables { $($(#[$table_meta:meta])* $table:literal $table_field:ident: $table_type:ty => $print:ident, $c:ident;)* }
        file_facts { $($(#[$fact_meta:meta])* $fact:literal $fact_field:ident: $fact_type:ty, $singular:literal;)* }
        content { $($(#[$last_meta:meta])* $last:literal $last_field:ident: $last_type:ty => $print_last:ident, $l:ident;)* }
    ) => {
        /// One locked model or dataset.
        #[derive(serde::Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "json-schema", schemars(rename = "Pin"))]
        #[serde(deny_unknown_fields)]
        pub(super) struct WirePin {
            $($(#[$meta])* #[serde(rename = $key)] $field: $type,)*
            $($(#[$table_meta])* #[serde(rename = $table)] $table_field: $table_type,)*
            $($(#[$fact_meta])* #[serde(rename = $fact, default, deserialize_with = "unique")]
            $fact_field: BTreeMap<RepoPath, BTreeSet<$fact_type>>,)*
            $($(#[$last_meta])* #[serde(rename = $last)] $last_field: $last_type,)*
        }

        /// The tables of an entry, which are still to be checked.
        pub(super) struct WireTables {
            $(pub(super) $table_field: $table_type,)*
            $(pub(super) $last_field: $last_type,)*
        }

        impl WirePin {
            /// A pin with all keys and facts that need no check, without files yet and with the `tree` that is
            /// recorded; and the tables.
            pub(super) fn split(self) -> (Pin, WireTables) {
                let source = self.source.clone();
                let requested = self.requested.clone();
                let mut pin = Pin::new(source, requested, Filter::default(), self.revision, BTreeMap::new());
                $(pin.$($path).+ = self.$field;)*
                $(pin.facts.$fact_field = without_empty(self.$fact_field);)*
                let tables = WireTables {
                    $($table_field: self.$table_field,)*
                    $($last_field: self.$last_field,)*
                };
                (pin, tables)
            }
        }
    };
}

pin_keys!(wire_pin);

/// The code of an entry, and what configuration makes of it.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Code"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireCode {
    /// The classes that configuration makes a loader import from code: `AutoModel=module.Class`, or
    /// `AutoModel=owner/repo--module.Class` where the code is another repo's.
    #[serde(default)]
    pub(super) auto_map: BTreeSet<PrintableText>,
    /// SHA-256 of the lines `<sha256>  <path>` of the code files, sorted by path, and after them of those of other
    /// repos that are `auto_map` dependencies, each as `hf:model/owner/repo:path`, by repo and path; it must follow
    /// from `files` and `dependencies`. Reviews are bound to it.
    pub(super) digest: Option<Digest>,
    /// What the code can do, such as `network` or `process`.
    #[serde(default)]
    pub(super) capabilities: BTreeSet<Identifier>,
}

/// The base of an adapter.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Adapter"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireAdapter {
    /// The base's name in this lock.
    pub(super) base: Option<Name>,
    /// What the adapter's own configuration says: `owner/name`, perhaps with `@REVISION`, or any other text there;
    /// `(none)` where it says nothing. Not there where the repo has no such configuration.
    pub(super) base_declared: Option<PrintableText>,
    /// The base's commit when this adapter was locked.
    pub(super) base_revision: Option<CommitId>,
}

/// The entry that a reference is pinned as.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Dependency"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireDependency {
    /// That entry's name in this lock; none where the reference is not pinned.
    pub(super) pin: Option<Name>,
    /// Its commit.
    pub(super) revision: Option<CommitId>,
}

/// One locked file.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "File"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireFile {
    /// Its sort: by its bytes, or by its name as long as nobody scanned them.
    pub(super) kind: FileKind,
    /// Size in bytes.
    pub(super) size: u64,
    /// SHA-256 of its content: 64 hex digits.
    #[serde(deserialize_with = "crate::digest::bare")]
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    pub(super) sha256: Digest,
}

/// What was made of a locked file, and with what.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Converted"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WireConverted {
    /// The locked file that it was made of.
    pub(super) from: RepoPath,
    /// SHA-256 of that file: 64 hex digits. It must be the one in `files`.
    #[serde(deserialize_with = "crate::digest::bare")]
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    pub(super) source: Digest,
    /// The number of the converter.
    pub(super) converter: NonZeroU32,
    /// Size of the result in bytes.
    pub(super) size: u64,
    /// SHA-256 of the result: 64 hex digits.
    #[serde(deserialize_with = "crate::digest::bare")]
    #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
    pub(super) sha256: Digest,
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
                    return Err(serde::de::Error::custom("duplicate key"));
                }
                map.insert(key, entries.next_value()?);
            }
            Ok(map)
        }
    }

    from.deserialize_map(Unique(PhantomData))
}

/// A file without facts is not in a table of facts, and is not printed there.
fn without_empty<T>(mut facts: BTreeMap<RepoPath, BTreeSet<T>>) -> BTreeMap<RepoPath, BTreeSet<T>> {
    facts.retain(|_, facts| !facts.is_empty());
    facts
}

/// The JSON Schema of `models.lock`.
#[cfg(feature = "json-schema")]
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Wire).to_value()
}
