//! `sync` when all goes well, and when it is interrupted.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, Fault, make};

#[test]
fn a_synced_target_is_a_hugging_face_cache() {
    let (sandbox, chat) = Sandbox::synced();
    expect![[r#"
        CACHEDIR.TAG
        models--acme--chat/blobs/5ec6f21d3f8e1e60f71431e34b63a9f297a656054496ac7dc213a14bd3330388
        models--acme--chat/blobs/e8c628edc9968ef0c668f54e0ba2636b35503357eb1aca0ddc828aeace432f67
        models--acme--chat/refs/main
        models--acme--chat/snapshots/8688e875dca501682706a37b012399c54b2732e7/config.json
        models--acme--chat/snapshots/8688e875dca501682706a37b012399c54b2732e7/model.safetensors"#]]
    .assert_eq(&sandbox.target().join("\n"));
    let main = std::fs::read(sandbox.path(".modelpin/hub/models--acme--chat/refs/main")).unwrap();
    assert_eq!(main, chat.head().as_bytes(), "40 bytes, no newline");
    let link = std::fs::read_link(sandbox.snapshot(&chat.head(), "config.json")).unwrap();
    assert!(link.to_string_lossy().starts_with("../../blobs/"), "{}", link.display());
    assert_eq!(sandbox.read(".modelpin/.gitignore"), "*\n");
}

#[test]
fn a_warm_sync_is_silent() {
    let (sandbox, _) = Sandbox::synced();
    for words in ["sync --locked --format json", "sync --format json", "sync --frozen --format json"] {
        let output = sandbox.run(words);
        let data = output.ok().result();
        assert_eq!(data["hashed-bytes"], 0, "{words}");
        assert_eq!(output.requests, 0, "{words}");
    }
    assert_eq!(sandbox.run("verify").ok().requests, 0);
    assert_eq!(sandbox.run("exec -- true").ok().requests, 0);
}

#[test]
fn sync_needs_no_questions_to_bring_locked_bytes() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.hub.forget_requests();
    sandbox.run("sync --locked").ok();
    let asked: Vec<String> =
        sandbox.hub.requests().into_iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    assert_eq!(
        asked.len(),
        2,
        "one for the redirect, one for the bytes of the large file; the small one is in the store: {asked:?}"
    );
}

#[test]
fn content_in_the_store_is_not_fetched_for_another_pin() {
    let sandbox = Sandbox::new();
    let files = |config: &'static str| {
        [("config.json", Content::git(config)), ("model.safetensors", Content::lfs(make::weights(400_000)))]
    };
    let chat = sandbox.hub.model("acme/chat");
    chat.commit(&files("{\"a\": 1}\n"));
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync").ok();
    let content = || {
        let requests = sandbox.hub.requests().into_iter();
        let content = requests.filter(|request| request.cdn || request.path.contains("/resolve/"));
        content.map(|request| request.path).collect::<Vec<_>>()
    };
    chat.commit(&files("{\"a\": 2}\n"));
    sandbox.hub.model("acme/fork").commit(&files("{\"a\": 2}\n"));
    // Another commit and another repo: small files come when they are locked, to be hashed; large ones are here. What
    // the pin says of the same bytes holds in the next commit; of another repo, the front of each file is looked at,
    // since what is in the store makes no difference for a lock.
    for (words, looked_at) in [("update", vec![]), ("add acme/fork", vec![Some("bytes=0-16383".to_owned())])] {
        sandbox.hub.forget_requests();
        sandbox.run(words).ok();
        let large = sandbox.hub.requests().into_iter().filter(|request| request.cdn);
        assert_eq!(
            large.map(|request| request.headers.get("range").cloned()).collect::<Vec<_>>(),
            looked_at,
            "{words}"
        );
        let asked = content();
        let is_small = |path: &String| path.ends_with("/config.json");
        assert!(!looked_at.is_empty() || asked.iter().all(is_small), "{words}: {asked:?}");
        sandbox.hub.forget_requests();
        sandbox.run("sync").ok();
        assert_eq!(content(), Vec::<String>::new(), "{words}");
        sandbox.run("verify").ok();
    }
    // Another project, with all of it.
    for file in ["models.toml", "models.lock"] {
        let text = sandbox.read(file);
        sandbox.write(&format!("second/{file}"), text);
    }
    assert_eq!(sandbox.run("-C second sync --locked").ok().requests, 0);
    sandbox.run("-C second verify").ok();
}

