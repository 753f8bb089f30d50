//! The files of a project: what may be read and written in their place, and who may do that at once.

use crate::review::bot;
use crate::sandbox::{Sandbox, ends, mkfifo, start};
use modelpin_testkit::{Content, Fault, make};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const SECRET: &str = "hf_thisIsMySecret";

/// Runs, and ends what hangs.
pub(crate) fn bounded(sandbox: &Sandbox, words: &str) -> crate::sandbox::Output {
    let command = sandbox.command(words);
    let mut timed = Command::new("timeout");
    timed.arg("30").arg(command.get_program()).args(command.get_args()).env_clear();
    timed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    sandbox.finish(timed.env("HF_TOKEN", SECRET).current_dir(sandbox.path("")).stdin(Stdio::null()))
}

/// A word of each command that reads the file.
fn readers(file: &str) -> &'static [&'static str] {
    match file {
        "models.audits.toml" => &["check", "sync --locked", "lock", "update"],
        _ => &["check", "sync", "lock", "tree", "verify", "outdated", "add acme/other", "remove chat", "vendor out"],
    }
}

#[test]
fn no_word_of_a_file_behind_a_link_is_shown() {
    let (sandbox, _) = Sandbox::locked();
    std::fs::write(sandbox.root().join("home/token"), format!("token = \"{SECRET}\"\n")).unwrap();
    sandbox.write(".env", format!("{SECRET}=1\n"));
    symlink("../home", sandbox.path("way")).unwrap();
    let outside = sandbox.root().join("home/token");
    for file in ["models.toml", "models.lock", "models.audits.toml"] {
        let before = std::fs::read(sandbox.path(file)).ok();
        for to in [outside.to_str().unwrap(), "../home/token", "way/token", "/proc/self/environ", ".env"] {
            let _ = std::fs::remove_file(sandbox.path(file));
            symlink(to, sandbox.path(file)).unwrap();
            for words in readers(file) {
                let output = bounded(&sandbox, words);
                output.refused(2);
                assert!(
                    !output.stderr.contains(SECRET) && !output.stdout.contains(SECRET),
                    "{file} {to} {words}: {output}"
                );
            }
            assert!(sandbox.path(file).is_symlink());
        }
        std::fs::remove_file(sandbox.path(file)).unwrap();
        before.iter().for_each(|before| sandbox.write(file, before));
    }
    assert_eq!(std::fs::read_to_string(outside).unwrap(), format!("token = \"{SECRET}\"\n"));
    sandbox.run("sync --locked").ok();
}

#[test]
fn an_import_shows_nothing_of_a_file_that_is_not_the_projects() {
    let (sandbox, _) = Sandbox::locked();
    std::fs::write(sandbox.root().join("home/token"), SECRET).unwrap();
    symlink("../home", sandbox.path("way")).unwrap();
    symlink("../home/token", sandbox.path("link.toml")).unwrap();
    mkfifo(sandbox.path("pipe.toml"));
    let hash = Command::new("sha256sum").arg(sandbox.root().join("home/token")).output().unwrap();
    let hash = String::from_utf8(hash.stdout).unwrap();
    let hex = hash.split(' ').next().unwrap();
    for path in ["link.toml", "way/token", "pipe.toml", "../home/token", "/dev/zero", "/proc/self/environ", "."] {
        let text =
            format!("version = 1\n\n[[import]]\nname = \"sec\"\npath = \"{path}\"\nsha256 = \"{}\"\n", "0".repeat(64));
        sandbox.write("models.audits.toml", text);
        let output = bounded(&sandbox, "check");
        assert!([2, 5].contains(&output.code), "{path}: {output}");
        assert!(!output.stderr.contains(hex) && !output.stderr.contains(SECRET), "{path}: {output}");
    }
}

#[test]
fn pipes_and_folders_are_refused_and_keep_nobody_waiting() {
    let (sandbox, _) = Sandbox::locked();
    for file in ["models.lock", "models.audits.toml"] {
        let before = std::fs::read(sandbox.path(file)).ok();
        for kind in ["pipe", "folder", "link"] {
            let _ = std::fs::remove_file(sandbox.path(file));
            match kind {
                "pipe" => mkfifo(sandbox.path(file)),
                "folder" => std::fs::create_dir(sandbox.path(file)).unwrap(),
                _ => {
                    mkfifo(sandbox.path("elsewhere"));
                    symlink("elsewhere", sandbox.path(file)).unwrap();
                }
            }
            for words in readers(file) {
                bounded(&sandbox, words).refused(2).says("not an ordinary file");
            }
            let _ = std::fs::remove_dir(sandbox.path(file));
            let _ = std::fs::remove_file(sandbox.path("elsewhere"));
        }
        let _ = std::fs::remove_file(sandbox.path(file));
        before.iter().for_each(|before| sandbox.write(file, before));
    }
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    mkfifo(sandbox.path("models.toml"));
    bounded(&sandbox, "check").refused(2).says("not an ordinary file");
    mkfifo(sandbox.path("old.lock"));
    assert_ne!(bounded(&sandbox, "diff ./old.lock").code, 124);
}

