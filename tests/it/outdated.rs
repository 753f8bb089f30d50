//! `modelpin outdated`.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::Content;

#[test]
fn a_branch_that_moved_is_reported_and_changes_nothing() {
    let (sandbox, chat) = Sandbox::synced();
    sandbox.run("outdated --exit-code").ok();
    chat.commit(&[("config.json", Content::git("{}"))]);
    chat.flag("model.safetensors", "unsafe");
    chat.flag("not-locked.bin", "unsafe");
    sandbox.run("sync --locked").ok();
    let output = sandbox.run("outdated --exit-code");
    output.exits(10);
    expect![[r#"
        chat: locked 8688e875dca5, newest 6365a64872f8 for `main`; `modelpin update chat` updates it
        chat: the Hub's scanners flag `model.safetensors` as unsafe
    "#]]
    .assert_eq(&output.stdout);
    sandbox.run("outdated").ok();
    let data = sandbox.run("outdated --format json").ok().result();
    assert_eq!(data["news"].as_array().unwrap().len(), 2);
}
