//! Findings for a person at a terminal: file by file, the worst first, each rule explained once a file.

use super::data::of_file;
use super::summary::summary;
use crate::out::{Paint, line};
use crate::render::diagnostic::place;
use anstyle::{AnsiColor, Style};
use modelpin_ops::verbs::scan::{ItemKind, Scanned, ScannedFile, ScannedItem, Verdict};
use modelpin_schema::output::{Diagnostic, Severity};

const DANGEROUS: Paint = Paint(AnsiColor::Red.on_default().bold());
const REVIEW: Paint = Paint(AnsiColor::Yellow.on_default().bold());
const SAFE: Paint = Paint(AnsiColor::Green.on_default());
const HELP: Paint = Paint(AnsiColor::Cyan.on_default().bold());
const NOTE: Paint = Paint(Style::new().dimmed());
const NAME: Paint = Paint(Style::new().bold());

/// How many places of one rule in one file are shown, unless all are asked for.
const SHOWN: usize = 5;

pub(super) fn render(scanned: &Scanned, all: bool) -> String {
    let mut out = String::new();
    for (subject, file) in scanned.worst_first() {
        if all || file.open() != Verdict::Safe {
            push(&mut out, subject, file, all);
        } else if file.decision().is_some() {
            push_title(&mut out, subject, file);
        }
    }
    line(&mut out, format_args!("{}", summary(scanned)));
    for read in super::read(scanned) {
        line(&mut out, format_args!("{NOTE}{read}{NOTE:#}"));
    }
    let worst = scanned
        .worst_first()
        .into_iter()
        .find_map(|(_, file)| file.report.findings.iter().find(|finding| file.decision_about(finding).is_none()));
    if let Some(worst) = worst.filter(|_| scanned.verdict() != Verdict::Safe) {
        let id = worst.rule.id;
        line(
            &mut out,
            format_args!("{HELP}help:{HELP:#} `modelpin scan --explain {id}` explains a rule and what to do"),
        );
    }
    out
}

/// The line about a file: its verdict, or the decision that accepts all of it.
fn push_title(out: &mut String, subject: &ScannedItem, file: &ScannedFile) {
    let verdict = file.open();
    let format = file.report.format.word();
    let style = match verdict {
        Verdict::Dangerous => DANGEROUS,
        Verdict::Review => REVIEW,
        Verdict::Safe => SAFE,
    };
    let path = subject.path_of(file);
    let called = match &subject.what {
        ItemKind::Entry(_, name) => format!("{name}: {path}"),
        ItemKind::Repo { source, .. } => format!("{}: {path}", source.repo),
        ItemKind::Folder(_) | ItemKind::File(_) => path,
    };
    let (word, by) = match file.decision() {
        Some(decision) => (decision.word(), format!("  by {}", decision.by())),
        None => (verdict.word(), String::new()),
    };
    line(out, format_args!("{style}{word}{style:#}  {NAME}{called}{NAME:#}  ({format}){by}"));
}

fn push(out: &mut String, subject: &ScannedItem, file: &ScannedFile, all: bool) {
    push_title(out, subject, file);
    let problems = of_file(subject, file);
    for group in by_rule(&problems) {
        let Some(first) = group.first() else { continue };
        let style = style_of(first.severity);
        let decision = first.decision.as_ref().map(|by| format!(" ({} by {})", by.kind, by.by)).unwrap_or_default();
        let rule = first.rule.as_deref().unwrap_or_default();
        let why = first.why.as_deref().unwrap_or_default();
        line(out, format_args!("  {style}{rule}{style:#}{decision}: {}; {why}", first.what));
        let shown = if all { group.len() } else { SHOWN };
        for problem in group.iter().take(shown) {
            let place = place(problem);
            let evidence = problem.evidence.as_deref().unwrap_or_default();
            let between = if place.is_empty() || evidence.is_empty() { "" } else { ": " };
            line(out, format_args!("    {place}{between}{evidence}"));
        }
        if group.len() > shown {
            line(out, format_args!("    and {} more, which `-v` shows", group.len() - shown));
        }
    }
    if file.report.dropped > 0 {
        line(out, format_args!("  and {} more findings, which were only counted", file.report.dropped));
    }
    if file.report.verdict() != Verdict::Safe {
        out.push('\n');
    }
}

/// The findings of each rule together, in the order in which the rules come first.
fn by_rule(problems: &[Diagnostic]) -> Vec<Vec<&Diagnostic>> {
    let mut groups: Vec<Vec<&Diagnostic>> = Vec::new();
    for problem in problems {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.rule == problem.rule)) {
            Some(group) => group.push(problem),
            None => groups.push(vec![problem]),
        }
    }
    groups
}

fn style_of(severity: Option<Severity>) -> Paint {
    match severity {
        Some(Severity::Dangerous) => DANGEROUS,
        Some(Severity::Review) => REVIEW,
        Some(Severity::Note) | None => NOTE,
    }
}
