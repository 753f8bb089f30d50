//! The parts of a sentence about a problem.

use modelpin_schema::output::{Diagnostic, Place};

/// What a problem is about: the entry and the file.
pub(crate) fn subject(problem: &Diagnostic) -> String {
    match (&problem.entry, &problem.path) {
        (Some(entry), Some(path)) => format!("{entry}: {path}"),
        (Some(only), None) | (None, Some(only)) => only.clone(),
        (None, None) => String::new(),
    }
}

/// Where in a scanned file a problem is: the members that lead there, then the byte, line or key. Empty for the file
/// as a whole.
pub(crate) fn place(problem: &Diagnostic) -> String {
    let Some(Place { members, byte, line, key }) = &problem.place else { return String::new() };
    let byte = byte.map(|byte| format!("byte {byte}"));
    let line = line.map(|line| format!("line {line}"));
    let key = key.as_ref().map(|key| format!("key `{key}`"));
    let members = Some(members.join(" > ")).filter(|members| !members.is_empty());
    members.into_iter().chain(byte).chain(line).chain(key).collect::<Vec<_>>().join(", ")
}

/// The decision that accepts a problem, behind a blank, in parentheses; empty where there is none.
pub(super) fn decision(problem: &Diagnostic) -> String {
    problem.decision.as_ref().map(|decision| format!(" ({} by {})", decision.kind, decision.by)).unwrap_or_default()
}

/// A problem in one line: what it is about, what is wrong, why, and what to do.
pub(super) fn sentence(problem: &Diagnostic) -> String {
    let subject = subject(problem);
    let place = Some(place(problem)).filter(|place| !place.is_empty()).map(|place| format!(" ({place})"));
    let colon = if subject.is_empty() { "" } else { ": " };
    let evidence = problem.evidence.as_ref().map(|evidence| format!("{evidence}: ")).unwrap_or_default();
    let mut parts = vec![problem.what.clone()];
    match (&problem.expected, &problem.got) {
        (Some(expected), Some(got)) => parts.push(format!("expected {expected}, got {got}")),
        (Some(expected), None) => parts.push(format!("expected {expected}")),
        (None, Some(got)) => parts.push(format!("got {got}")),
        (None, None) => {}
    }
    parts.extend(problem.why.clone());
    parts.extend(problem.help.iter().cloned());
    let place = place.unwrap_or_default();
    let decision = decision(problem);
    format!("{subject}{place}{colon}{evidence}{}{decision}", parts.join("; "))
}
