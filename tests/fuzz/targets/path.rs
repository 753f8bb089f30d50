//! A path or revision that is accepted stays below the folder that it is joined to.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelpin_schema::{RepoPath, Revision, Source};
use std::path::{Component, Path};

fuzz_target!(|text: &str| {
    let inside = |text: &str| Path::new(text).components().all(|part| matches!(part, Component::Normal(_)));
    assert!(text.parse::<RepoPath>().map_or(true, |path| inside(path.as_str()) && path.collision_key().len() < 8192));
    assert!(text.parse::<Revision>().map_or(true, |revision| inside(revision.as_str())));
    assert!(text.parse::<Source>().map_or(true, |source| inside(&source.cache_folder()) && source.to_string() == text));
});
