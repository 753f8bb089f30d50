//! The report as a comment on a pull request. GitHub takes 65,536 characters and shows them 780 pixels wide, so
//! everything has a bound: marks first, each sort of them with a share of the room, so that no flood of one sort
//! hides another.

use super::parts::{Around, Words, artifact, called, commands, counts, cut, sections, short, word, words};
use super::{files, left_out};
use crate::render::{cell, span};
use modelpin_schema::changes::{Change, ChangeKind, FactChange};
use modelpin_schema::changes::{ChangeReport, Highlight};
use modelpin_schema::left_out::LeftOutSummary;
use std::collections::BTreeMap;

/// Bytes of the whole.
pub(super) const MOST: usize = 60 << 10;
/// Bytes of the marks.
const MARKS: usize = 26 << 10;
/// Bytes of what to type.
const COMMANDS: usize = 6 << 10;
/// Bytes that are kept for saying what there was no room for.
const REST: usize = 1 << 10;

/// Characters of a value, and of what it is about. A table's column grows with its widest word.
const VALUE: usize = 90;
const ABOUT: usize = 70;
/// The same for a mark, which is a line that wraps.
const MARK: usize = 200;
/// Characters of one command: one that is longer could not be read, and `modelpin check` says it in full.
const COMMAND: usize = 400;

pub(super) fn render(report: &ChangeReport, around: &Around) -> String {
    let folder = if around.folder.is_empty() {
        "modelpin".to_owned()
    } else {
        span(&cut(&crate::out::spelled(&around.folder), 200))
    };
    let mut out = format!("## {folder}: {}\n", counts(report, around));
    push_marks(&mut out, report);
    push_commands(&mut out, report, around);
    let mut unshown = 0;
    for (change, share) in report.changes.iter().zip(files::shares(&report.changes)) {
        // No section is shorter than that.
        let has_room = out.len() + 64 < MOST - REST;
        unshown += usize::from(!has_room || !add(&mut out, &entry(change, share, around.left_out.get(&change.name))));
    }
    for (file, facts) in sections(report) {
        let table = table(&facts.iter().collect::<Vec<_>>(), true);
        unshown += usize::from(!table.is_empty() && !add(&mut out, &format!("\n### `{file}` changed\n{table}")));
    }
    if unshown > 0 {
        let all = "`modelpin diff` in a terminal, or `--format json`, shows all.";
        out.push_str(&format!(
            "\nThere was no room for {unshown} more sections, none of them with other marks; {all}\n"
        ));
    }
    out
}

/// Adds a section, if there is room for it.
fn add(out: &mut String, section: &str) -> bool {
    let fits = out.len() + section.len() <= MOST - REST;
    if fits {
        out.push_str(section);
    }
    fits
}

/// The marks that there is room for: the first of each sort, then the second of each, and so on. The others are
/// counted.
fn push_marks(out: &mut String, report: &ChangeReport) {
    let marks = report.highlights();
    if marks.is_empty() {
        return;
    }
    out.push_str("\n**Read first:** what allows more, withholds less, or has another origin than before\n\n");
    let mut sorts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, mark) in marks.iter().enumerate() {
        sorts.entry(mark.fact.key).or_default().push(at);
    }
    let mut shown = BTreeMap::new();
    let mut room = MARKS;
    for round in 0.. {
        let before = shown.len();
        for at in sorts.values().filter_map(|sort| sort.get(round)) {
            let Some(line) = marks.get(*at).map(mark_line) else { continue };
            if line.len() <= room {
                room -= line.len();
                shown.insert(*at, line);
            }
        }
        if shown.len() == before {
            break;
        }
    }
    shown.values().for_each(|line| out.push_str(line));
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, mark) in marks.iter().enumerate().filter(|(at, _)| !shown.contains_key(at)) {
        *left.entry(mark.fact.key).or_default() += 1;
    }
    if !left.is_empty() {
        let sorts: Vec<String> = left.iter().map(|(key, count)| format!("{count} × {key}")).collect();
        let count: usize = left.values().sum();
        out.push_str(&format!("- **! and {count} more**: {}; `modelpin diff` shows them\n", sorts.join(", ")));
    }
}

