//! models.toml and models.lock that are wrong, stale, or edited.

use crate::sandbox::Sandbox;
use expect_test::expect;

#[test]
fn no_project_says_how_to_start_one() {
    let sandbox = Sandbox::new();
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    sandbox.run("sync").refused(2).says("`modelpin init`");
    sandbox.run("--manifest-path other.toml sync").refused(2);
}

#[test]
fn a_manifest_that_wants_nothing_is_no_success() {
    Sandbox::new().run("sync").refused(2).says("no models and no datasets");
}

#[test]
fn malformed_toml_is_shown_with_its_line() {
    let sandbox = Sandbox::new();
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\nother = 1\n");
    let output = sandbox.run("sync");
    output.exits(2);
    expect![[r#"
        error: invalid basic string, expected `"`
         --> models.toml:2:18
          |
        2 | chat = "acme/chat
          |                  ^
    "#]]
    .assert_eq(&output.stderr);
}

#[test]
fn wrong_types_and_unknown_keys_are_shown_with_their_line() {
    let sandbox = Sandbox::new();
    sandbox.write("models.toml", "[models.chat]\nrepo = 7\n");
    expect![[r#"
        error: invalid type: integer `7`, expected a string
         --> models.toml:2:8
          |
        2 | repo = 7
          |        ^
    "#]]
    .assert_eq(&sandbox.run("sync").stderr);
    sandbox.write("models.toml", "[models.chat]\nrepo = \"acme/chat\"\nexlude = [\"x\"]\n");
    expect![[r#"
        error: unknown field `exlude`, expected one of `repo`, `revision`, `version`, `include`, `exclude`, `variant`, `adapter-of`
         --> models.toml:3:1
          |
        3 | exlude = ["x"]
          | ^^^^^^
        help: did you mean `exclude`?
    "#]]
    .assert_eq(&sandbox.run("sync").stderr);
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat/x\"\n");
    expect![[r#"
        error: `acme/chat/x` is not a repo id: expected `owner/name`, with one slash at most
         --> models.toml:2:8
          |
        2 | chat = "acme/chat/x"
          |        ^^^^^^^^^^^^^
    "#]]
    .assert_eq(&sandbox.run("sync").exits(2).stderr);
    sandbox.write("models.toml", [b'a', 0xff]);
    sandbox.run("sync").exits(2).says("not UTF-8");
}

#[test]
fn a_missing_lock_is_refused_where_it_may_not_be_made() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
    let output = sandbox.run("sync --locked");
    output.refused(3);
    expect![[r#"
        error: models.lock not found
          why:       without it nothing is pinned
        help: run `modelpin lock` to create it, then commit it
    "#]]
    .assert_eq(&output.stderr);
    assert_eq!(output.requests, 0);
    for words in [
        "sync --frozen",
        "lock --check",
        "update",
        "outdated",
        "tree",
        "export --format sha256sums",
        "exec -- true",
        "verify",
        "diff",
    ] {
        sandbox.run(words).refused(3);
    }
    sandbox.run_with(&[("CI", "true")], "sync").refused(3).says("sync --locked");
    sandbox.run_with(&[("MODELPIN_LOCKED", "true")], "sync").refused(3);
    sandbox.run("sync").ok();
    sandbox.run("lock --check").ok();
}

#[test]
fn a_lock_that_was_edited_by_hand_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    let lock = sandbox.read("models.lock");
    let file = lock.lines().find(|line| line.starts_with("\"config.json\"")).unwrap();
    let hash = file.split("sha256 = \"").nth(1).unwrap().split('"').next().unwrap();
    for edited in [
        lock.replace(hash, &"0".repeat(64)),
        lock.replace(&format!("{file}\n"), ""),
        lock.replace(file, &format!("{}\n{file}", file.replace("config.json", "added.json"))),
    ] {
        sandbox.write("models.lock", edited);
        for words in ["sync --locked", "sync", "verify", "lock", "update"] {
            sandbox.run(words).refused(4).says("edited by hand");
        }
        assert!(sandbox.target().is_empty());
    }
    sandbox.write("models.lock", lock.replace(hash, &"0".repeat(64)));
    expect![[r#"
        error: `chat`: models.lock was edited by hand (line 11)
          expected:  files whose `tree` is sha256:1a8e6c9a68c23fcabf42657cd2235345021c153b21599791197830cf56c2e98a
          got:       sha256:ac2c0edffbd460677916c033a697b24b55e207b514206a25e5b68aeb0c430d48
          why:       a hash that was typed in proves nothing about the reviewed bytes
        help: run `git checkout models.lock` to restore the reviewed lock
        help: run `modelpin update` to change a pin
    "#]]
    .assert_eq(&sandbox.run("sync --locked").stderr);
}

#[test]
fn an_edited_size_is_refused_when_the_bytes_come() {
    for file in ["config.json", "model.safetensors"] {
        let (sandbox, _) = Sandbox::locked();
        let lock = sandbox.read("models.lock");
        let line = lock.lines().find(|line| line.starts_with(&format!("\"{file}\""))).unwrap();
        let size = line.split("size = ").nth(1).unwrap().split(',').next().unwrap();
        sandbox.write(
            "models.lock",
            lock.replace(line, &line.replace(&format!("size = {size}"), &format!("size = 1{size}"))),
        );
        sandbox.run("sync --locked").refused(4).says("length");
        assert!(sandbox.target().is_empty());
    }
}

#[test]
fn a_lock_of_a_newer_version_is_refused_before_its_keys() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.edit("models.lock", "version = 1", "version = 2\nsurprise = true");
    expect![[r#"
        error: this is not a lock of version 1, the only one this modelpin understands
         --> models.lock:2:11
          |
        2 | version = 2
          |           ^
        help: a newer modelpin wrote it: use that one; `modelpin --version` shows this one
    "#]]
    .assert_eq(&sandbox.run("sync").exits(2).stderr);
    sandbox.edit("models.lock", "version = 2", "version = 1");
    sandbox.run("sync").exits(2).says("unknown field `surprise`");
}

#[test]
fn conflict_markers_are_named() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.edit("models.lock", "[model.chat]", "<<<<<<< HEAD\n[model.chat]");
    expect![[r#"
        error: git left a merge conflict here
         --> models.lock:4:1
          |
        4 | <<<<<<< HEAD
          | ^^^^^^^^^^^^
        help: take either side whole (`git checkout --ours models.lock`), then run `modelpin lock`
    "#]]
    .assert_eq(&sandbox.run("sync --locked").exits(2).stderr);
    sandbox.write("models.toml", "[models]\n=======\n");
    sandbox.run("sync --locked").exits(2).says("merge conflict");
}

#[test]
fn refusals_are_data_where_data_was_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
    let output = sandbox.run("sync --locked --format json");
    let data = output.exits(3).document();
    assert_eq!(data["schema-version"], 1);
    assert_eq!(data["exit-code"], 3);
    assert_eq!(data["diagnostics"][0]["what"], "models.lock not found");
}
