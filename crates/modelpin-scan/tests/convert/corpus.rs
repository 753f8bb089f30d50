//! The corpus: no attack converts, every honest state dict does.

use crate::{converted, plan};
use modelpin_scan::convert::convert;
use modelpin_scan::{Limits, Verdict, scan};
use modelpin_testkit::corpus::{Expect, all};

/// What is not safe is refused; so an item that is one attack is, whatever it is called.
#[test]
fn only_safe_files_are_converted() {
    let mut refused = 0;
    for item in all() {
        let is_attack = item.files.len() == 1 && matches!(item.expect, Expect::Dangerous | Expect::Suspect);
        for (path, bytes) in &item.files {
            let is_safe = scan(bytes, path, &Limits::default()).verdict() == Verdict::Safe;
            let plan = convert(bytes, path, &Limits::default());
            assert!(plan.is_err() || (is_safe && !is_attack), "{}: {path}", item.name);
            refused += usize::from(is_attack);
        }
    }
    assert!(refused > 200, "{refused}");
}

/// The state dicts among the honest items.
const STATE_DICTS: &[&str] = &[
    "archive-honest-torch",
    "archive-honest-torch-old",
    "archive-honest-torch-repacked",
    "archive-honest-torch-random-bytes",
    "archive-honest-torch-bytes-like-a-pickle",
    "archive-honest-torch-empty-storage",
    "archive-torch-one",
    "archive-torch-pth-tar",
    "pickle-old-torch-honest",
    "pickle-tensor-contiguous",
    "pickle-tensor-transposed",
    "pickle-tensor-expanded",
    "pickle-tensor-offset",
    "pickle-tensor-scalar",
    "pickle-tensor-empty",
    "pickle-torch-state-dict",
    "pickle-torch-metadata",
    "pickle-torch-tied",
    "pickle-torch-parameter",
    "pickle-torch-optimizer",
];

#[test]
fn every_honest_state_dict_is_converted() {
    let mut left: Vec<&str> = STATE_DICTS.to_vec();
    for item in all() {
        let is_known = left.iter().position(|name| *name == item.name);
        if let Some(place) = is_known {
            left.remove(place);
            converted(&item.files[0].1);
        } else if item.expect == Expect::Safe {
            // What else converts has to be on the list.
            for (path, bytes) in &item.files {
                assert!(plan(bytes).is_err(), "{}: {path}", item.name);
            }
        }
    }
    assert_eq!(left, [""; 0]);
}
