//! One store for several projects and processes, on file systems whose locks keep nobody out as well.

use crate::sandbox::{Output, Sandbox, ends, mkfifo, start};
use modelpin_testkit::{Content, Fault, Hub, make};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A `flock` that grants every lock, and one of a file system that has none.
const FLOCKS: [(&str, &str); 4] = [
    ("lies", "int flock(int fd, int how) { (void)fd; (void)how; return 0; }"),
    ("enosys", "#include <errno.h>\nint flock(int fd, int how) { (void)fd; (void)how; errno = ENOSYS; return -1; }"),
    ("enolck", "#include <errno.h>\nint flock(int fd, int how) { (void)fd; (void)how; errno = ENOLCK; return -1; }"),
    (
        "enotsup",
        "#include <errno.h>\nint flock(int fd, int how) { (void)fd; (void)how; errno = EOPNOTSUPP; return -1; }",
    ),
];

/// The library with that `flock`, for `LD_PRELOAD`.
fn flock(name: &str) -> PathBuf {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let folder = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        for (name, code) in FLOCKS {
            let source = folder.path().join(format!("{name}.c"));
            std::fs::write(&source, code).unwrap();
            let made = Command::new("cc")
                .args(["-shared", "-fPIC", "-o"])
                .arg(folder.path().join(format!("{name}.so")))
                .arg(&source)
                .status();
            assert!(made.unwrap().success(), "cc makes {name}");
        }
        folder
    });
    folder.path().join(format!("{name}.so"))
}

/// A project in `folder` of the sandbox, beside its own, with the same files and another Hub.
pub(crate) fn command(sandbox: &Sandbox, folder: &str, hub: &str, flock: Option<&Path>, words: &str) -> Command {
    let mut command = sandbox.command(words);
    command.current_dir(sandbox.root().join(folder)).env("HF_ENDPOINT", hub);
    flock.map(|flock| command.env("LD_PRELOAD", flock));
    command
}

fn model(hub: &Hub, bytes: usize) -> String {
    let chat = hub.model("acme/chat");
    chat.card(serde_json::json!({ "license": "apache-2.0" }));
    chat.commit(&[("config.json", Content::git("{}")), ("model.safetensors", Content::lfs(make::weights(bytes)))])
}

/// A sandbox whose model has so many bytes, with a second project `second` that locks the same.
pub(crate) fn two_projects(bytes: usize) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let commit = model(&sandbox.hub, bytes);
    sandbox.run("add acme/chat").ok();
    twin(&sandbox, "second");
    (sandbox, commit)
}

fn twin(sandbox: &Sandbox, name: &str) {
    let folder = sandbox.root().join(name);
    std::fs::create_dir(&folder).unwrap();
    for file in ["models.toml", "models.lock"] {
        std::fs::copy(sandbox.path(file), folder.join(file)).unwrap();
    }
}

pub(crate) fn placed(sandbox: &Sandbox, folder: &str, commit: &str) -> Option<Vec<u8>> {
    let snapshot = format!("{folder}/.modelpin/hub/models--acme--chat/snapshots/{commit}/model.safetensors");
    std::fs::read(sandbox.root().join(snapshot)).ok()
}

