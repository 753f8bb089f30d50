//! Findings as GitHub Actions annotations (docs.github.com, "Workflow commands"): one line each, on the file, or
//! for a locked file on its line of models.lock.

use super::{called, place, sentence, summary};
use modelpin_ops::verbs::scan::{At, Finding, Judged, Scanned, Severity, Subject};
use std::fmt::Write as _;

pub(super) fn render(scanned: &Scanned) -> String {
    let mut out = String::new();
    // The worst first: GitHub shows ten of a kind and drops the rest.
    for (subject, file) in scanned.worst_first() {
        for finding in &file.report.findings {
            push(&mut out, subject, file, finding);
        }
    }
    let _ = writeln!(out, "{}", summary(scanned));
    out
}

fn push(out: &mut String, subject: &Subject, file: &Judged, finding: &Finding) {
    let level = match finding.rule.severity {
        Severity::Dangerous => "error",
        Severity::Review => "warning",
        Severity::Note => "notice",
    };
    let (path, line) = match (&file.line, &finding.at) {
        (Some(line), _) => (line.file.clone(), Some(line.line)),
        (None, At::Line(line)) if finding.member.is_empty() => (subject.path_of(file), usize::try_from(*line).ok()),
        (None, _) => (subject.path_of(file), None),
    };
    let line = line.map(|line| format!(",line={line}")).unwrap_or_default();
    let title = format!("{}: {}", finding.rule.severity.word(), finding.rule.id);
    let (called, place, sentence) = (called(subject, file), place(finding), sentence(finding));
    let place = if place.is_empty() { place } else { format!(" ({place})") };
    let message = format!("{called}{place}: {}: {sentence}", finding.evidence);
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "::{level} file={}{line},title={}::{}", property(&path), property(&title), data(&message));
}

/// Text in the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text in a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn text_cannot_end_a_command_or_begin_one() {
        assert_eq!(data("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(property("a,b:c\n"), "a%2Cb%3Ac%0A");
    }
}
