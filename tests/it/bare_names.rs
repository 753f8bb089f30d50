//! Names without an owner, as `gpt2`: what the lock says of them, and what they lead to.

use crate::sandbox::Sandbox;
use modelpin_testkit::{Content, Repo, make};

fn gpt2() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let repo = sandbox.hub.model("openai-community/gpt2");
    repo.commit(&[
        ("config.json", Content::git("{\"model_type\": \"gpt2\"}")),
        ("model.safetensors", Content::lfs(make::weights(300))),
    ]);
    repo.also_called("gpt2");
    (sandbox, repo)
}

#[test]
fn the_lock_says_whose_a_name_without_an_owner_is() {
    let (sandbox, repo) = gpt2();
    sandbox.run("add gpt2").ok().says("the Hub calls `gpt2` now `openai-community/gpt2`");
    assert!(sandbox.read("models.toml").contains("gpt2 = \"gpt2\""), "{}", sandbox.read("models.toml"));
    assert_eq!(sandbox.locked_value("source"), "hf:model/gpt2");
    assert_eq!(sandbox.locked_value("canonical"), "openai-community/gpt2");
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    // Where loaders look for what a program calls so.
    assert!(sandbox.path(".modelpin/hub/models--gpt2/refs/main").exists());
    assert!(!sandbox.path(".modelpin/hub/models--openai-community--gpt2").exists());
    repo.commit(&[("generation_config.json", Content::git("{}"))]);
    let update = sandbox.run("update");
    assert!(!update.ok().stderr.contains("the Hub calls"), "{update}");
    sandbox.run("outdated --exit-code").ok();
    // Both names are two entries: neither answers for the other.
    sandbox.run("add openai-community/gpt2 --name owned").ok();
    sandbox.run("sync").ok();
    assert!(sandbox.path(".modelpin/hub/models--openai-community--gpt2/refs/main").exists());
}

#[test]
fn a_name_that_goes_to_another_owner_is_another_repo() {
    let (sandbox, repo) = gpt2();
    sandbox.run("add gpt2").ok();
    let moved = repo.rename("mallory/gpt2");
    moved.also_called("gpt2");
    sandbox.run("update").refused(6).says("belongs to another owner now").says("`mallory/gpt2`");
    // A repo of another identity, under the same name.
    let (sandbox, _) = gpt2();
    sandbox.run("add gpt2").ok();
    let other = sandbox.hub.model("mallory/gpt2");
    other.commit(&[("config.json", Content::git("{}"))]);
    other.also_called("gpt2");
    sandbox.run("update").refused(6).says("is not the repo that was locked");
    // A name with an owner leads to no other one.
    other.also_called("acme/gpt2");
    sandbox.run("add acme/gpt2 --name owned").refused(6).says("belongs to another owner now");
}

#[test]
fn a_lock_cannot_call_a_repo_what_it_is_not() {
    let (sandbox, _) = Sandbox::locked();
    let lock = sandbox.read("models.lock");
    for canonical in ["mallory/chat", "chat", "acme/chat"] {
        let line = "source = \"hf:model/acme/chat\"\n";
        sandbox.write("models.lock", lock.replace(line, &format!("{line}canonical = \"{canonical}\"\n")));
        sandbox.run("check").exits(2).says("as `canonical` says");
    }
}

#[test]
fn an_allowed_publisher_needs_the_name_with_an_owner() {
    let (sandbox, _) = gpt2();
    sandbox.write("models.toml", "[policy]\npublishers = [\"org:openai-community\"]\n");
    let output = sandbox.run("add gpt2");
    output.refused(5).says("a repo without a namespace, which the Hub calls `openai-community/gpt2`");
    output.says("run `modelpin add openai-community/gpt2`");
    sandbox.run("add openai-community/gpt2").ok();
}

#[test]
fn a_repo_that_never_had_an_owner_is_itself() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("relic").commit(&[("config.json", Content::git("{}"))]);
    sandbox.hub.dataset("squad").commit(&[("train.jsonl", Content::git("{}\n"))]);
    let output = sandbox.run("add relic");
    assert!(!output.ok().stderr.contains("the Hub calls"), "{output}");
    assert!(!sandbox.read("models.lock").contains("canonical"));
    sandbox.run("add squad --dataset").ok();
    sandbox.run("sync --locked").ok();
    assert!(sandbox.path(".modelpin/hub/datasets--squad/refs/main").exists());
}
