//! `models.lock`: what a project gets, written by modelpin only.
//!
//! The format's rules, each with its reason:
//! - TOML with LF, one fact a line, nothing aligned: a change of one fact is a change of one line.
//! - Models, then datasets, each sorted by name; files keyed by path and sorted by bytes: the order carries
//!   no news, and the parser itself refuses a name or path that stands twice.
//! - Nothing volatile: no time of locking, tool version, address or cache path.
//! - `version` is read before anything else; another number, and any unknown key, is refused, since a key
//!   that is skipped could be one that protects.
//! - `tree` repeats the files as one digest that `sha256sum` can redo; a lock whose files do not give it was
//!   edited by hand, and is refused.
//! - Printing is canonical: what [`Lockfile::print`] wrote reads and prints as the same bytes.
//!
//! History: version 1 is the only one. A new key needs a new version number, a fixture of the old one, and
//! both sides ([`read`](Lockfile::read) and [`print`](Lockfile::print)) changed together.

pub mod code;
mod converted;
pub mod dependencies;
pub mod diff;
mod facts;
mod line_index;
mod print;
mod read;
mod reference;
mod staleness;

use crate::text::{hides, serde_by_text, text};
use crate::{CommitId, Digest, FileKind, Filter, Invalid, Name, RepoPath, RepoUid, Requested, Source, Ticket};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use code::{Code, CodePath, Origin};
pub use converted::{Converted, is_shard, result_path};
pub use dependencies::{Dependencies, DependencyGraph, RequiredBy, Unpinned};
pub use facts::{AutoMapClass, Facts, Identifier, PrintableText};
pub use line_index::{LineIndex, LockKey};
pub use read::LockError;
#[cfg(feature = "json-schema")]
pub use read::json_schema;
pub(crate) use read::{bare_digest, integer};
pub use reference::{DeclaredBase, Reference, Role};
pub use staleness::Stale;

/// The version of the format that is written.
pub const VERSION: i64 = 1;

/// The largest lock that is read or written, in bytes: some 250 models of 1000 files.
pub const MAX_BYTES: u64 = 40 << 20;

/// Everything a project gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lockfile {
    /// Models and datasets by name.
    pub pins: BTreeMap<Name, Pin>,
}

/// The facts of one locked model or dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Which repo, as the manifest says.
    pub source: Source,
    /// Which revision the manifest asks for.
    pub requested: Requested,
    /// Which files the manifest asks for.
    pub filter: Filter,
    /// The commit.
    pub revision: CommitId,
    /// What the Hub said of the repo and the commit when they were locked.
    pub hub: HubMetadata,
    /// The ticket that the last change of this pin answers.
    pub ticket: Option<Ticket>,
    /// Which entries it depends on, and which depend on it.
    pub dependencies: Dependencies,
    /// What its bytes are and do.
    pub facts: Facts,
    /// What is installed in the place of locked files that can run code, by its path there.
    pub converted: BTreeMap<RepoPath, Converted>,
    /// Shared by the copies of a pin: there can be hundreds of thousands.
    files: Arc<BTreeMap<RepoPath, Artifact>>,
    tree: Digest,
}

/// What the Hub says of a repo and a commit: nothing of it follows from the bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HubMetadata {
    /// The repo's identity on the Hub, which a later repo of the same name does not have.
    pub repo_id: Option<RepoUid>,
    /// The tag that a version requirement resolved to.
    pub tag: Option<crate::Revision>,
    /// The day of the commit.
    pub revision_date: Option<Day>,
    /// The licence that the repo's card declares.
    pub license: Option<License>,
    /// How many files of the commit are not locked, by kind.
    pub skipped: BTreeMap<FileKind, u64>,
}

/// One locked file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Artifact {
    /// Its sort.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// Of its content.
    pub sha256: Digest,
}

/// The base of an adapter, as it is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// The base's name in this lock.
    pub base: Name,
    /// The base's commit.
    pub base_revision: CommitId,
}

/// The entry that provides what a [`Reference`] names, as it is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The entry in this lock.
    pub pin: Name,
    /// That entry's commit.
    pub revision: CommitId,
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.pin, self.revision)
    }
}

