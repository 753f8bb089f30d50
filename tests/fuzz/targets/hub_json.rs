//! Any bytes from a Hub are an answer or an error that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelpin_hub::foreign::{parse_access, parse_page, parse_refs, parse_repo};

fuzz_target!(|bytes: &[u8]| {
    let _ = parse_access("the token", bytes).map_err(|error| error.to_string());
    let _ = parse_page(bytes).map_err(|error| error.to_string());
    let _ = parse_refs(bytes).map_err(|error| error.to_string());
    let _ = parse_repo(bytes).map_err(|error| error.to_string());
});
