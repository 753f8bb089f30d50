//! Readers of Keras files and YAML tolerate any bytes.

use modelpin_scan::{Limits, scan};
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
