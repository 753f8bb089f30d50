//! The report as a comment on a pull request.

use super::text::left;
use super::{all, believed, called, kept_out, level, summary};
use crate::render::cell;
use crate::render::scan::rule;
use modelpin_ops::verbs::check::Checked;
use modelpin_schema::text::line;

/// Rows of a table at most; a comment has a limited length.
const ROWS: usize = 100;

pub(super) fn render(checked: &Checked) -> String {
    let mut out = format!("## modelpin check\n\n{}\n", summary(checked));
    match &checked.expiring {
        Some(_) => expiring(&mut out, checked),
        None => kept_out(checked).iter().chain(&believed(checked)).for_each(|line| line_of(&mut out, line)),
    }
    let shown: Vec<_> = all(checked)
        .into_iter()
        .filter(|violation| checked.expiring.is_none() || level(violation) == "error")
        .collect();
    if !shown.is_empty() {
        out.push_str("\n| level | what | where | expected | got | rule |\n|---|---|---|---|---|---|\n");
    }
    for violation in shown.iter().take(ROWS) {
        let at = violation.at.as_ref().map(|at| format!("{}:{}", at.file, at.line)).unwrap_or_default();
        let (called, what) = (called(violation), &violation.what);
        let colon = if called.is_empty() { "" } else { ": " };
        line(
            &mut out,
            format_args!(
                "| {} | {} | {} | {} | {} | [`{}`]({}): {} |",
                level(violation),
                cell(&format!("{called}{colon}{what}")),
                cell(&at),
                cell(&violation.expected),
                cell(&violation.got),
                violation.rule.id,
                rule::address(violation.rule),
                violation.rule.why,
            ),
        );
    }
    if shown.len() > ROWS {
        line(&mut out, format_args!("\nand {} more.", shown.len() - ROWS));
    }
    out
}

fn line_of(out: &mut String, line: &str) {
    out.extend(["\n", line, "\n"]);
}

/// The exemptions that expire soon.
fn expiring(out: &mut String, checked: &Checked) {
    let expiring = checked.expiring.as_deref().unwrap_or_default();
    if !expiring.is_empty() {
        out.push_str("\n| last day | left | file | owner | ticket |\n|---|---|---|---|---|\n");
    }
    for entry in expiring.iter().take(ROWS) {
        let exemption = &entry.exemption;
        line(
            out,
            format_args!(
                "| {} | {} | {} | {} | {} |",
                exemption.expires,
                left(entry.days),
                cell(&called(&entry.violation)),
                cell(exemption.owner.as_str()),
                cell(exemption.ticket.as_str()),
            ),
        );
    }
    if expiring.len() > ROWS {
        line(out, format_args!("\nand {} more.", expiring.len() - ROWS));
    }
}
