//! The report for a terminal.

use super::parts::{Around, Words, called, commands, counts, sections, short, word, words};
use super::{files, left_out};
use crate::out::{Paint, line};
use crate::render::bytes;
use anstyle::{AnsiColor, Style};
use modelpin_schema::Artifact;
use modelpin_schema::changes::{Change, ChangeKind, FactChange, FileChange};
use modelpin_schema::changes::{ChangeReport, Highlight};
use modelpin_schema::left_out::LeftOutSummary;
use std::collections::BTreeMap;

const OLD: Paint = Paint(AnsiColor::Red.on_default());
const NEW: Paint = Paint(AnsiColor::Green.on_default());
const NAME: Paint = Paint(Style::new().bold());
const GAINED: Paint = Paint(AnsiColor::Red.on_default().bold());
const HELP: Paint = Paint(AnsiColor::Cyan.on_default().bold());

/// The longest key that others are lined up with, in characters.
const WIDEST: usize = 24;

pub(super) fn render(report: &ChangeReport, around: &Around) -> String {
    let mut out = String::new();
    if report.is_empty() {
        return out;
    }
    if around.is_asked {
        let folder = if around.folder.is_empty() { String::new() } else { format!("{}: ", around.folder) };
        line(&mut out, format_args!("{NAME}{folder}{}{NAME:#}", counts(report, around)));
    }
    // By where they are, in the order of the first of each.
    let mut groups: Vec<(&str, Vec<Highlight<'_>>)> = Vec::new();
    let mut known = BTreeMap::new();
    for mark in report.highlights() {
        let name = called(mark.subject);
        let at = *known.entry(name).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, marks)) => marks.push(mark),
            None => groups.push((name, vec![mark])),
        }
    }
    for (name, marks) in groups {
        separate(&mut out);
        line(&mut out, format_args!("{NAME}{name}{NAME:#}"));
        for mark in marks {
            line(&mut out, format_args!("  {GAINED}! {}{GAINED:#}", short(&gained(&mark))));
        }
    }
    let shares = files::shares(&report.changes);
    for (change, share) in report.changes.iter().zip(shares) {
        separate(&mut out);
        push(&mut out, change, share, around.left_out.get(&change.name));
    }
    for (file, facts) in sections(report) {
        let facts: Vec<&FactChange> = facts.iter().filter(|fact| !fact.widens).collect();
        if !facts.is_empty() {
            separate(&mut out);
            line(&mut out, format_args!("{NAME}{file}{NAME:#} changed"));
            plain(&mut out, facts.into_iter(), true);
        }
    }
    let commands = commands(report, around);
    if !commands.is_empty() {
        separate(&mut out);
        line(&mut out, format_args!("{HELP}next:{HELP:#}"));
        commands.iter().for_each(|command| line(&mut out, format_args!("  {command}")));
    }
    out
}

fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
}

/// A mark as one line: what an entry can do that it could not do before, or what no longer keeps it from that.
fn gained(mark: &Highlight<'_>) -> String {
    let Words { verb, key, about, old, new } = words(mark);
    let values = match (old, new) {
        (Some(old), Some(new)) => Some(format!("{old} -> {new}")),
        (old, new) => old.or(new).map(str::to_owned),
    };
    let parts = [Some(verb), Some(key).filter(|key| !key.is_empty()), about, values.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn push(out: &mut String, change: &Change, share: usize, summary: Option<&LeftOutSummary>) {
    line(out, format_args!("{NAME}{}{NAME:#} {}  ({})", change.name, word(change.kind), files::summary(change, "->")));
    let (facts, more) = left_out::facts(change, summary);
    plain(out, facts.into_iter().filter(|fact| !fact.widens), change.kind == ChangeKind::Changed);
    if let Some(more) = more {
        line(out, format_args!("  {more}"));
    }
    if let Some(summary) = left_out::news(change, summary) {
        push_left_out(out, summary);
    }
    let (shown, left) = files::shown(change, share);
    for FileChange { path, old, new } in shown {
        if let Some(old) = old {
            line(out, format_args!("  {OLD}- {path}  {}{OLD:#}", described(old)));
        }
        if let Some(new) = new {
            line(out, format_args!("  {NEW}+ {path}  {}{NEW:#}", described(new)));
        }
    }
    if let Some(left) = left {
        line(out, format_args!("  {left}"));
    }
}

/// What is left out, a line a group.
fn push_left_out(out: &mut String, summary: &LeftOutSummary) {
    line(out, format_args!("  {}", left_out::head(summary)));
    let width = summary.groups.iter().map(|group| group.reason.word().len()).max().unwrap_or(0);
    for group in &summary.groups {
        line(out, format_args!("    {:width$}  {}", group.reason.word(), left_out::line(summary, group)));
    }
}

/// Facts that need no mark, lined up.
fn plain<'a>(out: &mut String, facts: impl Iterator<Item = &'a FactChange>, is_change: bool) {
    let facts: Vec<(String, &FactChange)> = facts.map(|fact| (fact.label(), fact)).collect();
    let widths = facts.iter().map(|(label, _)| label.chars().count());
    let width = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    for (label, FactChange { old, new, .. }) in &facts {
        let between = if old.is_some() && is_change { " -> " } else { "" };
        let gone = if between.is_empty() { "" } else { "none" };
        let old = short(old.as_deref().unwrap_or(""));
        let new = short(new.as_deref().unwrap_or(gone));
        line(out, format_args!("  {label:width$}  {OLD}{old}{OLD:#}{between}{NEW}{new}{NEW:#}"));
    }
}

fn described(file: &Artifact) -> String {
    let digest: String = file.sha256.hex().chars().take(12).collect();
    format!("{}, {}, sha256 {digest}…", file.kind, bytes(file.size))
}
