//! The house: which crate may use which, which licences may come in, how long a file may be.

mod circles;
mod graph;
mod source;
mod verbs;
mod words;

use serde_json::Value;
use source::TOP;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(TOP)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a crate of ours uses when it is not being tested.
fn uses(metadata: &Value, name: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == name).unwrap();
    let normal = package["dependencies"].as_array().unwrap().iter().filter(|used| used["kind"].is_null());
    normal.map(|used| used["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn arrows_point_one_way() {
    let metadata = metadata();
    for (name, wanted) in [
        ("modelpin-schema", vec![]),
        ("modelpin-hub", vec!["modelpin-schema"]),
        ("modelpin-rules", vec!["modelpin-schema"]),
        ("modelpin-policy", vec!["modelpin-rules", "modelpin-schema"]),
        ("modelpin-scan", vec!["modelpin-rules", "modelpin-schema"]),
        ("modelpin-store", vec!["modelpin-schema"]),
        (
            "modelpin-ops",
            vec![
                "modelpin-hub",
                "modelpin-policy",
                "modelpin-rules",
                "modelpin-scan",
                "modelpin-schema",
                "modelpin-store",
            ],
        ),
        ("modelpin-jail", vec![]),
        ("modelpin-xet", vec![]),
        (
            "modelpin",
            vec![
                "modelpin-jail",
                "modelpin-ops",
                "modelpin-policy",
                "modelpin-rules",
                "modelpin-schema",
                "modelpin-xet",
            ],
        ),
        ("modelpin-testkit", vec![]),
    ] {
        let ours: Vec<String> = uses(&metadata, name).into_iter().filter(|used| used.starts_with("modelpin")).collect();
        assert_eq!(ours, wanted, "{name}");
    }
}

#[test]
fn each_power_has_one_holder() {
    let metadata = metadata();
    let ours = [
        "modelpin-schema",
        "modelpin-hub",
        "modelpin-jail",
        "modelpin-policy",
        "modelpin-rules",
        "modelpin-scan",
        "modelpin-store",
        "modelpin-ops",
        "modelpin-xet",
        "modelpin",
        "modelpin-testkit",
    ];
    for (power, holders) in [
        ("reqwest", vec!["modelpin-hub"]),
        ("xet-client", vec!["modelpin-xet"]),
        ("xet-data", vec!["modelpin-xet"]),
        ("xet-runtime", vec!["modelpin-xet"]),
        ("clap", vec!["modelpin"]),
        ("indicatif", vec!["modelpin"]),
        ("rustix", vec!["modelpin-jail", "modelpin-ops", "modelpin-store"]),
        ("landlock", vec!["modelpin-jail"]),
        ("seccompiler", vec!["modelpin-jail"]),
        ("nix", vec!["modelpin-jail"]),
        ("libc", vec!["modelpin-jail"]),
        ("ruff_python_parser", vec!["modelpin-scan"]),
        ("flate2", vec!["modelpin-scan", "modelpin-testkit"]),
        ("bzip2", vec!["modelpin-scan", "modelpin-testkit"]),
        ("lz4_flex", vec!["modelpin-scan"]),
        ("lzma-rust2", vec!["modelpin-scan", "modelpin-testkit"]),
        ("ruzstd", vec!["modelpin-scan", "modelpin-testkit"]),
        ("axum", vec!["modelpin-testkit"]),
        ("tempfile", vec!["modelpin-jail", "modelpin-ops", "modelpin-store", "modelpin-testkit"]),
        ("tokio", vec!["modelpin-hub", "modelpin-ops", "modelpin-xet", "modelpin", "modelpin-testkit"]),
    ] {
        for name in ours {
            assert!(!uses(&metadata, name).contains(power) || holders.contains(&name), "{name} must not use {power}");
        }
    }
    let all: BTreeSet<&str> =
        metadata["packages"].as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap()).collect();
    for unwanted in ["openssl", "openssl-sys", "native-tls"] {
        assert!(!all.contains(unwanted), "{unwanted} came in");
    }
}

#[test]
fn every_licence_is_one_that_was_agreed_to() {
    let deny = std::fs::read_to_string(format!("{TOP}/.cargo/deny.toml")).unwrap();
    let agreed = |licence: &str| deny.contains(&format!("    \"{licence}\","));
    for package in metadata()["packages"].as_array().unwrap() {
        let text = package["license"].as_str().unwrap_or_default().replace('/', " OR ").replace(['(', ')'], " ");
        // Every part of an AND has one licence of its ORs that is agreed to.
        let fine = !text.trim().is_empty()
            && text.split(" AND ").all(|part| {
                part.split(" OR ").any(|licence| agreed(licence.split(" WITH ").next().unwrap_or_default().trim()))
            });
        assert!(fine, "{} is under {text:?}", package["name"]);
    }
}

