//! Real loaders, offline under `exec`, on repos with the formats and names of much-used ones: what the default set
//! took is what they read.

mod converted;

use crate::datasets::overlay;
use crate::peers::{SCRIPTS, python};
use crate::sandbox::{Output, Sandbox, succeed};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Every repo of `loader_repos.py`, made once.
fn repos() -> &'static PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap().keep();
        let mut command = Command::new(python());
        command.env("PYTHONPATH", overlay("loaders").unwrap()).arg(format!("{SCRIPTS}/loader_repos.py")).arg(&folder);
        succeed(&mut command);
        folder
    })
}

/// A project whose Hub has all of them.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    modelpin_testkit::folder::load(&sandbox.hub, repos(), 1 << 20).unwrap();
    sandbox
}

/// Runs a script of the peers under `exec`, with the loaders and this list of packages.
fn run(sandbox: &Sandbox, list: Option<&str>, script: &str, argument: &str) -> Output {
    let folders = list.into_iter().chain(["loaders"]).map(|list| overlay(list).unwrap());
    let mut command = sandbox.command("exec --");
    command.env("PYTHONPATH", std::env::join_paths(folders).unwrap()).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("HF_DATASETS_DISABLE_PROGRESS_BARS", "1");
    sandbox.finish(command.arg(python()).arg(format!("{SCRIPTS}/{script}")).arg(argument))
}

#[test]
fn loaders_read_what_the_default_set_took() {
    let sandbox = sandbox();
    let all = ["meta/tiny-llama", "stability/tiny-xl", "sbert/tiny-embed", "speech/tiny-whisper", "onnxed/tiny-onnx"];
    for repo in all {
        sandbox.run(&format!("add {repo}")).ok();
    }
    sandbox.run("add bloke/tiny-gguf:Q4_K_M").ok();
    sandbox.run("add gpt2").ok().says("it is locked and loaded as `gpt2`");
    sandbox.run("sync --locked").ok();
    let output = run(&sandbox, None, "loaders.py", sandbox.path(".modelpin/hub").to_str().unwrap());
    assert_eq!(output.ok().stdout, "llama\ndiffusion\nembedding\nquant\nspeech\ngraph\nbare\n");
}

/// What every version says of the datasets but for the script.
const ROWS: [&str; 8] = [
    "images | default | train | image=PIL label=0 | image=PIL label=1",
    "lines | default | train | text=zipped",
    "squad | default | train | text=bare train",
    "web | default | train | json={'key': '000'} png=PIL | json={'key': '001'} png=PIL",
    "wikitext | wikitext-103-raw-v1 | test | text=wikitext-103-raw-v1 test",
    "wikitext | wikitext-103-raw-v1 | train | text=wikitext-103-raw-v1 train",
    "wikitext | wikitext-2-raw-v1 | test | text=wikitext-2-raw-v1 test",
    "wikitext | wikitext-2-raw-v1 | train | text=wikitext-2-raw-v1 train",
];

/// What is printed of the rows, sorted.
fn rows(sandbox: &Sandbox, list: Option<&str>) -> Vec<String> {
    sandbox.write("pinned.py", sandbox.command("env --loader python").output().unwrap().stdout);
    let output = run(sandbox, list, "loader_rows.py", "pinned.py");
    let mut lines: Vec<String> = output.ok().stdout.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn datasets_of_the_usual_kinds_load_in_every_layout() {
    let sandbox = sandbox();
    for repo in ["acme/images", "acme/lines", "acme/web", "acme/wikitext", "squad"] {
        sandbox.run(&format!("add {repo} --dataset")).ok();
    }
    for target in ["", "[sync]\ntarget = \"flat:data\"\n"] {
        sandbox.write("models.toml", sandbox.read("models.toml") + "\n" + target);
        sandbox.run("sync").ok();
        for list in [None, Some("datasets-3.6"), Some("datasets-2.21")] {
            assert_eq!(rows(&sandbox, list), ROWS, "{list:?} {target}");
        }
    }
}

#[test]
fn the_script_of_a_dataset_runs_once_it_is_certified() {
    let sandbox = sandbox();
    sandbox.run("add acme/scripted --dataset").ok();
    sandbox.run("sync").ok().says("`modelpin review scripted`");
    assert!(sandbox.run("env --loader python").ok().stdout.contains("withheld until it is certified"));
    // The rows are not those of the script: without it, its data is a table like any other.
    assert_eq!(rows(&sandbox, Some("datasets-2.21")), ["scripted | default | train | text=row"]);
    sandbox.write_audit("scripted");
    sandbox.run("sync --locked").ok();
    let made = ["scripted | one | train | text=one row", "scripted | two | train | text=two row"];
    assert_eq!(rows(&sandbox, Some("datasets-2.21")), made);
    assert_eq!(rows(&sandbox, Some("datasets-3.6")), made);
    // Newer versions run no script, and say so.
    assert!(rows(&sandbox, None).iter().all(|line| line.starts_with("scripted | refused")));
}
