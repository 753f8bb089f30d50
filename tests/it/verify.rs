//! `modelpin verify`.

use crate::sandbox::{Sandbox, flip};
use expect_test::expect;
use modelpin_testkit::{Content, make};

#[test]
fn a_flipped_byte_in_the_target_is_found_and_repaired() {
    let (sandbox, chat) = Sandbox::synced();
    let model = sandbox.snapshot(&chat.head(), "model.safetensors");
    flip(&model);
    let output = sandbox.run("verify");
    output.refused(4);
    expect![[r#"
        error: `chat`: `model.safetensors`: the target has other bytes than models.lock
          expected:  sha256:5ec6f21d3f8e1e60f71431e34b63a9f297a656054496ac7dc213a14bd3330388
          got:       sha256:1353f9ef0b09768d863401576d4b3473d2984be7275a5c59c3f8b67e677d93d9
          why:       what would be loaded is not what was reviewed
        help: find out what changed it
        help: run `modelpin sync` to restore the target
    "#]]
    .assert_eq(&output.stderr);
    sandbox.run("verify --fast").ok();
    sandbox.run("exec -- true").refused(4);
    // Offline there is nothing to repair it with: the store's blob is the same file on the disk.
    sandbox.run("sync --frozen").exits(4);
    assert!(!model.exists(), "what is not proven is not to be seen");
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    assert_eq!(std::fs::read(&model).unwrap(), make::weights(5000));
}

#[test]
fn all_that_is_damaged_is_told_in_one_run() {
    let sandbox = Sandbox::new();
    let names = ["one", "two", "three"];
    for (number, name) in names.iter().enumerate() {
        let weights = |more: usize| Content::lfs(make::weights(1000 * (number + 1) + more));
        sandbox.hub.model(&format!("acme/{name}")).commit(&[
            ("config.json", Content::git(format!("{{\"n\": {number}}}"))),
            ("a.safetensors", weights(1)),
            ("b.safetensors", weights(2)),
        ]);
        sandbox.run(&format!("add acme/{name}")).ok();
    }
    sandbox.run("sync").ok();
    let placed = |name: &str, path: &str| {
        let commit = sandbox.hub.model(&format!("acme/{name}")).head();
        sandbox.path(&format!(".modelpin/hub/models--acme--{name}/snapshots/{commit}/{path}"))
    };
    for (name, path) in [("one", "a.safetensors"), ("one", "config.json"), ("two", "b.safetensors")] {
        flip(&placed(name, path));
    }
    std::fs::remove_file(placed("three", "a.safetensors")).unwrap();
    let output = sandbox.run("verify");
    let told: Vec<&str> = output.refused(4).stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    expect![[r#"
        error: `one`: `config.json`: the target has other bytes than models.lock
        error: `one`: `a.safetensors`: the target has other bytes than models.lock
        error: `three`: `a.safetensors`: the file is missing from the target
        error: `two`: `b.safetensors`: the target has other bytes than models.lock"#]]
    .assert_eq(&told.join("\n"));
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
}

#[test]
fn a_changed_pin_is_not_synced_from_its_old_bytes() {
    let (sandbox, chat) = Sandbox::synced();
    let old = chat.head();
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    sandbox.run("update").ok();
    sandbox.run("verify").refused(4);
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    assert!(!sandbox.snapshot(&old, "config.json").exists(), "the old snapshot is a stranger");
}

#[test]
fn a_target_that_was_never_synced_is_told_once() {
    for target in [".modelpin/hub", "flat:models"] {
        let (sandbox, _) = Sandbox::locked();
        let manifest = sandbox.read("models.toml");
        sandbox.write("models.toml", format!("{manifest}\n[sync]\ntarget = \"{target}\"\n"));
        sandbox.run("lock").ok();
        for words in ["verify", "verify --fast", "exec -- true", "env", "env --loader python"] {
            let output = sandbox.run(words);
            output.refused(4).says("nothing is installed yet").says("help: run `modelpin sync`");
            assert_eq!(output.stderr.matches("error: ").count(), 1, "{output}");
        }
        sandbox.run("sync").ok();
        sandbox.run("verify").ok();
    }
}

#[test]
fn strangers_in_the_target_are_found_and_removed() {
    let (sandbox, chat) = Sandbox::synced();
    let inside = sandbox.snapshot(&chat.head(), "modeling_evil.py");
    std::fs::write(&inside, "import os").unwrap();
    sandbox.write(".modelpin/hub/models--evil--repo/snapshots/main/x.py", "import os");
    sandbox.write(".modelpin/hub/models--acme--chat/refs/other", "x");
    let output = sandbox.run("verify");
    output.refused(4);
    expect![[r#"
        error: `models--acme--chat/refs/other`: it is not in models.lock
          expected:  nothing here
          got:       a file, link or folder
          why:       a loader may pick up what nobody reviewed
        help: find out what changed it
        help: run `modelpin sync` to restore the target

        error: `models--acme--chat/snapshots/8688e875dca501682706a37b012399c54b2732e7/modeling_evil.py`: it is not in models.lock
          expected:  nothing here
          got:       a file, link or folder
          why:       a loader may pick up what nobody reviewed
        help: find out what changed it
        help: run `modelpin sync` to restore the target

        error: `models--evil--repo`: it is not in models.lock
          expected:  nothing here
          got:       a file, link or folder
          why:       a loader may pick up what nobody reviewed
        help: find out what changed it
        help: run `modelpin sync` to restore the target
    "#]].assert_eq(&output.stderr);
    sandbox.run("exec -- true").refused(4);
    sandbox.run("sync --frozen").ok().says("removed 3 untracked files");
    sandbox.run("verify").ok();
    assert!(!inside.exists());
}