pub(crate) fn wait_until(what: &str, test: impl Fn() -> bool) {
    let start = Instant::now();
    while !test() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The length of the longest part in the store.
pub(crate) fn part(sandbox: &Sandbox) -> u64 {
    let parts = std::fs::read_dir(sandbox.root().join("store/tmp")).into_iter().flatten();
    parts.filter_map(|entry| entry.ok()?.metadata().ok()).map(|found| found.len()).max().unwrap_or(0)
}

#[test]
fn two_syncs_over_one_store_never_publish_wrong_bytes() {
    const BYTES: usize = 1_500_000;
    for lock in ["", "lies", "enosys"] {
        // A slow Hub that is right, and one that is wrong and quick or slow; then two that are right.
        for (wrong, slow) in [(true, false), (true, true), (false, true)] {
            let (sandbox, commit) = two_projects(BYTES);
            let other = Hub::start();
            assert_eq!(model(&other, BYTES), commit);
            sandbox.hub.fault(Fault::Slow("model.safetensors", 1_500_000));
            if wrong {
                other.fault(Fault::FlipByte("model.safetensors"));
            }
            if slow {
                other.fault(Fault::Slow("model.safetensors", 2_000_000));
            }
            let flock = (!lock.is_empty()).then(|| flock(lock));
            let run = |folder, hub: &Hub| command(&sandbox, folder, hub.endpoint(), flock.as_deref(), "sync --locked");
            let first = start(run("project", &sandbox.hub));
            wait_until("a part", || part(&sandbox) > 200_000);
            let second = start(run("second", &other));
            let (second, first) = (ends(second), ends(first));
            let case = format!("{lock} {wrong} {slow}: {first:?} {second:?}");
            assert_eq!(first.0, 0, "{case}");
            assert!(second.0 == 0 || wrong && second.0 == 4 && second.1.contains("help: "), "{case}");
            let right = make::weights(BYTES);
            for (folder, code) in [("project", first.0), ("second", second.0)] {
                let there = placed(&sandbox, folder, &commit);
                assert!(there.is_none_or(|there| there == right), "{case}");
                assert!(code != 0 || placed(&sandbox, folder, &commit).is_some(), "{case}");
            }
            sandbox.run("verify").ok();
            sandbox.run("cache verify").ok();
            sandbox.finish(&mut run("second", &sandbox.hub)).ok();
        }
    }
}

#[test]
fn a_run_goes_on_from_what_another_left_with_and_without_locks() {
    for lock in ["", "lies", "enolck"] {
        let (sandbox, commit) = two_projects(800_000);
        let flock = (!lock.is_empty()).then(|| flock(lock));
        let run = |folder| command(&sandbox, folder, sandbox.hub.endpoint(), flock.as_deref(), "sync --locked");
        sandbox.hub.fault(Fault::Slow("model.safetensors", 800_000));
        let mut killed = start(run("project"));
        wait_until("a part", || part(&sandbox) > 300_000);
        killed.kill().unwrap();
        killed.wait().unwrap();
        sandbox.hub.heal();
        sandbox.hub.forget_requests();
        sandbox.finish(&mut run("second")).ok();
        let asked = sandbox.hub.requests();
        let ranges = asked.iter().filter_map(|request| request.headers.iter().find(|(name, _)| *name == "range"));
        assert!(
            ranges.clone().count() > 0 && ranges.clone().all(|(_, range)| !range.starts_with("bytes=0-")),
            "{lock}"
        );
        assert!(placed(&sandbox, "second", &commit).is_some_and(|there| there == make::weights(800_000)));
    }
}

#[test]
fn everything_works_without_locks() {
    for (lock, _) in FLOCKS {
        let sandbox = Sandbox::new();
        sandbox.chat();
        let flock = flock(lock);
        for words in ["add acme/chat", "sync", "sync --locked", "update", "verify", "vendor copies", "sync --frozen"] {
            sandbox.finish(sandbox.command(words).env("LD_PRELOAD", &flock)).ok();
        }
        let output = sandbox.finish(sandbox.command("-C / cache prune").env("LD_PRELOAD", &flock));
        output.ok();
        sandbox.run("cache verify").ok().says("2 files");
    }
}

#[test]
fn a_mirrors_links_lead_no_further_than_the_mirror() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.run("vendor copies").ok();
    sandbox.write("models.toml", format!("{}\n[[mirror]]\nurl = \"copies\"\n", sandbox.read("models.toml")));
    let largest = sandbox
        .below("copies/blobs")
        .into_iter()
        .max_by_key(|path| sandbox.path("copies/blobs").join(path).metadata().unwrap().len());
    let blob = sandbox.path("copies/blobs").join(largest.unwrap());
    let aside = sandbox.root().join("home/blob");
    std::fs::rename(&blob, &aside).unwrap();
    let other = sandbox.root().join("home/other");
    std::fs::write(&other, "x".repeat(4321)).unwrap();
    let fresh = || -> Output {
        sandbox.remove_store();
        let mut command = Command::new("timeout");
        let plain = sandbox.command("sync --frozen");
        command.arg("30").arg(plain.get_program()).args(plain.get_args()).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        sandbox.finish(command.current_dir(sandbox.path("")))
    };
    for to in [&*aside, &*other, Path::new("/proc/self/environ"), Path::new("/dev/zero"), Path::new("nowhere")] {
        symlink(to, &blob).unwrap();
        let output = fresh();
        output.refused(7);
        assert!(!output.stderr.contains("4321") && !output.stderr.contains("does not match"), "{output}");
        std::fs::remove_file(&blob).unwrap();
    }
    mkfifo(&blob);
    fresh().refused(7);
    std::fs::remove_file(&blob).unwrap();
    std::fs::rename(&aside, sandbox.path("copies/inside")).unwrap();
    symlink("../../../inside", &blob).unwrap();
    fresh().ok();
}

#[test]
fn what_others_can_change_is_copied_and_not_linked() {
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let target =
        |sandbox: &Sandbox, commit: &str| sandbox.snapshot(commit, "model.safetensors").canonicalize().unwrap();
    for (mode, owner, linked) in [
        (0o444, None, true),
        (0o464, None, false),
        (0o446, None, false),
        (0o644, None, false),
        (0o444, Some(1000), false),
    ] {
        if owner.is_some() && !is_root {
            continue;
        }
        let (sandbox, chat) = Sandbox::synced();
        std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
        let shared = |place: &Path| place.metadata().unwrap().nlink() > 1;
        for blob in Sandbox::below(&sandbox, "../store/blobs") {
            let blob = sandbox.path("../store/blobs").join(blob);
            std::fs::set_permissions(&blob, std::fs::Permissions::from_mode(mode)).unwrap();
            chown(&blob, owner, None).unwrap();
        }
        sandbox.run("sync --frozen").ok();
        let place = target(&sandbox, &chat.head());
        // A file system that shares blocks has no need for links.
        assert!(linked || !shared(&place), "{mode:o} {owner:?}");
        assert_eq!(place.metadata().unwrap().mode() & 0o777, 0o444);
        sandbox.run("verify").ok();
    }
}
