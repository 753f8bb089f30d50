//! Any text is a manifest or a fault that can be shown; what is read can be edited.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelpin_schema::Manifest;
use modelpin_schema::manifest::edit;

fuzz_target!(|text: &str| match Manifest::read("models.toml", text) {
    Ok(manifest) => manifest.entries.keys().for_each(|name| drop(edit::remove("models.toml", text, name))),
    Err(fault) => drop(fault.to_string()),
});
