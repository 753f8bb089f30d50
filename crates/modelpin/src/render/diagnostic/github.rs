//! Annotations of GitHub Actions (docs.github.com, "Workflow commands"): one line each.

use super::words::sentence;
use modelpin_ops::project::MANIFEST;
use modelpin_schema::output::{Diagnostic, Level, Severity};
use std::fmt::Write as _;

/// An annotation of each problem, on its line of a file of the project, or on the scanned file itself.
pub(crate) fn annotations(problems: &[Diagnostic]) -> String {
    let mut out = String::new();
    for problem in problems {
        let level = match problem.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let inner = problem.place.as_ref().filter(|place| place.members.is_empty()).and_then(|place| place.line);
        let (file, line) = match (&problem.location, &problem.path) {
            (Some(at), _) => (at.file.as_str(), at.line),
            (None, Some(path)) if problem.severity.is_some() => {
                (path.as_str(), inner.and_then(|line| usize::try_from(line).ok()))
            }
            (None, _) => (MANIFEST, None),
        };
        let rule = problem.rule.as_deref().unwrap_or("modelpin");
        let title = match problem.severity {
            Some(Severity::Dangerous) => format!("dangerous: {rule}"),
            Some(Severity::Review) => format!("review: {rule}"),
            Some(Severity::Note) => format!("note: {rule}"),
            None => rule.to_owned(),
        };
        annotate(&mut out, level, file, line, &title, &sentence(problem));
    }
    out
}

/// Adds an annotation; `level` is `error`, `warning` or `notice`.
fn annotate(out: &mut String, level: &str, path: &str, line: Option<usize>, title: &str, message: &str) {
    let line = line.map(|line| format!(",line={line}")).unwrap_or_default();
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "::{level} file={}{line},title={}::{}", property(path), property(title), data(message));
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
