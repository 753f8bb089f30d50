//! `modelpin cache`.

use crate::sandbox::{Sandbox, flip};
#[cfg(target_os = "linux")]
use crate::sandbox::{ends, mkfifo, start};
#[cfg(target_os = "linux")]
use crate::store_shared::{command, part, placed, two_projects, wait_until};
use expect_test::expect;
use modelpin_testkit::Content;
#[cfg(target_os = "linux")]
use modelpin_testkit::Fault;
#[cfg(target_os = "linux")]
use std::os::unix::fs::symlink;
#[cfg(target_os = "linux")]
use std::time::Duration;

#[test]
fn the_cache_is_listed_pruned_and_verified() {
    let (sandbox, chat) = Sandbox::synced();
    assert_eq!(sandbox.run("cache dir").ok().stdout, "[DIR]/store\n");
    assert_eq!(sandbox.run("cache ls").ok().stdout.lines().count(), 2);
    chat.commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("update").ok();
    sandbox.run("cache prune --dry-run").ok().says("would remove 1 file (");
    assert_eq!(sandbox.run("cache ls").stdout.lines().count(), 3);
    sandbox.run("cache prune").ok().says("removed 1 file (");
    sandbox.run("cache verify").ok().says("2 files");
    sandbox.run("sync --frozen").ok();
    sandbox.write("models.lock", "nonsense");
    sandbox.run("cache prune").exits(2);
    assert_eq!(sandbox.run("-C / cache ls --format json").ok().stdout.matches("sha256").count(), 2);
}

#[test]
fn a_flipped_byte_in_the_store_is_never_used() {
    let (sandbox, _) = Sandbox::synced();
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    let listed = sandbox.run("cache ls").stdout;
    let digest =
        listed.lines().find(|line| line.contains("model.safetensors")).unwrap().split(' ').next().unwrap().to_owned();
    let blob = sandbox.blob(&digest);
    flip(&blob);
    sandbox.run("cache verify").refused(4);
    let output = sandbox.run("sync --frozen");
    output.refused(4);
    expect![[r#"
        note: removed a corrupted copy of `model.safetensors` from the cache
        error: `chat`: `model.safetensors`: the file from the cache on this machine does not match models.lock
          expected:  sha256:5ec6f21d3f8e1e60f71431e34b63a9f297a656054496ac7dc213a14bd3330388
          got:       sha256:1353f9ef0b09768d863401576d4b3473d2984be7275a5c59c3f8b67e677d93d9
          why:       nobody reviewed these bytes, and loading them may run code
        help: run `modelpin sync` without `--offline` to download it again
    "#]]
    .assert_eq(&output.stderr);
    assert!(sandbox.target().is_empty());
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
}

#[test]
#[cfg(target_os = "linux")]
fn pruning_waits_for_whoever_uses_the_store_and_takes_nothing_from_other_projects() {
    let (sandbox, commit) = two_projects(600_000);
    std::fs::write(sandbox.path("models.toml"), "[models]\n").unwrap();
    std::fs::remove_file(sandbox.path("models.lock")).unwrap();
    sandbox.hub.fault(Fault::Slow("model.safetensors", 600_000));
    let sync = start(command(&sandbox, "second", sandbox.hub.endpoint(), None, "sync"));
    wait_until("a part", || part(&sandbox) > 100_000);
    let output = sandbox.run("cache prune");
    output.ok().says("waiting for another modelpin (process ").says("that uses the cache").says("nothing to remove");
    assert_eq!(ends(sync).0, 0);
    sandbox.hub.heal();
    for round in 0..12 {
        std::fs::remove_dir_all(sandbox.root().join("second/.modelpin")).unwrap();
        let sync = start(command(&sandbox, "second", sandbox.hub.endpoint(), None, "sync --frozen"));
        std::thread::sleep(Duration::from_millis(round * 4));
        sandbox.run("cache prune").ok();
        let (code, said) = ends(sync);
        assert_eq!(code, 0, "{said}");
    }
    assert!(placed(&sandbox, "second", &commit).is_some());
}

#[test]
#[cfg(target_os = "linux")]
fn a_store_keeps_what_its_projects_lock() {
    let (sandbox, _) = two_projects(2000);
    let second = |words: &str| sandbox.finish(&mut command(&sandbox, "second", sandbox.hub.endpoint(), None, words));
    let blobs = || sandbox.run("-C / cache ls").ok().stdout.lines().count();
    sandbox.run("sync").ok();
    second("sync").ok();
    sandbox.run("remove chat").ok();
    sandbox.run("cache prune").ok().says("nothing to remove");
    sandbox.run("-C / cache prune").ok().says("nothing to remove");
    let listed = sandbox.run("cache ls");
    assert!(listed.ok().stdout.lines().all(|line| line.ends_with("in [DIR]/second")), "{listed}");
    assert_eq!(sandbox.run("cache ls --format json").ok().stdout.matches("\"[DIR]/second\"").count(), 2);
    second("cache ls").ok().says("chat: model.safetensors");

    let lock = sandbox.root().join("second/models.lock");
    let text = std::fs::read_to_string(&lock).unwrap();
    let outside = sandbox.root().join("home/lock");
    std::fs::write(&outside, "version = 1\n").unwrap();
    for kind in ["conflict", "version", "half", "pipe", "link", "folder"] {
        match kind {
            "conflict" => std::fs::write(&lock, format!("<<<<<<< ours\n{text}")).unwrap(),
            "version" => std::fs::write(&lock, text.replace("version = ", "version = 9")).unwrap(),
            "half" => std::fs::write(&lock, &text[..text.len() / 2]).unwrap(),
            "pipe" => mkfifo(&lock),
            "link" => symlink(&outside, &lock).unwrap(),
            _ => std::fs::create_dir(&lock).unwrap(),
        }
        let output = sandbox.run("cache prune");
        output.ok().says("because the files of the project `[DIR]/second` cannot be read").says("nothing to remove");
        let _ = std::fs::remove_file(&lock);
        let _ = std::fs::remove_dir(&lock);
    }
    std::fs::write(&lock, text).unwrap();
    second("sync --frozen").ok();

    std::fs::rename(sandbox.root().join("second"), sandbox.root().join("moved")).unwrap();
    sandbox
        .run("cache prune --dry-run")
        .ok()
        .says("would forget the project `[DIR]/second`")
        .says("would remove 2 files");
    assert_eq!(blobs(), 2);
    sandbox.run("cache prune").ok().says("forgot the project `[DIR]/second`").says("removed 2 files");
    assert_eq!(blobs(), 0);
    assert_eq!(std::fs::read_dir(sandbox.root().join("store/projects")).unwrap().count(), 1);
    sandbox.finish(&mut command(&sandbox, "moved", sandbox.hub.endpoint(), None, "sync --locked")).ok();
}

#[test]
#[cfg(target_os = "linux")]
fn a_record_that_was_brought_along_names_no_project() {
    let (sandbox, _) = Sandbox::synced();
    let records = sandbox.root().join("store/projects");
    for (id, path) in [("00".repeat(32), "/etc"), ("zz".to_owned(), "/"), ("11".repeat(32), "relative")] {
        std::fs::create_dir(records.join(&id)).unwrap();
        std::fs::write(records.join(&id).join("path"), path).unwrap();
    }
    std::fs::create_dir(records.join("22")).unwrap();
    mkfifo(records.join("22/path"));
    symlink("/dev/zero", records.join("33")).unwrap();
    sandbox.run("cache prune").ok().says("nothing to remove");
    sandbox.run("cache ls").ok();
}
