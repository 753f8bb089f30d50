//! Gated repos: before their conditions are accepted, while a request waits, and after.

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::{Content, Gate, Repo, make};

const TOKEN: [(&str, &str); 1] = [("HF_TOKEN", "hf_mine")];

/// A Hub that knows one account, and a gated repo of large files only: nothing of it is fetched to lock it.
fn gated() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    sandbox.hub.know_token("hf_mine");
    let repo = sandbox.hub.model("meta/llama");
    repo.commit(&[("model.safetensors", Content::lfs(make::weights(300)))]);
    repo.gate(Gate::Manual);
    (sandbox, repo)
}

/// A refusal that names the page, and left nothing.
fn refused<'a>(sandbox: &Sandbox, output: &'a Output) -> &'a Output {
    output.refused(7).says("access to `hf:model/meta/llama` is restricted");
    output.says("[HUB]/meta/llama");
    assert!(!sandbox.path("models.lock").exists(), "{output}");
    assert!(!sandbox.path("models.toml").exists() || !sandbox.read("models.toml").contains("llama"), "{output}");
    output
}

#[test]
fn adding_fails_until_the_conditions_are_accepted_and_then_works_unchanged() {
    let (sandbox, repo) = gated();
    let words = "add meta/llama";
    let without = sandbox.run(words);
    refused(&sandbox, &without).says("log in to the Hub and accept the conditions").says("`HF_TOKEN`");
    refused(&sandbox, &without).says("[HUB]/settings/tokens");
    refused(&sandbox, &sandbox.run_with(&TOKEN, words)).says("with the account of the token").says("fine-grained");
    repo.request_access("hf_mine");
    refused(&sandbox, &sandbox.run_with(&TOKEN, words)).says("wait until").says("awaiting a review");
    repo.grant("hf_mine");
    sandbox.run_with(&TOKEN, words).ok();
    sandbox.run_with(&TOKEN, "sync --locked").ok();
}

#[test]
fn small_files_and_large_ones_are_refused_alike() {
    let (sandbox, repo) = gated();
    repo.commit(&[("config.json", Content::git("{}"))]);
    refused(&sandbox, &sandbox.run("add meta/llama"));
    refused(&sandbox, &sandbox.run("add meta/llama --include config.json"));
}

#[test]
fn the_page_of_a_dataset_is_named() {
    let sandbox = Sandbox::new();
    let rows = sandbox.hub.dataset("acme/rows");
    rows.commit(&[("train.jsonl", Content::git("{}\n"))]);
    rows.gate(Gate::Auto);
    sandbox.run("add acme/rows --dataset").refused(7).says("accept the conditions at [HUB]/datasets/acme/rows");
}

#[test]
fn revoked_access_stops_what_is_not_here_and_nothing_else() {
    let (sandbox, repo) = gated();
    repo.grant("hf_mine");
    sandbox.run_with(&TOKEN, "add meta/llama").ok();
    sandbox.run_with(&TOKEN, "sync --locked").ok();
    repo.revoke("hf_mine");
    sandbox.run_with(&TOKEN, "sync --locked").ok();
    sandbox.remove_store();
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    let output = sandbox.run_with(&TOKEN, "sync --locked");
    output.refused(7).says("accept the conditions at [HUB]/meta/llama");
    repo.grant("hf_mine");
    sandbox.run_with(&TOKEN, "sync --locked").ok();
}

#[test]
fn a_token_that_was_revoked_is_not_taken_for_one_without_access() {
    let (sandbox, _) = gated();
    let output = sandbox.run_with(&[("HF_TOKEN", "hf_old")], "add meta/llama");
    output.refused(7).says("the Hub does not accept the token");
}

#[test]
fn a_disabled_repo_is_no_gated_one() {
    let (sandbox, repo) = gated();
    repo.grant("hf_mine");
    repo.disable();
    let output = sandbox.run_with(&TOKEN, "add meta/llama");
    output.refused(7).says("was disabled by the Hub");
    assert!(!output.stderr.contains("accept"), "{output}");
}
