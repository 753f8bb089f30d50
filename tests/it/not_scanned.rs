//! What runs code, and what nobody could follow to its end, stays out whatever models.toml says; what runs nothing comes in.

use crate::policy::project;
use crate::sandbox::Sandbox;
use modelpin_rules::{self as rules, Category};
use modelpin_testkit::Content;

const CONFIG: (&str, &str) = ("config.json", "{\"a\": 1}\n");
const EXEMPT: &str = "--reason x --owner a@b.example --ticket T-1 --expires 30d";

/// A project whose model has these files beside its configuration.
fn with(files: &[(&str, Vec<u8>)]) -> Sandbox {
    let files = files.iter().map(|(path, bytes)| (*path, Content::lfs(bytes.clone())));
    let all: Vec<(&str, Content)> = [(CONFIG.0, Content::git(CONFIG.1))].into_iter().chain(files).collect();
    project(&all)
}

fn padded() -> Vec<u8> {
    [b"# nothing to see here\n".repeat(200_000).as_slice(), b"_target_: os.system\ncommand: id\n"].concat()
}

fn noise() -> Vec<u8> {
    (0..900_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x40).collect()
}

#[test]
fn what_is_padded_beyond_the_limits_stays_out() {
    let sandbox = with(&[("hyper.yaml", padded())]);
    sandbox
        .run("sync")
        .refused(5)
        .says("over-budget")
        .says("modelpin exempt m hyper.yaml")
        .says("modelpin exclude m hyper.yaml");
    assert!(sandbox.target().is_empty());
    sandbox.run(&format!("exempt m hyper.yaml {EXEMPT}")).ok();
    sandbox.run("sync").ok();
    assert!(sandbox.target().iter().any(|path| path.ends_with("config.json")));
    assert!(!sandbox.target().iter().any(|path| path.ends_with("hyper.yaml")));
    assert!(sandbox.below(".modelpin/quarantine").iter().any(|path| path.ends_with("hyper.yaml")));
    // A decision about these bytes is none about others.
    let other = [padded(), b"other: 1\n".to_vec()].concat();
    sandbox.hub.model("acme/m").commit(&[("hyper.yaml", Content::lfs(other))]);
    sandbox.run("update").ok();
    sandbox.run("sync").refused(5);
    sandbox.run("check").exits(5).says("exemption-mismatch");
}

#[test]
fn no_line_of_the_manifest_lets_in_what_runs_or_was_not_judged() {
    let sandbox = with(&[]);
    let manifest = sandbox.read("models.toml");
    let rules: Vec<_> = rules::all().filter(|rule| rule.property.needs_decision()).collect();
    assert!(rules.len() > 60, "{}", rules.len());
    for rule in rules {
        for level in ["allow", "warn"] {
            sandbox.write("models.toml", format!("{manifest}\n[policy.rules]\n{} = \"{level}\"\n", rule.id));
            let output = sandbox.run("check");
            output.exits(2).says(rule.id).says("cannot be set to").says("modelpin exempt").says("models.toml:");
        }
    }
    sandbox.write(
        "models.toml",
        format!("{manifest}\n[policy.rules]\nover-budget = \"deny\"\ntrailing-bytes = \"allow\"\n"),
    );
    sandbox.run("check").ok();
}

#[test]
fn what_is_of_no_known_format_stays_out_unless_a_model_says_that_it_is_its_numbers() {
    let sandbox = with(&[("weights.dat", noise())]);
    sandbox.run("sync").refused(5).says("unknown-format");
    let network = b"<?xml version=\"1.0\"?>\n<net name=\"Model0\" version=\"11\">\n</net>\n".to_vec();
    let sandbox = with(&[("openvino_model.xml", network), ("openvino_model.bin", noise())]);
    sandbox.run("sync").ok();
    sandbox.run("check").ok();
    assert!(sandbox.target().iter().any(|path| path.ends_with("openvino_model.bin")));
}

#[test]
fn what_runs_nothing_comes_in_however_large_it_is() {
    let sandbox = with(&[
        ("vocab.txt", b"word\n".repeat(1_000_000)),
        ("table.csv", b"name,value\n".repeat(500_000)),
        ("rows.jsonl", b"{\"a\": 1}\n".repeat(600_000)),
        ("NOTES.md", b"An honest text.\n".repeat(300_000)),
    ]);
    sandbox.run("sync").ok();
    sandbox.run("check").ok();
    assert_eq!(sandbox.target().iter().filter(|path| path.contains("/snapshots/")).count(), 5);
}

#[test]
fn code_is_withheld_and_not_refused_for_what_is_found_in_it() {
    let sandbox = project(&[
        (CONFIG.0, Content::git(CONFIG.1)),
        ("modeling_m.py", Content::git("import os\nos.system('id')\ndef broken(:\n")),
    ]);
    sandbox.run("sync").ok().says("withheld");
}

#[test]
fn a_rule_says_what_its_findings_mean() {
    let sandbox = Sandbox::new();
    sandbox.run("scan --explain over-budget").ok().says("over-budget (review, not-scanned)").says("`modelpin exempt`");
    sandbox.run("scan --explain keras-lambda").ok().says("(dangerous, runs-code)");
    sandbox.run("scan --explain trailing-bytes").ok().says("(review, advice)");
    assert!(rules::find("license").is_some_and(|rule| rule.category == Category::Policy));
    sandbox.write("a.yaml", "x: [1\n");
    sandbox.run("scan a.yaml --format json").exits(5).says("\"property\": \"not-scanned\"");
    sandbox.run("scan a.yaml --format sarif").exits(5).says("\"property\": \"not-scanned\"");
}
