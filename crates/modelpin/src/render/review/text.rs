//! Code for a person at a terminal. Each line of code has a number and a bar before it, so that no code can look like
//! what modelpin says of it.

use super::bytes::{Shown, show};
use super::marks::{Mark, Marks};
use super::standing;
use crate::out::{Paint, line};
use crate::render::bytes;
use anstyle::{AnsiColor, Style};
use modelpin_ops::verbs::review::change::{Change, Hunk, Line, lines};
use modelpin_ops::verbs::review::{
    Base, Comparison, Content, Foreign, Review, ReviewStatus, ReviewedFile, capabilities,
};
use modelpin_rules::Severity;
use modelpin_schema::Name;
use modelpin_schema::lockfile::{AutoMapClass, Origin};
use std::collections::BTreeSet;

const PLAIN: Paint = Paint(Style::new());
const HEAD: Paint = Paint(Style::new().bold());
const KEY: Paint = Paint(Style::new().dimmed());
const HELP: Paint = Paint(AnsiColor::Cyan.on_default().bold());
const OLD: Paint = Paint(AnsiColor::Red.on_default());
const NEW: Paint = Paint(AnsiColor::Green.on_default());

/// A review for a terminal.
#[must_use]
pub fn render(review: &Review) -> String {
    let mut out = String::new();
    head(&mut out, review);
    match &review.since {
        Some(since) => push_since(&mut out, &review.name, since),
        None => review.files.iter().for_each(|file| push_file(&mut out, file)),
    }
    tail(&mut out, review);
    out
}

fn head(out: &mut String, review: &Review) {
    let pin = &review.pin;
    let files = |of: Option<&Origin>| {
        let of = || review.files.iter().filter(|file| file.place.origin.as_ref() == of);
        let inside = of().filter(|file| !file.member.is_empty()).count();
        let files = of().count();
        let files = match files.saturating_sub(inside) {
            1 => "1 code file".to_owned(),
            count => format!("{count} code files"),
        };
        if inside == 0 { files } else { format!("{files}, and {inside} inside of archives,") }
    };
    line(out, format_args!("{HEAD}{}{HEAD:#}: {} of {} at {}", review.name, files(None), pin.source, pin.revision));
    for Foreign { origin, name, commit } in &review.foreign {
        let shown = origin.to_string();
        fact(out, "and", &format!("{} of {shown} at {commit}, locked as `{name}`", files(Some(origin))));
    }
    fact(out, "digest", &review.digest.to_string());
    fact(out, "standing", &standing(&review.status));
    if review.required.get() > 1 {
        let who: Vec<String> = review.people.iter().map(ToString::to_string).collect();
        let who = if who.is_empty() { String::new() } else { format!(": {}", who.join(", ")) };
        fact(out, "audits", &format!("{} of {}{who}", review.people.len(), review.required));
    }
    for entry in &pin.facts.auto_map {
        let repo = AutoMapClass::read(entry).and_then(|class| class.repo);
        let own = pin.source.repo.as_str();
        let is_shown =
            |repo: &str| repo == own || review.foreign.iter().any(|other| other.origin.source.repo.as_str() == repo);
        let is_elsewhere = repo.is_some_and(|repo| !is_shown(repo));
        let note = if is_elsewhere { "  (code of another repo, not locked)" } else { "" };
        fact(out, "auto-map", &format!("{}{note}", entry));
    }
    for (name, asked) in &pin.facts.requires {
        fact(out, "requires", &format!("{} {}", name, asked));
    }
    let can = capabilities(&review.files).into_iter().collect::<Vec<_>>().join(", ");
    fact(out, "can", if can.is_empty() { "nothing that the scanner detects" } else { &can });
}

fn fact(out: &mut String, key: &str, value: &str) {
    line(out, format_args!("  {KEY}{key:9}{KEY:#} {value}"));
}

fn push_file(out: &mut String, file: &ReviewedFile) {
    let marks = Marks::of(file);
    title(out, &file.called(), &described(file));
    marks.whole.iter().for_each(|mark| push_mark(out, 9, mark));
    let lines = match &file.content {
        Content::Lines(content) => lines(content),
        Content::Opaque(_) => Vec::new(),
    };
    // What is about a line that is not there, as the end of a file, or not shown.
    marks.elsewhere(&(1..=lines.len()).collect()).iter().for_each(|mark| push_mark(out, 9, mark));
    for (at, bytes) in lines.into_iter().enumerate() {
        let shown = show(bytes);
        line(out, format_args!("{KEY}{:>6} |{KEY:#} {}", at + 1, shown.text));
        // In a file with such ends throughout, each line would say so.
        let end = shown.end.filter(|_| !bytes.ends_with(b"\r\n"));
        push_notes(out, 7, &Shown { end, ..shown });
        marks.at(at + 1).iter().for_each(|mark| push_mark(out, 7, mark));
    }
}

fn described(file: &ReviewedFile) -> String {
    let format = file.report.format.word();
    let sum = file.sha256.map_or_else(|| format!("in {}", file.file), |sum| sum.to_string());
    let whole = format!("{format}, {}, {sum}", bytes(file.size));
    match &file.content {
        Content::Lines(content) if content.is_empty() => format!("{whole}: empty"),
        Content::Lines(_) => whole,
        Content::Opaque(why) => format!("{whole}: not shown: {why}"),
    }
}

