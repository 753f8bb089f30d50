//! Files that can run code when they are loaded: refused, or let in by an exemption, and then only into the
//! quarantine.

use crate::decisions::{days_ago, today};
use crate::sandbox::{Sandbox, flip};
use expect_test::expect;
use modelpin_ops::Store;
use modelpin_ops::exec::jail_view;
use modelpin_ops::reporter::Silent;
use modelpin_ops::settings::Invocation;
use modelpin_ops::{Project, UserSettings, Workspace};
use modelpin_testkit::{Content, Repo, make};
use std::sync::Arc;

/// An empty dictionary.
const PICKLE: &[u8] = b"\x80\x02}q\x00.";

/// A model with a pickle and no safetensors, and another without.
fn pickled() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let chat = sandbox.hub.model("acme/chat");
    chat.commit(&[("config.json", Content::git("{\"a\": 1}\n")), ("pytorch_model.bin", Content::lfs(PICKLE))]);
    sandbox.hub.model("acme/other").commit(&[("model.safetensors", Content::lfs(make::weights(3000)))]);
    sandbox.run("add acme/chat");
    sandbox.run("add acme/other");
    (sandbox, chat)
}

/// The same, with the pickle exempted, and synced.
fn exempted() -> (Sandbox, Repo) {
    let (sandbox, chat) = pickled();
    sandbox.write_exemption("chat", "pytorch_model.bin", |_| ());
    sandbox.run("sync").ok();
    (sandbox, chat)
}

fn holds(sandbox: &Sandbox, folder: &str, bytes: &[u8]) -> bool {
    let root = sandbox.path(folder);
    sandbox.below(folder).iter().any(|path| std::fs::read(root.join(path)).is_ok_and(|found| found == bytes))
}

#[test]
fn a_pickle_is_refused_and_nothing_is_placed() {
    let (sandbox, _) = pickled();
    for words in ["sync --locked", "sync", "exec -- true", "env"] {
        let output = sandbox.run(words);
        output.refused(5).says("`pytorch_model.bin`").says("format-executes");
    }
    assert!(!holds(&sandbox, ".modelpin", PICKLE));
}

