//! `modelpin env`: what shells and Python loaders are told.

use crate::dependencies::{borrowing, code, lora};
use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};
use std::process::{Command, Output};

#[test]
fn env_is_what_a_shell_can_read() {
    let (sandbox, _) = Sandbox::synced();
    let shell = Command::new("sh")
        .arg("-c")
        .arg(format!("{}\necho \"$HF_HUB_CACHE\"", sandbox.run("env").ok().stdout))
        .output()
        .unwrap();
    assert_eq!(sandbox.clean(&String::from_utf8_lossy(&shell.stdout)), "[DIR]/project/.modelpin/hub\n");
}

fn python(source: &str, then: &str) -> Output {
    Command::new("python3")
        .args(["-c", "import sys; exec(sys.argv[1]); exec(sys.argv[2])", source, then])
        .output()
        .unwrap()
}

#[test]
fn python_is_told_of_commits_and_of_certified_code_only() {
    let sandbox = Sandbox::new();
    code(&sandbox, "acme/other-code");
    borrowing(&sandbox, "acme/chat", "acme/other-code");
    lora(&sandbox, "acme/support", "\"acme/chat\"");
    sandbox.hub.dataset("acme/faq").commit(&[("faq.jsonl", Content::git("{}\n"))]);
    sandbox.run("add acme/support");
    sandbox.run("add acme/faq --dataset");
    sandbox.run("env --loader python").refused(4);
    sandbox.run("sync").ok();
    let held = sandbox.run("env --loader python");
    expect![[r#"
        MODELS = {
            "chat": {
                "arguments": {
                    "code_revision": "edb6c683a2775881b8fdde0958a3ff45e3f165b1",
                    "revision": "9e769219042f14a6b965ca7b9aa9d7920697959a",
                    "trust_remote_code": False,
                },
                "name_or_path": "[DIR]/project/.modelpin/hub/models--acme--chat/snapshots/9e769219042f14a6b965ca7b9aa9d7920697959a",
            },
            "other-code": {
                "arguments": {
                    "revision": "edb6c683a2775881b8fdde0958a3ff45e3f165b1",
                    "trust_remote_code": False,
                },
                "name_or_path": "[DIR]/project/.modelpin/hub/models--acme--other-code/snapshots/edb6c683a2775881b8fdde0958a3ff45e3f165b1",
            },
            "support": {
                "arguments": {
                    "revision": "ad155f2d5127be3ea2dcbbc88f01f2d95218e255",
                },
                "base": "chat",
                "name_or_path": "[DIR]/project/.modelpin/hub/models--acme--support/snapshots/ad155f2d5127be3ea2dcbbc88f01f2d95218e255",
            },
        }
        DATASETS = {
            "faq": {
                "path": "[DIR]/project/.modelpin/hub/datasets--acme--faq/snapshots/a60b3add4d107e05683815aa9ca1afda8b31cbc9",
                "revision": "a60b3add4d107e05683815aa9ca1afda8b31cbc9",
            },
        }
    "#]]
    .assert_eq(&held.ok().stdout);
    sandbox.write_audit("other-code");
    sandbox.write_audit("chat");
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    assert_eq!(told.ok().stdout.matches("\"trust_remote_code\": True").count(), 2, "{told}");
    assert_eq!(told.stdout.replace("True", "False"), held.stdout);
    let said = python(&told.stdout, "import json; print(json.dumps({'models': MODELS, 'datasets': DATASETS}))");
    let json = sandbox.run("env --loader python --format json").ok().result();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&said.stdout).unwrap(), json);
}

