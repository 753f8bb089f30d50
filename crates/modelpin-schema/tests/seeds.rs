//! What the fuzzers begin with is read: a seed in a format of old would teach them nothing but the first fault.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

use modelpin_schema::{Audits, Lockfile, Manifest};
use std::path::Path;

/// Reads every seed of `target`, and fails on one that is refused, or where there is none.
fn read_all(target: &str, read: impl Fn(&str) -> Result<(), String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/seeds").join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let refused = read(&std::fs::read_to_string(&path).unwrap()).err();
        assert_eq!(refused, None, "{}", path.display());
        count += 1;
    }
    assert!(count > 0, "{}", folder.display());
}

#[test]
fn the_seeds_of_the_fuzzers_are_read() {
    read_all("lock", |text| Lockfile::read("models.lock", text).map(drop).map_err(|fault| fault.to_string()));
    read_all("manifest", |text| Manifest::read("models.toml", text).map(drop).map_err(|fault| fault.to_string()));
    read_all("audits", |text| Audits::read("models.audits.toml", text).map(drop).map_err(|fault| fault.to_string()));
}
