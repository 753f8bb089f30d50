//! The change ticket: what changed between two locks, model by model, fact by fact, file by file. What widens what a
//! model can do comes first, with a mark that needs no colour.

use super::{bytes, cell, document};
use crate::cli::TicketFormat;
use anstyle::{AnsiColor, Style};
use modelpin_schema::Artifact;
use modelpin_schema::lockfile::diff::{Change, Fact, File, Kind};
use serde_json::{Value, json};
use std::fmt::Write as _;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const NAME: Style = Style::new().bold();
const GAINED: Style = AnsiColor::Red.on_default().bold();

/// The longest key that others are lined up with, in characters.
const WIDEST: usize = 24;

/// The ticket in a form.
#[must_use]
pub fn render(changes: &[Change], format: TicketFormat) -> String {
    match format {
        TicketFormat::Text => changes.iter().map(text).collect::<Vec<_>>().join("\n"),
        TicketFormat::Markdown => markdown(changes),
        TicketFormat::Json => document("changes", &changes.iter().map(json).collect()),
    }
}

/// What can be said of a change in one line.
fn summary(change: &Change) -> String {
    let count = |test: fn(&File) -> bool| change.files.iter().filter(|file| test(file)).count();
    let parts = [
        (count(|file| file.old.is_none()), "new"),
        (count(|file| file.old.is_some() && file.new.is_some()), "changed"),
        (count(|file| file.new.is_none()), "gone"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() {
        return "no file differs".to_owned();
    }
    let size = |side: fn(&File) -> Option<Artifact>| {
        change.files.iter().filter_map(side).fold(0_u64, |sum, file| sum.saturating_add(file.size))
    };
    let (old, new) = (size(|file| file.old), size(|file| file.new));
    let sizes = match change.kind {
        Kind::Added => bytes(new),
        Kind::Removed => bytes(old),
        Kind::Changed => format!("{} -> {}", bytes(old), bytes(new)),
    };
    format!("files: {}; {sizes}", parts.join(", "))
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
    }
}

fn text(change: &Change) -> String {
    let mut out = String::new();
    line(&mut out, format_args!("{NAME}{}{NAME:#} {}  ({})", change.name, word(change.kind), summary(change)));
    for fact in change.facts.iter().filter(|fact| fact.widens) {
        line(&mut out, format_args!("  {GAINED}! {}{GAINED:#}", gained(fact)));
    }
    let plain: Vec<(String, &Fact)> =
        change.facts.iter().filter(|fact| !fact.widens).map(|fact| (fact.label(), fact)).collect();
    let width =
        plain.iter().map(|(label, _)| label.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0);
    for (label, Fact { old, new, .. }) in &plain {
        let between = if old.is_some() && change.kind == Kind::Changed { " -> " } else { "" };
        let gone = if between.is_empty() { "" } else { "none" };
        let (old, new) = (old.as_deref().unwrap_or(""), new.as_deref().unwrap_or(gone));
        line(&mut out, format_args!("  {label:width$}  {OLD}{old}{OLD:#}{between}{NEW}{new}{NEW:#}"));
    }
    for File { path, old, new } in &change.files {
        if let Some(old) = old {
            line(&mut out, format_args!("  {OLD}- {path}  {}{OLD:#}", artifact(old)));
        }
        if let Some(new) = new {
            line(&mut out, format_args!("  {NEW}+ {path}  {}{NEW:#}", artifact(new)));
        }
    }
    out
}

/// What a reviewer reads first, as one line: what an entry can do that it could not do before, or what no longer keeps
/// it from that.
fn gained(fact: &Fact) -> String {
    let label = fact.label();
    match (&fact.old, &fact.new) {
        (Some(old), Some(new)) => format!("changed {label} {old} -> {new}"),
        (Some(old), None) => format!("lost {label} {old}"),
        (None, new) => format!("gained {label} {}", new.as_deref().unwrap_or_default()),
    }
}

fn artifact(file: &Artifact) -> String {
    let digest: String = file.sha256.hex().chars().take(12).collect();
    format!("{}, {}, sha256 {digest}…", file.kind, bytes(file.size))
}

fn markdown(changes: &[Change]) -> String {
    let mut out = "## models.lock\n".to_owned();
    if changes.is_empty() {
        out.push_str("\nNothing changed.\n");
    }
    for change in changes {
        line(&mut out, format_args!("\n### `{}` {}\n\n{}", change.name, word(change.kind), summary(change)));
        if !change.facts.is_empty() {
            line(&mut out, format_args!("\n| fact | before | after |\n|---|---|---|"));
            let (widens, plain): (Vec<&Fact>, Vec<&Fact>) = change.facts.iter().partition(|fact| fact.widens);
            for fact in widens.into_iter().chain(plain) {
                let key = if fact.widens { format!("**! {}**", fact.key) } else { fact.key.to_owned() };
                let about = fact.about.as_ref().map(|about| format!(" {}", cell(about))).unwrap_or_default();
                let (old, new) = (or_dash(fact.old.as_deref()), or_dash(fact.new.as_deref()));
                line(&mut out, format_args!("| {key}{about} | {old} | {new} |"));
            }
        }
        if !change.files.is_empty() {
            line(&mut out, format_args!("\n| file | before | after |\n|---|---|---|"));
            for File { path, old, new } in &change.files {
                let side = |file: &Option<Artifact>| {
                    file.as_ref().map(|file| {
                        format!("{} {}…", bytes(file.size), file.sha256.hex().chars().take(12).collect::<String>())
                    })
                };
                line(
                    &mut out,
                    format_args!(
                        "| {} | {} | {} |",
                        cell(path.as_str()),
                        or_dash(side(old).as_deref()),
                        or_dash(side(new).as_deref())
                    ),
                );
            }
        }
    }
    out
}

fn or_dash(text: Option<&str>) -> String {
    text.map_or_else(|| "–".to_owned(), cell)
}

fn json(change: &Change) -> Value {
    let fact = |fact: &Fact| {
        let Fact { key, about, old, new, widens } = fact;
        json!({ "key": key, "about": about, "old": old, "new": new, "widens": widens })
    };
    let facts: Vec<Value> = change.facts.iter().map(fact).collect();
    let side = |file: &Option<Artifact>| {
        file.as_ref().map(|file| json!({ "kind": file.kind.word(), "size": file.size, "sha256": file.sha256.hex() }))
    };
    let files: Vec<Value> = change
        .files
        .iter()
        .map(|file| json!({ "path": file.path.as_str(), "old": side(&file.old), "new": side(&file.new) }))
        .collect();
    json!({ "name": change.name.as_str(), "change": word(change.kind), "facts": facts, "files": files })
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{text}");
}
