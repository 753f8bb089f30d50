//! Findings as a comment on a pull request.

use super::{called, decided, place, rule, sentence, summary};
use crate::render::cell;
use modelpin_ops::verbs::scan::{Finding, Scanned, ScannedFile};
use modelpin_schema::text::line;

/// Rows of the table at most; a comment has a limited length.
const ROWS: usize = 100;

/// How bad it is, and the decision about it, where there is one.
fn severity(file: &ScannedFile, finding: &Finding) -> String {
    let (word, decided) = (finding.rule.severity.word(), decided(file, finding));
    if decided.is_empty() { word.to_owned() } else { format!("{word} {}", cell(decided.trim())) }
}

pub(super) fn render(scanned: &Scanned) -> String {
    let mut out = format!("## modelpin scan: {}\n\n{}\n", scanned.verdict(), summary(scanned));
    let all: Vec<_> = scanned
        .worst_first()
        .into_iter()
        .flat_map(|(subject, file)| file.report.findings.iter().map(move |finding| (subject, file, finding)))
        .collect();
    if !all.is_empty() {
        out.push_str("\n| severity | file | where | evidence | rule |\n|---|---|---|---|---|\n");
    }
    for (subject, file, finding) in all.iter().take(ROWS) {
        line(
            &mut out,
            format_args!(
                "| {} | {} | {} | {} | [`{}`]({}): {} |",
                severity(file, finding),
                cell(&called(subject, file)),
                cell(&place(finding)),
                cell(&finding.evidence),
                finding.rule.id,
                rule::address(finding.rule),
                sentence(finding).replace('|', "\\|"),
            ),
        );
    }
    if all.len() > ROWS {
        line(&mut out, format_args!("\nand {} more findings.", all.len() - ROWS));
    }
    out
}
