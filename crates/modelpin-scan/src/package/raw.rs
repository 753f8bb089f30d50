//! Files of raw tensors. By themselves they are bytes of no format; the model beside them says that they are
//! nothing but numbers.

use crate::documents::config::folder;
use crate::engine::{FileReference, Finding, Format, Location, Report};
use modelpin_rules::Rule;
use modelpin_rules::file::{TRAILING_BYTES, TRUNCATED, UNCHECKED_FORMAT, UNKNOWN_FORMAT, UNSCANNED_FORMAT};
use modelpin_rules::graph::PROTOBUF_MALFORMED;
use std::collections::{BTreeMap, BTreeSet};

/// Takes back `unknown-format`, and what was made of numbers that happen to look like fields, from the files that a
/// model, an index or a network of the same folder reads its tensors from, where that was itself scanned to its end.
/// What such a file could be to another reader was asked when it was sniffed: it is neither a pickle nor an archive
/// nor a program.
pub(crate) fn explain(reports: &mut BTreeMap<String, Report>) {
    let mut named = BTreeSet::new();
    for (path, report) in &*reports {
        let reads_tensors = matches!(report.format, Format::Onnx | Format::TensorIndex | Format::Json | Format::Text);
        if reads_tensors && !report.findings.iter().any(|finding| finding.rule.property.needs_decision()) {
            let folder = folder(path);
            named.extend(report.facts.file_references.iter().filter_map(|file_reference| match file_reference {
                FileReference::Data(file) => Some(format!("{folder}{file}")),
                FileReference::Code(_) => None,
            }));
        }
    }
    core_ml(reports);
    for path in named {
        let Some(report) = reports.get_mut(&path) else { continue };
        let format = report.format;
        report.findings.retain(|finding| !is_guess(format, finding));
    }
}

/// Whether a model that reads its tensors from a file of this format would take back this finding of it.
fn is_guess(format: Format, finding: &Finding) -> bool {
    let guessed: &[&Rule] = match format {
        Format::Binary => &[&UNKNOWN_FORMAT, &UNCHECKED_FORMAT],
        Format::Protobuf => &[&UNSCANNED_FORMAT, &PROTOBUF_MALFORMED, &UNKNOWN_FORMAT, &TRAILING_BYTES, &TRUNCATED],
        _ => &[],
    };
    finding.member.first().is_none_or(|member| member == "trailing bytes") && guessed.contains(&finding.rule)
}

/// Takes out of `report` the findings that stand for want of a model that says that the file is raw tensors, those that
/// need a decision, and returns their rules. They are not findings yet while a model that could name the file was not
/// inspected.
pub fn take_provisional_findings(report: &mut Report) -> BTreeSet<&'static str> {
    let format = report.format;
    let is_open = |finding: &Finding| finding.rule.property.needs_decision() && is_guess(format, finding);
    let rules: BTreeSet<&'static str> =
        report.findings.iter().filter(|finding| is_open(finding)).map(|finding| finding.rule.id).collect();
    report.findings.retain(|finding| !is_open(finding));
    rules
}

/// Whether [`take_provisional_findings`] can be of the rule with this name.
#[must_use]
pub fn may_be_provisional(rule: &str) -> bool {
    [&UNKNOWN_FORMAT, &UNSCANNED_FORMAT, &PROTOBUF_MALFORMED, &TRAILING_BYTES, &TRUNCATED]
        .iter()
        .any(|open| open.id == rule)
}

/// Files of a model of Core ML, beside its program or its manifest.
const OF_CORE_ML: [&str; 4] =
    ["coremldata.bin", "analytics/coremldata.bin", "weights/weight.bin", "weights/0-weight.bin"];

/// Says of the files of a compiled model of Core ML that they are that, where its program is beside them and was
/// scanned. Nothing else reads them.
fn core_ml(reports: &mut BTreeMap<String, Report>) {
    let programs = reports.iter().filter(|(_, report)| {
        report.format == Format::Text && !report.findings.iter().any(|finding| finding.rule.property.needs_decision())
    });
    let folders: Vec<String> = programs
        .filter_map(|(path, _)| path.strip_suffix("model.mil"))
        .filter(|folder| folder.ends_with(".mlmodelc/"))
        .map(str::to_owned)
        .collect();
    for path in folders.iter().flat_map(|folder| OF_CORE_ML.iter().map(move |file| format!("{folder}{file}"))) {
        let Some(report) = reports.get_mut(&path).filter(|report| report.format == Format::Binary) else { continue };
        let before = report.findings.len();
        report.findings.retain(|finding| finding.rule != &UNKNOWN_FORMAT || !finding.member.is_empty());
        if report.findings.len() < before {
            report.add(&UNCHECKED_FORMAT, Location::Whole, "data of a compiled Core ML model");
        }
    }
}
