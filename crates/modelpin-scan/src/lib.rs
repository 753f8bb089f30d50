//! Judges model files without running them.
//!
//! Bytes go in, findings come out. Nothing here executes, imports or unpickles anything, opens a file or a
//! socket, or believes a name: [`scan`] looks at the content, follows every byte that a loader could execute
//! or interpret, and calls a file [`Verdict::Safe`] only where all of it was followed to its end and found on an
//! allowlist. Whatever cannot be followed is a finding; a finding is of a [`rules::Rule`].
//!
//! A call goes [`scan`] → `sniff` (what the content is) → `dispatch` → the scanner of that format, which may
//! hand parts of what it reads back to `dispatch` (archives, embedded pickles, templates). [`relate()`] then holds
//! the reports of one folder against each other.
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod archive;
mod arrow;
mod checkpoint;
mod config;
pub mod convert;
mod dispatch;
mod finding;
mod gguf;
mod inner;
mod json;
mod keras;
mod limits;
mod media;
mod memory;
mod msgpack;
mod name;
mod native;
mod numpy;
mod obeyed;
mod object;
mod onnx;
mod parquet;
mod pickle;
mod protobuf;
mod python;
mod relate;
pub mod rules;
mod safetensors;
mod saved_model;
mod sniff;
mod source;
mod stdlib;
mod template;
mod text;
mod tflite;
mod torch;
mod trailing;
mod weights;

pub use finding::{Adapter, At, Facts, Finding, Learned, Mention, Place, Report, Severity, Verdict};
pub use inner::{Inner, Sink, scan_inside};
pub use limits::{Limits, Spent};
pub use python::Capability;
pub use relate::{can_be_open, open_questions, relate};
pub use sniff::Format;
pub use source::Source;

use limits::Budget;
use modelpin_schema::visible;
use source::Part;
use std::collections::{BTreeMap, BTreeSet};

/// Judges the bytes of `source`; `path` is where they lie in their folder, with `/` between its parts, and is
/// used as a hint only.
///
/// ```
/// use modelpin_scan::{Limits, Verdict, scan};
/// let pickle = b"cos\nsystem\n(S'id'\ntR.".as_slice();
/// assert_eq!(scan(pickle, "notes.txt", &Limits::default()).verdict(), Verdict::Dangerous);
/// ```
#[must_use]
pub fn scan(source: &(impl Source + ?Sized), path: &str, limits: &Limits) -> Report {
    let mut scan = Scan::new(limits);
    let format = scan.judge(&Part::whole(source), path);
    scan.report(format)
}

/// A scanner's word that it followed every byte a loader could interpret. Only a scanner that did may hand it
/// out; without it a file cannot be `safe`.
#[derive(Debug)]
pub(crate) struct Followed;

