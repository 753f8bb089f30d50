//! Any bytes, taken for MessagePack or for a table or weights that their first bytes name, are judged in time.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let is_packed = matches!(bytes.first(), Some(0x80..=0x9f | 0xdc..=0xdf));
    drop(modelpin_fuzz::judge(bytes, if is_packed { "w.msgpack" } else { "weights.dat" }));
});
