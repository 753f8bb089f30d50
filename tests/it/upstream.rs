//! Repos that the Hub denies, moved or lost, and responses that are invalid.

use crate::sandbox::{Output, Sandbox};
use expect_test::expect;
use modelpin_testkit::{Content, Fault, Gate, make};

fn cold(sandbox: &Sandbox) {
    sandbox.remove_store();
    let _ = std::fs::remove_dir_all(sandbox.path(".modelpin"));
}

fn first_refusal(output: &Output) -> String {
    output.stderr.lines().filter(|line| !line.starts_with("fetching")).take(5).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_missing_repo_and_a_private_one_get_the_same_error() {
    let sandbox = Sandbox::new();
    let output = sandbox.run("add acme/nothing");
    output.refused(7);
    expect![[r#"
        error: `nothing`: `hf:model/acme/nothing` not found on the Hub, or private
        help: check the name; for a dataset use `--dataset`
        help: for a private repo set `HF_TOKEN`
    "#]]
    .assert_eq(&first_refusal(&output));
    sandbox.hub.know_token("hf_good");
    sandbox.chat().make_private();
    sandbox.run("add acme/chat").refused(7).says("HF_TOKEN");
    sandbox.run_with(&[("HF_TOKEN", "hf_good")], "add acme/nothing").refused(7).says("check the name");
    sandbox.run_with(&[("HF_TOKEN", "hf_good")], "add acme/chat").ok();
}

#[test]
fn a_bad_token_is_reported_as_such() {
    let sandbox = Sandbox::new();
    sandbox.hub.know_token("hf_good");
    sandbox.chat();
    let output = sandbox.run_with(&[("HF_TOKEN", "hf_bad")], "add acme/chat");
    output.refused(7);
    expect![[r#"
        error: `chat`: the Hub does not accept the token
          why:       with an invalid token the Hub denies even public repos
        help: correct `HF_TOKEN`, or the file that `HF_TOKEN_PATH` names
        help: or unset it for public repos
    "#]]
    .assert_eq(&first_refusal(&output));
}

#[test]
fn a_token_file_is_found() {
    let sandbox = Sandbox::new();
    sandbox.hub.know_token("hf_good");
    sandbox.chat().make_private();
    let file = sandbox.root().join("token");
    std::fs::write(&file, "hf_good\n").unwrap();
    sandbox.run_with(&[("HF_TOKEN_PATH", file.to_str().unwrap())], "add acme/chat").ok();
    let home = sandbox.root().join("home/.cache/huggingface");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::rename(file, home.join("token")).unwrap();
    sandbox.run("update").ok();
}

#[test]
fn a_gated_repo_says_how_to_get_access() {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.hub.know_token("hf_good");
    chat.gate(Gate::Manual);
    cold(&sandbox);
    let output = sandbox.run("sync --locked");
    output.refused(7);
    expect![[r#"
        error: `chat`: access to `hf:model/acme/chat` is restricted
          expected:  the token of an account that accepted the repo's conditions
          got:       Access to model acme/chat is restricted. You must have access to it and be authenticated to access it. Please log in.
          why:       its owner decides who may download it
        help: log in to the Hub and accept the conditions at [HUB]/acme/chat
    "#]].assert_eq(&first_refusal(&output));
    let token = [("HF_TOKEN", "hf_good")];
    sandbox
        .run_with(&token, "sync --locked")
        .refused(7)
        .says("accept the conditions at [HUB]/acme/chat with the account of the token");
    chat.grant("hf_good");
    sandbox.run_with(&token, "sync --locked").ok();
}

#[test]
fn a_disabled_repo_is_named() {
    let (sandbox, chat) = Sandbox::locked();
    chat.disable();
    let output = sandbox.run("update");
    output.refused(7);
    expect![[r#"
        error: `chat`: `hf:model/acme/chat` was disabled by the Hub
          got:       Access to this resource is disabled.
          why:       the Hub disables repos for malware or legal reasons
        help: find out why before you use a copy of it
        help: run `modelpin remove chat` to take it out of the project
    "#]]
    .assert_eq(&first_refusal(&output));
}

#[test]
fn a_missing_revision_is_named() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox
        .run("add acme/chat@nope")
        .refused(7)
        .says("revision `nope` of `hf:model/acme/chat` not found")
        .says("a branch, tag or commit of the repo");
}

#[test]
fn a_pinned_commit_that_is_gone_syncs_from_the_store_and_is_refused_without_it() {
    let (sandbox, chat) = Sandbox::synced();
    chat.force_push(&[("config.json", Content::git("{}"))]);
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    sandbox.run("outdated").ok().says("is gone upstream");
    cold(&sandbox);
    let output = sandbox.run("sync --locked");
    output.refused(7);
    expect![[r#"
        error: `chat`: revision `8688e875dca501682706a37b012399c54b2732e7` of `hf:model/acme/chat` not found
          why:       it was removed, or the repo's history was rewritten
        help: run `modelpin outdated` to see what is there now
        help: files that are in the cache or a mirror can still be installed with `modelpin sync`
    "#]]
    .assert_eq(&first_refusal(&output));
    assert!(sandbox.target().is_empty());
}

#[test]
fn a_renamed_repo_still_works_and_is_reported() {
    let (sandbox, chat) = Sandbox::locked();
    let moved = chat.rename("acme/chat-7b");
    cold(&sandbox);
    sandbox.run("sync --locked").ok();
    sandbox.run("outdated --exit-code").exits(10).says("renamed to `acme/chat-7b`");
    moved.commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("update").ok().says("now `acme/chat-7b`");
    assert!(sandbox.read("models.lock").contains("hf:model/acme/chat\""), "the lock keeps the manifest's spelling");
}

#[test]
fn a_bare_name_stays_the_repo_that_the_hub_resolved_it_to() {
    let sandbox = Sandbox::new();
    let old = sandbox.hub.model("gpt2");
    old.commit(&[("model.safetensors", Content::lfs(make::weights(300)))]);
    let _ = old.rename("openai-community/gpt2");
    sandbox.run("add gpt2").ok().says("the Hub calls `gpt2` now `openai-community/gpt2`");
    sandbox.run("sync --locked").ok();
    assert!(sandbox.read("models.lock").contains("hf:model/gpt2\""));
    // Another repo behind the name is refused like any other.
    sandbox.run("outdated --exit-code").ok();
    let other = sandbox.hub.model("gpt2");
    other.commit(&[("model.safetensors", Content::lfs(make::weights(301)))]);
    let _ = other.rename("mallory/gpt2");
    sandbox.run("update").refused(6);
}

#[test]
fn a_repo_under_another_owner_is_another_identity() {
    let (sandbox, chat) = Sandbox::locked();
    let _ = chat.rename("mallory/chat");
    let output = sandbox.run("update");
    output.refused(6);
    expect![[r#"
        error: `chat`: `hf:model/acme/chat` belongs to another owner now
          expected:  a repo of `acme`
          got:       `mallory/chat`
          why:       the lock was reviewed for another publisher
        help: to trust the new owner, write `repo = "mallory/chat"` in models.toml, then run `modelpin lock`
    "#]]
    .assert_eq(&first_refusal(&output));
    sandbox.run("outdated --exit-code").exits(10);
    sandbox.run("sync --locked").ok();
}

#[test]
fn another_repo_under_the_same_name_is_another_identity() {
    let (sandbox, chat) = Sandbox::locked();
    let lock = sandbox.read("models.lock");
    chat.recreate();
    sandbox.chat().commit(&[("modeling_evil.py", Content::git("import os"))]);
    cold(&sandbox);
    for words in ["update", "sync --locked"] {
        let output = sandbox.run(words);
        output.refused(6);
        assert!(sandbox.target().is_empty());
        assert_eq!(sandbox.read("models.lock"), lock);
    }
    let output = sandbox.run("update");
    expect![[r#"
        error: `chat`: `hf:model/acme/chat` is not the repo that was locked
          expected:  repo-id 26f6988e54494108ac323a34
          got:       repo-id d55cde2ab41b3204f8490da5
          why:       the repo was deleted, and whoever registered the name since may serve anything under it
        help: find out who owns it now
    "#]]
    .assert_eq(&first_refusal(&output));
    sandbox.run("outdated").ok().says("is not the repo that was locked");
}

#[test]
fn a_deleted_repo_is_reported() {
    let (sandbox, chat) = Sandbox::synced();
    chat.delete();
    sandbox.run("outdated --exit-code").exits(10).says("gone or private");
    sandbox.run("update").refused(7);
    sandbox.run("sync --locked").ok();
}

#[test]
fn a_rate_limit_is_waited_out_or_named() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    let limit =
        |times, header| Fault::Status { path: "/refs", status: 429, times, headers: vec![("ratelimit", header)] };
    sandbox.hub.fault(limit(1, "\"api\";r=0;t=0"));
    sandbox.run("add acme/chat --dry-run").ok().says("asking again");
    sandbox.hub.heal();
    sandbox.hub.fault(limit(1, "\"api\";r=0;t=3000"));
    let output = sandbox.run("add acme/chat");
    output.refused(7);
    expect![[r#"
        error: `chat`: the Hub limits the rate of requests
          got:       a request to wait 3001 s
        help: run it again later
        help: set `HF_TOKEN` for higher limits
    "#]]
    .assert_eq(&first_refusal(&output));
}

#[test]
fn an_unreachable_hub_is_named() {
    let sandbox = Sandbox::new();
    let output = sandbox.run_with(&[("HF_ENDPOINT", "http://127.0.0.1:9")], "add acme/chat");
    output.refused(7).says("http://127.0.0.1:9").says("Connection refused");
    sandbox.run_with(&[("HF_ENDPOINT", "nonsense")], "add acme/chat").refused(2);
    sandbox.run_with(&[("SSL_CERT_FILE", "/nowhere.pem")], "add acme/chat").refused(2).says("/nowhere.pem");
}

#[test]
fn an_error_of_a_repo_is_reported_once_and_not_for_each_file() {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.hub.model("acme/other").commit(&[("config.json", Content::git("{}")), ("notes.txt", Content::git("."))]);
    sandbox.run("add acme/other").ok();
    cold(&sandbox);
    let once = |output: &Output, text: &str| {
        output.refused(7).says(text);
        let refusals = output.stderr.lines().filter(|line| line.starts_with("error: "));
        assert_eq!(refusals.count(), 1, "{}", output.stderr);
    };
    let gone = [("HF_ENDPOINT", "http://127.0.0.1:9")];
    once(&sandbox.run_with(&gone, "sync --locked"), "Connection refused");
    chat.gate(Gate::Manual);
    sandbox.hub.forget_requests();
    once(&sandbox.run("sync --locked --jobs 1"), "access to `hf:model/acme/chat` is restricted");
    let of = |repo: &str| sandbox.hub.requests().iter().filter(|request| request.path.contains(repo)).count();
    assert_eq!(of("acme/chat"), 1, "nothing more is asked of a repo that is closed");
    assert!(of("acme/other") >= 2, "the other repo's files are downloaded");
}

#[test]
fn invalid_responses_are_refused() {
    for path in ["/revision/", "/refs", "/tree/"] {
        let sandbox = Sandbox::new();
        sandbox.chat();
        sandbox.hub.fault(Fault::BadJson(path));
        sandbox.run("add acme/chat").refused(7).says("no usable answer");
    }
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.fault(Fault::Status { path: "/refs", status: 418, times: 1, headers: vec![] });
    sandbox.run("add acme/chat").refused(7).says("418").says("testkit-0");
}

#[test]
fn a_redirect_without_end_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.fault(Fault::EndlessRedirect);
    sandbox.run("add acme/chat").refused(7).says("too many redirects");
}

#[test]
fn requests_go_through_the_proxy() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/small").commit(&[("config.json", Content::git("{}"))]);
    // The test Hub takes requests in a proxy's form as well; the Hub's own name means nothing here.
    let endpoint = [("HF_ENDPOINT", "http://hub.invalid"), ("HTTP_PROXY", sandbox.hub.endpoint())];
    sandbox.run_with(&endpoint, "add acme/small").ok();
    assert!(!sandbox.hub.requests().is_empty());
    sandbox.run_with(&[endpoint[0], endpoint[1], ("NO_PROXY", "hub.invalid")], "update").refused(7);
}
