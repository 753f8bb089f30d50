//! Data files as NumPy, joblib, pandas and scikit-learn write them, in the versions of today and of some years ago: no
//! honest one is dangerous, and every hostile twin is.

use crate::datasets::overlay;
use crate::peers::{SCRIPTS, python};
use crate::sandbox::{Sandbox, succeed};
use std::collections::BTreeMap;
use std::process::Command;

/// The files of `folder` by the worst that a scan says of them.
fn judged(sandbox: &Sandbox, folder: &str) -> BTreeMap<String, Vec<String>> {
    let mut worst: BTreeMap<String, String> =
        sandbox.below(folder).into_iter().map(|path| (path, "safe".to_owned())).collect();
    for finding in sandbox.run(&format!("scan --format json {folder}")).diagnostics() {
        let path = finding["path"].as_str().unwrap().trim_start_matches(folder).trim_start_matches('/').to_owned();
        if finding["severity"] != "note" {
            let before = worst.entry(path).or_default();
            if before != "dangerous" {
                *before = finding["severity"].as_str().unwrap().to_owned();
            }
        }
    }
    let mut by_verdict: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, verdict) in worst {
        by_verdict.entry(verdict).or_default().push(path);
    }
    by_verdict
}

/// Has the libraries of `list`, or those of the peers' environment, write files, and scans them.
fn check(list: Option<&str>) {
    let sandbox = Sandbox::new();
    let mut command = Command::new(python());
    command.envs(list.and_then(overlay).map(|folder| ("PYTHONPATH", folder)));
    succeed(command.arg(format!("{SCRIPTS}/data_files.py")).arg(sandbox.path("data")));
    let honest = judged(&sandbox, "data/honest");
    assert!(honest["safe"].len() > 100 && honest["review"].len() > 50, "{honest:?}");
    assert_eq!(honest.get("dangerous"), None);
    let hostile = judged(&sandbox, "data/hostile");
    assert_eq!(hostile.keys().collect::<Vec<_>>(), ["dangerous"], "{hostile:?}");
    assert!(hostile["dangerous"].len() > 80);
}

#[test]
fn files_of_today_are_told_from_their_hostile_twins() {
    check(None);
}

#[test]
fn files_of_2024_are_told_from_their_hostile_twins() {
    check(Some("data-2024"));
}
