//! Vendored directories: written where they are, and nowhere else.

use crate::sandbox::{Sandbox, mkfifo};
use modelpin_testkit::Content;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

/// The blobs in `copies`, in order.
fn blobs(sandbox: &Sandbox) -> Vec<String> {
    sandbox.below("copies/blobs/sha256")
}

fn place(sandbox: &Sandbox, blob: &str) -> PathBuf {
    sandbox.path("copies/blobs/sha256").join(blob)
}

/// A directory that was made on another machine.
fn foreign() -> Sandbox {
    let (sandbox, _) = Sandbox::locked();
    sandbox.run("vendor copies").ok();
    std::fs::rename(sandbox.path("copies"), sandbox.path("theirs")).unwrap();
    assert!(
        Command::new("cp").args(["-r", "theirs", "copies"]).current_dir(sandbox.path("")).status().unwrap().success()
    );
    sandbox
}

#[test]
fn a_link_in_the_directory_is_not_followed() {
    for link in ["blobs", "blobs/sha256", "ab", "SHA256SUMS", ".gitattributes"] {
        let sandbox = foreign();
        let ab = blobs(&sandbox)[0][..2].to_owned();
        let link = if link == "ab" { format!("blobs/sha256/{ab}") } else { link.to_owned() };
        let outside = sandbox.root().join("home/outside");
        let there = sandbox.path("copies").join(&link);
        std::fs::rename(&there, &outside).unwrap();
        if !outside.is_dir() {
            std::fs::write(&outside, "precious").unwrap();
        } else if link.ends_with(&ab) {
            std::fs::remove_dir_all(&outside).unwrap();
            std::fs::create_dir(&outside).unwrap();
        }
        let look =
            || Command::new("find").arg(&outside).args(["-type", "f", "-exec", "cat", "{}", "+", "-print"]).output();
        let before = look().unwrap().stdout;
        symlink(&outside, &there).unwrap();
        sandbox.run("vendor copies").refused(2).says("is a symbolic link");
        assert_eq!(look().unwrap().stdout, before, "{link}");
    }
}

#[test]
fn planted_names_are_neither_followed_nor_waited_for() {
    let sandbox = foreign();
    let blob = blobs(&sandbox)[0].clone();
    let (ab, hex) = blob.split_once('/').unwrap();
    let precious = sandbox.root().join("home/precious");
    std::fs::write(&precious, "mine").unwrap();
    std::fs::remove_file(place(&sandbox, &blob)).unwrap();
    for name in [format!("{ab}/.{hex}"), format!("{ab}/{hex}"), format!("{ab}/.modelpin-x"), format!("{ab}/{hex}.part")]
    {
        symlink(&precious, place(&sandbox, &name)).unwrap();
    }
    sandbox.run("vendor copies").ok().says("1 copied");
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine");
    assert!(place(&sandbox, &blob).symlink_metadata().unwrap().is_file());
    for name in ["SHA256SUMS", ".gitattributes"] {
        let _ = std::fs::remove_file(sandbox.path("copies").join(name));
        mkfifo(sandbox.path("copies").join(name));
        sandbox.run("vendor copies").refused(2).says("not an ordinary file");
        std::fs::remove_file(sandbox.path("copies").join(name)).unwrap();
        std::fs::write(sandbox.path("copies").join(name), "").unwrap();
    }
}

#[test]
fn leftovers_of_a_killed_run_are_cleaned_up() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.run("vendor copies").ok();
    let blob = blobs(&sandbox)[0].clone();
    let (ab, hex) = blob.split_once('/').unwrap();
    std::fs::remove_file(place(&sandbox, &blob)).unwrap();
    for name in [format!("{ab}/.modelpin-Abc"), format!("{ab}/.{hex}")] {
        std::fs::write(place(&sandbox, &name), "half").unwrap();
        let mut permissions = place(&sandbox, &name).metadata().unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(place(&sandbox, &name), permissions).unwrap();
    }
    sandbox.run("vendor copies").ok().says("1 copied");
    assert!(!place(&sandbox, &format!("{ab}/.modelpin-Abc")).exists());
    let sums = Command::new("sha256sum")
        .args(["--check", "--quiet", "SHA256SUMS"])
        .current_dir(sandbox.path("copies"))
        .status();
    assert!(sums.unwrap().success());
}