/// Why a scanner stopped before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The bytes end before they may; with the place.
    Truncated(u64),
    /// A limit was hit; says which.
    Budget(&'static str),
    /// The bytes could not be read.
    Unreadable(String),
    /// The content breaks the rules of its format; with the rule to report and the place.
    Broken(&'static rules::Rule, At, String),
}

pub(crate) type Outcome = Result<Followed, Halt>;

/// How many findings of one rule are kept in one file.
const KEPT: u32 = 50;

/// How many other files one file may name: there are indexes of some thousand shards.
const MENTIONS: usize = 100_000;

/// One scan under way: what is left of the limits, and what was found so far.
pub(crate) struct Scan<'l> {
    pub(crate) limits: &'l Limits,
    pub(crate) budget: Budget,
    pub(crate) facts: Facts,
    /// The archive members that lead to where we are.
    member: Vec<String>,
    /// How many of them, from the outermost on, a loader takes off by itself: compression.
    wrapped: usize,
    /// The first member that is code, where there is one.
    first_code: Option<String>,
    /// Who is handed the members that are code.
    sink: Option<&'l mut Sink<'l>>,
    findings: Vec<Finding>,
    seen: BTreeSet<(&'static str, Vec<String>, String)>,
    counts: BTreeMap<&'static str, u32>,
    dropped: u64,
}

impl<'l> Scan<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            budget: Budget::new(limits),
            facts: Facts::default(),
            member: Vec::new(),
            wrapped: 0,
            first_code: None,
            sink: None,
            findings: Vec::new(),
            seen: BTreeSet::new(),
            counts: BTreeMap::new(),
            dropped: 0,
        }
    }

    /// Records a finding. The same evidence under the same rule in the same member is one finding, and a
    /// rule that fires without end is counted, not kept.
    pub(crate) fn find(&mut self, rule: &'static rules::Rule, at: At, evidence: impl AsRef<str>) {
        let count = self.counts.entry(rule.id).or_default();
        if *count >= KEPT {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        let evidence = visible(evidence.as_ref());
        if self.seen.insert((rule.id, self.member.clone(), evidence.clone())) {
            *count = count.saturating_add(1);
            self.findings.push(Finding { rule, member: self.member.clone(), at, evidence });
        }
    }

    /// Remembers that the file asks for another one.
    pub(crate) fn mention(&mut self, mention: Mention) {
        let known = &mut self.facts.mentions;
        if known.len() < MENTIONS || known.contains(&mention) {
            known.insert(mention);
        } else {
            self.halt(Halt::Budget("other files that it names"));
        }
    }

    /// Records why a scanner stopped.
    pub(crate) fn halt(&mut self, halt: Halt) {
        match halt {
            Halt::Truncated(at) => {
                self.find(&rules::file::TRUNCATED, At::Byte(at), "the content ends before its structure does");
            }
            Halt::Budget(what) => {
                self.find(&rules::file::OVER_BUDGET, At::Whole, format!("too much to follow: {what}"));
            }
            Halt::Unreadable(why) => self.find(&rules::file::UNREADABLE, At::Whole, why),
            Halt::Broken(rule, at, what) => self.find(rule, at, what),
        }
    }

    /// How many findings there are.
    pub(crate) fn found(&self) -> usize {
        self.findings.len()
    }

    /// Says that a limit ended the content early. What was found in it since there were `before` findings and may be owed to
    /// that alone is taken back: nobody knows whether it would be broken there.
    pub(crate) fn cut_off(&mut self, before: usize) {
        let owed = |rule: &rules::Rule| {
            rule.property == rules::Property::NotJudged && rule != &rules::file::OVER_BUDGET
                || rule == &rules::file::TRAILING
                || rule == &rules::pickle::STORAGE_SIZE
        };
        let mut at = 0_usize;
        self.findings.retain(|finding| {
            at = at.saturating_add(1);
            at <= before || !owed(finding.rule)
        });
        self.halt(Halt::Budget("inflated bytes"));
    }

    /// Records an outcome: nothing where all was followed, else why not.
    pub(crate) fn settle(&mut self, outcome: Outcome) {
        if let Err(halt) = outcome {
            self.halt(halt);
        }
    }

    /// Does `work` inside the member `name`.
    pub(crate) fn inside<T>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.member.push(visible(name));
        let done = work(self);
        self.member.pop();
        done
    }

    /// How many archives deep we are.
    pub(crate) fn depth(&self) -> usize {
        self.member.len()
    }

    /// Says that a loader unpickles what is being read, if it gets at it by itself.
    pub(crate) fn pickled(&mut self) {
        self.facts.pickled |= self.depth() <= self.wrapped;
    }

    /// Does `work` inside a layer that loaders take off by themselves.
    pub(crate) fn unwrapping(&mut self, work: impl FnOnce(&mut Self)) {
        let before = self.wrapped;
        if before == self.depth() {
            self.wrapped = before.saturating_add(1);
        }
        work(self);
        self.wrapped = before;
    }

    fn report(mut self, format: Format) -> Report {
        self.say_code();
        self.findings.sort_by(Finding::by_weight);
        let spent = self.budget.spent(self.limits);
        Report { format, findings: self.findings, dropped: self.dropped, facts: self.facts.into(), spent }
    }
}