#[test]
fn offline_is_told_apart_from_gone() {
    let (sandbox, _) = Sandbox::locked();
    let output = sandbox.run("sync --frozen");
    output.refused(7);
    assert_eq!(output.requests, 0);
    expect![[r#"
        error: `chat`: `model.safetensors`: it is neither in the cache nor in a mirror, and this run is offline
          why:       without this file the result would not match models.lock
        help: run `modelpin sync` once with a network
        help: or add a `[[mirror]]` that `modelpin vendor` made
    "#]]
    .assert_eq(&output.stderr);
    for (variable, words) in
        [("HF_HUB_OFFLINE", "update"), ("MODELPIN_OFFLINE", "outdated"), ("HF_HUB_OFFLINE", "add acme/other")]
    {
        sandbox.run_with(&[(variable, "1")], words).refused(7).says("offline");
    }
    assert!(sandbox.target().is_empty());
}

#[test]
fn a_body_that_is_cut_goes_on_where_it_was() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/chat").commit(&[("model.safetensors", Content::lfs(make::weights(400_000)))]);
    sandbox.run("add acme/chat").ok();
    sandbox.hub.forget_requests();
    sandbox.hub.fault(Fault::Cut { path: "model.safetensors", at: 150_000, times: 2 });
    sandbox.run("sync").ok();
    sandbox.run("verify").ok();
    let ranges: Vec<_> = sandbox
        .hub
        .requests()
        .into_iter()
        .filter(|request| request.cdn)
        .map(|request| request.headers.get("range").cloned())
        .collect();
    assert_eq!(ranges, [None, Some("bytes=150000-".to_owned()), Some("bytes=300000-".to_owned())]);
}

#[test]
fn a_server_that_ignores_ranges_is_followed_from_the_start() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/chat").commit(&[("model.safetensors", Content::lfs(make::weights(400_000)))]);
    sandbox.run("add acme/chat").ok();
    sandbox.hub.fault(Fault::Cut { path: "model.safetensors", at: 150_000, times: 1 });
    sandbox.hub.fault(Fault::IgnoreRange);
    sandbox.run("sync").ok();
    sandbox.run("verify").ok();
}

#[test]
fn a_server_that_fails_for_a_while_is_asked_again() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.hub.fault(Fault::Status { path: "/resolve/", status: 503, times: 2, headers: vec![] });
    sandbox.run("sync").ok();
    sandbox.run("verify").ok();
}

#[test]
fn empty_files_are_files() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/chat").commit(&[
        ("__init__.py", Content::git("")),
        ("empty.bin", Content::lfs("")),
        ("a.json", Content::git("{}")),
    ]);
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync").ok();
    sandbox.run("verify").ok();
}

#[test]
fn the_token_goes_to_the_hub_and_nowhere_else() {
    let sandbox = Sandbox::new();
    sandbox.hub.know_token("hf_secret");
    sandbox.chat().make_private();
    let token = [("HF_TOKEN", "hf_secret")];
    sandbox.run_with(&token, "add acme/chat").ok();
    let output = sandbox.run_with(&token, "sync -v");
    output.ok();
    assert!(!output.to_string().contains("hf_secret"));
    let requests = sandbox.hub.requests();
    assert!(requests.iter().any(|request| request.cdn));
    for request in &requests {
        assert_eq!(request.headers.contains_key("authorization"), !request.cdn, "{request:?}");
    }
    for folder in ["project", "store"] {
        let found = std::process::Command::new("grep")
            .args(["-r", "hf_secret"])
            .arg(sandbox.root().join(folder))
            .output()
            .unwrap();
        assert!(found.stdout.is_empty(), "the token is written nowhere");
    }
}

#[test]
fn one_repo_pinned_twice_answers_to_main_only_where_that_was_asked_for() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    let old = chat.head();
    chat.tag("v1", &old);
    let new = chat.commit(&[("config.json", Content::git("{}"))]);
    chat.tag("v2", &new);
    sandbox.run("add acme/chat@v1 --name one").ok();
    sandbox.run("add acme/chat@v2 --name two").ok();
    sandbox.run("sync").ok().says("none asks for `main`");
    assert!(!sandbox.path(".modelpin/hub/models--acme--chat/refs/main").exists());
    assert_eq!(sandbox.read(".modelpin/hub/models--acme--chat/refs/v1"), old);
    sandbox.run("remove one").ok();
    sandbox.run("sync").ok();
    assert_eq!(sandbox.read(".modelpin/hub/models--acme--chat/refs/main"), new);
    assert!(!sandbox.snapshot(&old, "config.json").exists());
    sandbox.run("verify").ok();
}

#[test]
fn headers_that_lie_or_are_missing_change_nothing() {
    for fault in [Fault::WeakEtag, Fault::NoLinkedHeaders, Fault::WrongLinkedSize, Fault::RedactedXetHash] {
        let sandbox = Sandbox::new();
        sandbox.hub.fault(fault);
        sandbox.chat();
        sandbox.run("add acme/chat").ok();
        sandbox.run("sync").ok();
        sandbox.run("verify").ok();
    }
}

#[test]
fn files_that_are_the_same_come_once() {
    let sandbox = Sandbox::new();
    let weights = make::weights(2000);
    let files = [("a/model.safetensors", Content::lfs(&weights)), ("b/model.safetensors", Content::lfs(&weights))];
    sandbox.hub.model("acme/one").commit(&files);
    sandbox.hub.model("acme/two").commit(&files);
    sandbox.run("add acme/one").ok();
    sandbox.run("add acme/two").ok();
    sandbox.hub.forget_requests();
    sandbox.run("sync").ok();
    assert_eq!(sandbox.hub.requests().iter().filter(|request| request.cdn).count(), 1);
    sandbox.run("verify").ok();
}
