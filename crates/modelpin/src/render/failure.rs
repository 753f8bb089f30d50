//! Refusals in their five parts, for people and as data.

use super::SCHEMA_VERSION;
use crate::exit::Exit;
use crate::out::{self, Paint, line, one_line};
use anstyle::{AnsiColor, Style};
use modelpin_ops::{Failure, Line, Refusal};
use modelpin_schema::Name;
use modelpin_schema::fault::Fault;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error as _;

const ERROR: Paint = Paint(AnsiColor::Red.on_default().bold());
const WARNING: Paint = Paint(AnsiColor::Yellow.on_default().bold());
const HELP: Paint = Paint(AnsiColor::Cyan.on_default().bold());
const KEY: Paint = Paint(Style::new().dimmed());

/// How many more files of one entry are named that one rule says the same of.
pub(super) const SHOWN: usize = 5;

/// The failure as a person reads it.
#[must_use]
pub fn human(failure: &Failure) -> String {
    let mut out = String::new();
    match failure {
        Failure::Refused(refusals) => told(&mut out, refusals, Level::Refused, SHOWN),
        Failure::Fault(fault) => {
            fault_told(&mut out, fault);
            if let Some(text) = &fault.help {
                help(&mut out, text);
            }
        }
        Failure::Io { .. }
        | Failure::System { .. }
        | Failure::Program { .. }
        | Failure::Changed { .. }
        | Failure::Internal { .. } => {
            error(&mut out, &chain(failure));
            for text in advice(failure) {
                help(&mut out, text);
            }
        }
    }
    out
}

/// A failure and what caused it, in one line.
fn chain(failure: &Failure) -> String {
    failure.source().map_or_else(|| failure.to_string(), |source| format!("{failure}: {source}"))
}

/// What to do about trouble of the machine, one action each.
fn advice(failure: &Failure) -> &'static [&'static str] {
    use std::io::ErrorKind;
    match failure {
        Failure::Io { source, .. } => match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => &[
                "free space on this disk; the next run continues with the files that are complete",
                "`modelpin cache prune` removes files that this project does not lock",
            ],
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                &["make the folder writable, or choose another with `[sync] target` or `MODELPIN_CACHE_DIR`"]
            }
            _ => &[],
        },
        Failure::System { source, .. } if source.kind() == ErrorKind::WouldBlock => {
            &["end other programs, or raise the limit of threads (`ulimit -u`)"]
        }
        Failure::Changed { .. } => &["run the command again"],
        Failure::Internal { .. } => &["this is a fault of modelpin; please report it"],
        Failure::Refused(_) | Failure::Fault(_) | Failure::System { .. } | Failure::Program { .. } => &[],
    }
}

/// Warnings as a person reads them.
#[must_use]
pub fn warnings(warned: &[Refusal]) -> String {
    let mut out = String::new();
    told(&mut out, warned, Level::Warned, SHOWN);
    out
}

/// In which tone something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// It is refused.
    Refused,
    /// It is only said.
    Warned,
}

/// Tells `refusals`. What one rule says of many files of one entry is told once, with `shown` further files.
pub(super) fn told(out: &mut String, refusals: &[Refusal], tone: Level, shown: usize) {
    let mut groups: Vec<Vec<&Refusal>> = Vec::new();
    let mut known: BTreeMap<(&str, Option<&Name>, Option<&str>), usize> = BTreeMap::new();
    for refusal in refusals {
        let key = refusal.rule.map(|rule| (rule, refusal.name.as_ref(), refusal.expected.as_deref()));
        let group = key.and_then(|key| known.get(&key)).and_then(|at| groups.get_mut(*at));
        match group {
            Some(group) => group.push(refusal),
            None => {
                known.extend(key.map(|key| (key, groups.len())));
                groups.push(vec![refusal]);
            }
        }
    }
    for group in groups {
        if let [first, rest @ ..] = group.as_slice() {
            if !out.is_empty() {
                out.push('\n');
            }
            push_refusal(out, first, rest, tone, shown);
        }
    }
}

