//! What the scan saw in a code file, by line.

use modelpin_ops::verbs::review::ReviewedFile;
use modelpin_ops::verbs::scan::{Finding, Location};
use modelpin_rules::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// What the scan saw in one file.
#[derive(Default)]
pub(super) struct Marks {
    lines: BTreeMap<usize, Vec<Mark>>,
    /// What is about the file as a whole.
    pub(super) whole: Vec<Mark>,
}

/// One thing that it saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// How bad it is.
    pub(super) severity: Severity,
    /// What it is.
    pub(super) text: String,
}

impl Marks {
    /// Of a file.
    pub(super) fn of(code: &ReviewedFile) -> Self {
        let mut marks = Self::default();
        for (capability, places) in &code.report.facts.capabilities {
            for place in places {
                let when = if place.on_import { "on import" } else { "when called" };
                let severity = Severity::Note;
                let text = format!("can {}: {when}", capability.word());
                marks.lines.entry(line(place.line)).or_default().push(Mark { severity, text });
            }
        }
        for finding in &code.report.findings {
            match &finding.at {
                // A line of a member is none of the archive.
                Location::Line(at) if finding.member.is_empty() => {
                    marks.lines.entry(line(*at)).or_default().push(mark(finding));
                }
                Location::Line(_) | Location::Whole | Location::Byte(_) | Location::Key(_) => {
                    marks.whole.push(mark(finding));
                }
            }
        }
        if code.report.dropped > 0 {
            let text = format!("and {} more findings, which were only counted", code.report.dropped);
            marks.whole.push(Mark { severity: Severity::Review, text });
        }
        marks
    }

    /// Those at lines that are not among `shown`, each with its line.
    pub(super) fn elsewhere(&self, shown: &BTreeSet<usize>) -> Vec<Mark> {
        let hidden = self.lines.iter().filter(|(at, _)| !shown.contains(at));
        let placed = |at: &usize, mark: &Mark| Mark { text: format!("line {at}: {}", mark.text), ..*mark };
        hidden.flat_map(|(at, marks)| marks.iter().map(move |mark| placed(at, mark))).collect()
    }

    /// Without those that `old`, an older version of the file, has at whatever line.
    pub(super) fn beyond(mut self, old: &Self) -> Self {
        let known: BTreeSet<&str> = old.lines.values().flatten().map(|mark| mark.text.as_str()).collect();
        self.lines.values_mut().for_each(|marks| marks.retain(|mark| !known.contains(mark.text.as_str())));
        self
    }

    /// At a line, counted from 1.
    pub(super) fn at(&self, line: usize) -> &[Mark] {
        self.lines.get(&line).map(Vec::as_slice).unwrap_or_default()
    }
}

fn mark(finding: &Finding) -> Mark {
    let mut place = finding.member.clone();
    if !place.is_empty() && finding.at != Location::Whole {
        place.push(finding.at.to_string());
    }
    let parts = [finding.rule.id.to_owned(), place.join(", "), finding.evidence.clone()];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    Mark { severity: finding.rule.severity, text }
}

fn line(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
