//! Folders that are repositories to git.

use crate::engine::{Location, Report};
use modelpin_rules::file::GIT_LAYOUT;
use modelpin_schema::path::folded;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Marks the `HEAD` of each folder that git takes for a repository: `objects` and `refs` are folders beside it, or
/// `commondir` names their place. Without that file it is not a git folder.
pub(super) fn mark(reports: &mut BTreeMap<String, Report>) {
    let paths: BTreeSet<String> =
        reports.keys().map(|path| path.split('/').map(folded).collect::<Vec<_>>().join("/")).collect();
    let is_folder = |folder: String| {
        let after = paths.range::<str, _>((Bound::Excluded(folder.as_str()), Bound::Unbounded)).next();
        after.is_some_and(|path| path.starts_with(&folder))
    };
    for (path, report) in reports {
        let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
        if folded(name) != "head" {
            continue;
        }
        let beside = |name: &str| {
            let parts = folder.split('/').filter(|part| !part.is_empty()).map(folded).chain([name.to_owned()]);
            parts.collect::<Vec<_>>().join("/")
        };
        let place = if folder.is_empty() { "the top of the repo" } else { folder };
        if is_folder(beside("objects/")) && is_folder(beside("refs/")) {
            report.add(&GIT_LAYOUT, Location::Whole, format!("`{name}`, `objects` and `refs` in {place}"));
        } else if paths.contains(&beside("commondir")) {
            report.add(&GIT_LAYOUT, Location::Whole, format!("`{name}` and `commondir` in {place}"));
        }
    }
}