#[test]
fn files_are_removed_only_from_directories_of_this_machine() {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.run("vendor copies").ok();
    chat.commit(&[("config.json", Content::git("{\"new\": 1}"))]);
    sandbox.run("update").ok();
    sandbox.run("vendor copies").ok().says("1 copied, 1 removed");

    let sandbox = foreign();
    sandbox.hub.model("acme/chat").commit(&[("config.json", Content::git("{\"new\": 1}"))]);
    sandbox.run("update").ok();
    let output = sandbox.run("vendor copies");
    output
        .ok()
        .says("(1 copied)")
        .says("1 untracked file kept, because copies was not made on this machine")
        .says("`rm -r copies/blobs`")
        .says("to sync from it, add to models.toml:\n\n[[mirror]]\nurl = \"copies\"\n");
    assert_eq!(blobs(&sandbox).len(), 3);
    sandbox.run("vendor copies --format json").ok().says("\"untracked\": 1");
    std::fs::remove_dir_all(sandbox.path("copies/blobs")).unwrap();
    sandbox.run("vendor copies").ok().says("(2 copied)");
    assert_eq!(blobs(&sandbox).len(), 2);

    // Other files in the directory are left alone.
    sandbox.write("usb/letter.txt", "dear");
    sandbox.run("vendor usb").ok();
    assert_eq!(sandbox.read("usb/letter.txt"), "dear");
    // A SHA256SUMS that came with a clone does not make the directory one of this machine.
    sandbox.write("claimed/blobs/sha256/ab/note", "mine");
    sandbox.write("claimed/SHA256SUMS", "");
    sandbox.run("vendor claimed").ok();
    assert_eq!(sandbox.read("claimed/blobs/sha256/ab/note"), "mine");
}

#[test]
fn git_leaves_vendored_bytes_alone() {
    for setting in ["core.autocrlf=true", "core.autocrlf=input", "core.eol=crlf"] {
        let sandbox = Sandbox::new();
        sandbox.hub.model("acme/chat").commit(&[
            ("config.json", Content::git("{\r\n\"a\": 1\r\n}\n")),
            ("README.md", Content::git("one\ntwo\n")),
            ("README.txt", Content::git("$Id$\r\n")),
        ]);
        sandbox.run("add acme/chat").ok();
        sandbox.write(".gitattributes", "* text=auto ident\n");
        sandbox.write("vendor/.gitattributes", "# ours\n*.md text");
        sandbox.run("vendor vendor").ok();
        assert_eq!(
            sandbox.read("vendor/.gitattributes"),
            "# ours\n*.md text\n/blobs/** -text -ident\n/SHA256SUMS -text -ident\n"
        );
        sandbox.run("vendor vendor").ok();
        assert_eq!(sandbox.read("vendor/.gitattributes").matches("-text").count(), 2);
        let git = |words: &[&str]| {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", setting]).args(words);
            git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").current_dir(sandbox.path(""));
            let output = git.output().unwrap();
            assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        for words in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "all"], &["clone", "-q", ".", "../clone"]]
        {
            git(words);
        }
        let sums = Command::new("sha256sum")
            .args(["--check", "--quiet", "SHA256SUMS"])
            .current_dir(sandbox.root().join("clone/vendor"))
            .status();
        assert!(sums.unwrap().success(), "{setting}");
    }
}