fn mark_line(mark: &Highlight<'_>) -> String {
    let Words { verb, key, about, old, new } = words(mark);
    let key = if key.is_empty() { String::new() } else { format!(" {key}") };
    let text = |text: &str| span(&brief(text, MARK));
    let about = about.map(|about| format!(" {}", text(about))).unwrap_or_default();
    let values = match (old, new) {
        (Some(old), Some(new)) => format!("{} → {}", text(old), text(new)),
        (old, new) => old.or(new).map(text).unwrap_or_default(),
    };
    format!("- **!** {} {verb}{key}{about} {values}\n", span(called(mark.subject)))
}

fn push_commands(out: &mut String, report: &ChangeReport, around: &Around) {
    let commands = commands(report, around);
    if commands.is_empty() {
        return;
    }
    let fits = |command: &&String| command.chars().count() <= COMMAND;
    let all = commands.iter().filter(fits);
    let mut block = String::new();
    let mut left = commands.len() - all.clone().count();
    for command in all {
        let line = format!("{}\n", crate::out::one_line(command));
        // The last one, which says what is left to decide, has its place kept.
        if block.len() + line.len() <= COMMANDS || command == "modelpin check" {
            block.push_str(&line);
        } else {
            left += 1;
        }
    }
    // A fence that is longer than any in it.
    let ticks = block.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2) + 1;
    let fence = "`".repeat(ticks);
    let more = if left > 0 { format!(" ({left} more: `modelpin check` says them)") } else { String::new() };
    out.push_str(&format!("\n**Next**{more}\n\n{fence}sh\n{block}{fence}\n"));
}

fn entry(change: &Change, share: usize, summary: Option<&LeftOutSummary>) -> String {
    let mut out = format!("\n### `{}` {}\n\n{}\n", change.name, word(change.kind), files::summary(change, "→"));
    let (facts, more) = left_out::facts(change, summary);
    out.push_str(&table(&facts, change.kind == ChangeKind::Changed));
    out.push_str(&more.map(|more| format!("\n{more}\n")).unwrap_or_default());
    out.push_str(&left_out::news(change, summary).map(left_out_table).unwrap_or_default());
    let (shown, left) = files::shown(change, share);
    if !shown.is_empty() {
        let count = change.files.len();
        let plural = if count == 1 { "" } else { "s" };
        out.push_str(&format!(
            "\n<details><summary>{count} file{plural}</summary>\n\n| file | kind | before → after |\n|---|---|---|\n"
        ));
        for file in shown {
            let old = file.old.as_ref().map(artifact);
            let new = file.new.as_ref().map(artifact);
            let values = values(old.as_deref(), new.as_deref());
            out.push_str(&format!("| {} | {} | {values} |\n", code(file.path.as_str(), ABOUT), files::kinds(file)));
        }
        out.push_str(&left.map(|left| format!("\n{left}\n")).unwrap_or_default());
        out.push_str("\n</details>\n");
    } else if let Some(left) = left {
        out.push_str(&format!("\nfiles: {left}\n"));
    }
    out
}

/// What is left out of an entry, a row a group.
fn left_out_table(summary: &LeftOutSummary) -> String {
    let mut out = format!("\n{}\n\n| why | files | beside | instead |\n|---|---|---|---|\n", left_out::head(summary));
    for group in &summary.groups {
        let size = left_out::size(summary, group);
        let files =
            left_out::label(group).map_or_else(|| size.clone(), |label| format!("{} {size}", code(&label, ABOUT)));
        let optional = |text: Option<String>| text.map(|text| code(&text, VALUE)).unwrap_or_default();
        let beside = optional(left_out::beside(group));
        let option = optional(left_out::option(group));
        out.push_str(&format!("| {} | {files} | {beside} | {option} |\n", group.reason));
    }
    out
}

/// The facts that were not read first, as a table.
fn table(facts: &[&FactChange], is_change: bool) -> String {
    /// Rows of one table.
    const ROWS: usize = 60;
    let plain: Vec<&&FactChange> = facts.iter().filter(|fact| !fact.widens).collect();
    if plain.is_empty() {
        return String::new();
    }
    let head = if is_change { "before → after" } else { "value" };
    let mut out = format!("\n| fact | {head} |\n|---|---|\n");
    for fact in plain.iter().take(ROWS) {
        let about = fact.about.as_ref().map(|about| format!(" {}", code(about, ABOUT))).unwrap_or_default();
        let old = fact.old.as_deref();
        let new = fact.new.as_deref();
        let values = if is_change { values(old, new) } else { code(new.or(old).unwrap_or_default(), VALUE) };
        out.push_str(&format!("| {}{about} | {values} |\n", fact.key));
    }
    if plain.len() > ROWS {
        out.push_str(&format!("\nand {} more facts\n", plain.len() - ROWS));
    }
    out
}

