//! Folders with Core ML packages of the same names, as WhisperKit has them: one folder a model.

use super::found::Found;
use crate::selection::listing::File;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn find<'a>(taken: &[File<'a>]) -> Found<'a> {
    let mut folders: BTreeMap<&str, BTreeSet<&'a str>> = BTreeMap::new();
    for file in taken {
        if let Some((folder, package)) = package(file) {
            folders.entry(folder).or_default().insert(package);
        }
    }
    let mut packages: BTreeMap<&str, usize> = BTreeMap::new();
    for package in folders.values().flatten() {
        *packages.entry(package).or_default() += 1;
    }
    let has_counterpart = |names: &BTreeSet<&str>| names.iter().any(|name| packages.get(name) > Some(&1));
    folders.retain(|_, names| has_counterpart(names));
    let mut found = Found::new();
    for file in taken {
        if let Some((top, _)) = file.path.as_str().split_once('/')
            && folders.contains_key(top)
        {
            found.entry(top.to_owned()).or_default().push(*file);
        }
    }
    found
}

/// The folder at the top, and the package somewhere in it.
fn package<'a>(file: &File<'a>) -> Option<(&'a str, &'a str)> {
    let is_package = |part: &&str| part.ends_with(".mlmodelc") || part.ends_with(".mlpackage");
    let top = file.path.parts().next().filter(|top| !is_package(top))?;
    Some((top, file.path.parts().skip(1).find(is_package)?))
}
