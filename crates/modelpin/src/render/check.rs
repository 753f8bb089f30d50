//! The report of `check`.

use crate::format::ReportFormat;
use crate::out::line;
use crate::render::diagnostic::{self, ROWS, subject};
use crate::render::{self, cell};
use modelpin_ops::verbs::check::Checked;
use modelpin_policy::Violation;
use modelpin_rules::policy;
use modelpin_schema::manifest::policy::RemoteCode;
use modelpin_schema::output::check::{Check, Counts, Expiring, Withheld};
use modelpin_schema::output::{Diagnostic, Level, Location};
use modelpin_schema::{Name, RepoPath, text};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The report in every format but JSON; with `all`, also every file that one rule says the same of.
#[must_use]
pub fn render(checked: &Checked, format: ReportFormat, all: bool) -> String {
    match format {
        ReportFormat::Json => String::new(),
        ReportFormat::Text => for_terminal(checked, all),
        ReportFormat::Sarif => diagnostic::document(&problems(checked), modelpin_rules::all()),
        ReportFormat::Github => for_github(checked),
        ReportFormat::Markdown => for_pull_request(checked),
    }
}

/// Only what the policy refuses, for a terminal.
#[must_use]
pub fn errors(checked: &Checked, all: bool) -> String {
    let denied: Vec<Diagnostic> = checked.evaluation.denied().map(diagnostic::violation).collect();
    diagnostic::problems(&denied, all)
}

/// Everything that the policy says, errors first; what expires is among it where that was asked.
#[must_use]
pub fn problems(checked: &Checked) -> Vec<Diagnostic> {
    let expiring = checked.expiring.iter().flatten().map(|expiring| &expiring.violation);
    let expiring = expiring.filter(|expiring| {
        // One that is in use and has expired is refused already.
        let same = |denied: &Violation| denied.name == expiring.name && denied.path == expiring.path;
        !checked.evaluation.denied().any(same)
    });
    checked.evaluation.denied().chain(checked.evaluation.warned()).chain(expiring).map(diagnostic::violation).collect()
}

/// The result for programs.
#[must_use]
pub fn data(checked: &Checked) -> Check {
    let evaluation = &checked.evaluation;
    Check {
        as_of: checked.today.to_string(),
        holds: evaluation.denied().next().is_none(),
        counts: Counts {
            entries: checked.entries,
            files: checked.files,
            trusted: checked.trusted,
            exemptions: checked.exemptions,
            audits: checked.audits,
            errors: evaluation.denied().count(),
            warnings: evaluation.warned().count(),
        },
        withheld: evaluation.withheld.iter().map(|(name, files)| (name.to_string(), withheld(files))).collect(),
        expiring: checked.expiring.as_ref().map(|all| all.iter().map(expiring).collect()),
    }
}

fn withheld(files: &modelpin_policy::Withheld) -> Withheld {
    let paths = |paths: &BTreeSet<RepoPath>| paths.iter().map(ToString::to_string).collect();
    Withheld {
        uncertified: paths(&files.uncertified),
        quarantined: paths(&files.quarantined),
        refused: paths(&files.refused),
        replaced: paths(&files.replaced),
    }
}

fn expiring(expiring: &modelpin_policy::Expiring) -> Expiring {
    let exemption = &expiring.exemption;
    Expiring {
        name: expiring.violation.name.as_ref().map(ToString::to_string),
        source: exemption.source.to_string(),
        path: exemption.file.to_string(),
        sha256: exemption.sha256.hex(),
        expires: exemption.expires.to_string(),
        days_left: expiring.days,
        owner: exemption.owner.to_string(),
        approver: exemption.approver.as_ref().map(ToString::to_string),
        ticket: exemption.ticket.to_string(),
        reason: exemption.reason.to_string(),
        location: expiring.violation.at.as_ref().map(|at| Location { file: at.file.clone(), line: Some(at.line) }),
    }
}

fn for_terminal(checked: &Checked, all: bool) -> String {
    let violations = checked.evaluation.denied().chain(checked.evaluation.warned());
    let mut out = diagnostic::problems(&violations.map(diagnostic::violation).collect::<Vec<_>>(), all);
    for expiring in checked.expiring.iter().flatten() {
        let exemption = &expiring.exemption;
        let name = expiring.violation.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let path = &exemption.file;
        let owner = &exemption.owner;
        let ticket = &exemption.ticket;
        let expires = exemption.expires;
        let left = left(expiring.days);
        line(&mut out, format_args!("{expires}  {left:12}  {name}: {path}  (owner {owner}, ticket {ticket})"));
    }
    notes(checked).iter().for_each(|note| line(&mut out, format_args!("{note}")));
    line(&mut out, format_args!("{}", summary(checked)));
    out
}

