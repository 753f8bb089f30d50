//! `models.toml`: read, and edited.
#![no_main]
use modelpin_schema::{Manifest, manifest::edit};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(manifest) = Manifest::read("models.toml", text) {
        let name = manifest.entries.keys().next();
        let edited = name.map(|name| edit::remove("models.toml", text, name));
        assert!(!matches!(edited, Some(Ok(None))), "an entry that is read can be removed");
    }
});