impl Pin {
    /// A pin of `files` of `source` at `revision`, with no further facts. `tree` follows from the files.
    #[must_use]
    pub fn new(
        source: Source,
        requested: Requested,
        filter: Filter,
        revision: CommitId,
        files: BTreeMap<RepoPath, Artifact>,
    ) -> Self {
        let tree = tree(&files);
        Self {
            source,
            requested,
            filter,
            revision,
            hub: HubMetadata::default(),
            ticket: None,
            dependencies: Dependencies::default(),
            facts: Facts::default(),
            converted: BTreeMap::new(),
            files: Arc::new(files),
            tree,
        }
    }

    /// The locked files by path.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<RepoPath, Artifact> {
        &self.files
    }

    /// Says what sort of file the one at `path` is, by its bytes.
    pub fn set_kind(&mut self, path: &RepoPath, kind: FileKind) {
        if self.files.get(path).is_none_or(|file| file.kind == kind) {
            return;
        }
        if let Some(file) = Arc::make_mut(&mut self.files).get_mut(path) {
            file.kind = kind;
        }
    }

    /// The SHA-256 of the lines `<sha256>  <path>` of all files, sorted by path: what `sha256sum` prints.
    #[must_use]
    pub fn tree(&self) -> Digest {
        self.tree
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.values().fold(0, |sum, file| sum.saturating_add(file.size))
    }
}

fn tree(files: &BTreeMap<RepoPath, Artifact>) -> Digest {
    set_digest(files.iter().map(|(path, file)| (path, file.sha256)))
}

/// The SHA-256 of the lines `<sha256>  <path>` of files that come in their order.
#[must_use]
pub fn set_digest(files: impl Iterator<Item = (impl fmt::Display, Digest)>) -> Digest {
    let mut hasher = Sha256::new();
    for (path, sha256) in files {
        hasher.update(format!("{}  {path}\n", sha256.hex()));
    }
    Digest::new(hasher.finalize().into())
}

/// A day, such as `2026-08-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// The day of a date; the first of year 0, for one before, which has no four digits.
    #[must_use]
    pub fn new(date: jiff::civil::Date) -> Self {
        Self(date.max(jiff::civil::Date::constant(0, 1, 1)))
    }

    /// The day, in UTC, of a number of seconds since 1970; none beyond the calendar.
    #[must_use]
    pub fn at_unix(seconds: i64) -> Option<Self> {
        let zone = jiff::tz::TimeZone::UTC;
        jiff::Timestamp::from_second(seconds).ok().map(|at| Self::new(at.to_zoned(zone).date()))
    }

    /// So many days later; the last day of the calendar, where there is none so late.
    #[must_use]
    pub fn plus(self, days: u32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(i64::from(days))))
    }

    /// How many days it is until `later`; negative where that is past.
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        self.0.duration_until(later.0).as_hours() / 24
    }
}