#[test]
fn an_exempted_pickle_is_in_the_quarantine_and_nowhere_else() {
    let (sandbox, chat) = exempted();
    assert!(!holds(&sandbox, ".modelpin/hub", PICKLE));
    let commit = chat.head();
    let digest =
        sandbox.lock().pins[&"chat".parse().unwrap()].files()[&"pytorch_model.bin".parse().unwrap()].sha256.hex();
    let quarantine =
        sandbox.below(".modelpin/quarantine").join("\n").replace(&commit, "[COMMIT]").replace(&digest, "[PICKLE]");
    expect![[r#"
        CACHEDIR.TAG
        models--acme--chat/blobs/[PICKLE]
        models--acme--chat/blobs/e8c628edc9968ef0c668f54e0ba2636b35503357eb1aca0ddc828aeace432f67
        models--acme--chat/refs/main
        models--acme--chat/snapshots/[COMMIT]/config.json
        models--acme--chat/snapshots/[COMMIT]/pytorch_model.bin"#]]
    .assert_eq(&quarantine);
    let output = sandbox.run("sync --locked");
    expect![[r#"
        `chat`: 1 file is in quarantine; only `modelpin exec --jail` reaches it
        up to date: 2 entries, 2 files, 3.1 KiB in [DIR]/project/.modelpin/hub
    "#]]
    .assert_eq(&output.ok().stderr);
    let said = sandbox.run("sync --locked --format json").ok().result();
    assert_eq!(said["quarantined"], serde_json::json!({ "chat": ["pytorch_model.bin"] }));
    assert_eq!((&said["hashed-bytes"], &said["scanned-files"]), (&0.into(), &0.into()));
    sandbox.run("verify").ok();
    let seen = sandbox.finish(sandbox.command("exec -- sh -c").arg("find -L \"$HF_HUB_CACHE\" -type f"));
    assert!(seen.ok().stdout.contains("config.json") && !seen.stdout.contains("pytorch_model"), "{seen}");
    assert!(!sandbox.run("env").ok().stdout.contains("quarantine"));
}

#[test]
fn a_loader_is_told_of_the_repo_where_only_the_jail_has_all_of_it() {
    let (sandbox, _) = exempted();
    let told = sandbox.run("env --loader python");
    told.ok().says("# chat: its files that can run code are available only in the jail, by the name of the repo\n");
    told.says("\"name_or_path\": \"acme/chat\"")
        .says("\"name_or_path\": \"[DIR]/project/.modelpin/hub/models--acme--other/");
    assert!(!told.stdout.contains("quarantine"), "{told}");
}

#[test]
fn an_exemption_that_lapsed_lets_nothing_in_and_empties_the_quarantine() {
    let (sandbox, _) = exempted();
    let expires = format!("expires = \"{}\"", days_ago(-30));
    sandbox.edit("models.audits.toml", &expires, &format!("expires = \"{}\"", days_ago(0)));
    sandbox.run("exec -- true").ok();
    sandbox.edit("models.audits.toml", &days_ago(0).to_string(), &days_ago(1).to_string());
    for words in ["exec -- true", "env"] {
        sandbox.run(words).refused(5).says("pytorch_model.bin");
    }
    sandbox.run("verify").refused(4).says(".modelpin/quarantine/models--acme--chat");
    assert!(holds(&sandbox, ".modelpin/quarantine", PICKLE));
    sandbox.run("sync --locked").refused(5);
    assert!(!sandbox.path(".modelpin/quarantine").exists());
    assert!(!holds(&sandbox, ".modelpin", PICKLE));
    assert!(sandbox.target().iter().any(|path| path.contains("models--acme--other")), "what may be there stays");
}

#[test]
fn an_exemption_holds_for_exactly_these_bytes_of_exactly_this_file() {
    for change in ["bytes", "repo", "file"] {
        let (sandbox, _) = pickled();
        sandbox.write_exemption("chat", "pytorch_model.bin", |exemption| match change {
            "bytes" => exemption.sha256 = modelpin_schema::Digest::new([7; 32]),
            "repo" => exemption.source = "hf:model/acme/other".parse().unwrap(),
            _ => exemption.file = "pytorch_model-2.bin".parse().unwrap(),
        });
        sandbox.run("sync").refused(5);
        assert!(!holds(&sandbox, ".modelpin", PICKLE), "{change}");
        assert!(!sandbox.path(".modelpin/quarantine").exists(), "{change}");
    }
}

#[test]
fn other_bytes_upstream_are_not_covered() {
    let (sandbox, chat) = exempted();
    let evil: &[u8] = b"cos\nsystem\n(S'id'\ntR.";
    chat.commit(&[("pytorch_model.bin", Content::lfs(evil))]);
    sandbox.run("update");
    for words in ["sync --locked", "sync"] {
        sandbox.run(words).exits(5);
        assert!(!holds(&sandbox, ".modelpin", evil) && !holds(&sandbox, ".modelpin", PICKLE), "{words}");
    }
}

#[test]
fn a_pickle_under_the_name_of_safetensors_is_refused() {
    let sandbox = Sandbox::new();
    sandbox
        .hub
        .model("acme/chat")
        .commit(&[("config.json", Content::git("{}")), ("model.safetensors", Content::lfs(PICKLE))]);
    sandbox.run("add acme/chat").refused(5).says("format-executes");
    let mut forged = sandbox.lock();
    for pin in forged.pins.values_mut() {
        pin.set_kind(&"model.safetensors".parse().unwrap(), modelpin_schema::FileKind::Safetensors);
        pin.facts = modelpin_schema::lockfile::Facts::default();
    }
    sandbox.write("models.lock", forged.print());
    sandbox
        .run("sync --locked")
        .refused(4)
        .says("models.lock says that the file is safetensors, but by its content it is pickle");
    assert!(sandbox.target().is_empty());
    let output = sandbox.run("sync");
    output.refused(5).says("format-executes");
    assert!(output.stdout.contains("chat changed"), "what was recorded is shown: {output}");
    assert!(!holds(&sandbox, ".modelpin", PICKLE));
    assert!(sandbox.read("models.lock").contains("\"model.safetensors\" = { kind = \"pickle\""));
    sandbox.write_exemption("chat", "model.safetensors", |_| ());
    sandbox.run("sync --locked").ok().says("quarantine");
    assert!(!holds(&sandbox, ".modelpin/hub", PICKLE) && holds(&sandbox, ".modelpin/quarantine", PICKLE));
}

#[test]
fn the_quarantine_is_verified_repaired_and_tidied() {
    let (sandbox, chat) = exempted();
    let pickle =
        sandbox.path(&format!(".modelpin/quarantine/models--acme--chat/snapshots/{}/pytorch_model.bin", chat.head()));
    flip(&pickle);
    sandbox.run("verify").refused(4).says("the quarantine has other bytes than models.lock");
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    assert_eq!(std::fs::read(&pickle).unwrap(), PICKLE);
    sandbox.write(".modelpin/quarantine/models--evil--repo/x.py", "import os");
    sandbox.run("verify").refused(4).says(".modelpin/quarantine/models--evil--repo");
    sandbox.run("sync --frozen").ok().says("removed 1 untracked file");
    sandbox.run("verify").ok();
}

#[test]
fn the_quarantine_goes_when_nothing_is_exempted_any_more() {
    let (sandbox, _) = exempted();
    sandbox.run("remove chat").ok();
    sandbox.run("verify").refused(4);
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    for path in ["quarantine", "stamps-quarantine"] {
        assert!(!sandbox.path(".modelpin").join(path).exists(), "{path}");
    }
}

#[test]
fn certified_code_is_in_the_quarantine_and_other_code_is_not() {
    let (sandbox, chat) = pickled();
    chat.commit(&[("modeling_acme.py", Content::git("x = 1\n"))]);
    sandbox.run("update");
    sandbox.write_exemption("chat", "pytorch_model.bin", |_| ());
    sandbox.run("sync").ok().says("withheld");
    assert!(!holds(&sandbox, ".modelpin", b"x = 1\n"));
    sandbox.write_audit("chat");
    sandbox.run("sync --locked").ok();
    assert!(holds(&sandbox, ".modelpin/hub", b"x = 1\n") && holds(&sandbox, ".modelpin/quarantine", b"x = 1\n"));
    sandbox.run("verify").ok();
}

#[test]
fn other_targets_are_kept_from_exempted_files_as_well() {
    let (sandbox, _) = exempted();
    sandbox.declare("[sync]\ntarget = \"flat:models\"");
    sandbox.run("sync --locked").ok();
    assert_eq!(
        sandbox.below("models"),
        [".gitignore", ".modelpin-target", "chat/config.json", "other/model.safetensors"]
    );
    sandbox.edit("models.toml", "flat:models", "hf-cache");
    sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
    let cache = sandbox.root().join("home/.cache/huggingface/hub");
    sandbox.run("sync --locked").ok();
    assert!(cache.join("models--acme--chat/refs/main").exists());
    assert!(holds(&sandbox, ".modelpin/quarantine", PICKLE) && !holds(&sandbox, "../home", PICKLE));
    sandbox.run("verify").ok();
    let commit = &sandbox.lock().pins[&"chat".parse().unwrap()].revision;
    std::fs::write(cache.join(format!("models--acme--chat/snapshots/{commit}/pytorch_model.bin")), PICKLE).unwrap();
    for words in ["sync --locked", "verify", "exec -- true", "env"] {
        sandbox.run(words).refused(5).says("shared Hugging Face cache");
    }
}

#[test]
fn a_target_that_would_be_the_quarantine_is_refused() {
    for target in
        [".modelpin/quarantine", ".modelpin/quarantine/hub", "flat:.modelpin", "flat:x/../.modelpin/quarantine"]
    {
        let (sandbox, _) = pickled();
        sandbox.write_exemption("chat", "pytorch_model.bin", |_| ());
        std::fs::create_dir(sandbox.path("x")).unwrap();
        sandbox.declare(&format!("[sync]\ntarget = \"{target}\""));
        sandbox.run("sync --locked").refused(2);
        assert!(!holds(&sandbox, ".modelpin", PICKLE), "{target}");
    }
}

#[test]
fn a_link_in_place_of_the_quarantine_is_refused() {
    let (sandbox, _) = pickled();
    sandbox.write_exemption("chat", "pytorch_model.bin", |_| ());
    let outside = sandbox.root().join("outside");
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::create_dir_all(sandbox.path(".modelpin")).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.path(".modelpin/quarantine")).unwrap();
    for words in ["sync --locked", "verify", "exec -- true"] {
        sandbox.run(words).refused(2).says("is a symbolic link");
    }
    assert_eq!(std::fs::read_dir(outside).unwrap().count(), 0);
}

#[test]
fn a_pickle_that_does_not_come_leaves_no_half_of_a_quarantine() {
    let (sandbox, _) = pickled();
    sandbox.write_exemption("chat", "pytorch_model.bin", |_| ());
    sandbox.hub.fault(modelpin_testkit::Fault::FlipByte("pytorch_model.bin"));
    sandbox.run("sync --locked").refused(4);
    assert!(sandbox.target().is_empty());
    assert!(sandbox.below(".modelpin/quarantine").is_empty());
    sandbox.hub.heal();
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
}

/// What the jail would see.
fn view(sandbox: &Sandbox) -> Result<jail_view::View, modelpin_ops::Failure> {
    let invocation = Invocation {
        variable: |_| None,
        dir: sandbox.path(""),
        config: None,
        config_named: false,
        target: None,
        mirrors: Vec::new(),
        hf_cache: None,
        endpoint: None,
        anonymous: true,
        token_file: None,
    };
    let project = Project::open(&sandbox.path(""), Arc::new(UserSettings::new(invocation).unwrap())).unwrap();
    let store = Store::new(sandbox.root().join("store"));
    let today = today();
    let workspace = Workspace::new(project, Some(store), today, 1, Arc::new(Silent)).unwrap();
    jail_view::view(&workspace, &std::collections::BTreeSet::new())
}

#[test]
fn the_jail_sees_the_quarantine_in_the_targets_place() {
    let (sandbox, chat) = exempted();
    let seen = view(&sandbox).unwrap();
    let snapshot = seen.repos["models--acme--chat"].join(format!("snapshots/{}", chat.head()));
    assert_eq!(std::fs::read(snapshot.join("pytorch_model.bin")).unwrap(), PICKLE);
    assert!(snapshot.join("config.json").exists());
    let real = |path: &str| sandbox.path(path).canonicalize().unwrap();
    let places = [real(".modelpin/quarantine/models--acme--chat"), real(".modelpin/hub/models--acme--other")];
    assert_eq!(seen.repos.values().cloned().collect::<Vec<_>>(), places);
    sandbox.edit("models.audits.toml", &days_ago(-30).to_string(), &days_ago(1).to_string());
    assert_eq!(view(&sandbox).unwrap_err().class(), modelpin_ops::ErrorClass::Policy);
}

#[test]
fn the_jail_is_not_shown_a_quarantine_that_was_tampered_with() {
    let (sandbox, chat) = exempted();
    flip(
        &sandbox.path(&format!(".modelpin/quarantine/models--acme--chat/snapshots/{}/pytorch_model.bin", chat.head())),
    );
    assert_eq!(view(&sandbox).unwrap_err().class(), modelpin_ops::ErrorClass::Integrity);
    sandbox.run("exec -- true").ok();
}

#[test]
fn the_jail_sees_plain_folders_and_the_quarantine_beside_them() {
    let (sandbox, _) = exempted();
    sandbox.declare("[sync]\ntarget = \"flat:models\"");
    sandbox.run("sync --locked").ok();
    let seen = view(&sandbox).unwrap();
    let real = |path: &str| sandbox.path(path).canonicalize().unwrap();
    assert_eq!(seen.repos.values().collect::<Vec<_>>(), [&real(".modelpin/quarantine/models--acme--chat")]);
    assert_eq!(seen.plain, Some(real("models")));
}
