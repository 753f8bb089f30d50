//! Findings as annotations of GitHub Actions: one line each, on the file, or for a locked file on its line of
//! models.lock.

use super::{called, decided, place, sentence, summary};
use crate::render::github::annotate;
use modelpin_ops::verbs::scan::{Finding, Location, Scanned, ScannedFile, ScannedItem};
use modelpin_rules::Severity;
use modelpin_schema::text::line;

pub(super) fn render(scanned: &Scanned) -> String {
    let mut out = String::new();
    // The worst first: GitHub shows ten of a kind and drops the rest.
    for (subject, file) in scanned.worst_first() {
        for finding in &file.report.findings {
            push(&mut out, subject, file, finding);
        }
    }
    line(&mut out, format_args!("{}", summary(scanned)));
    out
}

fn push(out: &mut String, subject: &ScannedItem, file: &ScannedFile, finding: &Finding) {
    let decided = decided(file, finding);
    let level = match finding.rule.severity {
        _ if !decided.is_empty() => "notice",
        Severity::Dangerous => "error",
        Severity::Review => "warning",
        Severity::Note => "notice",
    };
    let (path, line) = match (&file.line, &finding.at) {
        (Some(line), _) => (line.file.clone(), Some(line.line)),
        (None, Location::Line(line)) if finding.member.is_empty() => {
            (subject.path_of(file), usize::try_from(*line).ok())
        }
        (None, _) => (subject.path_of(file), None),
    };
    let title = format!("{}: {}", finding.rule.severity.word(), finding.rule.id);
    let (called, place, sentence) = (called(subject, file), place(finding), sentence(finding));
    let place = if place.is_empty() { place } else { format!(" ({place})") };
    let message = format!("{called}{place}: {}: {sentence}{decided}", finding.evidence);
    annotate(out, level, &path, line, &title, &message);
}
