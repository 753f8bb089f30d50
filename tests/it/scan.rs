//! `scan`: what is judged, what is not, and how it ends. What each form looks like is in `scan_forms`.

use crate::sandbox::{Output, Sandbox, flip};
use modelpin_testkit::{Content, Repo, make};
use std::os::unix::fs::symlink;

/// A pickle that calls `os.system` when it is loaded.
pub(crate) const EVIL: &[u8] = b"cos\nsystem\n(S'id'\ntR.";

/// A folder `m` of honest files.
pub(crate) fn honest() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("m/config.json", "{\"a\": 1}\n");
    sandbox.write("m/sub/model.safetensors", make::weights(3000));
    sandbox
}

/// A project that has locked `acme/bad`, with a pickle that runs code, and has its bytes: in the store, and in a cache
/// that a less careful tool filled.
pub(crate) fn locked_bad() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let bad = sandbox.hub.model("acme/bad");
    bad.commit(&[("config.json", Content::git("{\"a\": 1}\n")), ("pytorch_model.bin", Content::lfs(EVIL))]);
    sandbox.run("add acme/bad").refused(5);
    let repo = sandbox.path(".modelpin/hub/models--acme--bad");
    let snapshot = repo.join("snapshots").join(bad.head());
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::create_dir_all(repo.join("blobs")).unwrap();
    for (path, bytes) in [("config.json", b"{\"a\": 1}\n".as_slice()), ("pytorch_model.bin", EVIL)] {
        let digest = sandbox.locked_sha256(path);
        std::fs::write(repo.join("blobs").join(&digest), bytes).unwrap();
        symlink(format!("../../blobs/{digest}"), snapshot.join(path)).unwrap();
        if path == "pytorch_model.bin" {
            sandbox.write_blob(&digest, bytes);
        }
    }
    (sandbox, bad)
}

/// Rules by path, from the JSON of a scan.
fn found(output: &Output) -> Vec<(String, Vec<String>)> {
    let problems = output.diagnostics();
    let rules = |path: &str| {
        let of_file = problems.iter().filter(|problem| problem["path"] == path);
        of_file.map(|problem| problem["rule"].as_str().unwrap().to_owned()).collect()
    };
    let mut found = Vec::new();
    for entry in output.result()["entries"].as_array().unwrap() {
        let folder = format!("{}/", entry["name"].as_str().unwrap());
        for file in entry["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            found.push((path.strip_prefix(&folder).unwrap_or(path).to_owned(), rules(path)));
        }
    }
    found
}

fn rules_of(output: &Output, path: &str) -> Vec<String> {
    let found = found(output);
    found.iter().find(|(other, _)| other == path).unwrap_or_else(|| panic!("no {path} in\n{output}")).1.clone()
}

#[test]
fn honest_files_are_safe_anywhere() {
    let sandbox = honest();
    for words in ["scan m", "scan ./m/", "scan m/config.json", "scan m/config.json m/sub", "-C m scan ."] {
        let output = sandbox.run(words);
        assert_eq!((output.ok().requests, output.stderr.as_str()), (0, ""), "{words}");
    }
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    sandbox.run("scan m").ok().says("2 files: 2 safe");
}

#[test]
fn what_runs_code_is_dangerous_and_exits_5() {
    let sandbox = honest();
    sandbox.write("m/notes.txt", EVIL);
    let output = sandbox.run("scan m");
    output.exits(5).says("pickle-dangerous-global").says("1 dangerous").says("os.system");
    sandbox.run("scan m --fail-on dangerous").exits(5);
    sandbox.run("scan m/config.json").ok();
}

#[test]
fn what_is_to_be_reviewed_can_be_let_through() {
    let sandbox = honest();
    sandbox.write("m/blob.dat", [0x93, 0x07, 0xff, 0x00, 0x13, 0x37].repeat(20));
    sandbox.run("scan m").exits(5).says("1 to review");
    let output = sandbox.run("scan m --fail-on dangerous");
    output.ok().says("1 to review");
}

#[test]
fn nothing_to_scan_is_refused() {
    let sandbox = honest();
    sandbox.run("scan").refused(3);
    sandbox.run("lock").ok();
    sandbox.run("scan").refused(2).says("has no models and no datasets");
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.run("scan empty").refused(2).says("no files in `empty`");
    sandbox.run("scan m/nothing.bin").refused(2);
    sandbox.run("scan m m/nothing.bin").refused(2);
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    sandbox.run("scan").refused(2).says("modelpin scan PATH");
    sandbox.run("scan no-such-thing").refused(2);
}

