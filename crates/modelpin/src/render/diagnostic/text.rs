//! Problems for a terminal: what is wrong and where, what was expected and got, why it matters, what to do.

use super::build;
use super::words::subject;
use crate::out::{Paint, line, one_line};
use anstyle::{AnsiColor, Style};
use modelpin_ops::Failure;
use modelpin_schema::fault::Fault;
use modelpin_schema::output::{Diagnostic, Level};
use std::collections::BTreeMap;

const ERROR: Paint = Paint(AnsiColor::Red.on_default().bold());
const WARNING: Paint = Paint(AnsiColor::Yellow.on_default().bold());
const HELP: Paint = Paint(AnsiColor::Cyan.on_default().bold());
const KEY: Paint = Paint(Style::new().dimmed());

/// How many more files of one entry are named that one rule says the same of.
const SHOWN: usize = 5;

/// A failure.
#[must_use]
pub(crate) fn failed(failure: &Failure) -> String {
    let problems = build::failure(failure);
    let Failure::Fault(fault) = failure else { return self::problems(&problems, false) };
    let mut out = String::new();
    push_fault(&mut out, fault);
    problems.iter().for_each(|problem| push_help(&mut out, problem));
    out
}

/// Problems. What one rule says of many files of one entry is shown once, with a few further files, or all of them.
#[must_use]
pub(crate) fn problems(problems: &[Diagnostic], all: bool) -> String {
    let mut groups: Vec<Vec<&Diagnostic>> = Vec::new();
    let mut known: BTreeMap<(&str, Option<&str>, Option<&str>), usize> = BTreeMap::new();
    for problem in problems {
        let key = problem.rule.as_deref().map(|rule| (rule, problem.entry.as_deref(), problem.expected.as_deref()));
        match key.and_then(|key| known.get(&key)).and_then(|at| groups.get_mut(*at)) {
            Some(group) => group.push(problem),
            None => {
                known.extend(key.map(|key| (key, groups.len())));
                groups.push(vec![problem]);
            }
        }
    }
    let mut out = String::new();
    for group in groups {
        if let [first, rest @ ..] = group.as_slice() {
            if !out.is_empty() {
                out.push('\n');
            }
            push(&mut out, first, rest, if all { usize::MAX } else { SHOWN });
        }
    }
    out
}

fn push(out: &mut String, problem: &Diagnostic, like: &[&Diagnostic], shown: usize) {
    let rule = problem.rule.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
    let mut title = title(problem);
    if problem.location.is_none() {
        title.push_str(&rule);
    }
    match problem.level {
        Level::Error => push_error(out, &title),
        Level::Warning => line(out, format_args!("{WARNING}warning:{WARNING:#} {title}")),
        Level::Note => line(out, format_args!("{KEY}note:{KEY:#} {title}")),
    }
    if let Some(at) = &problem.location {
        let number = at.line.map(|line| format!(":{line}")).unwrap_or_default();
        line(out, format_args!("  {KEY}-->{KEY:#} {}{number}{rule}", at.file));
    }
    for (key, value) in [("expected", &problem.expected), ("got", &problem.got), ("why", &problem.why)] {
        if let Some(value) = value {
            line(out, format_args!("  {KEY}{key}:{KEY:#}{:pad$}{value}", "", pad = 10 - key.len()));
        }
    }
    for (count, other) in like.iter().take(shown).enumerate() {
        let key = if count == 0 { "  also:     " } else { "            " };
        let about = other.path.as_ref().map_or_else(|| other.what.clone(), |path| format!("`{path}`"));
        let at =
            other.location.as_ref().and_then(|at| Some(format!(" ({}:{})", at.file, at.line?))).unwrap_or_default();
        line(out, format_args!("{KEY}{key}{KEY:#}{about}{at}"));
    }
    if like.len() > shown {
        let more = like.len() - shown;
        line(out, format_args!("            and {more} more, which `modelpin check -v` shows"));
    }
    push_help(out, problem);
}

/// What it is about, and what is wrong. Only the policy refuses; everything else went wrong.
fn title(problem: &Diagnostic) -> String {
    let what = &problem.what;
    let is_refused = if problem.level == Level::Error && problem.rule.is_some() { " is refused" } else { "" };
    match (&problem.entry, &problem.path) {
        (Some(entry), Some(path)) => format!("`{entry}`{is_refused}: `{path}`: {what}"),
        (Some(entry), None) => format!("`{entry}`{is_refused}: {what}"),
        // What cannot be read or written names its path already.
        (None, Some(_)) if what.contains(&subject(problem)) => what.clone(),
        (None, Some(path)) => format!("`{path}`: {what}"),
        (None, None) => what.clone(),
    }
}

/// A fault and its place, which takes lines of its own.
fn push_fault(out: &mut String, fault: &Fault) {
    let file = one_line(&fault.file).into_owned();
    let message = one_line(&fault.message).into_owned();
    let shown = Fault { file, message, ..fault.clone() }.to_string();
    for (at, text) in shown.lines().enumerate() {
        if at == 0 { push_error(out, text) } else { line(out, format_args!("{text}")) }
    }
}

fn push_error(out: &mut String, text: &str) {
    line(out, format_args!("{ERROR}error:{ERROR:#} {text}"));
}

fn push_help(out: &mut String, problem: &Diagnostic) {
    for help in &problem.help {
        line(out, format_args!("{HELP}help:{HELP:#} {help}"));
    }
}