#[test]
fn python_is_told_of_code_by_the_commit_of_the_repo_that_it_is_called_by() {
    let sandbox = Sandbox::new();
    code(&sandbox, "acme/other-code");
    code(&sandbox, "acme/third-code");
    let coder = |repo: &str, config: &str| {
        let map = format!("{{\"auto_map\": {{\"AutoModel\": {config}}}}}");
        sandbox.hub.model(repo).commit(&[
            ("config.json", Content::git(map)),
            ("modeling_x.py", Content::git("class Acme:\n    pass\n")),
            ("model.safetensors", Content::lfs(make::weights(900))),
        ]);
        sandbox.run(&format!("add {repo}"));
    };
    // A class of its own, by no name, is found in the folder; by its own name, in the cache.
    coder("acme/mixed", "\"acme/other-code--modeling_x.Acme\", \"AutoConfig\": \"modeling_x.Acme\"");
    coder("acme/named", "\"acme/named--modeling_x.Acme\", \"AutoConfig\": \"modeling_x.Acme\"");
    coder("acme/many", "\"acme/other-code--modeling_x.Acme\", \"AutoConfig\": \"acme/third-code--modeling_x.Acme\"");
    coder("acme/both", "\"acme/both--modeling_x.Acme\", \"AutoConfig\": \"acme/other-code--modeling_x.Acme\"");
    sandbox.run("sync").ok();
    assert!(!sandbox.run("env --loader python").ok().stdout.contains("True"));
    for entry in ["mixed", "named", "many", "both"] {
        sandbox.write_audit(entry);
    }
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    let several = "its code is in several repos: code_revision can name one only, refs/main of the target pins them";
    for entry in ["many", "both"] {
        told.ok().says(&format!("# {entry}: {several}\n"));
    }
    assert_eq!(told.stdout.matches(several).count(), 2, "{told}");
    let said = python(&told.stdout, "import json; print(json.dumps(MODELS))");
    let models: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    let revision = |name: &str, key: &str| models[name]["arguments"][key].clone();
    assert_eq!(revision("mixed", "code_revision"), revision("other-code", "revision"));
    assert_eq!(revision("named", "code_revision"), revision("named", "revision"));
    for entry in ["mixed", "named", "many", "both"] {
        assert_eq!(revision(entry, "trust_remote_code"), true, "{told}");
        let (folder, commit) = (models[entry]["name_or_path"].as_str().unwrap(), revision(entry, "revision"));
        let expected =
            format!("[DIR]/project/.modelpin/hub/models--acme--{entry}/snapshots/{}", commit.as_str().unwrap());
        assert_eq!(folder, expected);
    }
}

#[test]
fn python_is_told_of_folders_where_the_target_is_folders() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.dataset("acme/faq").commit(&[("faq.jsonl", Content::git("{}\n"))]);
    sandbox.write(
        "models.toml",
        "[models]\nchat = \"acme/chat\"\n[datasets]\nfaq = \"acme/faq\"\n[sync]\ntarget = \"flat:\u{e9} \\\"x\\\"\"\n",
    );
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    expect![[r#"
        MODELS = {
            "chat": {
                "arguments": {},
                "name_or_path": "[DIR]/project/\xe9 \"x\"/chat",
            },
        }
        DATASETS = {
            "faq": {
                "path": "[DIR]/project/\xe9 \"x\"/faq",
            },
        }
    "#]]
    .assert_eq(&told.ok().stdout);
    let raw = sandbox.command("env --loader python").output().unwrap();
    let script = "import os; print(os.listdir(MODELS['chat']['name_or_path']), os.listdir(DATASETS['faq']['path']))";
    let said = python(&String::from_utf8(raw.stdout).unwrap(), script);
    assert!(String::from_utf8_lossy(&said.stdout).contains("['faq.jsonl']"), "{said:?}");
}

#[test]
fn python_is_told_to_trust_nothing_that_is_not_where_it_would_be_looked_for() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/old", "acme/gone");
    sandbox.write("models.toml", "[models]\nold = \"acme/old\"\n[policy]\nignored-dependencies = [\"acme/gone\"]\n");
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    told.ok().says("# old: some of its code is in a repo that is not pinned\n").says("\"trust_remote_code\": False");
    code(&sandbox, "acme/gone");
    sandbox.write("models.toml", "[models]\nold = \"acme/old\"\n[sync]\ntarget = \"flat:models\"\n");
    sandbox.run("lock").ok();
    sandbox.write_audit("gone");
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python --format json");
    let json = told.ok().result();
    let arguments = |name: &str| json["models"][name]["arguments"].to_string();
    assert_eq!(arguments("old"), "{\"trust_remote_code\":false}");
    assert_eq!(arguments("gone"), "{\"trust_remote_code\":true}");
    sandbox
        .run("env --loader python")
        .ok()
        .says("# old: its code is asked for by the name of a repo, which loaders do not find");
}
