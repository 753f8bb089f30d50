//! Any bytes, taken for a checkpoint, are refused or converted into what is safe.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| modelpin_fuzz::converted(bytes));
