//! Readers of Keras files and YAML stand any bytes.

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
