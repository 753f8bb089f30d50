//! What the bytes are and do, as the lock records it: made anew from the bytes, the same everywhere.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::corpus::build::call;
use modelpin_testkit::{Content, Repo, make};

const CODE: &str =
    "import socket\n\n\nclass Acme:\n    def load(self, host):\n        return socket.create_connection((host, 443))\n";

/// A repo that has every sort of fact.
fn everything(sandbox: &Sandbox) -> Repo {
    sandbox.hub.model("acme/other").commit(&[("tok.py", Content::git("class Slow:\n    pass\n"))]);
    let repo = sandbox.hub.model("acme/chat");
    repo.commit(&[
        ("config.json", Content::git(r#"{"auto_map": {"AutoModel": "modeling_x.Acme", "AutoTokenizer": ["acme/other--tok.Slow", null]}}"#)),
        ("modeling_x.py", Content::git(CODE)),
        ("requirements.txt", Content::git("torch==2.6.0\nflash-attn\nplugin @ git+https://me:secret@git.example/x@v1\n--extra-index-url https://u:p@pypi.example/simple?token=t\n")),
        ("tokenizer_config.json", Content::git(r#"{"chat_template": "{{ messages[0]['content'] }}"}"#)),
        ("extra.pkl", Content::git(call("posix", "system", "id"))),
        ("model.safetensors", Content::lfs(make::weights(5000))),
    ]);
    repo
}

/// The lock without what is not a fact of the bytes.
fn facts(sandbox: &Sandbox) -> String {
    let lock = sandbox.read("models.lock");
    let tables: Vec<&str> = lock.split("\n\n").filter(|table| table.starts_with("[model.chat.")).collect();
    tables.join("\n\n")
}

#[test]
fn every_fact_of_the_bytes_is_in_the_lock() {
    let sandbox = Sandbox::new();
    everything(&sandbox);
    sandbox.run("add acme/chat --include *").refused(5).says("chat added").says("`extra.pkl`");
    expect![[r#"
        [model.chat.dependencies]
        "auto_map acme/other" = { pin = "other", revision = "3fcc7c5e8ac07f061eb0efd5cb5903d04ee25da8" }

        [model.chat.code]
        auto-map = ["AutoModel=modeling_x.Acme", "AutoTokenizer=acme/other--tok.Slow"]
        digest = "sha256:70b94e17356a12a64fbf8a3c89612d41aace28b2c3327daadd77ed32f13ab456"
        capabilities = ["network"]

        [model.chat.requires]
        "--extra-index-url" = "https://pypi.example/simple"
        "flash-attn" = "unpinned"
        "plugin" = "git+https://git.example/x@v1"
        "torch" = "==2.6.0"

        [model.chat.globals]
        "extra.pkl" = ["posix.system"]

        [model.chat.templates]
        "tokenizer_config.json" = ["sha256:e2ce372d1e093249ecf0ac01bf8ce1be16316356ee0be7176898b31d3b9db73c"]

        [model.chat.findings]
        "config.json" = ["auto-map", "auto-map-foreign-repo"]
        "extra.pkl" = ["pickle-dangerous-global"]
        "modeling_x.py" = ["code-on-call", "code-reached"]
        "requirements.txt" = ["requirement-source"]

        [model.chat.files]
        "config.json" = { kind = "config", size = 95, sha256 = "06903466291314b80af925ae4f33ca430812b46537d6cd1c1bc9bb644d723940" }
        "extra.pkl" = { kind = "pickle", size = 26, sha256 = "d5542784261507a8025c3088b2d9500a28366bc4673e0a994237d77a7c2dbdc5" }
        "model.safetensors" = { kind = "safetensors", size = 5072, sha256 = "5ec6f21d3f8e1e60f71431e34b63a9f297a656054496ac7dc213a14bd3330388" }
        "modeling_x.py" = { kind = "code", size = 107, sha256 = "e3698dd96275e1e63429c75c3e433a97ca54a8595eea684b7af26e8dc1bc2abe" }
        "requirements.txt" = { kind = "doc", size = 130, sha256 = "18d40d1be5bcd5274fa2cf9d2f08914ab3410c72cac3a3d161a6e8e4cd11632e" }
        "tokenizer_config.json" = { kind = "config", size = 49, sha256 = "4ae945d1b311d8f00ad5586c080138479e158c457e267d0830d0e1fe1f2f259f" }"#]].assert_eq(&facts(&sandbox));
    assert!(!sandbox.read("models.lock").contains("secret"), "credentials are not recorded");
    sandbox.run("lock --check").ok();
}

#[test]
fn the_same_commit_gives_the_same_lock_whatever_is_in_the_store() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    everything(&one).commit(&[("old.bin", Content::lfs(call("posix", "system", "id")))]);
    everything(&other).commit(&[("old.bin", Content::lfs(call("posix", "system", "id")))]);
    let more = "--include * --exclude *.pkl";
    one.run(&format!("add acme/chat {more}")).refused(5);
    // The other machine has had the weights for long.
    other.write_blob(&one.locked_sha256("old.bin"), call("posix", "system", "id"));
    other.run(&format!("add acme/chat {more}")).refused(5);
    assert_eq!(one.read("models.lock"), other.read("models.lock"));
    assert!(facts(&one).contains("\"old.bin\" = { kind = \"pickle\""), "by its head");
}

#[test]
fn what_an_update_gains_is_in_its_ticket() {
    let sandbox = Sandbox::new();
    let repo = everything(&sandbox);
    repo.remove(&["extra.pkl"]);
    repo.commit(&[("modeling_x.py", Content::git("class Acme:\n    pass\n"))]);
    sandbox.run("add acme/chat").ok();
    assert!(!facts(&sandbox).contains("capabilities"), "{}", facts(&sandbox));
    repo.commit(&[("modeling_x.py", Content::git(CODE))]);
    sandbox.run("update").ok();
    assert!(facts(&sandbox).contains("capabilities = [\"network\"]"), "{}", facts(&sandbox));
    sandbox.run("update").ok().says("all pins are up to date with models.toml");
}

#[test]
fn code_that_the_hub_keeps_like_weights_is_judged_when_it_is_locked() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    chat.commit(&[("modeling_x.py", Content::lfs(CODE)), ("README.md", Content::lfs("# Chat\n"))]);
    sandbox.run("add acme/chat").ok();
    assert!(facts(&sandbox).contains("capabilities = [\"network\"]"), "{}", facts(&sandbox));
    let fetched: Vec<String> =
        sandbox.hub.requests().iter().filter(|request| request.cdn).map(|request| request.path.clone()).collect();
    // Of the weights, the front is looked at.
    let whole = fetched.iter().filter(|path| !path.ends_with("model.safetensors"));
    assert!(whole.clone().all(|path| path.ends_with(".py") || path.ends_with(".md")), "{fetched:?}");
    assert_eq!((whole.count(), fetched.len()), (2, 3));
}

#[test]
fn a_kind_is_what_the_bytes_are() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/chat").commit(&[
        ("renamed.bin", Content::lfs(make::weights(300_000))),
        ("numbers.bin", Content::lfs(vec![0xaa; 300_000])),
        ("real.bin", Content::lfs(call("posix", "system", "id"))),
        ("model.safetensors", Content::git(call("posix", "system", "id"))),
        ("tool.dat", Content::git(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0")),
        ("run.txt", Content::git("#!/bin/sh\nid\n")),
        ("notes.py", Content::git("just words, no Python\n")),
    ]);
    sandbox.run("add acme/chat --include *").refused(5);
    let lock = facts(&sandbox);
    for (path, kind) in [
        ("renamed.bin", "safetensors"),
        ("numbers.bin", "other"),
        ("real.bin", "pickle"),
        ("model.safetensors", "pickle"),
        ("tool.dat", "code"),
        ("run.txt", "code"),
        ("notes.py", "code"),
    ] {
        assert!(lock.contains(&format!("\"{path}\" = {{ kind = \"{kind}\"")), "{path} is {kind}:\n{lock}");
    }
}

#[test]
fn locking_large_pickles_reads_their_heads_only() {
    let sandbox = Sandbox::new();
    let mut pickle = call("posix", "system", "id");
    pickle.resize(3 << 20, 0);
    sandbox.hub.model("acme/chat").commit(&[("a.bin", Content::lfs(pickle)), ("config.json", Content::git("{}"))]);
    sandbox.run("add acme/chat").refused(5);
    let requests = sandbox.hub.requests();
    let bodies: Vec<_> = requests.iter().filter(|request| request.cdn).collect();
    assert_eq!(bodies[0].headers["range"], "bytes=0-16383");
    let asked = bodies.iter().map(|body| {
        let (from, last) = body.headers["range"].strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        last.parse().map_or(3 << 20, |last: u64| last + 1) - from.parse::<u64>().unwrap()
    });
    assert!(bodies.len() < 16 && asked.sum::<u64>() <= 2 << 20, "{bodies:?}");
    // A server that knows no ranges is not read to its end.
    sandbox.hub.fault(modelpin_testkit::Fault::IgnoreRange);
    sandbox.run("remove chat").ok();
    sandbox.run("add acme/chat").refused(5);
    assert!(facts(&sandbox).contains("kind = \"pickle\""));
}

#[test]
fn hostile_facts_are_harmless_and_still_bound_to_their_bytes() {
    let lock = |end: &str| {
        let sandbox = Sandbox::new();
        let long = "x".repeat(1 << 20);
        sandbox.hub.model("acme/chat").commit(&[
            ("requirements.txt", Content::git(format!("na\u{202e}me==1\nurl @ https://host/{long}{end}\n"))),
            (
                "config.json",
                Content::git(format!(r#"{{"auto_map": {{"A\u001b[2J\n": "m.\u202eC{end}", "B": "{long}{end}"}}}}"#)),
            ),
        ]);
        sandbox.run("add acme/chat").ok();
        sandbox.run("lock --check").ok();
        facts(&sandbox)
    };
    let (one, other) = (lock("a"), lock("b"));
    for text in [&one, &other] {
        assert!(text.len() < 10_000, "{}", text.len());
        assert!(text.chars().all(|c| c == '\n' || !c.is_control() && !modelpin_schema::is_invisible(c)), "{text}");
    }
    let keyed = |text: &str, key: &str| text.lines().find(|line| line.contains(key)).unwrap().to_owned();
    for key in ["\"url\"", "auto-map"] {
        assert_ne!(keyed(&one, key), keyed(&other, key));
    }
}

#[test]
fn what_can_be_decided_is_locked_and_refused() {
    let sandbox = Sandbox::new();
    everything(&sandbox);
    let output = sandbox.run("add acme/chat --include * --ticket SEC-1 --format json");
    output.refused(5);
    assert_eq!(output.result()["changes"][0]["name"], "chat");
    assert_eq!(output.diagnostics()[0]["path"], "extra.pkl");
    assert!(sandbox.read("models.lock").contains("ticket = \"SEC-1\""));
    // It stays refused, and stays locked.
    let again = sandbox.run("lock");
    again.refused(5).says("up to date");
    sandbox.run("remove chat").ok();
    sandbox.run("add acme/chat --include * --dry-run").refused(5).says("nothing was written");
    assert!(!sandbox.read("models.toml").contains("acme/chat"));
}

#[test]
fn a_fact_that_was_taken_out_of_the_lock_is_missed() {
    let sandbox = Sandbox::new();
    everything(&sandbox);
    sandbox.run("add acme/chat --include *").refused(5);
    sandbox.write_exemption("chat", "extra.pkl", |_| {});
    sandbox.run("sync --locked").ok();
    let lock = sandbox.read("models.lock");
    for (start, told) in [
        ("auto-map = ", "`AutoModel=modeling_x.Acme`"),
        ("capabilities = ", "`network`"),
        ("\"flash-attn\" = ", "`flash-attn unpinned`"),
        ("\"extra.pkl\" = [\"posix", "`posix.system`"),
        ("\"tokenizer_config.json\" = [", "`sha256:"),
        ("\"requirements.txt\" = [", "`requirement-source`"),
    ] {
        // All that is remembered was made for another lock.
        let _ = std::fs::remove_dir_all(sandbox.path(".modelpin"));
        let line = lock.lines().find(|line| line.starts_with(start)).unwrap();
        sandbox.write("models.lock", lock.replace(&format!("{line}\n"), ""));
        sandbox.run("sync --locked").refused(3).says(told).says("--> models.lock:");
        sandbox.run("sync").ok();
        assert_eq!(sandbox.read("models.lock"), lock, "`sync` records it again");
    }
    let hidden = lock.replace("\"flash-attn\" = \"unpinned\"", "\"flash-attn\" = \"==1.0\"");
    sandbox.write("models.lock", hidden);
    let _ = std::fs::remove_dir_all(sandbox.path(".modelpin"));
    sandbox.forget();
    expect![[r#"
        error: `chat`: models.lock does not record everything that was found in its files
          --> models.lock:23
          expected:  all facts about them in `requires`
          got:       not recorded: `flash-attn unpinned`
          why:       whoever reviewed models.lock did not see it
        help: run `modelpin sync` to record it, then review and commit models.lock
    "#]]
    .assert_eq(&sandbox.run("sync --locked").refused(3).stderr);
    // A lock that says more hides nothing.
    sandbox.write("models.lock", lock.replace("[\"network\"]", "[\"network\", \"process\"]"));
    sandbox.run("sync --locked").ok();
}

#[test]
fn facts_of_weights_are_recorded_when_the_bytes_come() {
    let sandbox = Sandbox::new();
    let repo = sandbox.chat();
    // Behind more than is looked at.
    let mut pickle = b"\x80\x02".to_vec();
    (0..3000).for_each(|_| pickle.extend([&b"X\xe8\x03\0\0"[..], &[b'a'; 1000], b"0"].concat()));
    pickle.extend(b"cposix\nsystem\nX\x02\0\0\0id\x85R.");
    repo.commit(&[("old.bin", Content::lfs(pickle))]);
    sandbox.run("add acme/chat --include *").refused(5);
    sandbox.write_exemption("chat", "old.bin", |_| {});
    let lock = sandbox.read("models.lock");
    assert!(!lock.contains("posix.system"));
    sandbox.run("sync --locked").ok().says("without `--locked` records");
    assert_eq!(sandbox.read("models.lock"), lock);
    sandbox.run("sync").ok();
    let whole = sandbox.read("models.lock");
    assert!(whole.contains("\"old.bin\" = [\"posix.system\"]"), "{whole}");
    // What was recorded stays, though the bytes do not come again to lock it.
    sandbox.run("update").ok().says("all pins are up to date with models.toml");
    let moved = repo.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    sandbox.run("update").ok();
    let lock = sandbox.read("models.lock");
    assert!(lock.contains(&moved) && lock.contains("\"old.bin\" = [\"posix.system\"]"), "{lock}");
}

#[test]
fn what_a_head_shows_is_not_given_up_for_what_somebody_recorded() {
    let sandbox = Sandbox::new();
    let repo = sandbox.chat();
    repo.commit(&[("old.bin", Content::lfs(call("posix", "system", "id")))]);
    sandbox.run("add acme/chat --include *").refused(5);
    sandbox.edit("models.lock", "{ kind = \"pickle\"", "{ kind = \"data\"");
    repo.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    sandbox.run("update").refused(5);
    assert!(sandbox.read("models.lock").contains("\"old.bin\" = { kind = \"pickle\""));
}

#[test]
fn what_no_decision_can_settle_is_not_locked() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    sandbox.write("models.toml", "[policy]\nlicenses = [\"mit\"]\n\n[models]\n");
    sandbox.run("add acme/chat").refused(5).says("apache-2.0").says("--> models.toml:2 (license)");
    assert!(!sandbox.path("models.lock").exists());
    // The line is that of the file as it is, not as it would have been with the entry in it.
    sandbox.write("models.toml", "[models]\n\n[policy]\nlicenses = [\"mit\"]\n");
    let refused = sandbox.run("add acme/chat");
    refused.refused(5).says("--> models.toml:4 (license)").says("(models.toml:4)");
    assert!(!refused.stderr.contains("models.lock:"), "{refused}");
    assert!(!sandbox.run("add acme/chat --dry-run").refused(5).stderr.contains("models.lock:"));
    assert!(!sandbox.read("models.toml").contains("acme/chat"));
    // A pin that is there already does not keep others from being made.
    sandbox.write("models.toml", "[models]\n");
    sandbox.run("add acme/chat").ok();
    let manifest = sandbox.read("models.toml");
    sandbox.write("models.toml", format!("[policy]\nlicenses = [\"mit\"]\n\n{manifest}"));
    sandbox.hub.model("acme/free").commit(&[("config.json", Content::git("{}"))]);
    sandbox.hub.model("acme/free").card(serde_json::json!({ "license": "mit" }));
    sandbox.run("add acme/free").refused(5).says("free added");
    assert!(sandbox.read("models.lock").contains("[model.free]"));
    let before = sandbox.read("models.lock");
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    sandbox.run("update chat").refused(5);
    assert_eq!(sandbox.read("models.lock"), before);
}
