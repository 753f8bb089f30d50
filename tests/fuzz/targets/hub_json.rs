//! What a Hub answers: a listing, a repo, refs.
#![no_main]
use modelpin_hub::foreign::{parse_page, parse_refs, parse_repo};

libfuzzer_sys::fuzz_target!(|answer: &[u8]| {
    let _ = parse_page(answer).map_err(|error| error.to_string());
    let _ = parse_repo(answer).map_err(|error| error.to_string());
    let _ = parse_refs(answer).map_err(|error| error.to_string());
});