#[test]
fn locked_models_are_scanned_in_the_target() {
    let (sandbox, chat) = Sandbox::synced();
    for words in ["scan", "scan chat", "scan chat chat"] {
        let output = sandbox.run(words);
        output.ok().says("2 files: 2 safe");
        assert_eq!(output.requests, 0);
    }
    // What a loader would read counts, not what was locked.
    let config = sandbox.snapshot(&chat.head(), "config.json");
    std::fs::remove_file(&config).unwrap();
    std::fs::write(&config, EVIL).unwrap();
    sandbox.run("scan").exits(5).says("chat: config.json").says("another length than in models.lock");
}

#[test]
fn without_a_target_the_store_is_scanned() {
    let (sandbox, _) = locked_bad();
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    let output = sandbox.run("scan bad");
    output.exits(5).says("bad: pytorch_model.bin").says("pickle-dangerous-global");
    assert!(!sandbox.path(".modelpin").exists(), "a scan writes nothing");
}

#[test]
fn what_is_locked_and_not_here_is_brought_into_the_store() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.remove_store();
    let output = sandbox.run("scan --offline");
    output.refused(7).says("no copy of `config.json`").says("`modelpin scan chat` without `--offline`");
    assert_eq!(output.requests, 0);
    sandbox.run("scan").ok().says("2 files: 2 safe");
    assert!(!sandbox.path(".modelpin").exists(), "it comes into the store, and nowhere else");
    sandbox.run("scan --offline").ok();
}

#[test]
fn a_name_of_the_lock_wins_over_a_path() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.write("chat/evil.pkl", EVIL);
    sandbox.run("scan chat").ok().says("`./chat` means the path");
    sandbox.run("scan ./chat").exits(5).says("chat/evil.pkl");
}

#[test]
fn a_slip_of_the_pen_is_pointed_out() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.run("scan chta").refused(2).says("did you mean `modelpin scan chat`?");
    // In a folder that is there, a path is meant.
    sandbox.write("acme/notes.txt", "a");
    sandbox.run("scan acme/chat").refused(2).says("did you mean `modelpin scan chat`?");
    sandbox.run("scan chat --explain x").exits(2);
    sandbox
        .run("scan --explain pickle-dangerous-globl")
        .refused(2)
        .says("`modelpin scan --explain pickle-dangerous-global`");
    sandbox.write("models.toml", format!("{}\nlater = \"acme/later\"\n", sandbox.read("models.toml")));
    sandbox.run("scan later").refused(7).says("`hf:model/acme/later` not found on the Hub, or private");
    sandbox.run("scan later --offline").refused(3);
}

#[test]
fn a_lock_that_cannot_be_read_stops_names_and_not_paths() {
    let sandbox = honest();
    sandbox.write("models.lock", "nonsense");
    sandbox.run("scan m").exits(2);
    sandbox.run("scan ./m").ok();
}

#[test]
fn links_are_followed_inside_and_nowhere_else() {
    let sandbox = honest();
    sandbox.write("outside.pkl", EVIL);
    symlink("config.json", sandbox.path("m/again.json")).unwrap();
    symlink("../outside.pkl", sandbox.path("m/out.json")).unwrap();
    symlink("..", sandbox.path("m/up")).unwrap();
    symlink("sub", sandbox.path("m/same")).unwrap();
    symlink("gone", sandbox.path("m/nowhere")).unwrap();
    symlink("circle", sandbox.path("m/circle")).unwrap();
    let output = sandbox.run("scan m --format json");
    output.exits(5);
    assert_eq!(rules_of(&output, "again.json"), Vec::<String>::new());
    assert_eq!(rules_of(&output, "out.json"), ["link-out"]);
    assert_eq!(rules_of(&output, "up"), ["link-out"]);
    assert_eq!(rules_of(&output, "nowhere"), ["unreadable"]);
    assert_eq!(rules_of(&output, "circle"), ["unreadable"]);
    assert!(!output.stdout.contains("os.system"), "{output}");
    assert_eq!(found(&output).len(), 7, "{output}");
}

#[test]
fn a_snapshot_of_a_cache_may_link_to_its_blobs() {
    let (sandbox, bad) = locked_bad();
    let snapshot = format!(".modelpin/hub/models--acme--bad/snapshots/{}", bad.head());
    let output = sandbox.run(&format!("scan {snapshot} --format json"));
    output.exits(5);
    assert_eq!(found(&output).len(), 2);
    assert!(rules_of(&output, "pytorch_model.bin").contains(&"pickle-dangerous-global".to_owned()));
    sandbox.run(&format!("scan {snapshot}/config.json")).ok();
    let whole = sandbox.run("scan .modelpin/hub --format json");
    let blobs = found(&whole).iter().filter(|(path, _)| path.contains("/blobs/")).count();
    assert_eq!(blobs, 0, "blobs are judged by their names in a snapshot: {whole}");
    sandbox.write(".modelpin/hub/models--acme--bad/blobs/stray", EVIL);
    sandbox.run("scan .modelpin/hub/models--acme--bad").exits(5).says("blobs/stray");
    // A link past the blobs is one too far.
    symlink("../../../../../models.toml", sandbox.path(&format!("{snapshot}/x.json"))).unwrap();
    let output = sandbox.run(&format!("scan {snapshot} --format json"));
    assert_eq!(rules_of(&output, "x.json"), ["link-out"]);
}

