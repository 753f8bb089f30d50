//! Interruptions at any moment, and disks that give no more.

use crate::sandbox::Sandbox;
use modelpin_testkit::{Content, Fault, make};
use std::process::Command;
use std::time::{Duration, Instant};

fn slow_project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .hub
        .model("acme/chat")
        .commit(&[("model.safetensors", Content::lfs(make::weights(2_000_000))), ("config.json", Content::git("{}"))]);
    sandbox.run("add acme/chat").ok();
    sandbox
}

fn part(sandbox: &Sandbox) -> u64 {
    let parts = std::fs::read_dir(sandbox.root().join("store/tmp")).into_iter().flatten();
    parts.filter_map(|entry| entry.ok()?.metadata().ok()).map(|found| found.len()).max().unwrap_or(0)
}

fn wait_for(what: &str, test: impl Fn() -> bool) {
    let start = Instant::now();
    while !test() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The command with SIGINT as a terminal would have it: a shell that runs the tests in its background has it ignored.
fn interruptible(template: &Command) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal=INT").arg(template.get_program()).args(template.get_args()).env_clear();
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(template.get_current_dir().unwrap());
    command
}

#[test]
fn a_killed_sync_shows_nothing_and_goes_on_from_what_has_come() {
    let sandbox = slow_project();
    sandbox.hub.fault(Fault::Slow("model.safetensors", 1_500_000));
    for (signal, least) in [("KILL", 200_000), ("INT", 600_000), ("TERM", 1_000_000)] {
        let mut child = interruptible(&sandbox.command("sync --locked")).spawn().unwrap();
        wait_for("bytes", || part(&sandbox) > least);
        assert!(
            Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap().success()
        );
        assert!(!child.wait().unwrap().success());
        assert!(sandbox.target().iter().all(|path| !path.contains("snapshots")), "{:?}", sandbox.target());
    }
    let before = part(&sandbox);
    sandbox.hub.heal();
    sandbox.hub.forget_requests();
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    let range = sandbox
        .hub
        .requests()
        .into_iter()
        .find(|request| request.cdn)
        .and_then(|request| request.headers.get("range").cloned());
    assert_eq!(range, Some(format!("bytes={before}-")));
}

#[test]
fn a_part_that_was_tampered_with_is_found_out() {
    let sandbox = slow_project();
    sandbox.hub.fault(Fault::Slow("model.safetensors", 1_500_000));
    let mut child = sandbox.command("sync --locked").spawn().unwrap();
    wait_for("bytes", || part(&sandbox) > 200_000);
    child.kill().unwrap();
    child.wait().unwrap();
    let parts = std::fs::read_dir(sandbox.root().join("store/tmp")).unwrap();
    crate::sandbox::flip(&parts.map(|entry| entry.unwrap().path()).next().unwrap());
    sandbox.hub.heal();
    sandbox.run("sync --locked").ok().says("is corrupted; downloading it again");
    sandbox.run("verify").ok();
}

#[test]
fn what_an_interrupted_publication_left_is_removed() {
    let (sandbox, chat) = Sandbox::synced();
    std::fs::remove_dir_all(sandbox.path(".modelpin/hub/models--acme--chat/snapshots")).unwrap();
    sandbox.write(".modelpin/hub/.modelpin-staging/unit/config.json", "half");
    sandbox.write(".modelpin/hub/models--acme--chat/blobs/.modelpin-half", "half");
    std::fs::remove_file(sandbox.record().join("stamps")).unwrap();
    sandbox.run("sync --frozen").ok();
    sandbox.run("verify").ok();
    assert!(sandbox.snapshot(&chat.head(), "config.json").exists());
}

#[test]
fn two_syncs_at_once_do_the_work_once() {
    let sandbox = slow_project();
    sandbox.hub.fault(Fault::Slow("model.safetensors", 2_000_000));
    sandbox.hub.forget_requests();
    let children: Vec<_> = (0..3)
        .map(|_| sandbox.command("sync --locked").stderr(std::process::Stdio::piped()).spawn().unwrap())
        .collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let said: String = outputs.iter().map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).collect();
    assert!(outputs.iter().all(|output| output.status.success()), "{said}");
    assert!(said.contains("waiting for another modelpin (process "), "{said}");
    assert_eq!(sandbox.hub.requests().iter().filter(|request| request.cdn).count(), 1);
    sandbox.run("verify").ok();
}

/// Runs a shell script in a mount namespace of its own, where `$BIN` is the program.
pub(crate) fn in_namespace(sandbox: &Sandbox, script: &str) -> crate::sandbox::Output {
    let template = sandbox.command("");
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec", script])
        .current_dir(sandbox.path(""))
        .env_clear();
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("BIN", env!("CARGO_BIN_EXE_modelpin")).env("ROOT", sandbox.root());
    sandbox.finish(&mut command)
}

#[test]
fn a_full_disk_is_named_and_nothing_is_half_written() {
    let sandbox = slow_project();
    let store = sandbox.root().join("store");
    let output = in_namespace(&sandbox, "mount -t tmpfs -o size=256k none \"$ROOT/store\"; \"$BIN\" sync --locked");
    output.exits(1).says("No space left").says("the next run continues with the files that are complete");
    assert!(sandbox.target().is_empty());
    assert!(store.exists());
    let lock = sandbox.read("models.lock");
    sandbox.hub.model("acme/chat").commit(&[("config.json", Content::git("{\"a\": 3}"))]);
    let script = "mkdir full; cp models.* full/; mount -t tmpfs -o size=4k none full; cp models.toml full/; dd if=/dev/zero of=full/fill bs=1k count=4 2>/dev/null || true; \"$BIN\" -C full lock";
    in_namespace(&sandbox, script).exits(1).says("No space left");
    assert_eq!(sandbox.read("models.lock"), lock);
    sandbox.run("sync --locked").ok();
}

#[test]
fn a_read_only_target_is_named() {
    let (sandbox, _) = Sandbox::locked();
    std::fs::create_dir_all(sandbox.path(".modelpin")).unwrap();
    let script = "mount --bind .modelpin .modelpin; mount -o remount,bind,ro .modelpin; \"$BIN\" sync --locked";
    in_namespace(&sandbox, script).exits(1).says("Read-only file system").says("make the folder writable");
    sandbox.run("sync").ok();
    let script = "mount --bind . .; mount -o remount,bind,ro .; cd \"$PWD\"; \"$BIN\" verify; \"$BIN\" exec -- true";
    in_namespace(&sandbox, script).ok();
}

#[test]
fn a_read_only_store_serves_what_it_has() {
    let (sandbox, _) = Sandbox::synced();
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    let script = "mount --bind \"$ROOT/store\" \"$ROOT/store\"; mount -o remount,bind,ro \"$ROOT/store\"; \"$BIN\" sync --frozen";
    in_namespace(&sandbox, script).ok();
    sandbox.run("verify").ok();
}
