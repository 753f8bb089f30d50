//! Readers of Keras files and YAML tolerate any bytes.

use modelpin_scan::{Limits, Verdict, scan};
use modelpin_testkit::corpus::build::Hdf5;
use proptest::prelude::*;

/// A small model, with everything that its reader follows.
fn model() -> Vec<u8> {
    let member = Hdf5::group().with("kernel", Hdf5::stored()).text("name", "dense");
    let config = r#"{"class_name": "Sequential", "config": {"layers": []}}"#;
    Hdf5::group().text("model_config", config).with("a", member).with("b", Hdf5::group()).bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_hdf5_is_judged(at in 0_usize..12_000, with in proptest::collection::vec(any::<u8>(), 1..16), cut in 0_usize..14_000) {
        let mut bytes = model();
        let at = at % bytes.len();
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with);
        bytes.truncate(cut.max(64));
        prop_assert_eq!(scan(&bytes, "model.h5", &Limits::default()).dropped, 0);
    }

    #[test]
    fn any_yaml_is_judged(text in "[-:?!&*|>'\"{}\\[\\],#%a_ \\\\\n]{0,200}") {
        prop_assert_eq!(scan(text.as_bytes(), "config.yaml", &Limits::default()).dropped, 0);
    }

    #[test]
    fn a_target_is_found_behind_any_comment(noise in "[ -~]{0,40}") {
        let text = format!("a: 1\n# {noise}\n_target_: os.system\n");
        let report = scan(text.as_bytes(), "config.yaml", &Limits::default());
        prop_assert!(report.findings.iter().any(|finding| finding.rule.id == "hydra-target"), "{report:?}");
    }
}

/// A notebook of these cells.
fn notebook(cells: &[&str]) -> Vec<u8> {
    let cells: Vec<_> =
        cells.iter().map(|source| serde_json::json!({"cell_type": "code", "outputs": [], "source": source})).collect();
    serde_json::json!({"nbformat": 4, "cells": cells}).to_string().into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_cells_are_judged(cells in proptest::collection::vec("[-!%?,;/'\"\\\\(){}\\[\\]:=#a-z_ \n\t]{0,60}", 0..4)) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        prop_assert_eq!(scan(&notebook(&cells), "a.ipynb", &Limits::default()).dropped, 0);
    }

    #[test]
    fn a_command_is_found_between_any_cells(before in "[ -~\n]{0,40}", after in "[ -~\n]{0,40}") {
        let report = scan(&notebook(&[&before, "!touch /tmp/x", &after]), "a.ipynb", &Limits::default());
        prop_assert!(report.verdict() >= Verdict::Review, "{:?}", report);
    }

    #[test]
    fn an_encoding_hides_nothing(text in "(x: |_target_: os.system|!!python/name:os.system|[ -~\u{e4}\u{1f600}]|\n){0,20}", path in "a\\.(yaml|json|txt|jinja)") {
        let plain = scan(text.as_bytes(), &path, &Limits::default()).verdict();
        for is_little in [true, false] {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            let bytes: Vec<u8> =
                units.flat_map(|unit| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
            let wide = scan(&bytes, &path, &Limits::default());
            prop_assert!(wide.verdict() >= plain, "{:?}", wide);
        }
    }

    #[test]
    fn any_list_is_judged(text in "(-i |--index-url|https://|git\\+|[ -~]|\n|\\\\\n){0,30}", path in "a\\.txt|requirements/b\\.in|install|Pipfile\\.lock|uv\\.lock|\\.condarc|meta\\.yaml") {
        prop_assert_eq!(scan(text.as_bytes(), &path, &Limits::default()).dropped, 0);
    }
}

/// An array of records, longer than a document may be.
fn records(path: &str, last: &str) -> modelpin_scan::Report {
    let record = format!(r#"{{"text": "{}", "label": 1}},"#, "a word ".repeat(50));
    let bytes = format!("[{}{last}]", record.repeat(200));
    let limits = Limits { json: 10 << 10, ..Limits::default() };
    scan(bytes.as_bytes(), path, &limits)
}

#[test]
fn an_array_of_any_length_is_data() {
    let honest = r#"{"text": "b"}"#;
    let report = records("data/train.json", honest);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let hostile = r#"{"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]}"#;
    let rules =
        |report: modelpin_scan::Report| -> Vec<&str> { report.findings.iter().map(|found| found.rule.id).collect() };
    assert!(rules(records("data/train.json", hostile)).contains(&"json-call"));
    for path in ["config.json", "modules.json", "tokenizer.json", "a.ipynb"] {
        assert_eq!(rules(records(path, honest)), ["over-budget"], "{path}");
    }
}
