//! Problems as a table for a pull request.

use super::words::{decision, place, subject};
use crate::render::{cell, prose, rule};
use modelpin_schema::output::{Diagnostic, Level, Severity};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Rows of a table at most, since a comment has a limited length.
pub(crate) const ROWS: usize = 100;

/// How many things to do next are listed at most.
const NEXT: usize = 20;

/// A column: its heading, and its cell in Markdown for a problem.
type Column = (&'static str, fn(&Diagnostic) -> String);

const COLUMNS: &[Column] = &[
    ("level", level),
    ("what", |problem| match problem.severity {
        Some(_) => cell(&subject(problem)),
        None => [cell(&subject(problem)), prose(&problem.what)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(": "),
    }),
    ("where", |problem| match (&problem.severity, &problem.location) {
        (None, Some(at)) => cell(&at.line.map_or_else(|| at.file.clone(), |line| format!("{}:{line}", at.file))),
        _ => cell(&place(problem)),
    }),
    ("evidence", |problem| problem.evidence.as_deref().map(cell).unwrap_or_default()),
    ("expected", |problem| problem.expected.as_deref().map(prose).unwrap_or_default()),
    ("got", |problem| problem.got.as_deref().map(prose).unwrap_or_default()),
    ("rule", |problem| {
        let why = problem.why.as_deref().map(prose).unwrap_or_default();
        let why = if problem.severity.is_some() { format!("{}; {why}", prose(&problem.what)) } else { why };
        match problem.rule.as_deref().and_then(modelpin_rules::find) {
            Some(rule) => format!("[`{}`]({}): {why}", rule.id, rule::address(rule)),
            None => why,
        }
    }),
];

/// The problems in a table without the columns that are empty, and what to do next below it; nothing where there are
/// none.
pub(crate) fn table(problems: &[Diagnostic]) -> String {
    let mut out = String::new();
    if problems.is_empty() {
        return out;
    }
    let shown = problems.get(..ROWS).unwrap_or(problems);
    let columns: Vec<&Column> =
        COLUMNS.iter().filter(|(_, cell)| shown.iter().any(|problem| !cell(problem).is_empty())).collect();
    let headings: Vec<&str> = columns.iter().map(|(heading, _)| *heading).collect();
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "\n| {} |\n|{}", headings.join(" | "), "---|".repeat(columns.len()));
    for problem in shown {
        let cells: Vec<String> = columns.iter().map(|(_, cell)| cell(problem)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    if problems.len() > ROWS {
        let _ = writeln!(out, "\nand {} more.", problems.len() - ROWS);
    }
    let mut known = BTreeSet::new();
    let next: Vec<&String> =
        problems.iter().flat_map(|problem| &problem.help).filter(|help| known.insert(*help)).collect();
    if !next.is_empty() {
        out.push_str("\nNext:\n\n");
        next.iter().take(NEXT).for_each(|help| out.extend(["- ", &prose(help), "\n"]));
    }
    out
}

fn level(problem: &Diagnostic) -> String {
    let word = match (problem.severity, problem.level) {
        (Some(Severity::Dangerous), _) => "dangerous",
        (Some(Severity::Review), _) => "review",
        (Some(Severity::Note), _) => "note",
        (None, Level::Error) => "error",
        (None, Level::Warning) => "warning",
        (None, Level::Note) => "note",
    };
    match decision(problem).trim() {
        "" => word.to_owned(),
        decision => format!("{word} {}", cell(decision)),
    }
}
