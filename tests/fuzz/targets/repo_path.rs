//! Paths and refs that anyone may name stay below the folder they are joined to.
#![no_main]
use modelpin_schema::{RepoPath, Revision};
use std::path::{Component, Path};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if text.parse::<RepoPath>().is_ok() || text.parse::<Revision>().is_ok() {
        assert!(Path::new(text).components().all(|part| matches!(part, Component::Normal(_))), "{text:?}");
        assert_eq!(Path::new(text).components().count(), text.split('/').count(), "{text:?}");
    }
});
