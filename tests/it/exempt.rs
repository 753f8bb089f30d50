//! `exempt`: exact bytes are let in, for a reason, until a day.

use crate::decisions::days_ago;
use crate::imports::sha256;
use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};

/// A pickle that makes a dictionary, and one that asks for a global.
const PICKLE: &[u8] = b"\x80\x02}q\x00.";
const GLOBAL: &[u8] = b"cos\nsystem\n(S'id'\ntR.";

/// A project that has locked `legacy`, with two pickles, weights and code.
fn legacy() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/legacy").commit(&[
        ("config.json", Content::git("{}\n")),
        ("modeling.py", Content::git("import math\n")),
        ("model.safetensors", Content::lfs(make::weights(100))),
        ("extra.bin", Content::lfs(GLOBAL)),
        ("pytorch_model.bin", Content::lfs(PICKLE)),
    ]);
    sandbox.write("models.toml", "[models]\nlegacy = { repo = \"acme/legacy\", include = [\"*\"] }\n");
    let locked = sandbox.run("lock");
    assert!(sandbox.path("models.lock").exists(), "{locked}");
    sandbox
}

#[test]
fn an_exemption_is_for_exact_bytes_until_a_day() {
    let sandbox = legacy();
    let output = sandbox.exempt("legacy pytorch_model.bin extra.bin", &["--expires", "2w", "--approver", "security"]);
    let steady = |text: &str| text.replace(&days_ago(-14).to_string(), "[DAY]");
    expect![[r#"
        fetching 2 files, 27 B
        `legacy`: `extra.bin` (sha256:8cc73ceecc3fb6787129f6639c5171a97fae9256e36d20d1ca7e4916aee299a4) is exempted until [DAY]
          scanner: dangerous (pickle)
          imports: os.system
          findings: pickle-dangerous-global; `modelpin scan legacy` shows more
        `legacy`: `pytorch_model.bin` (sha256:ad2598304a8af697d0c335a50a3e5a1ba06c82d9b63ef5f9d3e730b54cf9148a) is exempted until [DAY]
          scanner: safe (pickle)
        commit models.audits.toml; `modelpin sync` then installs the files to the quarantine
    "#]].assert_eq(&steady(&output.ok().stderr));
    expect![[r##"
        # Decisions about models, each bound to exact bytes. Review a change to this file like code, by somebody who may decide.
        version = 1

        [[exemption]]
        source = "hf:model/acme/legacy"
        file = "extra.bin"
        sha256 = "8cc73ceecc3fb6787129f6639c5171a97fae9256e36d20d1ca7e4916aee299a4"
        reason = "no safetensors yet"
        owner = "ml-platform"
        approver = "security"
        ticket = "SEC-4410"
        expires = "[DAY]"

        [[exemption]]
        source = "hf:model/acme/legacy"
        file = "pytorch_model.bin"
        sha256 = "ad2598304a8af697d0c335a50a3e5a1ba06c82d9b63ef5f9d3e730b54cf9148a"
        reason = "no safetensors yet"
        owner = "ml-platform"
        approver = "security"
        ticket = "SEC-4410"
        expires = "[DAY]"
    "##]].assert_eq(&steady(&sandbox.read("models.audits.toml")));
    assert!(!sandbox.path(".modelpin/quarantine").exists() && sandbox.target().is_empty());
}

#[test]
fn a_day_that_is_over_or_far_away_is_none() {
    let sandbox = legacy();
    for expires in [
        &days_ago(1).to_string(),
        &days_ago(0).to_string(),
        "0d",
        &days_ago(-400).to_string(),
        "9999w",
        "2026-02-30",
        "tomorrow",
        "",
        "-1d",
    ] {
        let output = sandbox.exempt("legacy pytorch_model.bin", &[&format!("--expires={expires}")]);
        output.refused(2);
    }
    assert!(!sandbox.path("models.audits.toml").exists());
    sandbox.exempt("legacy pytorch_model.bin", &["--expires", &days_ago(-1).to_string()]).ok();
    sandbox.exempt("legacy extra.bin", &["--expires", "366d"]).ok();
}

#[test]
fn every_part_of_an_exemption_has_to_be_given() {
    let sandbox = legacy();
    let whole = ["--reason", "r", "--owner", "o", "--ticket", "T-1", "--expires", "30d"];
    for at in (0..whole.len()).step_by(2) {
        let mut words: Vec<&str> = whole.to_vec();
        words.drain(at..at + 2);
        let mut command = sandbox.command("exempt legacy pytorch_model.bin");
        sandbox.finish(command.args(words)).exits(2);
    }
    sandbox.run("exempt legacy").exits(2);
    for hostile in ["a\u{1b}[2J", "a\nb", ""] {
        let mut command =
            sandbox.command("exempt legacy pytorch_model.bin --owner o --ticket T-1 --expires 30d --reason");
        let output = sandbox.finish(command.arg(hostile));
        output.exits(2);
        assert!(!output.stderr.contains('\u{1b}'));
    }
    assert!(!sandbox.path("models.audits.toml").exists());
}

#[test]
fn there_is_no_wildcard() {
    let sandbox = legacy();
    let output = sandbox.exempt("legacy *.bin", &["--expires", "30d"]);
    output.refused(2);
    expect![[r#"
        error: `legacy`: `*.bin` is a pattern; each file is exempted by its own path
          why:       a pattern would allow files that nobody reviewed
        help: run `modelpin scan legacy -v` to list the files
    "#]]
    .assert_eq(&output.stderr);
}

#[test]
fn files_that_are_none_are_code_or_need_nothing_are_refused() {
    let sandbox = legacy();
    let refused = |files: &str, text: &str| {
        sandbox.exempt(&format!("legacy {files}"), &["--expires", "30d"]).refused(2).says(text);
        assert!(!sandbox.path("models.audits.toml").exists());
    };
    refused("pytorch_modle.bin", "did you mean `pytorch_model.bin`?");
    refused("../../etc/passwd", "no file `../../etc/passwd` in models.lock");
    refused("modeling.py", "modelpin certify legacy");
    refused("config.json", "needs no exemption");
    refused("model.safetensors", "needs no exemption");
    // All or none.
    refused("pytorch_model.bin config.json", "needs no exemption");
    sandbox.run("exempt nobody x --reason r --owner o --ticket T-1 --expires 30d").refused(2).says("`nobody`");
}

#[test]
fn an_exemption_is_prolonged_by_a_later_one() {
    let sandbox = legacy();
    sandbox.exempt("legacy pytorch_model.bin", &["--expires", "30d"]).ok();
    let text = sandbox.read("models.audits.toml");
    for expires in ["30d", "29d"] {
        sandbox.exempt("legacy pytorch_model.bin", &["--expires", expires]).refused(2).says("already");
    }
    sandbox.exempt("legacy pytorch_model.bin", &["--expires", "60d"]).ok().says(&format!("(it was {})", days_ago(-30)));
    assert!(sandbox.read("models.audits.toml").starts_with(&text));
    assert_eq!(sandbox.read("models.audits.toml").matches("[[exemption]]").count(), 2);
}

#[test]
fn without_its_bytes_a_file_is_exempted_by_what_the_lock_knows() {
    let sandbox = legacy();
    let output = sandbox.exempt("legacy extra.bin", &["--expires", "30d", "--offline"]);
    output.ok().says("the file is not on this machine, so it was not scanned");
    assert_eq!(output.requests, 0);
    // What is here is scanned all the same.
    sandbox.exempt("legacy pytorch_model.bin", &["--expires", "30d"]).ok();
    let output = sandbox.exempt("legacy extra.bin pytorch_model.bin", &["--expires", "60d", "--offline"]);
    assert_eq!(output.ok().stderr.matches("the file is not on this machine").count(), 1, "{output}");
    assert_eq!(output.stderr.matches("  scanner: ").count(), 1, "{output}");
}

#[test]
fn without_a_network_a_mirror_must_have_what_is_exempted() {
    let sandbox = legacy();
    let text = sandbox.read("models.toml");
    sandbox.write("models.toml", format!("{text}\n[[mirror]]\nurl = \"mirror\"\n"));
    sandbox.exempt("legacy extra.bin", &["--expires", "30d", "--offline"]).refused(7);
    assert!(!sandbox.path("models.audits.toml").exists());
    let digest = sha256(GLOBAL);
    let copy = format!("mirror/blobs/sha256/{}/{digest}", &digest[..2]);
    sandbox.write(&copy, PICKLE);
    sandbox.exempt("legacy extra.bin", &["--expires", "30d", "--offline"]).refused(4);
    assert!(!sandbox.path("models.audits.toml").exists());
    sandbox.write(&copy, GLOBAL);
    sandbox.exempt("legacy extra.bin", &["--expires", "30d", "--offline"]).ok().says("  scanner: dangerous");
}

#[test]
fn bytes_that_are_not_the_locked_ones_are_not_exempted() {
    let sandbox = legacy();
    sandbox.hub.fault(modelpin_testkit::Fault::FlipByte("extra.bin"));
    sandbox.exempt("legacy extra.bin", &["--expires", "30d"]).refused(4);
    assert!(!sandbox.path("models.audits.toml").exists());
}

#[test]
fn a_stale_lock_is_refused() {
    let sandbox = legacy();
    sandbox.edit("models.toml", "[\"*\"]", "[\"*.bin\"]");
    sandbox.exempt("legacy extra.bin", &["--expires", "30d"]).refused(3);
}

#[test]
fn the_advice_for_a_file_with_a_leading_dash_works_as_it_stands() {
    let sandbox = Sandbox::new();
    sandbox
        .hub
        .model("acme/legacy")
        .commit(&[("-dash.bin", Content::lfs(PICKLE)), ("--help.bin", Content::lfs(GLOBAL))]);
    sandbox.write("models.toml", "[models]\nlegacy = { repo = \"acme/legacy\", include = [\"*\"] }\n");
    sandbox
        .run("sync")
        .exits(5)
        .says("modelpin exempt legacy ./--help.bin --reason")
        .says("modelpin exclude legacy '[-]-help.bin'`")
        .says("modelpin convert legacy ./-dash.bin`");
    sandbox.exempt("legacy ./-dash.bin ./--help.bin", &["--expires", "2w"]).ok();
    assert!(sandbox.read("models.audits.toml").contains("file = \"-dash.bin\""));
    let converted = sandbox.run("convert legacy ./-dash.bin --dry-run");
    assert!(converted.code != 2 || !converted.stderr.contains("unexpected argument"), "{converted}");
    sandbox.run("sync").ok();
    sandbox.run("exclude legacy [-]-help.bin").ok();
    let lock = sandbox.read("models.lock");
    assert!(lock.contains("\n\"-dash.bin\" = {") && !lock.contains("\n\"--help.bin\" = {"), "{lock}");
}

#[test]
fn check_scans_what_is_only_in_the_quarantine() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/legacy").commit(&[("config.json", Content::git("{}\n")), ("a.bin", Content::lfs(PICKLE))]);
    sandbox.write("models.toml", "[models]\nlegacy = { repo = \"acme/legacy\", include = [\"*\"] }\n");
    sandbox.run("lock");
    sandbox.exempt("legacy a.bin", &["--expires", "30d"]).ok();
    sandbox.run("sync").ok().says("1 file is in quarantine");
    sandbox.remove_store();
    let trusted = || sandbox.run("check --format json").ok().result()["counts"]["trusted"].clone();
    assert_eq!(trusted(), 0);
    std::fs::remove_dir_all(sandbox.path(".modelpin/quarantine")).unwrap();
    assert_eq!(trusted(), 1);
}
