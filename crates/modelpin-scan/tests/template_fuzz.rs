//! Templates and texts of any shape are scanned without a panic, and soon.

use modelpin_scan::{Limits, scan};
use modelpin_testkit::corpus::{Item, all};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// What templates are made of.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{%-",
    "-%}",
    " if ",
    " else ",
    " elif ",
    " endif ",
    " for ",
    " in ",
    " endfor ",
    " set ",
    " = ",
    " endset ",
    " macro ",
    " endmacro ",
    " call ",
    " endcall ",
    " filter ",
    " raw ",
    " endraw ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "\\",
    "\\x5f",
    "\\N{",
    "a",
    "m.content",
    "1",
    "0x",
    "1e9",
    ".",
    ",",
    ":",
    "|",
    "~",
    "+",
    "-",
    "*",
    "**",
    "%",
    " is ",
    " not ",
    " and ",
    " or ",
    "range(",
    "attr(",
    "'x'",
    "'__'",
    "\n",
    "\u{a0}",
    "é",
    "\u{200b}",
    "namespace(",
    "ns.x",
    " with ",
    " block ",
    " include ",
    " do ",
    " generation ",
    " endgeneration ",
];

/// The small items of two families.
static ITEMS: LazyLock<Vec<Item>> = LazyLock::new(|| {
    all()
        .into_iter()
        .filter(|item| item.name.starts_with("template-") || item.name.starts_with("file-"))
        .filter(|item| item.files.iter().all(|(_, bytes)| bytes.len() < 50_000))
        .collect()
});

fn scanned_soon(bytes: &[u8], path: &str) {
    let begun = Instant::now();
    let _ = scan(bytes, path, &Limits::default());
    assert!(begun.elapsed() < Duration::from_secs(10), "{path}: {:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_pieces(picked in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = picked.iter().filter_map(|index| PIECES.get(*index).copied()).collect();
        scanned_soon(text.as_bytes(), "x.jinja");
        scanned_soon(format!("{{{{ {text} }}}}").as_bytes(), "x.jinja");
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for path in ["x.jinja", "x.txt", "x.pth", "x.msgpack", "x.svg", "x.arrow", "x"] {
            scanned_soon(&bytes, path);
        }
    }

    #[test]
    fn changed_items(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let item = which.get(&ITEMS);
        for (path, bytes) in &item.files {
            let mut bytes = bytes.clone();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            scanned_soon(&bytes, path);
        }
    }
}
