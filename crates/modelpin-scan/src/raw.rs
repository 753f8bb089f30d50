//! Files of raw tensors. By themselves they are bytes of no format; the model beside them says that they are
//! nothing but numbers.

use crate::rules::file::UNKNOWN_FORMAT;
use crate::{Format, Mention, Report, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Takes back `unknown-format` from the files that a model of the same folder, itself safe, reads its tensors from.
/// What such a file could be to another reader was asked when it was sniffed: it is no pickle, no archive, no
/// program.
pub(crate) fn explain(reports: &mut BTreeMap<String, Report>) {
    let mut named = BTreeSet::new();
    for (path, report) in &*reports {
        let reads_tensors = matches!(report.format, Format::Onnx | Format::TensorIndex);
        if reads_tensors && report.verdict() == Verdict::Safe {
            let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            named.extend(report.facts.mentions.iter().filter_map(|mention| match mention {
                Mention::Data(file) => Some(format!("{folder}{file}")),
                Mention::Code(_) => None,
            }));
        }
    }
    for path in named {
        if let Some(report) = reports.get_mut(&path).filter(|report| report.format == Format::Binary) {
            report.findings.retain(|finding| finding.rule != &UNKNOWN_FORMAT || !finding.member.is_empty());
        }
    }
}