#[test]
fn an_unsuitable_directory_is_refused_and_stays_as_it_was() {
    let (sandbox, _) = Sandbox::synced();
    let look = || {
        let listed = Command::new("find").args([".", "../home", "../store"]).current_dir(sandbox.path("")).output();
        let mut lines: Vec<String> =
            String::from_utf8(listed.unwrap().stdout).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let private = sandbox.root().join("home/private");
    std::fs::create_dir_all(&private).unwrap();
    std::fs::create_dir_all(sandbox.path("sub/.git/objects")).unwrap();
    std::fs::create_dir_all(sandbox.path(".git")).unwrap();
    sandbox.write("file", "mine");
    symlink(&private, sandbox.path("out")).unwrap();
    symlink("../../home", sandbox.path("sub/up")).unwrap();
    symlink("nowhere", sandbox.path("dangling")).unwrap();
    let absolute = sandbox.path("out").to_str().unwrap().to_owned();
    let before = look();
    for (dir, text) in [
        ("out", "is outside of the project"),
        ("./out/deep", "is outside of the project"),
        (&absolute, "is outside of the project"),
        ("sub/up/private", "is outside of the project"),
        (".git", "is in a folder of git"),
        ("sub/.git/objects", "is in a folder of git"),
        ("sub/../.git/new", "is in a folder of git"),
        (".", "overlaps with modelpin's other files"),
        ("..", "overlaps with modelpin's other files"),
        (".modelpin", "overlaps with modelpin's other files"),
        (".modelpin/hub", "overlaps with modelpin's other files"),
        (".modelpin/hub/new", "overlaps with modelpin's other files"),
        (".modelpin/quarantine", "overlaps with modelpin's other files"),
        ("../store", "overlaps with modelpin's other files"),
        ("../store/blobs", "overlaps with modelpin's other files"),
        ("file", "is not a folder"),
        ("file/below", "is not a folder"),
        ("new/../../store/new", "overlaps with modelpin's other files"),
        ("dangling", "is not a folder"),
    ] {
        let output = sandbox.run(&format!("vendor {dir}"));
        output.refused(2).says(text).says("help: ");
        assert_eq!(look(), before, "{dir}");
    }
    sandbox.run("verify").ok();
    // A link within the project, and a folder outside of it that is named directly.
    std::fs::create_dir(sandbox.path("copies")).unwrap();
    symlink("copies", sandbox.path("linked")).unwrap();
    sandbox.run("vendor linked").ok();
    sandbox.run("vendor ../home/private").ok();
}

#[test]
fn a_sha256sums_of_another_tool_is_not_overwritten() {
    let (sandbox, _) = Sandbox::locked();
    let hex = "ab".repeat(32);
    for line in [
        "abc  release.tar.gz".to_owned(),
        format!("{hex}  release.tar.gz"),
        format!("{hex}  blobs/sha256/ab/{}", "cd".repeat(32)),
        format!("{hex} *blobs/sha256/ab/{hex}"),
        format!("{hex}  blobs/sha256/ab/{hex}\n\n"),
        "x".repeat(5000),
    ] {
        sandbox.write("w/SHA256SUMS", &line);
        sandbox.run("vendor w").refused(2).says("was not written by `modelpin vendor`");
        assert_eq!(sandbox.read("w/SHA256SUMS"), line);
        assert!(!sandbox.path("w/blobs").exists());
    }
    sandbox.write("w/SHA256SUMS", format!("{hex}  blobs/sha256/ab/{hex}\r\n"));
    sandbox.run("vendor w").ok();
    assert!(!sandbox.read("w/SHA256SUMS").contains(&hex));
}

#[test]
fn vendoring_makes_a_mirror_that_sha256sum_checks() {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.run("vendor copies").ok().says("[[mirror]]");
    let check = || {
        Command::new("sha256sum")
            .args(["--check", "--quiet", "SHA256SUMS"])
            .current_dir(sandbox.path("copies"))
            .status()
            .unwrap()
    };
    assert!(check().success());
    sandbox.run("vendor copies").ok().says("(up to date)");
    chat.commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("update").ok();
    sandbox.run("vendor copies").ok().says("1 copied, 1 removed");
    assert!(check().success());
    sandbox.write("models.toml", format!("{}\n[[mirror]]\nurl = \"copies\"\n", sandbox.read("models.toml")));
    sandbox.remove_store();
    assert_eq!(sandbox.run("sync --locked").ok().requests, 0, "the mirror is tried before the Hub");
    sandbox.run("verify").ok();
}

#[test]
fn a_store_does_not_become_a_vendored_directory() {
    let (sandbox, _) = Sandbox::synced();
    let blobs = sandbox.below("../store/blobs");
    sandbox.run("vendor ../store").refused(2).says("overlaps with");
    // Nor does what looks like one.
    sandbox.write("copy/blobs/sha256/ab/note", "mine");
    sandbox.run("vendor copy").refused(2).says("did not write");
    assert_eq!(sandbox.below("../store/blobs"), blobs);
}
