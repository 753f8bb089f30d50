//! Configuration, adapters and lists of requirements that nobody wrote: no panic, no hang, and never `safe` for
//! what an attack was made into by a small change around it.

use modelpin_rules::Severity;
use modelpin_scan::{Limits, Report, Verdict, cross_check, scan};
use modelpin_testkit::corpus::{Expect, Item, all};
use proptest::prelude::*;
use std::collections::BTreeMap;

const NAMES: [&str; 13] = [
    "config.json",
    "adapter_config.json",
    "model_index.json",
    "modules.json",
    "model.safetensors.index.json",
    "rows.json",
    "requirements.txt",
    "pyproject.toml",
    "Pipfile",
    "setup.cfg",
    "environment.yml",
    "Dockerfile",
    "packages.txt",
];

/// Pieces that the readers give a meaning to.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\"auto_map\":",
    "\"weight_map\":",
    "\"peft_type\":\"LORA\",",
    "\"r\":",
    "\"target_modules\":\"(a+)+\",",
    "NaN",
    "-Infinity",
    "null",
    "\"a--b.C\"",
    "\"../x\"",
    "\n",
    "\r",
    "\u{2028}",
    " ",
    "#",
    "-e ",
    "--index-url ",
    "https://x.example/",
    "torch",
    "==",
    "1.0",
    ";",
    "(",
    ")",
    "- pip:",
    "channels:",
    "[tool.uv]",
    "url = ",
    "FROM x",
    "RUN ",
    "\u{43e}",
    "@",
];

fn family(item: &Item) -> bool {
    ["config-", "adapter-", "requirement-"].iter().any(|family| item.name.starts_with(family))
}

fn judge(files: &[(String, Vec<u8>)]) -> BTreeMap<String, Report> {
    let limits = Limits::default();
    let mut reports = files.iter().map(|(path, bytes)| (path.clone(), scan(bytes, path, &limits))).collect();
    cross_check(&mut reports);
    reports
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..256), name in prop::sample::select(&NAMES[..])) {
        judge(&[(name.to_owned(), bytes)]);
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40), name in prop::sample::select(&NAMES[..])) {
        judge(&[(name.to_owned(), pieces.concat().into_bytes())]);
    }
}

#[test]
fn damaged_documents_never_panic() {
    for item in all().iter().filter(|item| family(item)) {
        for (path, bytes) in &item.files {
            for at in (0..bytes.len()).step_by(bytes.len() / 24 + 1) {
                let mut broken = bytes.clone();
                broken[at] = broken[at].wrapping_add(1);
                judge(&[(path.clone(), broken)]);
                judge(&[(path.clone(), bytes[..at].to_vec())]);
            }
        }
    }
}

#[test]
fn reports_stay_sorted() {
    for item in all().iter().filter(|item| family(item)) {
        for report in judge(&item.files).values() {
            let severities: Vec<Severity> = report.findings.iter().map(|finding| finding.rule.severity).collect();
            assert!(severities.is_sorted_by(|a, b| a >= b), "{}: {severities:?}", item.name);
        }
    }
}

/// An attack in a document stays one when the document is a part of another.
#[test]
fn attacks_inside_other_documents_are_found() {
    let dangerous = |item: &&Item| item.expect == Expect::Dangerous && item.name.starts_with("config-") && family(item);
    for item in all().iter().filter(dangerous) {
        let (path, bytes) = item.files.first().unwrap();
        // These are recognized by the name of the file, and from its top.
        let by_name = ["model_index.json", "model-settings.json", "MANIFEST.json"];
        if !path.ends_with(".json") || by_name.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap();
        for around in [format!("{{\"a\": [0, {text}]}}"), format!("[[{text}]]"), format!("\n\n  {text}\n")] {
            let reports = judge(&[(path.clone(), around.into_bytes())]);
            assert_eq!(reports[path].verdict(), Verdict::Dangerous, "{}", item.name);
        }
    }
}
