//! Any bytes, taken for HDF5 or for a configuration in JSON, are judged in time.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = if bytes.starts_with(b"\x89HDF") { "model.h5" } else { "config.json" };
    drop(modelpin_fuzz::judge(bytes, path));
});
