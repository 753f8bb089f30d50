//! A scan in one line.

use modelpin_ops::verbs::scan::{Scanned, Verdict};
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
