//! `modelpin remove`.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};

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
