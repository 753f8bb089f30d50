//! What the formats of a change report share.

use crate::render::bytes;
use modelpin_ops::project::MANIFEST;
use modelpin_schema::changes::{ChangeKind, ChangeReport, FactChange, Highlight, Subject};
use modelpin_schema::left_out::LeftOutSummary;
use modelpin_schema::{Artifact, Name, RepoKind};
use std::collections::{BTreeMap, BTreeSet};

/// The file of decisions, as a reader knows it.
const AUDITS: &str = modelpin_ops::decisions::AUDITS;

/// How many lines of files a report has for people.
pub(super) const FILES: usize = 100;

/// What surrounds a report.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The project's folder as its repository calls it; empty where that is not known, or its own.
    pub folder: String,
    /// The entries that need a decision, each with what to type about it.
    pub undecided: BTreeMap<Name, Vec<String>>,
    /// Whether the reader may want to know what to type next.
    pub is_asked: bool,
    /// What is left out of each entry whose listing was read.
    pub left_out: BTreeMap<Name, LeftOutSummary>,
}

/// What changed, in a few words: `3 models change, 2 need a decision`.
pub(super) fn counts(report: &ChangeReport, around: &Around) -> String {
    let of_kind = |kind: RepoKind| report.changes.iter().filter(|change| change.repo_kind == kind).count();
    let models = of_kind(RepoKind::Model);
    let datasets = of_kind(RepoKind::Dataset);
    let mut parts = Vec::new();
    for (count, word) in [(models, "model"), (datasets, "dataset")] {
        parts.extend((count > 0).then(|| modelpin_schema::text::count(count, word)));
    }
    for (facts, file) in [(&report.manifest, MANIFEST), (&report.audits, AUDITS)] {
        parts.extend((!facts.is_empty()).then(|| file.to_owned()));
    }
    let verb = if parts.len() == 1 && models <= 1 && datasets <= 1 { "changes" } else { "change" };
    let what = match parts.as_slice() {
        [] => return "nothing changes".to_owned(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    };
    match around.undecided.len() {
        0 => format!("{what} {verb}"),
        1 => format!("{what} {verb}, 1 needs a decision"),
        count => format!("{what} {verb}, {count} need a decision"),
    }
}

/// What a person types to decide, and to see that all is decided.
pub(super) fn commands(report: &ChangeReport, around: &Around) -> Vec<String> {
    if !around.is_asked || report.is_empty() {
        return Vec::new();
    }
    // Code of one repo may run for several entries.
    let mut known = BTreeSet::new();
    let commands = around.undecided.values().flatten().filter(|command| known.insert(*command)).cloned();
    commands.chain(["modelpin check".to_owned()]).collect()
}

/// Where a mark is, as a person calls it.
pub(super) fn called<'a>(subject: Subject<'a>) -> &'a str {
    match subject {
        Subject::Entry(name) => name.as_str(),
        Subject::Manifest => MANIFEST,
        Subject::Audits => AUDITS,
    }
}

/// The sections behind the marks that are no entries: a file's name, and what changed in it.
pub(super) fn sections(report: &ChangeReport) -> impl Iterator<Item = (&'static str, &[FactChange])> {
    [(MANIFEST, &*report.manifest), (AUDITS, &*report.audits)].into_iter().filter(|(_, facts)| !facts.is_empty())
}

/// What a mark says, taken apart: what happened, to what, and the values.
pub(super) struct Words<'a> {
    pub(super) verb: &'static str,
    pub(super) key: &'static str,
    pub(super) about: Option<&'a str>,
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
}

pub(super) fn words<'a>(mark: &Highlight<'a>) -> Words<'a> {
    let FactChange { key, about, old, new, .. } = mark.fact;
    let (verb, key) = match (*key, old, new) {
        ("same-commit", Some(_), _) => ("other bytes under the same commit:", ""),
        ("same-commit", ..) => ("another file under the same commit:", ""),
        (key, Some(_), Some(_)) => ("changed", key),
        (key, Some(_), None) => ("lost", key),
        (key, None, _) => ("gained", key),
    };
    Words { verb, key, about: about.as_deref(), old: old.as_deref(), new: new.as_deref() }
}

pub(super) fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
    }
}

/// `text` with twelve digits of each digest and commit in it.
pub(super) fn short(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let hex = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (run, behind) = rest.split_at(hex);
        if matches!(hex, 40 | 64) {
            out.extend(run.chars().take(12).chain(['…']));
        } else {
            out.push_str(run);
        }
        // What is no digit goes on up to the next one that begins a word.
        let other = behind.find(|c: char| c.is_ascii_hexdigit()).unwrap_or(behind.len());
        let (plain, next) = behind.split_at(other);
        out.push_str(plain);
        rest = next;
    }
    out
}

/// `text` of so many characters at most: what is too long loses its middle, since either end may be what matters.
pub(super) fn cut(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail = most / 3;
    let start: String = text.chars().take(most - tail - 1).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start}…{end}")
}

/// A file in a few words.
pub(super) fn artifact(file: &Artifact) -> String {
    format!("{} {}", bytes(file.size), file.sha256.hex().chars().take(12).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{cut, short};

    #[test]
    fn people_read_twelve_digits_of_a_digest() {
        let commit = "ab".repeat(20);
        let digest = "0123456789ab".repeat(6)[..64].to_owned();
        assert_eq!(short(&format!("acme@{commit}, sha256:{digest}!")), "acme@abababababab…, sha256:0123456789ab…!");
        assert_eq!(short("1.0.0-deadbeef été"), "1.0.0-deadbeef été");
        assert_eq!(short(&"a".repeat(41)), "a".repeat(41));
    }

    #[test]
    fn a_long_text_keeps_both_ends() {
        assert_eq!(cut("short", 9), "short");
        assert_eq!(cut("a-very-long-text-with-an-end", 12), "a-very-… end".replace(' ', "-"));
    }
}
