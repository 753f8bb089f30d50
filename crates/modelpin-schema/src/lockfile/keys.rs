//! The keys of an entry of models.lock: one row a key, in the order in which they are printed.
//!
//! [`pin_keys`] hands the whole table to a macro, so that the reader with its JSON Schema (`read/wire.rs`), the
//! printer (`print.rs`), the facts with their operations (`facts.rs`) and the change report (`changes/lock.rs`) are
//! made of the same rows. A row of `keys` or of `file_facts` needs no further code. A row of `tables` or of `content`
//! names the function that prints its table and the one that compares it; `read/check.rs` has to say what it means.

use super::{Pin, RequiredBy};
use crate::{CommitId, Digest, Pattern, Requested, Source};
use std::collections::BTreeSet;
use std::fmt::Display;

/// Calls the macro `$consumer` with the table.
macro_rules! pin_keys {
    ($consumer:ident) => {
        $consumer! {
            // "KEY" field of the wire form: its type => field of the pin, when a change of it widens the entry;
            keys {
                /// Which repo, as the manifest says: `hf:model/owner/name`.
                "source" source: Source => source, Always;
                /// The repo's unchanging identity on the Hub; a repo registered later under the same name has another.
                "repo-id" repo_id: Option<RepoUid> => hub.repo_id, IfKnownBefore;
                /// What the Hub calls the repo, where that is not the name in `source`: `gpt2` is a name of old for
                /// `openai-community/gpt2`.
                "canonical" canonical: Option<RepoId> => hub.canonical, Always;
                /// Where the manifest does not name it: the entries that depend on it, each with what they take from
                /// it, as in `chat: auto_map` or `support-lora: base`.
                #[serde(default)]
                "required-by" required_by: BTreeSet<RequiredBy> => dependencies.required_by, Never;
                /// Which revision the manifest asks for: a branch or tag, `version:REQUIREMENT`, or a commit id.
                "requested" requested: Requested => requested, IfLooser;
                /// The manifest's `include`.
                #[serde(default)]
                "include" include: Vec<Pattern> => filter.include, IfMoreIncluded;
                /// The manifest's `exclude`.
                #[serde(default)]
                "exclude" exclude: Vec<Pattern> => filter.exclude, IfLessExcluded;
                /// The manifest's `variant`.
                "variant" variant: Option<Variant> => filter.variant, IfAnother;
                /// The tag that the version requirement resolved to.
                "tag" tag: Option<Revision> => hub.tag, Never;
                /// The commit: 40 hex digits. Content is fetched by it and nothing else.
                "revision" revision: CommitId => revision, Never;
                /// The day of the commit, by the Hub.
                "revision-date" revision_date: Option<Day> => hub.revision_date, Never;
                /// The licence that the repo's card declares.
                "license" license: Option<License> => hub.license, Never;
                /// The ticket of the last change of this pin.
                "ticket" ticket: Option<Ticket> => ticket, Never;
                /// SHA-256 of the lines `<sha256>  <path>`, sorted by path; it must follow from `files`.
                "tree" tree: Digest => tree, NotReported;
            }
            // "TABLE" field of the wire form: its type => function that prints it, function that compares it;
            tables {
                /// How many files of the commit are not locked, by the reason why.
                #[serde(default, deserialize_with = "unique")]
                "left-out" left_out: BTreeMap<Reason, NonZeroU64> => print_left_out, left_out_changes;
                /// Of these files those that could run code when they are loaded, as far as their names tell: why
                /// each is not locked. At most 10,000, the first by path; `left-out` counts them all.
                #[serde(default, deserialize_with = "unique")]
                "left-out-code" left_out_code: BTreeMap<RepoPath, Reason> => print_left_out_code, left_out_code_changes;
                /// The base of this adapter.
                "adapter" adapter: Option<WireAdapter> => print_adapter, adapter_changes;
                /// What a loader takes from other repos, as in `"auto_map acme/other-code"`, and the entry that it is
                /// pinned as.
                #[serde(default, deserialize_with = "unique")]
                "dependencies" dependencies: BTreeMap<Reference, WireDependency>
                    => print_dependencies, dependency_changes;
                /// Its code, and what configuration makes of it.
                "code" code: Option<WireCode> => print_code, code_changes;
                /// What it asks to be installed: a name, and the version asked for, as in `torch = "==2.6.0"` or
                /// `"unpinned"`.
                #[serde(default, deserialize_with = "unique")]
                "requires" requires: BTreeMap<PrintableText, PrintableText> => print_requires, requires_changes;
            }
            // "TABLE" field of the facts and of the wire form: what it has for each file, its name in a change report;
            file_facts {
                /// By file: the globals that its pickles import.
                "globals" globals: PrintableText, "global";
                /// By file: the SHA-256 of each chat template in it.
                "templates" templates: Digest, "template";
                /// By file: the rules of the scan that find something to review, or something dangerous. Rules that
                /// only note something are not recorded.
                "findings" findings: Identifier, "finding";
            }
            // As `tables`, at the end of an entry.
            content {
                /// What is installed in the place of locked files that can run code, by its path there.
                #[serde(default, deserialize_with = "unique")]
                "converted" converted: BTreeMap<RepoPath, WireConverted> => print_converted, conversion_changes;
                /// The locked files by path.
                #[serde(deserialize_with = "unique")]
                "files" files: BTreeMap<RepoPath, WireFile> => print_files, same_commit_changes;
            }
        }
    };
}