fn push_since(out: &mut String, name: &Name, since: &Comparison) {
    let base = match &since.base {
        Base::Certified(by) => format!("{}, certified by {by}", by.audit.digest),
        Base::Lock { called, lock } if lock.pins.contains_key(name) => format!("the lock of `{called}`"),
        Base::Lock { called, .. } => format!("the lock of `{called}`, which has no entry of this name"),
    };
    fact(out, "since", &base);
    let words = |set: &BTreeSet<&'static str>| set.iter().copied().collect::<Vec<_>>().join(", ");
    if !since.gained.is_empty() {
        line(out, format_args!("  {KEY}gained{KEY:#}    {NEW}+ {}{NEW:#}", words(&since.gained)));
    }
    if !since.lost.is_empty() {
        line(out, format_args!("  {KEY}lost{KEY:#}      {OLD}- {}{OLD:#}", words(&since.lost)));
    }
    if since.changes.is_empty() {
        out.push('\n');
        line(out, format_args!("no code file changed"));
    }
    since.changes.iter().for_each(|change| push_change(out, change));
}

fn push_change(out: &mut String, change: &Change) {
    let described = match (&change.old, &change.new) {
        (None, Some(new)) => format!("new: {}", described(new)),
        (Some(old), None) => format!("removed: {}", described(old)),
        (Some(old), Some(new)) => format!("changed: {} -> {}", described(old), described(new)),
        (None, None) => String::new(),
    };
    title(out, &change.called, &described);
    let marks = change.new.as_ref().map(Marks::of).unwrap_or_default();
    marks.whole.iter().for_each(|mark| push_mark(out, 16, mark));
    // A change can make lines do something that stayed as they were.
    let shown: BTreeSet<usize> =
        change.hunks.iter().flatten().flat_map(|hunk| &hunk.lines).filter_map(|line| line.new).collect();
    let before = change.old.as_ref().map(Marks::of).unwrap_or_default();
    let news = change.new.as_ref().map(Marks::of).unwrap_or_default().beyond(&before);
    news.elsewhere(&shown).iter().for_each(|mark| push_mark(out, 16, mark));
    for hunk in change.hunks.iter().flatten() {
        push_hunk(out, hunk, &marks);
    }
}

fn push_hunk(out: &mut String, hunk: &Hunk, marks: &Marks) {
    let span =
        |range: &std::ops::Range<usize>| format!("{},{}", range.start + usize::from(!range.is_empty()), range.len());
    line(out, format_args!("{KEY}@@ -{} +{} @@{KEY:#}", span(&hunk.old), span(&hunk.new)));
    for Line { old, new, bytes } in &hunk.lines {
        let (sign, style) = match (old, new) {
            (Some(_), None) => ('-', OLD),
            (None, Some(_)) => ('+', NEW),
            _ => (' ', PLAIN),
        };
        let number = |at: &Option<usize>| at.map(|at| at.to_string()).unwrap_or_default();
        let shown = show(bytes);
        let old = number(old);
        let numbered = number(new);
        line(
            out,
            format_args!("{KEY}{old:>6} {numbered:>6} |{KEY:#}{style}{sign}{style:#} {style}{}{style:#}", shown.text),
        );
        if sign != ' ' {
            push_notes(out, 14, &shown);
        }
        new.iter().flat_map(|at| marks.at(*at)).for_each(|mark| push_mark(out, 14, mark));
    }
}

fn push_notes(out: &mut String, indent: usize, shown: &Shown) {
    let spelled = shown.spelled.then_some("some characters do not show, or change what shows; they are spelled out");
    for text in spelled.into_iter().chain(shown.end) {
        let severity = if shown.spelled { Severity::Review } else { Severity::Note };
        push_mark(out, indent, &Mark { severity, text: text.to_owned() });
    }
}

fn push_mark(out: &mut String, indent: usize, mark: &Mark) {
    let style = Paint(match mark.severity {
        Severity::Dangerous => AnsiColor::Red.on_default().bold(),
        Severity::Review => AnsiColor::Yellow.on_default().bold(),
        Severity::Note => AnsiColor::Magenta.on_default(),
    });
    line(out, format_args!("{:indent$}{style}^ {}{style:#}", "", mark.text));
}

fn title(out: &mut String, path: &str, described: &str) {
    out.push('\n');
    line(out, format_args!("{HEAD}{}{HEAD:#}  ({described})", path));
}

fn tail(out: &mut String, review: &Review) {
    let name = &review.name;
    let certify = format!("`modelpin certify {name} --criteria safe-to-run --digest {}", review.digest);
    let help = match (&review.status, &review.since) {
        (ReviewStatus::Certified(_), _) => return,
        (_, Some(Comparison { base: Base::Certified(_), .. })) => {
            format!("{certify} --delta` records that you read this change and vouch for it")
        }
        (ReviewStatus::Changed(_), None) => format!(
            "`modelpin review {name} --since` shows only what changed; {certify}` records that you read all of it \
             and vouch for it"
        ),
        (_, Some(_)) => format!("`modelpin review {name}` shows all of it, which `modelpin certify {name}` is about"),
        (ReviewStatus::Unknown, None) => format!("{certify}` records that you read it and vouch for it"),
    };
    out.push('\n');
    line(out, format_args!("{HELP}help:{HELP:#} {help}"));
}
