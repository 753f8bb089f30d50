//! `modelpin remove`.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};

#[test]
fn an_entry_is_removed_from_both_files_and_by_the_next_sync_from_the_target() {
    let (sandbox, chat) = Sandbox::synced();
    sandbox.hub.model("acme/other").commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("add acme/other").ok();
    let before = (sandbox.read("models.toml"), sandbox.read("models.lock"));
    sandbox.run("remove chat nobody").refused(2).says("nobody");
    assert_eq!((sandbox.read("models.toml"), sandbox.read("models.lock")), before, "all of them or none");
    sandbox.run("remove chat").ok().says("chat removed");
    assert_eq!(sandbox.read("models.toml"), "[models]\nother = \"acme/other\"\n");
    let lock = sandbox.read("models.lock");
    assert!(lock.contains("[model.other]") && !lock.contains("[model.chat"), "{lock}");
    assert!(sandbox.snapshot(&chat.head(), "config.json").exists(), "the target is left to sync");
    sandbox.run("sync --locked").ok();
    assert!(!sandbox.snapshot(&chat.head(), "config.json").exists());
}

#[test]
fn adapters_are_pinned_with_their_base() {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.hub.model("acme/lora").commit(&[
        ("adapter_config.json", Content::git("{}")),
        ("adapter_model.safetensors", Content::lfs(make::weights(10))),
    ]);
    sandbox.run("add acme/lora --adapter-of chat").ok().says("base-revision");
    sandbox.run("remove chat").refused(2).says("run `modelpin remove chat lora` to remove both");
    let tree = sandbox.run("tree");
    expect![[r#"
        chat  hf:model/acme/chat main -> 8688e875dca5  (2 files, 5.0 KiB)
        lora  hf:model/acme/lora main -> a3a5e4debc7d  (2 files, 84 B)
        └── chat  base  hf:model/acme/chat main -> 8688e875dca5  (2 files, 5.0 KiB)
    "#]]
    .assert_eq(&tree.stdout);
    expect![[r#"
        chat  hf:model/acme/chat main -> 8688e875dca5  (2 files, 5.0 KiB)
        └── lora  base  hf:model/acme/lora main -> a3a5e4debc7d  (2 files, 84 B)
    "#]]
    .assert_eq(&sandbox.run("tree -i chat").stdout);
    chat.commit(&[("config.json", Content::git("{}"))]);
    let moved = sandbox.run("update chat");
    moved.ok().says("lora changed");
    sandbox.run("lock --check").ok();
    sandbox.run("remove chat lora").ok();
    assert_eq!(sandbox.read("models.toml"), "[models]\n");
    sandbox.run("tree").ok();
}
