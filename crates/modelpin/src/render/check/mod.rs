//! What the policy says: for people, for programs, for the places where changes are reviewed.

mod github;
mod json;
mod markdown;
mod sarif;
mod text;

use crate::format::ReportFormat;
use crate::render::withheld;
use modelpin_ops::verbs::check::Checked;
use modelpin_policy::Violation;
use modelpin_rules::policy;
use modelpin_schema::Name;
use modelpin_schema::manifest::policy::{Level, RemoteCode};
use modelpin_schema::text::count;

/// The report in a form; with `all`, also every file that one rule says the same of.
#[must_use]
pub fn render(checked: &Checked, format: ReportFormat, all: bool) -> String {
    match format {
        ReportFormat::Text => text::render(checked, all),
        ReportFormat::Json => json::render(checked),
        ReportFormat::Sarif => sarif::render(checked),
        ReportFormat::Github => github::render(checked),
        ReportFormat::Markdown => markdown::render(checked),
    }
}

/// What was checked and how it ended, in one line.
fn summary(checked: &Checked) -> String {
    let (denied, warned) = (checked.evaluation.denied().count(), checked.evaluation.warned().count());
    if let Some(expiring) = &checked.expiring {
        let expired = expiring.iter().filter(|expiring| expiring.days < 0).count();
        let soon = count(expiring.len() - expired, "exemption");
        let expired = if expired == 0 { String::new() } else { format!(", {expired} expired") };
        return format!("{soon} of {} will expire{expired}", checked.exemptions);
    }
    let verdict = match (denied, warned) {
        (0, 0) => "policy holds".to_owned(),
        (0, warned) => format!("policy holds, with {}", count(warned, "warning")),
        (denied, 0) => format!("policy refuses ({})", count(denied, "error")),
        (denied, warned) => format!("policy refuses ({}, {})", count(denied, "error"), count(warned, "warning")),
    };
    let entries = if checked.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", checked.entries) };
    let (exemptions, audits) = (count(checked.exemptions, "exemption"), count(checked.audits, "audit"));
    format!("{verdict}: {entries}, {exemptions}, {audits}")
}

/// What was believed, where something was.
fn believed(checked: &Checked) -> Option<String> {
    let (believed, files) = (checked.believed, checked.files);
    let are = if believed == 1 { "is" } else { "are" };
    (believed > 0).then(|| {
        format!("{believed} of {files} files {are} not on this machine: what models.lock says of them was believed")
    })
}

/// What stays out of the target by the policy, and is not refused: a line each.
fn kept_out(checked: &Checked) -> Vec<String> {
    let about_code = |name: &Name| {
        let code = [policy::CODE_WITHHELD.id, policy::CODE_CHANGED.id];
        checked
            .evaluation
            .violations
            .iter()
            .any(|violation| violation.name.as_ref() == Some(name) && code.contains(&violation.rule.id))
    };
    let mut lines = Vec::new();
    for (name, files) in &checked.evaluation.withheld {
        let mut files = files.clone();
        if about_code(name) {
            files.uncertified.clear();
        }
        lines.extend(withheld::lines(name, &files, checked.remote_code == RemoteCode::Never));
    }
    lines
}

/// All violations, those that are denied first, with the exemptions that expire soon where that was asked for.
fn all(checked: &Checked) -> Vec<&Violation> {
    let expiring = checked.expiring.iter().flatten().map(|expiring| &expiring.violation);
    let expiring = expiring.filter(|expiring| {
        // One that is needed and over is denied already.
        let same = |denied: &Violation| denied.name == expiring.name && denied.path == expiring.path;
        !checked.evaluation.denied().any(same)
    });
    checked.evaluation.denied().chain(checked.evaluation.warned()).chain(expiring).collect()
}

/// What a person calls the thing that a violation is about.
fn called(violation: &Violation) -> String {
    match (&violation.name, &violation.path) {
        (Some(name), Some(path)) => format!("{name}: {path}"),
        (Some(name), None) => name.to_string(),
        (None, _) => String::new(),
    }
}

/// A violation in one line.
fn sentence(violation: &Violation) -> String {
    let called = called(violation);
    let colon = if called.is_empty() { "" } else { ": " };
    let Violation { what, expected, got, .. } = violation;
    let why = violation.rule.why;
    let help = violation.help.join("; ");
    format!("{called}{colon}{what}; expected {expected}, got {got}; {why}; {help}")
}

/// The word for how bad it is, for machines.
fn level(violation: &Violation) -> &'static str {
    match violation.level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    }
}
