//! What a scan found: for people, for programs, for the places where changes are reviewed.
//!
//! Names, keys and evidence come from files that may be hostile; they are made harmless where they leave the program
//! ([`crate::out`]).

mod github;
mod json;
mod markdown;
pub mod rule;
mod sarif;
mod text;

use crate::format::ReportFormat;
use modelpin_ops::verbs::scan::{Finding, Location, Scanned, ScannedFile, ScannedItem, Verdict};
use modelpin_rules::Severity;

/// The findings in a form; with `all`, also what is safe, and every place of a finding.
#[must_use]
pub fn render(scanned: &Scanned, format: ReportFormat, all: bool) -> String {
    match format {
        ReportFormat::Text => text::render(scanned, all),
        ReportFormat::Json => json::render(scanned),
        ReportFormat::Sarif => sarif::render(scanned),
        ReportFormat::Github => github::render(scanned),
        ReportFormat::Markdown => markdown::render(scanned),
    }
}

/// How many files there were of each verdict, and of each decision, in one line.
fn summary(scanned: &Scanned) -> String {
    let files = scanned.files().count();
    let verdicts = [(Verdict::Safe, "safe"), (Verdict::Review, "to review"), (Verdict::Dangerous, "dangerous")]
        .map(|(verdict, words)| (scanned.count(verdict), words));
    let decisions = [("certified", "certified"), ("exempted", "exempted"), ("allowed", "allowed by the policy")]
        .map(|(word, words)| (scanned.decided(word), words));
    let counts: Vec<_> = verdicts.into_iter().chain(decisions).collect();
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    format!("{files} file{}: {}", if files == 1 { "" } else { "s" }, counts.join(", "))
}

/// What a person calls a file: its path, after the name of its entry where it is a locked one.
fn called(subject: &ScannedItem, file: &ScannedFile) -> String {
    let path = subject.path_of(file);
    subject.name().map_or_else(|| path.clone(), |name| format!("{name}: {path}"))
}

/// Where in a file a finding is: the members that lead there, then the byte, line or key. Empty for the file as
/// a whole.
fn place(finding: &Finding) -> String {
    let members = finding.member.join(" > ");
    let at = finding.at.to_string();
    match (members.is_empty(), finding.at == Location::Whole) {
        (_, true) => members,
        (true, false) => at,
        (false, false) => format!("{members}, {at}"),
    }
}

/// The decision that covers a finding, behind a blank, in parentheses; empty where there is none.
fn decided(file: &ScannedFile, finding: &Finding) -> String {
    let decision = file.decision_about(finding).filter(|_| finding.rule.severity > Severity::Note);
    decision.map_or_else(String::new, |decision| format!(" ({})", decision))
}

/// What a finding says, in one sentence and a reason.
fn sentence(finding: &Finding) -> String {
    format!("{}; {}", finding.rule.says, finding.rule.why)
}
