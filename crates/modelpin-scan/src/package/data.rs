//! Which files of data are named and not there.

use crate::documents::config::folder;
use crate::engine::{FileReference, Format, Location, Report};
use modelpin_rules::config::FILE_MISSING;
use std::collections::BTreeMap;

/// Marks the files that name others which are not there.
pub(super) fn follow(reports: &mut BTreeMap<String, Report>) {
    let mut missing: Vec<(String, String)> = Vec::new();
    for (path, report) in &*reports {
        let (there, away): (Vec<String>, Vec<String>) = report
            .facts
            .file_references
            .iter()
            .filter_map(|file_reference| match file_reference {
                FileReference::Data(named) => Some(normal(&format!("{}{named}", folder(path)))),
                FileReference::Code(_) => None,
            })
            .partition(|named| reports.contains_key(named));
        // An index whose shards were all left out is the twin of a model that is kept in another format; so is a
        // network without its numbers.
        if !(there.is_empty() && matches!(report.format, Format::Json | Format::Text)) {
            missing.extend(away.into_iter().map(|named| (path.clone(), named)));
        }
    }
    for (path, named) in missing {
        if let Some(report) = reports.get_mut(&path) {
            report.add(&FILE_MISSING, Location::Whole, named);
        }
    }
}

/// The path without `.` and, as far as they can be taken back, `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}