impl FromStr for Day {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shape = |(at, b): (usize, u8)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() };
        if text.len() != 10 || !text.bytes().enumerate().all(shape) {
            return Err(Invalid::new("day", text, "expected YYYY-MM-DD"));
        }
        text.parse().map(Self).map_err(|_| Invalid::new("day", text, "the calendar has no such day"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_by_text!(Day, "day", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");

text! {
    /// A licence as a repo's card declares it, such as `apache-2.0` or `other`.
    License, "licence", "^.{1,200}$", |text| {
        if text.is_empty() || text.chars().count() > 200 || text.chars().any(hides) {
            return Err("a licence is 1 to 200 visible characters".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Adapter, Artifact, Facts, Lockfile, Pin};
    use crate::{FileKind, Filter};

    fn facts() -> Facts {
        let path = |text: &str| text.parse::<crate::RepoPath>().unwrap();
        let words = |words: [&str; 2]| words.map(|word| word.parse().unwrap()).into();
        Facts {
            auto_map: ["AutoModel=acme/code--modeling_chat.Chat".parse().unwrap()].into(),
            references: ["auto_map acme/code", "component acme/encoder@v1"].map(|text| text.parse().unwrap()).into(),
            base: None,
            capabilities: words(["files", "process"]),
            requires: [
                ("a \"quoted\" one".parse().unwrap(), "unpinned".parse().unwrap()),
                ("torch".parse().unwrap(), "==2.6.0".parse().unwrap()),
            ]
            .into(),
            globals: [(path("pytorch_model.bin"), ["torch._utils._rebuild_tensor_v2".parse().unwrap()].into())].into(),
            templates: [(path("sub/\"odd\" näme.txt"), [crate::Digest::new([8; 32])].into())].into(),
            findings: [(path("modeling_chat.py"), words(["code-environment", "code-on-import"]))].into(),
        }
    }

    /// A lock with every key, and one with the least.
    pub(crate) fn sample() -> Lockfile {
        let file = |path: &str, size: u64, byte: &str| {
            let path: crate::RepoPath = path.parse().unwrap();
            let sha256 = crate::Digest::from_hex(&byte.repeat(32)).unwrap();
            (path.clone(), Artifact { kind: FileKind::of(&path), size, sha256 })
        };
        let files = [
            file("config.json", 148, "3f"),
            file("model.safetensors", 111, "a3"),
            file("modeling_chat.py", 64, "5d"),
            file("pytorch_model.bin", 200, "7e"),
            file("old/pytorch_model.bin", 300, "7f"),
            file("sub/\"odd\" näme.txt", 0, "00"),
        ];
        let filter = Filter {
            include: vec!["*.json".parse().unwrap(), "*".parse().unwrap()],
            exclude: vec!["onnx/**".parse().unwrap()],
        };
        let commit = |byte: &str| byte.repeat(20).parse().unwrap();
        let mut chat = Pin::new(
            "hf:model/acme/chat-7b".parse().unwrap(),
            "version:^1.2".parse().unwrap(),
            filter,
            commit("13"),
            files.into(),
        );
        chat.hub.repo_id = Some("621ffdc036468d709f17434d".parse().unwrap());
        chat.hub.tag = Some("v1.4.0".parse().unwrap());
        chat.hub.revision_date = Some("2026-08-01".parse().unwrap());
        chat.hub.license = Some("apache-2.0".parse().unwrap());
        chat.ticket = Some("SEC-4410".parse().unwrap());
        chat.hub.skipped = [(FileKind::Onnx, 3), (FileKind::Pickle, 1)].into();
        chat.facts = facts();
        let converted = super::Converted {
            from: "old/pytorch_model.bin".parse().unwrap(),
            source: crate::Digest::new([0x7f; 32]),
            converter: 1,
            size: 290,
            sha256: crate::Digest::new([0x5a; 32]),
        };
        chat.converted.insert("old/model.safetensors".parse().unwrap(), converted);
        let mut lora = Pin::new(
            "hf:model/acme/lora".parse().unwrap(),
            "main".parse().unwrap(),
            Filter::default(),
            commit("61"),
            [file("adapter_model.safetensors", 9, "bb")].into(),
        );
        lora.dependencies.adapter = Some(Adapter { base: "chat".parse().unwrap(), base_revision: commit("13") });
        lora.facts.base = Some(super::DeclaredBase::of(Some("acme/chat-7b"), None));
        let mut code = Pin::new(
            "hf:model/acme/code".parse().unwrap(),
            "main".parse().unwrap(),
            Filter { include: vec!["*.py".parse().unwrap()], exclude: Vec::new() },
            commit("77"),
            [file("modeling_chat.py", 7, "ee")].into(),
        );
        code.dependencies.required_by = ["chat: auto_map".parse().unwrap()].into();
        let edge = super::Dependency { pin: "code".parse().unwrap(), revision: code.revision };
        chat.dependencies.pinned.insert("auto_map acme/code".parse().unwrap(), edge);
        let faq = Pin::new(
            "hf:dataset/acme/faq".parse().unwrap(),
            "main".parse().unwrap(),
            Filter::default(),
            commit("0f"),
            [file("faq.jsonl", 7, "cc")].into(),
        );
        let pins = [("chat", chat), ("code", code), ("support-lora", lora), ("a-faq", faq)];
        Lockfile { pins: pins.into_iter().map(|(name, pin)| (name.parse().unwrap(), pin)).collect() }
    }
}