fn push_refusal(out: &mut String, refusal: &Refusal, like: &[&Refusal], tone: Level, shown: usize) {
    let Refusal { rule, at, name, path, what, expected, got, why, help: next, .. } = refusal;
    let is_refused = if tone == Level::Refused { " is refused" } else { "" };
    let about = match (name, path) {
        (Some(name), Some(path)) => format!("`{name}`{is_refused}: `{path}`: {what}"),
        (Some(name), None) => format!("`{name}`{is_refused}: {what}"),
        (None, Some(path)) => format!("`{path}`: {what}"),
        (None, None) => what.clone(),
    };
    let rule = rule.map(|rule| format!(" ({rule})")).unwrap_or_default();
    let about = if at.is_none() { about + &rule } else { about };
    match tone {
        Level::Refused => error(out, &about),
        Level::Warned => line(out, format_args!("{WARNING}warning:{WARNING:#} {about}")),
    }
    if let Some(Line { file, line: number }) = at {
        line(out, format_args!("  {KEY}-->{KEY:#} {file}:{number}{rule}"));
    }
    for (key, value) in [("expected", expected), ("got", got), ("why", why)] {
        if let Some(value) = value {
            line(out, format_args!("  {KEY}{key}:{KEY:#}{:pad$}{value}", "", pad = 10 - key.len()));
        }
    }
    for (count, other) in like.iter().take(shown).enumerate() {
        let key = if count == 0 { "  also:     " } else { "            " };
        let about = other.path.as_ref().map_or_else(|| other.what.clone(), |path| format!("`{path}`"));
        let at = other.at.as_ref().map(|at| format!(" ({}:{})", at.file, at.line)).unwrap_or_default();
        line(out, format_args!("{KEY}{key}{KEY:#}{about}{at}"));
    }
    if like.len() > shown {
        let more = like.len() - shown;
        line(out, format_args!("            and {more} more, which `modelpin check -v` shows"));
    }
    for next in next {
        help(out, next);
    }
}

/// A fault and its place, which takes lines of its own.
fn fault_told(out: &mut String, fault: &Fault) {
    let (file, message) = (one_line(&fault.file).into_owned(), one_line(&fault.message).into_owned());
    let shown = Fault { file, message, ..fault.clone() }.to_string();
    for (at, text) in shown.lines().enumerate() {
        if at == 0 { error(out, text) } else { line(out, format_args!("{text}")) }
    }
}

fn error(out: &mut String, text: &str) {
    line(out, format_args!("{ERROR}error:{ERROR:#} {text}"));
}

fn help(out: &mut String, text: &str) {
    line(out, format_args!("{HELP}help:{HELP:#} {text}"));
}

/// The failure as data.
#[must_use]
pub fn json(failure: &Failure) -> String {
    let refusals: Vec<Value> = match failure {
        Failure::Refused(refusals) => refusals.iter().map(refusal).collect(),
        Failure::Fault(fault) => {
            let line = fault.place.as_ref().map(|place| place.line);
            vec![json!({ "what": fault.message, "file": fault.file, "line": line, "help": fault.help.as_slice() })]
        }
        Failure::Io { path, .. } => {
            vec![json!({ "what": chain(failure), "path": path.display().to_string(), "help": advice(failure) })]
        }
        Failure::System { .. } | Failure::Program { .. } | Failure::Changed { .. } | Failure::Internal { .. } => {
            vec![json!({ "what": chain(failure), "help": advice(failure) })]
        }
    };
    let exit = Exit::from(failure.class()).code();
    out::json(&json!({ "schema-version": SCHEMA_VERSION, "exit-code": exit, "refused": refusals }))
}

/// `document`, a JSON document of this program, with what was refused beside what it says.
#[must_use]
pub fn beside(document: &str, refusals: &[Refusal]) -> String {
    let mut value: Value = serde_json::from_str(document).unwrap_or_default();
    value["refused"] = refusals.iter().map(refusal).collect();
    out::json(&value)
}

fn refusal(refusal: &Refusal) -> Value {
    json!({
        "rule": refusal.rule,
        "file": refusal.at.as_ref().map(|at| &at.file),
        "line": refusal.at.as_ref().map(|at| at.line),
        "name": refusal.name.as_ref().map(ToString::to_string),
        "path": refusal.path,
        "what": refusal.what,
        "expected": refusal.expected,
        "got": refusal.got,
        "why": refusal.why,
        "help": refusal.help,
        "exit-code": Exit::from(refusal.class).code(),
    })
}
