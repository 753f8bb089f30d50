//! The Python of all cells as one module, and where each of its lines comes from.

use super::source::Cell;
use crate::engine::source::ByteRange;
use crate::engine::{Finding, Format, Limits, Location, Scan, ScanError};
use crate::languages::python;
use modelpin_rules::{Severity, code, file};

/// What is before the first cell: no comment of a cell may say in which encoding the module is.
const HEAD: &str = "pass\n";

/// The module that the cells make together.
#[derive(Default)]
pub(super) struct Module {
    text: String,
    lines: usize,
    /// The first line of each piece, counted from 1, with the index of its cell and the line of the cell there.
    pieces: Vec<(usize, usize, usize)>,
}

impl Module {
    /// Adds `text`, which begins in line `line` of the cell with the number `cell`.
    pub(super) fn add(&mut self, text: &str, cell: usize, line: usize) {
        if self.text.is_empty() {
            self.text.push_str(HEAD);
            self.lines = 2;
        }
        self.pieces.push((self.lines, cell, line));
        // A backslash at the end continues nothing.
        let end = if text.trim_end().ends_with('\\') { "\n\n" } else { "\n" };
        for part in [text, end] {
            self.text.push_str(part);
            self.lines = self.lines.saturating_add(part.matches('\n').count());
        }
    }

    /// Judges the module as if it were imported, and reports what it does under a rule for notebooks.
    pub(super) fn judge(self, cells: &[Cell], path: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        if self.text.is_empty() {
            return Ok(());
        }
        let left = scan.limits.steps.saturating_sub(scan.budget.spent(scan.limits).steps);
        let limits = Limits { steps: left, ..scan.limits.clone() };
        let mut dry = Scan::new(&limits);
        let outcome = python::scan(&ByteRange::whole(self.text.as_bytes()), path, &mut dry);
        dry.record_result(outcome);
        let report = dry.into_report(Format::Python);
        scan.budget.steps(report.spent.steps)?;
        // A person runs the cells, and sees what they call.
        let of_cells =
            |finding: &&Finding| finding.rule.severity > Severity::Note && finding.rule != &code::CODE_UNRESOLVED_CALL;
        for finding in report.findings.iter().filter(of_cells) {
            if finding.rule == &file::OVER_BUDGET {
                scan.report(finding.rule, Location::Whole, &finding.evidence);
                continue;
            }
            let line = if let Location::Line(line) = finding.at { line as usize } else { 0 };
            let piece = self.pieces.partition_point(|(first, ..)| *first <= line).saturating_sub(1);
            let Some((first, number, there)) = self.pieces.get(piece) else { continue };
            let Some(cell) = cells.iter().find(|cell| cell.number == *number) else { continue };
            let line = line.saturating_sub(*first).saturating_add(*there);
            cell.report(line, &format!("{}: {}", finding.rule.says, finding.evidence), scan);
        }
        Ok(())
    }
}
