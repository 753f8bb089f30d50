//! What a scan says: findings, each under a rule, and the verdict that follows from them.

use super::capability::Capability;
use super::format::Format;
use super::limits::Usage;
use super::place::{Location, Occurrence};
use modelpin_rules::{Rule, Severity};
use modelpin_schema::lockfile::{DeclaredBase, Reference};
use modelpin_schema::visible;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The verdict on one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every byte that a loader could execute or interpret was followed, and was on the allowlist.
    Safe,
    /// Foreign, unknown or not followed to its end: a person must review it.
    Review,
    /// Runs code, or is built to deceive.
    Dangerous,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Review => "review",
            Self::Dangerous => "dangerous",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A match of a rule in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The member it is in, outermost archive first; empty for the file itself.
    pub member: Vec<String>,
    /// The location within that.
    pub at: Location,
    /// The evidence, escaped for a terminal.
    pub evidence: String,
}

impl Finding {
    /// The order of a report: worst first, then by place.
    pub(crate) fn by_weight(a: &Self, b: &Self) -> Ordering {
        b.rule
            .severity
            .cmp(&a.rule.severity)
            .then_with(|| (&a.member, &a.at, a.rule.id, &a.evidence).cmp(&(&b.member, &b.at, b.rule.id, &b.evidence)))
    }
}

/// Another file that a file refers to; [`cross_check`](crate::cross_check) looks it up in the folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileReference {
    /// Python code that a loader imports, as a path from the repo's root.
    Code(String),
    /// A file that is read as data, from the folder of the file that names it.
    Data(String),
}

/// How many findings of one rule are kept in one file.
pub(super) const MAX_PER_RULE: u32 = 50;

/// Facts about a file, besides findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Every global that its pickles import, as `module.name`, sorted.
    pub globals: BTreeSet<String>,
    /// What its Python code can do, with the lines where it does.
    pub capabilities: BTreeMap<Capability, BTreeSet<Occurrence>>,
    /// The classes that its configuration makes a loader import from code, each with the key that it is under:
    /// `AutoModel=modeling.Acme`, or `AutoModel=owner/repo--modeling.Acme` where the code is another repo's.
    pub auto_map: BTreeSet<String>,
    /// What its configuration makes a loader take from other repos.
    pub references: BTreeSet<Reference>,
    /// What the configuration of an adapter says of its base.
    pub base: Option<DeclaredBase>,
    /// What it asks to be installed: name, and how it is asked for (`==2.6.0`, `unpinned`, an address without
    /// what is before its host or after its path, since those can be secrets).
    pub requires: BTreeSet<(String, String)>,
    /// Whether a loader unpickles it: directly, after decompression, or as a torch archive.
    pub pickled: bool,
    /// How many members that are code are in it: members of archives, what a compressed stream holds, what follows
    /// the end of something else; at any depth.
    pub code_members: u64,
    /// Every chat template in it.
    pub templates: BTreeSet<String>,
    /// Every tensor of a safetensors file with its shape, as far as they were kept.
    pub tensors: BTreeMap<String, Vec<u64>>,
    /// What it asks for elsewhere.
    pub file_references: BTreeSet<FileReference>,
    /// What the configuration of an adapter says about its tensors.
    pub adapter: Option<Adapter>,
}

/// [`Facts`] that are allocated only if there are any: most files have none, and a repo can have a million of
/// them.
#[derive(Debug, Clone, Default)]
pub struct LazyFacts(Option<Box<Facts>>);

static NOTHING: Facts = Facts {
    globals: BTreeSet::new(),
    capabilities: BTreeMap::new(),
    auto_map: BTreeSet::new(),
    references: BTreeSet::new(),
    base: None,
    requires: BTreeSet::new(),
    pickled: false,
    code_members: 0,
    templates: BTreeSet::new(),
    tensors: BTreeMap::new(),
    file_references: BTreeSet::new(),
    adapter: None,
};

impl Deref for LazyFacts {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for LazyFacts {
    fn deref_mut(&mut self) -> &mut Facts {
        self.0.get_or_insert_default()
    }
}

impl From<Facts> for LazyFacts {
    fn from(facts: Facts) -> Self {
        Self((facts != NOTHING).then(|| Box::new(facts)))
    }
}

impl PartialEq for LazyFacts {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for LazyFacts {}

/// What the configuration of an adapter says about its tensors (the fields of PEFT's `adapter_config.json`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adapter {
    /// `peft_type`: `LORA` and others.
    pub kind: String,
    /// Every rank that a layer may have: `r` and the values of `rank_pattern`.
    pub ranks: BTreeSet<u64>,
    /// The layers that are saved as a whole.
    pub layers: BTreeSet<String>,
    /// Whether biases belong to it.
    pub bias: bool,
    /// Whether the weights are split into magnitude and direction (DoRA).
    pub magnitude: bool,
    /// Whether it changes parameters of several experts at once, whose ranks are side by side.
    pub experts: bool,
}

/// The outcome of one scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the content is.
    pub format: Format,
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// How many findings were dropped because of the limit for one rule.
    pub dropped: u64,
    /// The facts besides findings.
    pub facts: LazyFacts,
    /// What the scan used of its limits.
    pub spent: Usage,
}

impl Report {
    /// Adds a finding in its place. The same evidence under the same rule is one finding.
    pub(crate) fn add(&mut self, rule: &'static Rule, at: Location, evidence: impl AsRef<str>) {
        let finding = Finding { rule, member: Vec::new(), at, evidence: visible(evidence.as_ref()) };
        if self.findings.iter().any(|known| known.rule.id == rule.id && known.evidence == finding.evidence) {
            return;
        }
        if self.findings.iter().filter(|known| known.rule.id == rule.id).count() >= MAX_PER_RULE as usize {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        let place = self.findings.partition_point(|known| Finding::by_weight(known, &finding).is_lt());
        self.findings.insert(place, finding);
    }

    /// Whether loading it unpickles something, by what it is and not by what its pickle does.
    #[must_use]
    pub fn is_pickle(&self) -> bool {
        self.format == Format::Pickle || self.facts.pickled
    }

    /// Whether it is something to run: source, a script, machine code, byte code, lines that Python runs at its start.
    #[must_use]
    pub fn is_code(&self) -> bool {
        self.format.is_code()
    }

    /// Whether something to run is in it, however deep.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.facts.code_members > 0
    }

    /// The worst of the findings.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let worst = self.findings.iter().map(|finding| finding.rule.severity).max();
        match worst {
            Some(Severity::Dangerous) => Verdict::Dangerous,
            Some(Severity::Review) => Verdict::Review,
            Some(Severity::Note) | None => Verdict::Safe,
        }
    }
}
