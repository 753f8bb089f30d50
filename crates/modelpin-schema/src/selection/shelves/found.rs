//! The alternatives that a form of shelf found.

use crate::selection::listing::File;
use std::collections::BTreeMap;

/// The files of each alternative, by its name.
pub(super) type Found<'a> = BTreeMap<String, Vec<File<'a>>>;

/// Gives each group of files a name that no other has: the short one where it is the only one of its kind, else the long
/// one.
pub(super) fn named<'a>(groups: impl IntoIterator<Item = (String, String, Vec<File<'a>>)>) -> Found<'a> {
    let groups: Vec<(String, String, Vec<File<'a>>)> = groups.into_iter().collect();
    let mut short: BTreeMap<String, usize> = BTreeMap::new();
    for (name, _, _) in &groups {
        *short.entry(name.to_ascii_lowercase()).or_default() += 1;
    }
    let unique = short.values().all(|count| *count == 1);
    let mut found = Found::new();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (name, long, files) in groups {
        let name = if unique { name } else { long };
        let count = times.entry(name.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { name } else { format!("{name}-{count}") };
        found.entry(name).or_default().extend(files);
    }
    found
}
