//! Any text, taken for a protocol buffer as text or a model in ONNX's own syntax, is judged in time.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for name in ["config.pbtxt", "model.onnxtxt", "model.onnxjson"] {
        drop(modelpin_fuzz::judge(bytes, name));
    }
});
