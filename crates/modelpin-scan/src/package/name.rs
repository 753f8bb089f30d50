//! Names that are two on one file system and one on another.

use crate::engine::{Location, Report};
use modelpin_rules::file::DECEPTIVE_NAME;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

/// Marks files whose paths differ only in case or in how letters are composed.
pub(super) fn collide(reports: &mut BTreeMap<String, Report>) {
    let mut spellings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in reports.keys() {
        let ends = path.match_indices('/').map(|(at, _)| at).chain(std::iter::once(path.len()));
        for prefix in ends.filter_map(|end| path.get(..end)) {
            let folded = prefix.nfc().collect::<String>().to_lowercase().nfc().collect();
            spellings.entry(folded).or_default().insert(prefix.to_owned());
        }
    }
    let colliding: Vec<BTreeSet<String>> = spellings.into_values().filter(|paths| paths.len() > 1).collect();
    for paths in &colliding {
        let all = paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        for path in paths {
            // A folder is not a report: every file in it has the finding.
            let in_member = format!("{path}/");
            for (_, report) in reports.iter_mut().filter(|(file, _)| *file == path || file.starts_with(&in_member)) {
                report.add(&DECEPTIVE_NAME, Location::Whole, format!("the same name on some file systems: {all}"));
            }
        }
    }
}
