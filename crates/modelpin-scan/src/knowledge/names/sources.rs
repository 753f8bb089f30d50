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
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(REPO).join("target"), PathBuf::from);
    let lib = target.join("tmp/peers/lib");
    let found = std::fs::read_dir(&lib).ok().and_then(|mut dirs| dirs.next()?.ok());
    let Some(found) = found else { panic!("no libraries below {}: run `cargo it peers` first", lib.display()) };
    found.path().join("site-packages")
}

fn is_harmless(path: &str) -> bool {
    row(path).is_some_and(|row| matches!(row.does, Does::Value | Does::Plain | Does::Model))
}

/// What `tests/peers/names.py` says of the functions of a library that act.
fn candidates(folder: &Path) -> String {
    let output = Command::new("python3").arg(format!("{REPO}/tests/peers/names.py")).arg(folder).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// A name, what it does, and the last function through which it comes to that.
fn candidate(line: &str) -> Option<(String, &str, String)> {
    let mut fields = line.split('\t');
    let (module, name, words) = (fields.next()?, fields.next()?, fields.next()?);
    let path = format!("{module}.{}", name.trim_end_matches(" ="));
    let through = fields.nth(1).and_then(|through| through.rsplit(" > ").next()).unwrap_or_default();
    let through = if through.is_empty() { path.clone() } else { through.to_owned() };
    Some((path, words, through))
}

#[test]
#[ignore = "reads the sources of the libraries that `cargo it peers` installs, for a minute"]
fn nothing_harmless_leads_to_what_acts() {
    let judged = std::fs::read_to_string(format!("{REPO}/tests/peers/judged.txt")).unwrap_or_default();
    let judged: BTreeSet<&str> =
        judged.lines().filter_map(|line| line.split_once(": ")).map(|(function, _)| function).collect();
    let site = site_packages();
    let texts: Vec<String> = std::thread::scope(|scope| {
        let folders = LIBRARIES.iter().map(|name| site.join(name));
        let runs: Vec<_> = folders.map(|folder| scope.spawn(move || candidates(&folder))).collect();
        runs.into_iter().map(|run| run.join().unwrap_or_default()).collect()
    });
    let (mut wrong, mut needed) = (BTreeSet::new(), BTreeSet::new());
    let mut seen = 0_usize;
    for (path, words, through) in texts.iter().flat_map(|text| text.lines()).filter_map(candidate) {
        seen = seen.saturating_add(1);
        if !words.split('+').any(|word| ACTS.contains(&word)) || !is_harmless(&path) {
            continue;
        }
        match judged.get(through.as_str()) {
            Some(function) => drop(needed.insert(*function)),
            None => drop(wrong.insert(format!("{path}: {words} through {through}"))),
        }
    }
    assert!(seen > 10_000, "only {seen} candidates: are the libraries there?");
    assert!(wrong.is_empty(), "{} names\n{wrong:#?}", wrong.len());
    let unneeded: Vec<_> = judged.difference(&needed).collect();
    assert!(unneeded.is_empty(), "nothing leads through them any more: {unneeded:#?}");
}
