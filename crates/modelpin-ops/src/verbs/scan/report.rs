//! What a scan found: items, their files, and what users decided about them already.

use super::known_decisions::Decision;
use crate::refusal::Line;
use modelpin_rules::Severity;
use modelpin_scan::{Finding, Report, Verdict};
use modelpin_schema::{CommitId, Digest, Name, RepoKind, Source};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What a scan found.
#[derive(Debug)]
pub struct Scanned {
    /// What was scanned, in the order in which it was asked for.
    pub subjects: Vec<ScannedItem>,
    /// Folders that were passed over.
    pub skipped: Vec<String>,
}

/// One model, folder or file.
#[derive(Debug)]
pub struct ScannedItem {
    /// The entry, folder or file that was scanned.
    pub what: ItemKind,
    /// Its files, by path; never empty.
    pub files: Vec<ScannedFile>,
}

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// An entry of the lock.
    Entry(RepoKind, Name),
    /// A folder, as the user calls it; empty for the one that the command was given in.
    Folder(String),
    /// A single file, as the user calls it.
    File(String),
    /// A repo on the Hub, of which ranges were read.
    Repo {
        /// The repo.
        source: Source,
        /// The commit.
        commit: CommitId,
        /// What was read of it.
        read: RangesRead,
    },
}

/// What was read of a repo on the Hub.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RangesRead {
    /// Requests to the Hub and where it stores files, those for the listing included.
    pub requests: usize,
    /// Bytes of files that were received.
    pub bytes: u64,
    /// Bytes that the scanned files have.
    pub of: u64,
    /// Files of the commit that were not scanned.
    pub left_out: usize,
}

/// A scanned file.
#[derive(Debug)]
pub struct ScannedFile {
    /// Its path in the repo or folder; the last part of it, where the file itself was asked for.
    pub path: String,
    /// The line of models.lock that is about it, for a locked file.
    pub line: Option<Line>,
    /// What the scan says of it.
    pub report: Report,
    /// What users decided about it already; nothing, for a file that is not locked.
    pub decisions: FileDecisions,
}

/// What users decided about a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileDecisions {
    /// About exactly its bytes.
    pub whole: Option<Decision>,
    /// About what a rule says of it, by rule.
    pub by_rule: BTreeMap<&'static str, Decision>,
}

impl Scanned {
    /// Every file with what it belongs to, the worst first.
    #[must_use]
    pub fn worst_first(&self) -> Vec<(&ScannedItem, &ScannedFile)> {
        let mut all: Vec<_> = self.files().collect();
        all.sort_by_key(|(_, file)| std::cmp::Reverse((file.open(), file.report.verdict())));
        all
    }

    /// Every file with what it belongs to.
    pub fn files(&self) -> impl Iterator<Item = (&ScannedItem, &ScannedFile)> {
        self.subjects.iter().flat_map(|subject| subject.files.iter().map(move |file| (subject, file)))
    }

    /// The worst verdict, without what users decided about.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.files().map(|(_, file)| file.open()).max().unwrap_or(Verdict::Review)
    }

    /// How many files have this verdict, without those of which all was decided.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.files().filter(|(_, file)| file.open() == verdict && file.decision().is_none()).count()
    }

    /// How many files are not safe, and have all of it decided in the way that `word` says.
    #[must_use]
    pub fn decided(&self, word: &str) -> usize {
        self.files().filter(|(_, file)| file.decision().is_some_and(|decision| decision.word() == word)).count()
    }
}

impl ScannedItem {
    /// The path of one of its files, as the user would call it: from the folder in which the command was
    /// given, or from the root of its repo.
    #[must_use]
    pub fn path_of(&self, file: &ScannedFile) -> String {
        match &self.what {
            ItemKind::Entry(..) | ItemKind::Repo { .. } => file.path.clone(),
            ItemKind::File(shown) => shown.clone(),
            ItemKind::Folder(shown) if shown.is_empty() => file.path.clone(),
            ItemKind::Folder(shown) => format!("{}/{}", shown.trim_end_matches('/'), file.path),
        }
    }

    /// The name of its entry, where it is one.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match &self.what {
            ItemKind::Entry(_, name) => Some(name),
            ItemKind::Folder(_) | ItemKind::File(_) | ItemKind::Repo { .. } => None,
        }
    }

    /// What stays the same of a finding from scan to scan, though lines and bytes move: hex digits.
    #[must_use]
    pub fn fingerprint(&self, file: &ScannedFile, finding: &Finding) -> String {
        let path = self.path_of(file);
        let name = match &self.what {
            ItemKind::Entry(_, name) => name.to_string(),
            ItemKind::Repo { source, .. } => source.to_string(),
            ItemKind::Folder(_) | ItemKind::File(_) => String::new(),
        };
        let mut parts = vec![finding.rule.id, &name, &path];
        parts.extend(finding.member.iter().map(String::as_str));
        parts.push(&finding.evidence);
        digest(&parts.join("\0")).hex()
    }
}

impl ScannedFile {
    /// The decision that covers `finding`, if there is one.
    #[must_use]
    pub fn decision_about(&self, finding: &Finding) -> Option<&Decision> {
        self.decisions.whole.as_ref().or_else(|| self.decisions.by_rule.get(finding.rule.id))
    }

    /// The verdict that is left of it without what was decided.
    #[must_use]
    pub fn open(&self) -> Verdict {
        let open = self.report.findings.iter().filter(|finding| self.decision_about(finding).is_none());
        match open.map(|finding| finding.rule.severity).max() {
            Some(Severity::Dangerous) => Verdict::Dangerous,
            Some(Severity::Review) => Verdict::Review,
            Some(Severity::Note) | None => Verdict::Safe,
        }
    }

    /// Of a file that is not safe and about which all was decided, how: by the decision about its bytes, if there is
    /// one.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        if self.report.verdict() == Verdict::Safe || self.open() != Verdict::Safe {
            return None;
        }
        let grave = self.report.findings.iter().filter(|finding| finding.rule.severity > Severity::Note);
        grave.filter_map(|finding| self.decision_about(finding)).min()
    }

    /// The SHA-256 of each chat template in it.
    #[must_use]
    pub fn templates(&self) -> Vec<Digest> {
        self.report.facts.templates.iter().map(|text| digest(text)).collect()
    }
}

fn digest(text: &str) -> Digest {
    Digest::new(Sha256::digest(text).into())
}
