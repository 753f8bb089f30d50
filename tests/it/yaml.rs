//! YAML is read as PyYAML reads it: what one of them sees in a damaged document, the other sees too.

use crate::peers::{SCRIPTS, clean, python, scan};
use crate::sandbox::{Sandbox, succeed};
use std::collections::BTreeMap;

#[test]
fn yaml_is_read_as_pyyaml_reads_it() {
    let sandbox = Sandbox::new();
    let folder = sandbox.root().join("documents");
    let script = format!("{SCRIPTS}/yaml_documents.py");
    let output = succeed(clean(python(), sandbox.root()).arg(script).arg(&folder).arg("1500"));
    let seen: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).unwrap();
    let scanned = scan(&folder);
    let fires = |path: &str, some: &[&str]| some.iter().any(|rule| scanned[path].rules.contains(*rule));
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