#[test]
fn linked_files_are_written_through_and_keep_mode_and_owner() {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.hub.model("acme/other").commit(&[("config.json", Content::git("{}"))]);
    let is_root = rustix_is_root();
    for (file, mode) in [("models.toml", 0o664), ("models.lock", 0o640)] {
        std::fs::create_dir_all(sandbox.path("shared")).unwrap();
        std::fs::rename(sandbox.path(file), sandbox.path("shared").join(file)).unwrap();
        symlink(format!("shared/{file}"), sandbox.path(file)).unwrap();
        std::fs::set_permissions(sandbox.path(file), std::fs::Permissions::from_mode(mode)).unwrap();
        if is_root {
            chown(sandbox.path(file), Some(1000), Some(1001)).unwrap();
        }
    }
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    for words in ["add acme/other", "update", "remove other", "sync"] {
        sandbox.run(words).ok();
        for (file, mode) in [("models.toml", 0o664), ("models.lock", 0o640)] {
            assert!(sandbox.path(file).is_symlink(), "{words}: {file}");
            let found = sandbox.path("shared").join(file).metadata().unwrap();
            assert_eq!(found.mode() & 0o777, mode, "{words}: {file}");
            assert!(!is_root || (found.uid(), found.gid()) == (1000, 1001), "{words}: {file}");
        }
    }
    assert!(sandbox.read("shared/models.lock").contains(&chat.head()));
}

fn rustix_is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

#[test]
fn two_decisions_at_once_both_count() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    let (one, other) = (start_certify(&sandbox, "A"), start_certify(&sandbox, "B"));
    assert_eq!([ends(one).0, ends(other).0], [0, 0]);
    assert_eq!(sandbox.read("models.audits.toml").matches("[[audit]]").count(), 2);
    sandbox.certify("bot").ok();
}

fn start_certify(sandbox: &Sandbox, who: &str) -> std::process::Child {
    let mut command = sandbox.command("certify bot --criteria safe-to-run --who");
    command.arg(format!("{who} <{who}@acme.example>"));
    start(command)
}

#[test]
fn a_sync_that_runs_beside_an_update_writes_no_old_lock_back() {
    let sandbox = Sandbox::new();
    let chat = sandbox.hub.model("acme/chat");
    let weights = || Content::lfs(make::weights(600_000));
    chat.commit(&[("model.safetensors", weights()), ("config.json", Content::git("{}"))]);
    sandbox.hub.model("acme/other").commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("add acme/chat").ok();
    sandbox.hub.fault(Fault::Slow("model.safetensors", 600_000));
    let old = start(sandbox.command("sync"));
    std::thread::sleep(Duration::from_millis(300));
    chat.commit(&[("config.json", Content::git("{\"new\": 1}"))]);
    let update = start(sandbox.command("update"));
    let add = start(sandbox.command("add acme/other"));
    let (code, said) = ends(update);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("waiting for another modelpin (process "), "{said}");
    assert_eq!(ends(add).0, 0);
    assert_eq!(ends(old).0, 0);
    let lock = sandbox.read("models.lock");
    assert!(lock.contains(&chat.head()) && lock.contains("acme/other"), "{lock}");
    sandbox.run("lock --check").ok();
}

#[test]
fn what_a_person_writes_meanwhile_is_not_lost() {
    let sandbox = Sandbox::new();
    let chat = sandbox.hub.model("acme/chat");
    chat.commit(&[("config.json", Content::git("{}")), ("README.md", Content::git("x".repeat(3000)))]);
    sandbox.hub.fault(Fault::Slow("README.md", 3000));
    let add = start(sandbox.command("add acme/chat"));
    std::thread::sleep(Duration::from_millis(400));
    let mine = "# mine\n[models]\n";
    sandbox.write("models.toml", mine);
    let (code, said) = ends(add);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("changed while this command was running") && said.contains("help: "), "{said}");
    assert_eq!(sandbox.read("models.toml"), mine);
    assert!(!sandbox.path("models.lock").exists());
    sandbox.hub.heal();
    sandbox.run("add acme/chat").ok();
    assert!(sandbox.read("models.toml").starts_with("# mine\n"));
}

#[test]
fn who_only_looks_waits_for_nobody() {
    let sandbox = Sandbox::new();
    let chat = sandbox.hub.model("acme/chat");
    chat.commit(&[("model.safetensors", Content::lfs(make::weights(300_000))), ("config.json", Content::git("{}"))]);
    sandbox.run("add acme/chat").ok();
    sandbox.hub.fault(Fault::Slow("model.safetensors", 200_000));
    let sync = start(sandbox.command("sync"));
    std::thread::sleep(Duration::from_millis(200));
    for words in ["update --dry-run", "lock --check", "lock --dry-run", "tree", "outdated"] {
        let output = sandbox.run(words);
        assert!(!output.ok().stderr.contains("waiting"), "{words}: {output}");
    }
    assert_eq!(ends(sync).0, 0);
}
