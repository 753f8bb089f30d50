//! Voices of piper: `en_US-amy-low.onnx` with its configuration `en_US-amy-low.onnx.json`.

use super::found::{Found, named};
use crate::selection::listing::{File, upwards};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn find<'a>(taken: &[File<'a>]) -> Found<'a> {
    let configurations: BTreeSet<(&str, &str)> =
        taken.iter().filter_map(|file| Some((file.folder, file.name.strip_suffix(".json")?))).collect();
    let mut voices: BTreeMap<(&'a str, &'a str), Vec<File<'a>>> = BTreeMap::new();
    for file in taken.iter().filter(|file| file.name.ends_with(".onnx")) {
        if configurations.contains(&(file.folder, file.name)) {
            voices.insert((file.folder, file.name), Vec::new());
        }
    }
    if voices.len() < 2 {
        return Found::new();
    }
    let mut folders: BTreeMap<&'a str, Vec<&'a str>> = BTreeMap::new();
    for (folder, name) in voices.keys() {
        folders.entry(folder).or_default().push(name);
    }
    // What else is in the folder of one voice belongs to it.
    let alone = |file: &File<'a>| {
        let folder = upwards(file.folder).find(|folder| folders.contains_key(folder))?;
        match folders.get(folder)?.as_slice() {
            [name] if !folder.is_empty() => Some((folder, *name)),
            _ => None,
        }
    };
    for file in taken {
        let own = (file.folder, file.name.strip_suffix(".json").unwrap_or(file.name));
        let voice = if voices.contains_key(&own) { Some(own) } else { alone(file) };
        if let Some(files) = voice.and_then(|voice| voices.get_mut(&voice)) {
            files.push(*file);
        }
    }
    named(voices.into_iter().map(|((folder, name), files)| {
        let name = name.strip_suffix(".onnx").unwrap_or(name);
        (name.to_owned(), format!("{}-{name}", folder.replace('/', "-")), files)
    }))
}
