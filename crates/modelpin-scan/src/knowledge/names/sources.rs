//! The table against the sources of libraries: nothing that a row calls harmless leads to what acts on the machine,
//! but through functions that `tests/peers/judged.txt` lists, each with a reason.

use super::{Does, row};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const REPO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Those that `tests/peers/requirements.txt` installs and rows call harmless in parts.
const LIBRARIES: &[&str] = &[
    "datasets",
    "h5py",
    "huggingface_hub",
    "joblib",
    "numpy",
    "pyarrow",
    "safetensors",
    "scipy",
    "sklearn",
    "transformers",
];

const ACTS: &[&str] = &["process", "dynamic-code", "deserialise", "native", "network", "filesystem-write"];

/// Where the tests of the peers have installed the libraries.
fn site_packages() -> PathBuf {
    let lib = Path::new(REPO).join("target/tmp/peers/lib");
    let found = std::fs::read_dir(&lib).ok().and_then(|mut dirs| dirs.next()?.ok());
    let Some(found) = found else { panic!("no libraries below {}: run `cargo it peers` first", lib.display()) };
    found.path().join("site-packages")
}

fn is_harmless(path: &str) -> bool {
    row(path).is_some_and(|row| matches!(row.does, Does::Value | Does::Plain | Does::Model))
}

#[test]
#[ignore = "reads the sources of the libraries that `cargo it peers` installs, for half a minute"]
fn nothing_harmless_leads_to_what_acts() {
    let judged = std::fs::read_to_string(format!("{REPO}/tests/peers/judged.txt")).unwrap_or_default();
    let judged: BTreeSet<&str> =
        judged.lines().filter_map(|line| line.split_once(": ")).map(|(function, _)| function).collect();
    let site = site_packages();
    let mut wrong = BTreeSet::new();
    let mut seen = 0_usize;
    for library in LIBRARIES {
        let output =
            Command::new("python3").arg(format!("{REPO}/tests/peers/names.py")).arg(site.join(library)).output();
        let output = output.map(|output| output.stdout).unwrap_or_default();
        for line in String::from_utf8_lossy(&output).lines() {
            let mut fields = line.split('\t');
            let (Some(module), Some(name), Some(words)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            let path = format!("{module}.{}", name.trim_end_matches(" ="));
            seen = seen.saturating_add(1);
            let through = fields.nth(1).and_then(|through| through.rsplit(" > ").next()).unwrap_or_default();
            let through = if through.is_empty() { &path } else { through };
            if words.split('+').any(|word| ACTS.contains(&word)) && is_harmless(&path) && !judged.contains(through) {
                wrong.insert(format!("{path}: {words} through {through}"));
            }
        }
    }
    assert!(seen > 10_000, "only {seen} candidates: are the libraries there?");
    assert!(wrong.is_empty(), "{} names\n{wrong:#?}", wrong.len());
}
