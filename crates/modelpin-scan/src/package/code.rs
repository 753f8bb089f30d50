//! Which Python code the configuration of a folder reaches.

use crate::engine::{FileReference, Format, Location, Report};
use modelpin_rules::code::CODE_REACHED;
use modelpin_rules::config::FILE_MISSING;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Files that a service or a loader runs because of their name alone, and who does.
const BY_NAME: [(&str, &str); 2] = [
    ("handler.py", "Inference Endpoints run it"),
    ("custom_generate/generate.py", "`generate(custom_generate=…)` of transformers runs it"),
];

/// Marks every file of code that is reached, and every one that is named and not there.
pub(super) fn follow(reports: &mut BTreeMap<String, Report>) {
    let mut reached: BTreeMap<String, String> = BTreeMap::new();
    let mut missing: BTreeSet<(String, String)> = BTreeSet::new();
    let mut queue: VecDeque<String> = VecDeque::new();
    for (file, who) in BY_NAME {
        if reports.contains_key(file) && reached.insert(file.to_owned(), who.to_owned()).is_none() {
            queue.push_back(file.to_owned());
        }
    }
    let roots: Vec<String> =
        reports.iter().filter(|(_, report)| report.format != Format::Python).map(|(path, _)| path.clone()).collect();
    let mut next = roots.into_iter();
    while let Some(from) = next.next().or_else(|| queue.pop_front()) {
        let file_references = reports.get(&from).map(|report| report.facts.file_references.clone()).unwrap_or_default();
        for named in file_references.into_iter().filter_map(|file_reference| match file_reference {
            FileReference::Code(named) => Some(named),
            FileReference::Data(_) => None,
        }) {
            match find(reports, &named) {
                Some(path) if path == from || reached.contains_key(&path) => {}
                Some(path) => {
                    reached.insert(path.clone(), format!("named by {from}"));
                    queue.push_back(path);
                }
                None => {
                    missing.insert((from.clone(), named));
                }
            }
        }
    }
    for (path, who) in reached {
        if let Some(report) = reports.get_mut(&path) {
            report.add(&CODE_REACHED, Location::Whole, who);
        }
    }
    for (path, named) in missing {
        if let Some(report) = reports.get_mut(&path) {
            report.add(&FILE_MISSING, Location::Whole, named);
        }
    }
}

/// The file that `named` leads to: as it is, as a package, or in a folder further up. Loaders look beside the
/// configuration, in the folder that they were given, or at the root, depending on how they were called.
fn find(reports: &BTreeMap<String, Report>, named: &str) -> Option<String> {
    let mut path = named.to_owned();
    // Each turn takes one folder away.
    loop {
        let package = path.strip_suffix(".py").map(|module| format!("{module}/__init__.py"));
        if let Some(found) = std::iter::once(&path).chain(&package).find(|path| reports.contains_key(*path)) {
            return Some(found.clone());
        }
        let (folder, file) = path.rsplit_once('/')?;
        path = folder.rsplit_once('/').map_or_else(|| file.to_owned(), |(above, _)| format!("{above}/{file}"));
    }
}
