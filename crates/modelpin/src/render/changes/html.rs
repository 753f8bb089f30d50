//! The report as a page of its own: no script, nothing that is loaded.

use super::parts::{Around, Words, artifact, called, commands, counts, sections, short, word, words};
use super::{files, left_out};
use crate::out::spelled;
use modelpin_schema::changes::{Change, FactChange};
use modelpin_schema::changes::{ChangeReport, Highlight};
use modelpin_schema::left_out::LeftOutSummary;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    code{font:13px ui-monospace,monospace;background:#eff1f3;padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}\
    pre{background:#eff1f3;padding:1rem;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}\
    table{border-collapse:collapse;width:100%}td,th{border:1px solid #d0d7de;padding:.3rem .6rem;text-align:left;vertical-align:top}\
    .first{border-left:4px solid #cf222e;padding-left:1rem}.first b{color:#cf222e}";

pub(super) fn render(report: &ChangeReport, around: &Around) -> String {
    let folder = if around.folder.is_empty() { "modelpin" } else { &around.folder };
    let title = format!("{}: {}", safe(folder), counts(report, around));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n"
    );
    let marks = report.highlights();
    if !marks.is_empty() {
        out.push_str(
            "<div class=\"first\"><p>What allows more, withholds less, or has another origin than before:</p>\n<ul>\n",
        );
        marks.iter().for_each(|mark| out.push_str(&first(mark)));
        out.push_str("</ul></div>\n");
    }
    let commands = commands(report, around);
    if !commands.is_empty() {
        let lines: Vec<String> = commands.iter().map(|command| safe(command)).collect();
        out.push_str(&format!("<h2>Next</h2>\n<pre>{}</pre>\n", lines.join("\n")));
    }
    for (change, share) in report.changes.iter().zip(files::shares(&report.changes)) {
        entry(&mut out, change, share, around.left_out.get(&change.name));
    }
    for (file, facts) in sections(report).filter(|(_, facts)| facts.iter().any(|fact| !fact.widens)) {
        out.push_str(&format!("<h2><code>{file}</code> changed</h2>\n"));
        table(&mut out, &facts.iter().collect::<Vec<_>>());
    }
    out.push_str("</body></html>\n");
    out
}

fn first(mark: &Highlight<'_>) -> String {
    let Words { verb, key, about, old, new } = words(mark);
    let about = about.map(code).unwrap_or_default();
    let says = match (old, new) {
        (Some(_), Some(_)) => values(old, new),
        (old, new) => old.or(new).map(code).unwrap_or_default(),
    };
    format!("<li><b>!</b> {} {verb} {key} {about} {says}</li>\n", code(called(mark.subject)))
}

fn entry(out: &mut String, change: &Change, share: usize, summary: Option<&LeftOutSummary>) {
    let name = code(change.name.as_str());
    let what = word(change.kind);
    out.push_str(&format!("<h2>{name} {what}</h2>\n<p>{}</p>\n", files::summary(change, "→")));
    let (facts, more) = left_out::facts(change, summary);
    table(out, &facts);
    out.push_str(&more.map(|more| format!("<p>{}</p>\n", safe(&more))).unwrap_or_default());
    if let Some(summary) = left_out::news(change, summary) {
        out.push_str(&format!("<p>{}</p>\n<ul>\n", left_out::head(summary)));
        for group in &summary.groups {
            out.push_str(&format!("<li>{}: {}</li>\n", group.reason, safe(&left_out::line(summary, group))));
        }
        out.push_str("</ul>\n");
    }
    let (shown, left) = files::shown(change, share);
    if shown.is_empty() && left.is_none() {
        return;
    }
    out.push_str(&format!("<details><summary>{} files</summary>\n<table>\n", change.files.len()));
    out.push_str("<tr><th>file</th><th>kind</th><th>before → after</th></tr>\n");
    for file in shown {
        let old = file.old.as_ref().map(artifact);
        let new = file.new.as_ref().map(artifact);
        let values = values(old.as_deref(), new.as_deref());
        let path = code(file.path.as_str());
        let kinds = files::kinds(file);
        out.push_str(&format!("<tr><td>{path}</td><td>{kinds}</td><td>{values}</td></tr>\n"));
    }
    out.push_str(&format!("</table>\n<p>{}</p></details>\n", left.unwrap_or_default()));
}

/// The facts that were not read first.
fn table(out: &mut String, facts: &[&FactChange]) {
    let plain: Vec<&&FactChange> = facts.iter().filter(|fact| !fact.widens).collect();
    if plain.is_empty() {
        return;
    }
    out.push_str("<table>\n<tr><th>fact</th><th>before → after</th></tr>\n");
    for FactChange { key, about, old, new, .. } in plain {
        let about = about.as_deref().map(code).unwrap_or_default();
        let values = values(old.as_deref(), new.as_deref());
        out.push_str(&format!("<tr><td>{key} {about}</td><td>{values}</td></tr>\n"));
    }
    out.push_str("</table>\n");
}

fn values(old: Option<&str>, new: Option<&str>) -> String {
    let side = |text: Option<&str>| text.map_or_else(|| "–".to_owned(), code);
    format!("{} → {}", side(old), side(new))
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", safe(&short(text)))
}

/// Foreign text in a page.
fn safe(text: &str) -> String {
    let text = spelled(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
