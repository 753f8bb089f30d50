//! YAML is read as PyYAML reads it: what one of them sees in a damaged document, the other sees too.

use crate::peers::{SCRIPTS, clean, python};
use crate::sandbox::{Sandbox, succeed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The rules that fire for each file below `folder`.
fn rules(folder: &std::path::Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelpin"));
    let output = command.args(["--quiet", "scan", "--format", "json"]).arg(folder).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = report["entries"].as_array().unwrap().iter().flat_map(|entry| entry["files"].as_array().unwrap());
    files
        .map(|file| {
            let findings = file["findings"].as_array().unwrap().iter();
            let rules = findings.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
            (file["path"].as_str().unwrap().to_owned(), rules)
        })
        .collect()
}

#[test]
fn yaml_is_read_as_pyyaml_reads_it() {
    let sandbox = Sandbox::new();
    let folder = sandbox.root().join("documents");
    let script = format!("{SCRIPTS}/yaml_documents.py");
    let output = succeed(clean(python(), sandbox.root()).arg(script).arg(&folder).arg("1500"));
    let seen: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
    let rules = rules(&folder);
    let fires = |path: &str, some: &[&str]| some.iter().any(|rule| rules[path].contains(*rule));
    let mut counts = BTreeMap::new();
    for (path, seen) in &seen {
        let is_environment = path.ends_with("environment.yml");
        *counts.entry((is_environment, seen.as_str())).or_insert(0) += 1;
        let (probe, odd): (&[&str], &[&str]) = if is_environment {
            (&["requirement-source"], &["requirement-unsupported"])
        } else {
            (&["yaml-object", "hydra-target"], &[])
        };
        let text = || std::fs::read_to_string(folder.join(path)).unwrap();
        match seen.as_str() {
            "probe" => assert!(fires(path, probe), "{path} hides it: {}", text()),
            "data" => assert!(!fires(path, probe) && !fires(path, odd), "{path} is plain data: {}", text()),
            _ => {}
        }
    }
    // Otherwise nothing was compared.
    for (is_environment, seen, least) in
        [(false, "probe", 500), (false, "data", 10), (true, "probe", 300), (true, "data", 100)]
    {
        assert!(counts.get(&(is_environment, seen)).is_some_and(|count| *count >= least), "{counts:?}");
    }
}
