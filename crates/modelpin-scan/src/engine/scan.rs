//! One scan under way: the limits that are left, and what was found so far.

use super::code_member::CodeSink;
use super::error::{ScanError, ScanResult};
use super::finding::{Facts, FileReference, Finding, MAX_PER_RULE, Report};
use super::format::Format;
use super::limits::{Budget, Limits};
use super::place::Location;
use modelpin_rules::file::NOT_READ;
use modelpin_rules::{Property, Rule};
use modelpin_schema::visible;
use std::collections::{BTreeMap, BTreeSet};

/// How many other files one file may name: there are indexes of some thousand shards.
const MAX_FILE_REFERENCES: usize = 100_000;

/// One scan under way: what is left of the limits, and what was found so far.
pub(crate) struct Scan<'l> {
    pub(crate) limits: &'l Limits,
    pub(crate) budget: Budget,
    pub(crate) facts: Facts,
    /// The path of archive members to the current content.
    pub(super) member: Vec<String>,
    /// How many of them, from the outermost, are compression that loaders remove transparently.
    wrapped: usize,
    /// The first member that is code, where there is one.
    pub(super) first_code: Option<String>,
    /// Who is given the members that are code.
    pub(crate) sink: Option<&'l mut CodeSink<'l>>,
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
    pub(crate) fn report(&mut self, rule: &'static Rule, at: Location, evidence: impl AsRef<str>) {
        let count = self.counts.entry(rule.id).or_default();
        if *count >= MAX_PER_RULE {
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
    pub(crate) fn reference_file(&mut self, file_reference: FileReference) {
        let known = &mut self.facts.file_references;
        if known.len() < MAX_FILE_REFERENCES || known.contains(&file_reference) {
            known.insert(file_reference);
        } else {
            self.record_error(ScanError::LimitReached("other files that are referenced"));
        }
    }

    /// Records why a scanner stopped.
    pub(crate) fn record_error(&mut self, error: ScanError) {
        match error {
            ScanError::Truncated(at) => {
                self.report(
                    &modelpin_rules::file::TRUNCATED,
                    Location::Byte(at),
                    "the content ends before its structure does",
                );
            }
            ScanError::LimitReached(what) => {
                self.report(&modelpin_rules::file::OVER_BUDGET, Location::Whole, format!("limit reached: {what}"));
            }
            // What follows was not read either, for the same reason.
            ScanError::NotRead(_) if self.counts.contains_key(NOT_READ.id) => {}
            ScanError::NotRead(not_read) => self.report(&NOT_READ, Location::Byte(not_read.at), not_read.to_string()),
            ScanError::Unreadable(why) => self.report(&modelpin_rules::file::UNREADABLE, Location::Whole, why),
            ScanError::Malformed(rule, at, what) => self.report(rule, at, what),
        }
    }

    /// How many findings there are.
    pub(crate) fn finding_count(&self) -> usize {
        self.findings.len()
    }

    /// Records that a limit cut the content off. What was found in it since there were `before` findings and may be
    /// owed to that alone is taken back: nobody knows whether it would be broken there.
    pub(crate) fn limit_reached(&mut self, before: usize) {
        let owed = |rule: &Rule| {
            rule.property == Property::NotScanned && rule != &modelpin_rules::file::OVER_BUDGET && rule != &NOT_READ
                || rule == &modelpin_rules::file::TRAILING_BYTES
                || rule == &modelpin_rules::pickle::STORAGE_SIZE
        };
        let mut at = 0_usize;
        self.findings.retain(|finding| {
            at = at.saturating_add(1);
            at <= before || !owed(finding.rule)
        });
        self.record_error(ScanError::LimitReached("decompressed bytes"));
    }

    /// Records an outcome: nothing where all was followed, else why not.
    pub(crate) fn record_result(&mut self, outcome: ScanResult) {
        if let Err(error) = outcome {
            self.record_error(error);
        }
    }

    /// Runs `work` inside the member `name`.
    pub(crate) fn in_member<T>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.member.push(visible(name));
        let done = work(self);
        self.member.pop();
        done
    }

    /// How many archives deep we are.
    pub(crate) fn depth(&self) -> usize {
        self.member.len()
    }

    /// Records that a loader unpickles the current content, if only transparent compression is around it.
    pub(crate) fn mark_pickled(&mut self) {
        self.facts.pickled |= self.depth() <= self.wrapped;
    }

    /// Runs `work` inside a layer of compression that loaders remove transparently.
    pub(crate) fn in_transparent_layer(&mut self, work: impl FnOnce(&mut Self)) {
        let before = self.wrapped;
        if before == self.depth() {
            self.wrapped = before.saturating_add(1);
        }
        work(self);
        self.wrapped = before;
    }

    pub(crate) fn into_report(mut self, format: Format) -> Report {
        self.report_code();
        self.findings.sort_by(Finding::by_weight);
        let spent = self.budget.spent(self.limits);
        Report { format, findings: self.findings, dropped: self.dropped, facts: self.facts.into(), spent }
    }

    /// Ends with a finding where nothing can be followed.
    pub(crate) fn give_up(&mut self, rule: &'static Rule, evidence: &str) -> ScanResult {
        Err(ScanError::Malformed(rule, Location::Whole, evidence.to_owned()))
    }
}
