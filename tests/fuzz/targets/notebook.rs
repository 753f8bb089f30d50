//! Any bytes, taken for a notebook or for the cells of one, are judged in time.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// A notebook whose cells are these bytes, cut at each form feed.
fn notebook(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let cells = text.split('\u{c}').map(|source| {
        let escaped: String = source.chars().map(|c| format!("\\u{:04x}", (c as u32).min(0xd7ff))).collect();
        format!("{{\"cell_type\": \"code\", \"source\": [\"{escaped}\"]}}")
    });
    format!("{{\"nbformat\": 4, \"cells\": [{}]}}", cells.collect::<Vec<_>>().join(", "))
}

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"{") {
        drop(modelpin_fuzz::judge(bytes, "demo.ipynb"));
    } else {
        drop(modelpin_fuzz::judge(notebook(bytes).as_bytes(), "demo.ipynb"));
    }
});