#[test]
fn a_target_that_leads_elsewhere_is_a_finding() {
    let (sandbox, chat) = Sandbox::synced();
    let config = sandbox.snapshot(&chat.head(), "config.json");
    std::fs::remove_file(&config).unwrap();
    symlink(sandbox.path("models.toml"), &config).unwrap();
    sandbox.run("scan").exits(5).says("link-out");
}

#[test]
fn what_cannot_be_read_is_never_passed_over() {
    let sandbox = honest();
    crate::sandbox::mkfifo(sandbox.path("m/pipe.bin"));
    std::os::unix::net::UnixListener::bind(sandbox.path("m/socket")).unwrap();
    let output = sandbox.run("scan m --format json");
    output.exits(5);
    assert_eq!(rules_of(&output, "pipe.bin"), ["unreadable"]);
    assert_eq!(rules_of(&output, "socket"), ["unreadable"]);
    sandbox.run("scan m/pipe.bin").exits(5).says("unreadable");
    sandbox.run("scan /dev/zero").exits(5).says("unreadable");
}

#[test]
fn a_file_without_permission_is_to_be_reviewed() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = honest();
    let secret = sandbox.path("m/config.json");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads it all the same.
    let expected = if std::fs::File::open(&secret).is_ok() { 0 } else { 5 };
    sandbox.run("scan m").exits(expected);
}

#[test]
fn names_that_are_no_text_are_scanned_too() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = honest();
    for name in [b"a\xff.pkl".as_slice(), b"a\\xff.pkl"] {
        std::fs::write(sandbox.path("m").join(std::ffi::OsStr::from_bytes(name)), EVIL).unwrap();
    }
    std::fs::write(sandbox.path("m/\u{1b}[2J.json"), "{}").unwrap();
    let output = sandbox.run("scan m");
    output.exits(5).says("2 dangerous");
    assert!(!output.stdout.contains('\u{1b}'), "{output}");
}

#[test]
fn git_s_own_folder_is_passed_over_and_that_is_said() {
    let sandbox = honest();
    for file in ["HEAD", "objects/evil.pkl"] {
        sandbox.write(&format!("m/.git/{file}"), EVIL);
    }
    sandbox.run("scan m").ok().says("`m/.git` was not scanned");
    symlink(".git/objects", sandbox.path("m/objects")).unwrap();
    sandbox.run("scan m").exits(5).says("link-out");
    std::fs::remove_file(sandbox.path("m/.git/HEAD")).unwrap();
    sandbox.run("scan m").exits(5).says("os.system");
}

#[test]
fn a_scan_changes_nothing_and_runs_nothing() {
    let (sandbox, bad) = locked_bad();
    let stamp = |path: &std::path::Path| path.metadata().unwrap().modified().unwrap();
    let snapshot = format!(".modelpin/hub/models--acme--bad/snapshots/{}", bad.head());
    let file = sandbox.path(&format!("{snapshot}/pytorch_model.bin"));
    let trigger = sandbox.path("ran");
    sandbox.write("m/evil.pkl", format!("cos\nsystem\n(S'touch {}'\ntR.", trigger.display()));
    let (before, listed, lock) = (stamp(&file), sandbox.below(""), sandbox.read("models.lock"));
    sandbox.run("scan bad ./m").exits(5);
    assert_eq!((before, listed, lock), (stamp(&file), sandbox.below(""), sandbox.read("models.lock")));
    assert!(!trigger.exists());
}

#[test]
fn the_order_does_not_depend_on_the_threads() {
    let sandbox = honest();
    for at in 0..40 {
        sandbox.write(&format!("m/{at}.pkl"), EVIL);
    }
    let one = sandbox.run("scan m --jobs 1").stdout;
    for _ in 0..3 {
        assert_eq!(sandbox.run("scan m --jobs 8").stdout, one);
    }
}

#[test]
fn a_changed_byte_is_judged_anew() {
    let (sandbox, chat) = Sandbox::synced();
    flip(&sandbox.snapshot(&chat.head(), "config.json"));
    let output = sandbox.run("scan chat");
    assert!(matches!(output.code, 0 | 5), "{output}");
    sandbox.run("verify").refused(4);
}