/// `before → after` in one column, so that what is new is never beyond the edge of the screen.
fn values(old: Option<&str>, new: Option<&str>) -> String {
    let side = |text: Option<&str>| text.map_or_else(|| "–".to_owned(), |text| code(text, VALUE));
    format!("{} → {}", side(old), side(new))
}

/// Foreign text in a table.
fn code(text: &str, most: usize) -> String {
    cell(&brief(text, most))
}

/// Foreign text, as it is and no longer than that.
fn brief(text: &str, most: usize) -> String {
    cut(&crate::out::spelled(&short(text)), most)
}

#[cfg(test)]
mod tests {
    use super::{MOST, render};
    use crate::render::changes::Around;
    use modelpin_schema::changes::ChangeReport;
    use modelpin_schema::changes::{Change, ChangeKind, FactChange, FileChange};
    use modelpin_schema::{Artifact, Digest, FileKind, RepoKind};

    fn fact(key: &'static str, about: &str, value: &str, widens: bool) -> FactChange {
        FactChange {
            key,
            about: Some(about.to_owned()),
            old: Some(value.to_owned()),
            new: Some(format!("{value}!")),
            widens,
        }
    }

    fn change(name: &str, facts: Vec<FactChange>, files: usize) -> Change {
        let long = "é`|<x>".repeat(30);
        let file = |at: usize| FileChange {
            path: format!("{long}/row-{at}.csv").parse().unwrap(),
            old: None,
            new: Some(Artifact { kind: FileKind::Code, size: 1, sha256: Digest::new([1; 32]) }),
        };
        let files = (0..files).map(file).collect();
        Change { name: name.parse().unwrap(), repo_kind: RepoKind::Model, kind: ChangeKind::Changed, facts, files }
    }

    /// However large or hostile a change is, GitHub takes the comment, and no flood of one sort hides a mark of
    /// another.
    #[test]
    fn a_flood_leaves_room_for_the_one_mark_that_matters() {
        let long = "`|\u{202e}\n::error::é<b>".repeat(100);
        let flood = (0..3000).map(|at| {
            let facts = (0..5).map(|_| fact("finding", &long, &long, true));
            let facts = facts.chain((0..5).map(|_| fact("license", &long, &long, false))).collect();
            change(&format!("a-{at}"), facts, 3)
        });
        let last = change("z", vec![fact("capability", "network", "x", true)], 4000);
        let report = ChangeReport {
            changes: flood.chain([last]).collect(),
            manifest: (0..3000).map(|at| fact("rule", &format!("{long}{at}"), "deny", true)).collect(),
            audits: vec![fact("exemption", "the one", "until 2030-01-01", true)],
        };
        let undecided = report.changes.iter().map(|change| {
            (change.name.clone(), vec![format!("modelpin review {}", change.name), format!("modelpin exempt {long}")])
        });
        let around =
            Around { folder: long.clone(), undecided: undecided.collect(), is_asked: true, ..Around::default() };
        let text = render(&report, &around);
        let printed = crate::out::shown(&text, crate::out::Form::Plain);
        assert!(printed.len() <= MOST, "{}", printed.len());
        for seen in [
            "`z` changed capability `network`",
            "`the one`",
            "\nmodelpin check\n",
            "3001 need a decision",
            " × finding",
        ] {
            assert!(text.contains(seen), "no {seen}: {}", text.get(..3000).unwrap_or(&text));
        }
        assert!(!printed.lines().any(|line| line.trim_start().starts_with("::")));
        let first = text.find("### ").unwrap_or(text.len());
        assert!(text.rfind("**!").is_some_and(|mark| mark < first), "all marks come first");
    }

    #[test]
    fn a_few_scripts_among_many_tables_are_shown() {
        let mut all = change("data", Vec::new(), 4000);
        for file in &mut all.files {
            file.new = file.new.map(|new| Artifact { kind: FileKind::Data, ..new });
        }
        all.files
            .push(FileChange { path: "z/loader.py".parse().unwrap(), ..change("x", Vec::new(), 1).files[0].clone() });
        let text = render(&ChangeReport::of_lock(vec![all]), &Around::default());
        assert!(text.contains("| `z/loader.py` | code | – → `1 B 010101010101` |"), "{text}");
        assert!(text.contains("\nand 3901 more: 3901 data\n"), "{text}");
    }
}
