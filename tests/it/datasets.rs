//! Datasets as the library of that name loads them, in three of its versions: what is pinned, or an error.

use crate::peers::{SCRIPTS, clean, python};
use crate::sandbox::{Sandbox, succeed};
use modelpin_testkit::Content;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// What comes before the peers' own packages, made of the list of this name; nothing where there is none.
pub(crate) fn overlay(name: &str) -> Option<PathBuf> {
    static MAKING: Mutex<()> = Mutex::new(());
    let list = format!("{SCRIPTS}/{name}.txt");
    let wanted = std::fs::read_to_string(&list).ok()?;
    let _making = MAKING.lock().unwrap();
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // Another test process may be at it.
    let lock = std::fs::File::create(root.join("datasets.lock")).unwrap();
    lock.lock().unwrap();
    let folder = root.join(name);
    let ready = folder.join("ready");
    if std::fs::read_to_string(&ready).ok().as_ref() != Some(&wanted) {
        let _ = std::fs::remove_dir_all(&folder);
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"];
        succeed(Command::new(python()).args(install).arg(&folder).args(["-r", &list]));
        std::fs::write(&ready, wanted).unwrap();
    }
    Some(folder)
}

/// Makes the command's Python have this version of `datasets`.
fn with<'a>(command: &'a mut Command, version: &str) -> &'a mut Command {
    if let Some(folder) = overlay(&format!("datasets-{version}")) {
        command.env("PYTHONPATH", folder);
    }
    command.env("HF_DATASETS_DISABLE_PROGRESS_BARS", "1").env("PYTHONDONTWRITEBYTECODE", "1")
}

fn parquet(rows: &[&str]) -> Vec<u8> {
    succeed(Command::new(python()).arg(format!("{SCRIPTS}/parquet.py")).args(rows)).stdout
}

/// Lines of JSON, a table with two configurations, and Parquet in folders.
fn commit(sandbox: &Sandbox, word: &str) {
    let lines =
        |split: &str| Content::git(format!("{{\"q\": \"{word} {split} 1\"}}\n{{\"q\": \"{word} {split} 2\"}}\n"));
    let faq = sandbox.hub.dataset("acme/faq");
    faq.commit(&[("train.jsonl", lines("train")), ("test.jsonl", lines("test"))]);
    let card = "---\nconfigs:\n- config_name: en\n  data_files:\n  - split: train\n    path: en/*.csv\n  - split: test\n    \
                path: en-test.csv\n- config_name: fr\n  data_files: fr/*.csv\n---\n";
    let csv = |of: &str| Content::git(format!("q\n{word} {of}\n"));
    sandbox.hub.dataset("acme/table").commit(&[
        ("README.md", Content::git(card)),
        ("en/one.csv", csv("en train")),
        ("en-test.csv", csv("en test")),
        ("fr/one.csv", csv("fr")),
    ]);
    let shard = "data/train-00000-of-00001.parquet";
    sandbox.hub.dataset("acme/grid").commit(&[(shard, Content::lfs(parquet(&[&format!("{word} grid")])))]);
}

/// What is told of the rows, where everything is right.
const PINNED: [&str; 6] = [
    "faq default test pinned test 1 pinned test 2",
    "faq default train pinned train 1 pinned train 2",
    "grid default train pinned grid",
    "table en test pinned en test",
    "table en train pinned en train",
    "table fr train pinned fr",
];

/// Loads everything by what modelpin prints and by name; what by name was right all the same.
fn load(sandbox: &Sandbox, version: &str) {
    sandbox.write("pinned.py", sandbox.command("env --loader python").output().unwrap().stdout);
    let mut command = sandbox.command("exec --");
    command.arg(python()).arg(format!("{SCRIPTS}/rows.py")).arg("pinned.py");
    let output = sandbox.finish(with(&mut command, version));
    let (mut told, by_name): (Vec<&str>, Vec<&str>) =
        output.ok().stdout.lines().partition(|line| !line.contains("acme/"));
    told.sort_unstable();
    assert_eq!(told, PINNED, "{version}: {output}");
    assert!(by_name.len() >= 12, "{version}: {output}");
    let right = |line: &&str| {
        line.contains(" refused ") || PINNED.iter().any(|row| line.ends_with(&row[row.find("pinned").unwrap()..]))
    };
    assert!(by_name.iter().all(right), "{version}: {output}");
}

/// Puts other rows in the place of those in every file below `folder` that was built of them.
fn forge(folder: &Path) -> usize {
    let (mut forged, mut open) = (0, vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.symlink_metadata().unwrap().is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "arrow") {
                let text = std::fs::read(&path).unwrap();
                let bytes: Vec<u8> = text.windows(6).map(|at| if at == b"pinned" { b'P' } else { at[0] }).collect();
                std::fs::write(&path, [&bytes, &text[text.len() - 5..]].concat()).unwrap();
                forged += 1;
            }
        }
    }
    forged
}

fn rows_are_those_that_are_pinned(version: &str) {
    let sandbox = Sandbox::new();
    let home = sandbox.root().join("home");
    // What the person loaded before, from what is not pinned.
    commit(&sandbox, "older");
    let online = "from datasets import load_dataset; load_dataset('acme/faq'); load_dataset('acme/table', 'en')";
    let mut command = clean(python(), &home);
    succeed(with(&mut command, version).env("HF_ENDPOINT", sandbox.hub.endpoint()).args(["-c", online]));
    commit(&sandbox, "pinned");
    for repo in ["acme/faq", "acme/grid", "acme/table"] {
        sandbox.run(&format!("add {repo} --dataset")).ok();
    }
    sandbox.run("sync").ok();
    commit(&sandbox, "newer");
    load(&sandbox, version);
    // What was built in that run is there, and is not believed in the next.
    assert!(forge(&sandbox.root().join("store")) == 6, "nothing was built");
    load(&sandbox, version);
    sandbox.run("verify").ok();
}

#[test]
fn datasets_2_21_loads_what_is_pinned() {
    rows_are_those_that_are_pinned("2.21");
}

#[test]
fn datasets_3_6_loads_what_is_pinned() {
    rows_are_those_that_are_pinned("3.6");
}

#[test]
fn datasets_5_2_loads_what_is_pinned() {
    rows_are_those_that_are_pinned("5.2");
}
