//! What the policy says: for people, for programs, for the places where changes are reviewed.

mod github;
mod json;
mod markdown;
mod sarif;
mod text;

use crate::format::ReportFormat;
use crate::render::withheld;
use modelpin_ops::policy::Ruling;
use modelpin_ops::verbs::check::Checked;
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
    if let Some(lapsing) = &checked.lapsing {
        let lapsed = lapsing.iter().filter(|lapse| lapse.days < 0).count();
        let soon = count(lapsing.len() - lapsed, "exemption");
        let lapsed = if lapsed == 0 { String::new() } else { format!(", {lapsed} lapsed already") };
        return format!("{soon} of {} will lapse{lapsed}", checked.exemptions);
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
            .rulings
            .iter()
            .any(|ruling| ruling.name.as_ref() == Some(name) && code.contains(&ruling.rule.id))
    };
    let mut lines = Vec::new();
    for (name, held) in &checked.evaluation.held {
        let mut held = held.clone();
        if about_code(name) {
            held.withheld.clear();
        }
        lines.extend(withheld::lines(name, &held, checked.remote_code == RemoteCode::Never));
    }
    lines
}

/// Everything that is said, what is refused first; what will lapse is said too, where that was asked.
fn all(checked: &Checked) -> Vec<&Ruling> {
    let lapsing = checked.lapsing.iter().flatten().map(|lapse| &lapse.ruling);
    let lapsing = lapsing.filter(|lapse| {
        // One that is in use and over is refused already.
        let same = |denied: &Ruling| denied.name == lapse.name && denied.path == lapse.path;
        !checked.evaluation.denied().any(same)
    });
    checked.evaluation.denied().chain(checked.evaluation.warned()).chain(lapsing).collect()
}

/// What a person calls the thing that a ruling is about.
fn called(ruling: &Ruling) -> String {
    match (&ruling.name, &ruling.path) {
        (Some(name), Some(path)) => format!("{name}: {path}"),
        (Some(name), None) => name.to_string(),
        (None, _) => String::new(),
    }
}

/// What a ruling says, in one line.
fn sentence(ruling: &Ruling) -> String {
    let called = called(ruling);
    let colon = if called.is_empty() { "" } else { ": " };
    let Ruling { what, expected, got, help, .. } = ruling;
    let why = ruling.rule.why;
    format!("{called}{colon}{what}; expected {expected}, got {got}; {why}; {help}")
}

/// The word for how bad it is, for machines.
fn level(ruling: &Ruling) -> &'static str {
    match ruling.level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    }
}