fn for_github(checked: &Checked) -> String {
    let mut problems = problems(checked);
    problems.extend(checked.note.map(diagnostic::shallow_clone));
    let mut out = diagnostic::annotations(&problems);
    notes(checked).iter().for_each(|note| line(&mut out, format_args!("{note}")));
    line(&mut out, format_args!("{}", summary(checked)));
    out
}

fn for_pull_request(checked: &Checked) -> String {
    let mut out = format!("## modelpin check\n\n{}\n", summary(checked));
    notes(checked).iter().for_each(|note| out.extend(["\n", note, "\n"]));
    let mut problems = problems(checked);
    if let Some(expiring) = &checked.expiring {
        push_expiring(&mut out, expiring);
        problems.retain(|problem| problem.level == Level::Error);
    }
    out.push_str(&diagnostic::table(&problems));
    out
}

/// A table of the exemptions that expire.
fn push_expiring(out: &mut String, expiring: &[modelpin_policy::Expiring]) {
    if !expiring.is_empty() {
        out.push_str("\n| last day | left | file | owner | ticket |\n|---|---|---|---|---|\n");
    }
    for expiring in expiring.iter().take(ROWS) {
        let exemption = &expiring.exemption;
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            exemption.expires,
            left(expiring.days),
            cell(&subject(&diagnostic::violation(&expiring.violation))),
            cell(exemption.owner.as_str()),
            cell(exemption.ticket.as_str()),
        );
    }
    if expiring.len() > ROWS {
        let _ = writeln!(out, "\nand {} more.", expiring.len() - ROWS);
    }
}

/// How much time is left.
fn left(days: i64) -> String {
    match days {
        ..0 => "expired".to_owned(),
        0 => "last day".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}

/// What was checked and how it ended, in one line.
fn summary(checked: &Checked) -> String {
    let denied = Some(checked.evaluation.denied().count()).filter(|count| *count > 0);
    let warned = Some(checked.evaluation.warned().count()).filter(|count| *count > 0);
    if let Some(expiring) = &checked.expiring {
        let expired = expiring.iter().filter(|expiring| expiring.days < 0).count();
        let soon = expiring.len() - expired;
        let expired = if expired == 0 { String::new() } else { format!(", {expired} expired already") };
        return format!("{soon} of {} will expire{expired}", text::count(checked.exemptions, "exemption"));
    }
    let verdict = match (denied, warned) {
        (None, None) => "policy holds".to_owned(),
        (None, Some(warned)) => format!("policy holds, with {}", text::count(warned, "warning")),
        (Some(denied), None) => format!("policy refuses ({})", text::count(denied, "error")),
        (Some(denied), Some(warned)) => {
            format!("policy refuses ({}, {})", text::count(denied, "error"), text::count(warned, "warning"))
        }
    };
    let mut parts = vec![text::count(checked.entries, "entry")];
    for (count, word) in [(checked.exemptions, "exemption"), (checked.audits, "audit")] {
        parts.extend((count > 0).then(|| text::count(count, word)));
    }
    format!("{verdict}: {}", parts.join(", "))
}

/// What stays out of the target though it is not refused, and what could not be checked; nothing where only
/// exemptions are listed.
fn notes(checked: &Checked) -> Vec<String> {
    if checked.expiring.is_some() {
        return Vec::new();
    }
    let is_reported = |name: &Name| {
        let code = [policy::CODE_WITHHELD.id, policy::CODE_CHANGED.id];
        let mut violations = checked.evaluation.violations.iter();
        violations.any(|violation| violation.name.as_ref() == Some(name) && code.contains(&violation.rule.id))
    };
    let mut notes = Vec::new();
    for (name, files) in &checked.evaluation.withheld {
        let mut files = files.clone();
        if is_reported(name) {
            files.uncertified.clear();
        }
        notes.extend(render::withheld::lines(name, &files, checked.remote_code == RemoteCode::Never));
    }
    if checked.trusted > 0 {
        let them = if checked.trusted == 1 { "it" } else { "them" };
        let files = text::count(checked.trusted, "file");
        let are = if checked.trusted == 1 { "is" } else { "are" };
        notes.push(format!("{files} {are} not on this machine; the check relied on models.lock for {them}"));
    }
    notes
}
