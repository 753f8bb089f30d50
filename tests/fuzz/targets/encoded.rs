//! Any text is judged in UTF-16 at least as it is in UTF-8.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let path = ["config.yaml", "config.json", "requirements.txt", "chat_template.jinja"][usize::from(*choice % 4)];
    let Ok(text) = std::str::from_utf8(rest) else { return drop(modelpin_fuzz::judge(rest, path)) };
    if text.contains('\0') {
        return drop(modelpin_fuzz::judge(rest, path));
    }
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let wide: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    let plain = modelpin_fuzz::judge(rest, path);
    assert!(modelpin_fuzz::judge(&wide, path).verdict() >= plain.verdict(), "{:?}", plain.findings);
});