fn sources(below: &str) -> Vec<PathBuf> {
    source::below(&Path::new(TOP).join(below))
}

#[test]
fn no_file_is_two_things() {
    for path in sources("crates").into_iter().chain(sources("tests")) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
    }
}

#[test]
fn nothing_foreign_can_panic_by_a_shortcut() {
    for folder in source::crates(Path::new(TOP)).into_iter().filter(|folder| !folder.ends_with("modelpin-testkit")) {
        let files = source::below(&folder.join("src"));
        let tests = source::only_for_tests(&files);
        for path in files.iter().filter(|path| !tests.iter().any(|test| path.starts_with(test))) {
            assert_eq!(source::shortcuts(&source::parse(path)), [""; 0], "{}", path.display());
        }
    }
}

#[test]
fn a_shortcut_is_found_wherever_it_is() {
    let found = |text: &str| source::shortcuts(&syn::parse_file(text).unwrap());
    assert_eq!(found("fn f() { #[cfg(test)] g(); a.unwrap() }"), ["unwrap in f"]);
    assert_eq!(found("#[cfg(test)] mod tests { fn f() { panic!() } } fn g() { b.expect(c) }"), ["expect in g"]);
    assert_eq!(found("impl A { #[cfg(test)] fn f() { panic!() } fn g() { vec![a.unwrap(), todo!()] } }").len(), 2);
    assert_eq!(found("fn f() { unwrap(); a.unwrap_or(b).expected(c); \"panic!()\" } // panic!()"), [""; 0]);
}

#[test]
fn every_crate_keeps_the_lints_and_every_test_is_run() {
    for entry in std::fs::read_dir(format!("{TOP}/crates")).unwrap() {
        let manifest = std::fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{manifest}");
    }
    for path in sources("tests/it") {
        let folder = path.parent().unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (name, folder) = match name.as_str() {
            "main" => continue,
            "mod" => (folder.file_name().unwrap().to_string_lossy().into_owned(), folder.parent().unwrap()),
            _ => (name, folder),
        };
        let above = ["main.rs", "mod.rs"].map(|file| std::fs::read_to_string(folder.join(file)).unwrap_or_default());
        let declared = above.concat().lines().any(|line| line.ends_with(&format!("mod {name};")));
        assert!(declared, "{} is in no file above it", path.display());
    }
}

#[test]
fn what_the_compiler_does_not_check_is_in_one_file_and_has_its_proof() {
    for path in sources("crates") {
        let text = std::fs::read_to_string(&path).unwrap();
        let unsafe_lines = text.lines().filter(|line| line.contains("unsafe {")).count();
        let alone = path.ends_with("modelpin-jail/src/linux/notifications.rs");
        assert!(alone || !text.contains("unsafe_code"), "{}", path.display());
        assert!(!alone || (unsafe_lines > 0 && unsafe_lines <= text.matches("// SAFETY: ").count()), "{unsafe_lines}");
    }
}

#[test]
fn git_leaves_locks_and_hashed_bytes_alone() {
    let attributes = std::fs::read_to_string(format!("{TOP}/.gitattributes")).unwrap();
    for line in
        ["models.lock text eol=lf", "models.lock.example text eol=lf", "examples/quickstart/vendor/blobs/** -text"]
    {
        assert!(attributes.lines().any(|other| other.starts_with(line)), "{line}");
    }
}

#[test]
fn every_link_of_the_docs_leads_somewhere() {
    let (mut pages, mut open) = (
        vec![Path::new(TOP).join("README.md"), Path::new(TOP).join(".github/CONTRIBUTING.md")],
        vec![Path::new(TOP).join("docs")],
    );
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { pages.push(path) }
        }
    }
    for page in pages.iter().filter(|page| page.extension().is_some_and(|suffix| suffix == "md")) {
        let text = std::fs::read_to_string(page).unwrap();
        // Code, such as a pattern, has no links.
        let text: String = text.split('`').step_by(2).collect();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let fine = file.is_empty() || file.contains("://") || page.parent().unwrap().join(file).exists();
            assert!(fine, "{} links to {link}", page.display());
        }
    }
}

#[test]
fn every_file_that_the_docs_for_developers_name_is_there() {
    for page in ["docs/architecture.md", ".github/CONTRIBUTING.md", "docs/style.md"] {
        let text = std::fs::read_to_string(Path::new(TOP).join(page)).unwrap();
        let named = text.split('`').skip(1).step_by(2).filter(|code| !code.contains([' ', '*']));
        for path in named.filter(|code| ["crates/", "tests/", "docs/"].iter().any(|folder| code.starts_with(folder))) {
            // A part in capitals stands for a name.
            let is_pattern = path.split(['/', '.']).any(|part| part.len() > 2 && part.chars().all(char::is_uppercase));
            assert!(is_pattern || Path::new(TOP).join(path).exists(), "{page} names {path}");
        }
    }
}