pub(crate) use pin_keys;

/// A key with its value on the same line.
pub(crate) struct Key {
    /// As the lock spells it.
    pub(crate) name: &'static str,
    /// Its value in a pin; none where the lock does not have the key.
    pub(crate) value: fn(&Pin) -> Option<Value>,
    /// When a change of it widens the entry.
    pub(crate) widens: Widens,
}

/// The value of a [`Key`].
pub(crate) enum Value {
    Text(String),
    /// A list, in the order in which it is printed; never empty.
    List(Vec<String>),
}

/// When a change of a key lets in more, or is of another origin than before, so that a reviewer reads it first.
#[derive(Clone, Copy)]
pub(crate) enum Widens {
    Always,
    Never,
    /// Where the repo had an identity before.
    IfKnownBefore,
    /// Where the requested revision may fix the bytes less firmly.
    IfLooser,
    /// Where patterns may include more files.
    IfMoreIncluded,
    /// Where a pattern excludes files no longer.
    IfLessExcluded,
    /// Where it is another variant: none contains another.
    IfAnother,
    /// It is in no change report, since other changes say the same.
    NotReported,
}

macro_rules! key_list {
    (keys { $($(#[$meta:meta])* $key:literal $field:ident: $type:ty => $($path:ident).+, $widens:ident;)* } $($rest:tt)*) => {
        /// The keys that have their value on the same line, in the order in which they are printed.
        pub(crate) const KEYS: &[Key] = &[
            $(Key { name: $key, value: |pin| pin.$($path).+.value(), widens: Widens::$widens },)*
        ];
    };
}

pin_keys!(key_list);

/// Does not compile for a field that is not listed here: give it a row above first.
const _: fn(Pin) = |pin| {
    let Pin {
        source: _,
        requested: _,
        filter: crate::Filter { include: _, exclude: _, variant: _ },
        revision: _,
        hub:
            super::HubMetadata {
                repo_id: _,
                canonical: _,
                tag: _,
                revision_date: _,
                license: _,
                left_out: _,
                left_out_code: _,
            },
        ticket: _,
        dependencies: super::Dependencies { required_by: _, adapter: _, pinned: _ },
        facts: _,
        converted: _,
        files: _,
        tree: _,
    } = pin;
};

/// A type that a [`Key`] can have.
trait KeyValue {
    fn value(&self) -> Option<Value>;
}

macro_rules! text_values {
    ($($type:ty),*) => {
        $(impl KeyValue for $type {
            fn value(&self) -> Option<Value> {
                Some(Value::Text(self.to_string()))
            }
        })*
    };
}

text_values!(Source, Requested, CommitId, Digest);

impl<T: Display> KeyValue for Option<T> {
    fn value(&self) -> Option<Value> {
        self.as_ref().map(|value| Value::Text(value.to_string()))
    }
}

fn list(values: impl Iterator<Item = String>) -> Option<Value> {
    let values: Vec<String> = values.collect();
    (!values.is_empty()).then_some(Value::List(values))
}

impl KeyValue for Vec<Pattern> {
    fn value(&self) -> Option<Value> {
        list(self.iter().map(ToString::to_string))
    }
}

impl KeyValue for BTreeSet<RequiredBy> {
    fn value(&self) -> Option<Value> {
        list(self.iter().map(ToString::to_string))
    }
}
