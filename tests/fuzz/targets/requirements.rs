//! Any bytes, taken for a list of requirements, are judged in time.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| drop(modelpin_fuzz::judge(bytes, "requirements.txt")));
