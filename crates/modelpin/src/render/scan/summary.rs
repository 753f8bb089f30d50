//! A scan in one line.

use crate::render::bytes;
use modelpin_ops::verbs::scan::{ItemKind, Scanned, Verdict};
use modelpin_schema::text::count;

/// How many files there were of each verdict, and of each decision, without what there was none of.
pub(super) fn summary(scanned: &Scanned) -> String {
    let counts = [
        (scanned.count(Verdict::Safe), "safe"),
        (scanned.count(Verdict::Review), "to review"),
        (scanned.count(Verdict::Dangerous), "dangerous"),
        (scanned.decided("certified"), "certified"),
        (scanned.decided("exempted"), "exempted"),
        (scanned.decided("allowed"), "allowed by the policy"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}"));
    format!("{}: {}", count(scanned.files().count(), "file"), counts.collect::<Vec<_>>().join(", "))
}

/// What was read of each repo on the Hub, in a line each.
#[must_use]
pub fn read(scanned: &Scanned) -> Vec<String> {
    let line = |what: &ItemKind| {
        let ItemKind::Repo { source, commit, read } = what else { return None };
        let left_out = match read.left_out {
            0 => String::new(),
            files => format!("; {} left out, as `modelpin add` would", count(files, "file")),
        };
        Some(format!(
            "{} at {}: read {} of {} in {}{left_out}",
            source.repo,
            commit.short(),
            bytes(read.bytes),
            bytes(read.of),
            count(read.requests, "request"),
        ))
    };
    scanned.subjects.iter().filter_map(|subject| line(&subject.what)).collect()
}
