//! Protocol buffers as text and ONNX's own syntax: any text is scanned without a panic and soon, and what is written in
//! another way is judged alike.

use modelpin_scan::{Limits, Verdict, scan};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// What such documents are made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "<",
    ">",
    "[",
    "]",
    "(",
    ")",
    ":",
    ",",
    ";",
    "=",
    "=>",
    ".",
    "#",
    "\n",
    " ",
    "\"",
    "'",
    "\\",
    "\\x",
    "\\12",
    "\\u00",
    "\"location\"",
    "\"../../x\"",
    "graph",
    "initializer",
    "external_data",
    "key",
    "value",
    "node",
    "op_type",
    "op",
    "PyOp",
    "attribute",
    "embed_mode",
    "0",
    "-1.5e3",
    "layer",
    "python_param",
    "module",
    "\"os\"",
    "backend",
    "\"../x\"",
    "float[2] w",
    "main",
    "domain",
    "ir_version",
    "é",
    "\u{0}",
    "\u{2028}",
];

const NAMES: [&str; 5] = ["config.pbtxt", "m.textproto", "deploy.prototxt", "m.onnxtxt", "m.onnxjson"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_soon(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..80), name in prop::sample::select(&NAMES[..])) {
        let text = pieces.concat();
        let begin = Instant::now();
        let report = scan(text.as_bytes(), name, &Limits::default());
        prop_assert!(begin.elapsed() < Duration::from_secs(5), "{report:?}");
        prop_assert!(report == scan(text.as_bytes(), name, &Limits::default()));
    }

    /// Blanks, comments, quotes, brackets, colons and separators mean nothing.
    #[test]
    fn spelling_changes_nothing(
        blank in prop::sample::select(&[" ", "\n", "\t", " # x\n ", "\r\n"][..]),
        quote in prop::sample::select(&["'", "\""][..]),
        brackets in prop::sample::select(&[("{", "}"), ("<", ">"), (": {", "}"), (": <", ">")][..]),
        end in prop::sample::select(&["", ";", ","][..]),
        cut in 0_usize..6,
    ) {
        let (open, close) = brackets;
        let text = |text: &str| {
            let (front, back) = text.split_at(cut.min(text.len()));
            format!("{quote}{front}{quote}{blank}{quote}{back}{quote}")
        };
        let documents = [
            ("config.pbtxt", format!("backend{blank}:{}{end}", text("../../x"))),
            ("d.prototxt", format!("layer{open}python_param{blank}{open}module:{blank}{}{end}{close}{end}{close}", text("os"))),
            ("m.textproto", format!("graph{open}initializer{open}external_data{open}key:{}{end}{blank}value:{}{close}{close}{close}", text("location"), text("../../x"))),
            ("graph.pbtxt", format!("node{open}{blank}op:{blank}{}{end}{close}", text("WriteFile"))),
        ];
        for (name, document) in documents {
            let report = scan(document.as_bytes(), name, &Limits::default());
            prop_assert!(report.verdict() == Verdict::Dangerous, "{name}: {document}\n{report:?}");
        }
    }
}

/// Nesting, repetition and length cost what they are long.
#[test]
fn large_documents_are_bounded() {
    let cases = [
        ("config.pbtxt", "a {".repeat(500_000)),
        ("config.pbtxt", "a: [".repeat(500_000)),
        ("config.pbtxt", "a {} ".repeat(2_000_000)),
        ("config.pbtxt", format!("backend: {}", "'x' ".repeat(1_000_000))),
        ("config.pbtxt", "backend: 'x' ".repeat(500_000)),
        ("m.onnxtxt", "(".repeat(1_000_000)),
        ("m.onnxtxt", "a . ".repeat(500_000)),
        ("m.onnxtxt", format!("g () => () {{ {} }}", "y = Relu(x) ".repeat(300_000))),
        ("m.onnxtxt", format!("g () => () <float w = [{}]> {{}}", "\"a\": \"b\", ".repeat(300_000))),
        ("a.yaml", format!("a: &a [{}]\n_target_: {}\n", "x, ".repeat(100_000), "${a}".repeat(100_000))),
        ("a.yaml", format!("{}_target_: ${{k}}\n", "- k: ${k}${k}\n".repeat(50_000))),
        ("a.json", format!("{{\"k\": [{}1]}}", "{\"_target_\": \"${k}\", \"k\": \"${k}\"}, ".repeat(50_000))),
    ];
    for (name, text) in cases {
        let begin = Instant::now();
        let report = scan(text.as_bytes(), name, &Limits::default());
        assert!(begin.elapsed() < Duration::from_secs(60), "{name}: {:?} {}", begin.elapsed(), report.verdict());
    }
}
