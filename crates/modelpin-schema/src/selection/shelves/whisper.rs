//! Models of whisper.cpp: `ggml-base.en.bin`, and the Core ML encoders beside them.

use super::found::Found;
use crate::selection::listing::File;
use std::collections::BTreeMap;

pub(super) fn find<'a>(taken: &[File<'a>]) -> Found<'a> {
    let mut found = Found::new();
    for file in taken {
        if let Some(name) = file.name.strip_prefix("ggml-").and_then(|name| name.strip_suffix(".bin")) {
            let name = if file.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", file.folder) };
            found.entry(name.replace('/', "-")).or_default().push(*file);
        }
    }
    if found.len() > 1 {
        add_encoders(taken, &mut found);
    }
    found
}

/// `ggml-base.en-encoder.mlmodelc.zip` is read beside `ggml-base.en.bin` and its quants.
fn add_encoders<'a>(taken: &[File<'a>], found: &mut Found<'a>) {
    let mut encoders: BTreeMap<&str, Vec<File<'a>>> = BTreeMap::new();
    for file in taken {
        let of = |part: &'a str| part.strip_prefix("ggml-")?.split_once("-encoder.mlmodelc").map(|(of, _)| of);
        if let Some(of) = file.path.parts().find_map(of) {
            encoders.entry(of).or_default().push(*file);
        }
    }
    for (name, files) in found.iter_mut() {
        let plain = name.rsplit_once("-q").map_or(name.as_str(), |(plain, _)| plain);
        files.extend(encoders.get(plain).into_iter().flatten());
    }
}
