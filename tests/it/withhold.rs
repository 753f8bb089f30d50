//! Uncertified code is locked but never installed: in every layout, and for every command that reads the target.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_schema::FileKind;
use modelpin_testkit::{Content, Repo, make};
use std::path::PathBuf;

const CODE: &str = "import torch\n\n\nclass Acme(torch.nn.Module):\n    pass\n";

/// A model with code, locked and synced, with every fact in the lock.
pub(crate) fn coder() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let chat = sandbox.hub.model("acme/chat");
    chat.commit(&[
        ("config.json", Content::git("{\"auto_map\": {\"AutoModel\": \"modeling_acme.Acme\"}}\n")),
        ("model.safetensors", Content::lfs(make::weights(5000))),
        ("modeling_acme.py", Content::git(CODE)),
    ]);
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync").ok();
    (sandbox, chat)
}

/// Whether the code is in the target, or its bytes under another name.
fn is_installed(sandbox: &Sandbox) -> bool {
    let root = sandbox.path(".modelpin");
    sandbox
        .below(".modelpin")
        .iter()
        .any(|path| std::fs::read(root.join(path)).is_ok_and(|found| found == CODE.as_bytes()))
}

#[test]
fn code_is_installed_only_while_it_is_certified() {
    let (sandbox, chat) = coder();
    let code = sandbox.snapshot(&chat.head(), "modeling_acme.py");
    assert!(!is_installed(&sandbox));
    assert!(sandbox.snapshot(&chat.head(), "model.safetensors").exists(), "data is there");
    let output = sandbox.run("sync --locked");
    expect![[r#"
        `chat`: 1 code file is withheld, because it is not certified; `modelpin review chat` shows it
        up to date: 1 entry, 2 files, 5.1 KiB in [DIR]/project/.modelpin/hub
    "#]]
    .assert_eq(&output.ok().stderr);
    assert_eq!(
        sandbox.run("sync --locked --format json").ok().result()["withheld"],
        serde_json::json!({ "chat": ["modeling_acme.py"] })
    );
    assert_eq!(
        sandbox.run("cache ls").ok().stdout.matches("modeling_acme.py").count(),
        1,
        "the cache has it, for review"
    );
    for words in ["verify", "exec -- true", "env"] {
        sandbox.run(words).ok();
    }
    sandbox.write_audit("chat");
    sandbox.run("exec -- true").refused(4).says("the file is missing from the target");
    assert!(!sandbox.run("sync --locked").ok().stderr.contains("withheld"));
    assert_eq!(std::fs::read_to_string(&code).unwrap(), CODE);
    sandbox.run("verify").ok();
    sandbox.run("exec -- true").ok();
    std::fs::remove_file(sandbox.path("models.audits.toml")).unwrap();
    for words in ["exec -- true", "verify"] {
        sandbox.run(words).refused(4).says("it is withheld, but it is in the target");
    }
    sandbox.run("sync --locked").ok();
    assert!(!is_installed(&sandbox));
    sandbox.run("verify").ok();
}

#[test]
fn one_changed_byte_of_certified_code_is_refused() {
    let (sandbox, chat) = coder();
    sandbox.write_audit("chat");
    sandbox.run("sync --locked").ok();
    chat.commit(&[("modeling_acme.py", Content::git(CODE.replace("pass", "p4ss")))]);
    sandbox.run("update");
    for words in ["sync", "sync --locked", "exec -- true", "env"] {
        sandbox.run(words).refused(5).says("code-changed");
    }
    assert!(!sandbox.target().iter().any(|path| path.ends_with(".py")), "{:?}", sandbox.target());
}

#[test]
fn a_policy_that_lets_no_code_in_removes_what_was_certified() {
    let (sandbox, _) = coder();
    sandbox.write_audit("chat");
    sandbox.run("sync --locked").ok();
    assert!(is_installed(&sandbox));
    sandbox.declare("[policy]\nremote-code = \"never\"");
    sandbox.run("exec -- true").refused(4);
    sandbox.run("sync --locked").ok().says("1 code file is withheld, because `remote-code = \"never\"` forbids code");
    assert!(!is_installed(&sandbox));
}

#[test]
fn an_audit_of_another_repo_certifies_nothing() {
    let (sandbox, _) = coder();
    sandbox.write_audit("chat");
    sandbox.edit("models.audits.toml", "acme/chat", "acme/other");
    sandbox.run("sync --locked").ok().says("withheld");
    assert!(!is_installed(&sandbox));
}

#[test]
fn uncertified_code_in_the_target_is_found_and_removed() {
    let (sandbox, chat) = coder();
    let code = sandbox.snapshot(&chat.head(), "modeling_acme.py");
    std::fs::write(&code, CODE).unwrap();
    let output = sandbox.run("verify");
    expect![[r#"
        error: `chat`: `modeling_acme.py`: it is withheld, but it is in the target
          expected:  nothing here
          got:       a file, link or folder
          why:       a loader may pick up what nobody reviewed
        help: find out what changed it
        help: run `modelpin sync` to restore the target
    "#]]
    .assert_eq(&output.refused(4).stderr);
    sandbox.run("exec -- true").refused(4);
    sandbox.run("sync --frozen").ok().says("removed 1 untracked file");
    assert!(!code.exists());
}

#[test]
fn plain_folders_have_no_uncertified_code_either() {
    let (sandbox, _) = coder();
    sandbox.declare("[sync]\ntarget = \"flat:models\"");
    sandbox.run("sync --locked").ok().says("withheld");
    assert_eq!(
        sandbox.below("models"),
        [".gitignore", ".modelpin-target", "chat/config.json", "chat/model.safetensors"]
    );
    sandbox.run("verify").ok();
    let sums = sandbox.run("export --format sha256sums").ok().stdout.clone();
    assert!(!sums.contains(".py"), "what is not there cannot be checked: {sums}");
    sandbox.write_audit("chat");
    sandbox.run("sync --locked").ok();
    assert_eq!(sandbox.read("models/chat/modeling_acme.py"), CODE);
    assert!(sandbox.run("export --format sha256sums").ok().stdout.contains("modeling_acme.py"));
}

fn shared(sandbox: &Sandbox) -> PathBuf {
    sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
    sandbox.root().join("home/.cache/huggingface/hub")
}

#[test]
fn code_that_another_tool_put_into_a_shared_cache_is_refused() {
    let (sandbox, chat) = coder();
    let cache = shared(&sandbox);
    sandbox.run("sync --locked").ok().says("withheld");
    let snapshot = cache.join(format!("models--acme--chat/snapshots/{}", chat.head()));
    assert!(!snapshot.join("modeling_acme.py").exists());
    sandbox.run("verify").ok();
    std::os::unix::fs::symlink("../../blobs/of-another-tool", snapshot.join("modeling_acme.py")).unwrap();
    let output = sandbox.run("sync --locked");
    expect![[r#"
        error: `chat`: `modeling_acme.py`: the shared Hugging Face cache has a file that is withheld
          expected:  no such file
          got:       a file that another tool put there
          why:       a loader would use it, and modelpin removes nothing from a cache that other tools use
        help: remove it from the cache (`hf cache rm`)
        help: choose a target of the project's own with `[sync] target` in models.toml
    "#]]
    .assert_eq(&output.refused(5).stderr);
    for words in ["verify", "exec -- true", "env"] {
        sandbox.run(words).refused(5);
    }
    assert!(snapshot.join("modeling_acme.py").symlink_metadata().is_ok(), "nothing is removed");
}

#[test]
fn entries_that_share_a_snapshot_admit_only_what_all_of_them_admit() {
    let (sandbox, chat) = coder();
    chat.commit(&[("more.py", Content::git("x = 1\n"))]);
    sandbox.run("update").ok();
    sandbox.run("add acme/chat --name part --exclude more.py").ok();
    sandbox.run("sync").ok();
    sandbox.write_audit("part");
    // For `chat` another set was certified, which is a change; for `part` alone it would be enough.
    assert_eq!(sandbox.run("sync").code, 5);
    assert!(!is_installed(&sandbox), "`chat` would find it as well");
    sandbox.write_audit("chat");
    sandbox.run("sync").ok();
    assert!(sandbox.snapshot(&chat.head(), "more.py").exists() && is_installed(&sandbox));
    sandbox.run("verify").ok();
}

#[test]
fn a_lock_that_hides_code_under_another_kind_is_refused_everywhere() {
    let (sandbox, _) = coder();
    let mut forged = sandbox.lock();
    for pin in forged.pins.values_mut() {
        pin.set_kind(&"modeling_acme.py".parse().unwrap(), FileKind::Data);
        pin.facts = modelpin_schema::lockfile::Facts::default();
    }
    sandbox.write("models.lock", forged.print());
    for words in ["sync --locked", "sync --frozen", "sync", "verify", "exec -- true", "env"] {
        sandbox.run(words).refused(4).says("modeling_acme.py");
        assert!(!is_installed(&sandbox), "{words}");
    }
}

#[test]
fn code_under_the_name_of_data_is_withheld_by_its_content() {
    let sandbox = Sandbox::new();
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(4096, 0);
    sandbox.hub.model("acme/chat").commit(&[("config.json", Content::git("{}")), ("weights.dat", Content::lfs(&elf))]);
    sandbox.run("add acme/chat").ok();
    let lock = sandbox.read("models.lock");
    assert!(lock.contains("\"weights.dat\" = { kind = \"code\""), "{lock}");
    let mut forged = sandbox.lock();
    for pin in forged.pins.values_mut() {
        pin.set_kind(&"weights.dat".parse().unwrap(), FileKind::Other);
        pin.facts = modelpin_schema::lockfile::Facts::default();
    }
    sandbox.write("models.lock", forged.print());
    sandbox.run("sync --locked").refused(4).says("`weights.dat`").says("by its content it is code");
    assert!(sandbox.target().is_empty(), "{:?}", sandbox.target());
    sandbox.write("models.lock", lock);
    let output = sandbox.run("sync --locked");
    assert!(!sandbox.target().iter().any(|path| path.ends_with("weights.dat")), "{output}");
}

#[test]
fn a_lock_without_a_fact_of_the_content_is_stale() {
    let (sandbox, _) = coder();
    let full = sandbox.read("models.lock");
    let mut forged = sandbox.lock();
    forged.pins.values_mut().for_each(|pin| pin.facts.auto_map.clear());
    sandbox.write("models.lock", forged.print());
    sandbox.run("sync --locked").refused(3).says("auto-map");
    sandbox.run("sync").ok();
    assert_eq!(sandbox.read("models.lock"), full, "what the scan finds is recorded");
    sandbox.run("sync --locked").ok();
}

#[test]
fn a_warm_sync_scans_nothing_and_ignores_records_of_another_machine() {
    let (sandbox, chat) = coder();
    let warm = || {
        let output = sandbox.run("sync --locked --format json");
        let result = output.ok().result();
        assert_eq!(output.requests, 0);
        (result["hashed-bytes"].as_u64().unwrap(), result["scanned-files"].as_u64().unwrap())
    };
    assert_eq!(warm(), (0, 0));
    let written = || std::fs::metadata(sandbox.record().join("scanned")).unwrap().modified().unwrap();
    let before = written();
    assert_eq!((warm(), written()), ((0, 0), before), "the record is not written again");
    std::fs::remove_file(sandbox.record().join("scanned")).unwrap();
    assert!(warm().1 > 0, "without a record everything is scanned");
    assert_eq!(warm(), (0, 0));
    // Verified and scanned are two things: content that was scanned is verified by its hash alone.
    std::fs::remove_file(sandbox.record().join("stamps")).unwrap();
    let (hashed, scanned) = warm();
    assert!(hashed > 0 && scanned == 0);
    assert_eq!(warm(), (0, 0));
    std::fs::remove_file(sandbox.snapshot(&chat.head(), "config.json")).unwrap();
    assert_eq!(warm().1, 0);
    // A record of another machine, as in a clone or the cache of a CI, is not used.
    let kept = ["path", "seal", "scanned", "stamps", "owned"]
        .map(|file| (file, std::fs::read(sandbox.record().join(file)).unwrap()));
    sandbox.forget();
    std::fs::create_dir_all(sandbox.record()).unwrap();
    kept.iter().for_each(|(file, bytes)| std::fs::write(sandbox.record().join(file), bytes).unwrap());
    let (hashed, scanned) = warm();
    assert!(hashed > 0 && scanned > 0);
    assert_eq!(warm(), (0, 0));
}

#[test]
fn a_repo_of_nothing_but_code_has_no_snapshot_and_no_ref() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/tools").commit(&[("tool.py", Content::git(CODE))]);
    sandbox.run("add acme/tools").ok();
    sandbox.run("sync").ok().says("withheld");
    assert_eq!(sandbox.target(), ["CACHEDIR.TAG"]);
    sandbox.run("verify").ok();
    sandbox.run("exec -- true").ok();
    sandbox.write_audit("tools");
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    assert_eq!(sandbox.target().len(), 4);
}

#[test]
fn withheld_code_is_vendored_and_synced_from_there() {
    let (sandbox, _) = coder();
    sandbox.run("vendor copies").ok().says("3 files");
    sandbox.declare("[[mirror]]\nurl = \"copies\"");
    for made in ["project/.modelpin", "store"] {
        std::fs::remove_dir_all(sandbox.root().join(made)).unwrap();
    }
    sandbox.run("sync --frozen").ok().says("withheld");
    sandbox.write_audit("chat");
    assert_eq!(sandbox.run("sync --frozen").ok().requests, 0);
    assert!(is_installed(&sandbox));
}

#[test]
fn a_failed_download_leaves_no_code_behind() {
    let (sandbox, _) = coder();
    sandbox.write_audit("chat");
    for made in ["project/.modelpin", "store"] {
        std::fs::remove_dir_all(sandbox.root().join(made)).unwrap();
    }
    sandbox.hub.fault(modelpin_testkit::Fault::FlipByte("modeling_acme.py"));
    sandbox.run("sync --locked").refused(4);
    assert!(sandbox.target().is_empty());
    sandbox.hub.heal();
    sandbox.run("sync --locked").ok();
    assert!(is_installed(&sandbox));
}
