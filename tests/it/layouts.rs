//! The other layouts of a target: plain folders, and a cache that other tools use.

use crate::sandbox::{Sandbox, flip};
use modelpin_testkit::Content;
use std::os::unix::fs::MetadataExt;

fn with_target(target: &str) -> (Sandbox, modelpin_testkit::Repo) {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.write("models.toml", format!("{}\n[sync]\ntarget = \"{target}\"\n", sandbox.read("models.toml")));
    (sandbox, chat)
}

#[test]
fn a_flat_target_is_plain_files_by_name() {
    let (sandbox, chat) = with_target("flat:models");
    sandbox.run("sync").ok();
    assert_eq!(
        sandbox.below("models"),
        [".gitignore", ".modelpin-target", "chat/config.json", "chat/model.safetensors"]
    );
    assert_eq!(sandbox.run("sync --frozen --format json").ok().stdout.matches("\"hashed-bytes\": 0").count(), 1);
    let model = sandbox.path("models/chat/model.safetensors");
    let stored = sandbox.run("cache ls").stdout;
    let digest = stored.lines().find(|line| line.contains("model.safetensors")).unwrap()[..64].to_owned();
    let blob = sandbox.blob(&digest);
    assert_ne!(model.metadata().unwrap().ino(), blob.metadata().unwrap().ino(), "an edit must not reach the store");
    flip(&model);
    sandbox.write("models/chat/stranger.py", "");
    sandbox.run("verify").refused(4);
    sandbox.run("sync --frozen").ok();
    sandbox.run("verify").ok();
    chat.commit(&[("sub/extra.json", Content::git("{}"))]);
    sandbox.run("update").ok();
    sandbox.run("sync").ok();
    sandbox.run("verify").ok();
    let sums = sandbox.run("export --format sha256sums").stdout;
    sandbox.write("models/SUMS", &sums);
    let checked = std::process::Command::new("sha256sum")
        .args(["--check", "--quiet", "SUMS"])
        .current_dir(sandbox.path("models"))
        .status()
        .unwrap();
    assert!(checked.success(), "{sums}");
    assert!(sandbox.run("env").exits(4).stderr.contains("SUMS"), "the sums themselves are strangers");
}

#[test]
fn a_shared_cache_is_only_added_to() {
    let (sandbox, chat) = with_target("hf-cache");
    sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
    let cache = sandbox.root().join("home/.cache/huggingface/hub");
    std::fs::create_dir_all(cache.join("models--other--model/refs")).unwrap();
    std::fs::write(cache.join("models--other--model/refs/main"), "theirs").unwrap();
    sandbox.run("sync").ok();
    sandbox.run("verify").ok();
    assert_eq!(std::fs::read_to_string(cache.join("models--acme--chat/refs/main")).unwrap(), chat.head());
    assert_eq!(std::fs::read_to_string(cache.join("models--other--model/refs/main")).unwrap(), "theirs");
    let old = chat.head();
    chat.commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("update").ok();
    sandbox.run("sync").refused(4).says("other tools use this cache");
    assert_eq!(
        std::fs::read_to_string(cache.join("models--acme--chat/refs/main")).unwrap(),
        old,
        "a ref of a shared cache is not moved"
    );
    assert!(cache.join(format!("models--acme--chat/snapshots/{old}/config.json")).exists());
}

#[test]
fn a_blob_in_a_shared_cache_is_not_trusted_by_its_name() {
    let (sandbox, chat) = with_target("hf-cache");
    sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
    sandbox.run("sync").ok();
    let cache = sandbox.root().join("home/.cache/huggingface/hub");
    flip(&cache.join(format!("models--acme--chat/snapshots/{}/model.safetensors", chat.head())));
    sandbox.run("verify").refused(4);
    sandbox.run("sync").refused(4);
}

#[test]
fn git_does_not_take_a_target_in() {
    for target in ["flat:weights", "weights", "flat:data/models"] {
        let (sandbox, _) = Sandbox::locked();
        let manifest = sandbox.read("models.toml");
        sandbox.write("models.toml", format!("{manifest}[sync]\ntarget = \"{target}\"\n"));
        sandbox.run("sync --locked").ok();
        sandbox.run("verify").ok();
        let git = |words: &[&str]| {
            let output = std::process::Command::new("git").args(words).current_dir(sandbox.path("")).output().unwrap();
            assert!(output.status.success(), "{words:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        git(&["init", "-q"]);
        git(&["add", "-A"]);
        assert_eq!(git(&["ls-files"]), "models.lock\nmodels.toml\n", "{target}");
    }
}
