//! What a hostile Hub, or a hostile neighbour in the target, may try.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, Fault};
use std::os::unix::fs::symlink;

#[test]
fn paths_that_lead_elsewhere_are_refused_by_name() {
    let paths = [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "a\\..\\evil",
        "C:\\evil",
        "C:evil",
        "nul",
        "sub/AUX.txt",
        "a\u{0}b",
        "a//b",
        "./a",
        "trailing.",
        "a\u{202e}b",
        ".git/config",
        "sub/.GIT/HEAD",
        "GIT~1/config",
        ".g\u{200c}it/config",
        ".git::$INDEX_ALLOCATION/config",
    ];
    for path in paths {
        let sandbox = Sandbox::new();
        sandbox.chat();
        sandbox.hub.fault(Fault::HostilePath(path));
        sandbox.run("add acme/chat").refused(4).says("a path that must not be written");
        assert!(!sandbox.path("models.lock").exists(), "{path}");
        assert!(!sandbox.root().join("evil").exists());
    }
}

#[test]
fn a_hostile_path_is_shown_harmless() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.fault(Fault::HostilePath("../\u{1b}[2Jevil"));
    expect![[r#"
        error: `chat`: the Hub sent an invalid answer: a path that must not be written
          expected:  relative paths, ids and hashes in canonical form
          got:       `../\u{1b}[2Jevil` is not a path that can be kept: its part `..` leads to another folder
          why:       paths from the Hub decide where files are written, so one invalid entry rules out the whole answer
        help: report the repo to the Hub
        help: run `modelpin remove chat` to take it out of the project
    "#]]
    .assert_eq(&sandbox.run("add acme/chat").stderr);
}

#[test]
fn hostile_paths_in_a_lock_are_refused() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.edit("models.lock", "\"config.json\"", "\"../../config.json\"");
    sandbox.run("sync --locked").exits(2).says("leads to another folder");
    sandbox.edit("models.lock", "\"../../config.json\"", "\".Git/config\"");
    for words in ["sync --locked", "verify", "check"] {
        sandbox.run(words).exits(2).says("`.git` on some systems");
    }
}

#[test]
fn files_that_are_one_file_elsewhere_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.chat().commit(&[("Config.json", Content::git("{}"))]);
    let output = sandbox.run("add acme/chat");
    output.refused(4);
    expect![[r#"
        error: `chat`: two file names differ only in case or Unicode form
          expected:  names that differ on every system
          got:       `Config.json` and `config.json`
          why:       on some systems one file would replace the other
        help: to leave one of them out, add the repo with `--exclude config.json`
        help: where models.toml has the entry, run `modelpin exclude chat config.json`
    "#]]
    .assert_eq(&output.stderr);
    sandbox.run("add acme/chat --exclude Config.json").ok();
}

#[test]
fn repos_whose_folders_are_one_elsewhere_are_refused() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.hub.model("Acme/chat").commit(&[("config.json", Content::git("{}"))]);
    sandbox.run("add Acme/chat --name other").ok();
    sandbox.run("sync --locked").refused(2).says("ignore case");
    assert!(sandbox.target().is_empty());
}

#[test]
fn listings_that_cannot_be_believed_are_refused() {
    for fault in [Fault::UnknownEntry, Fault::NextPageElsewhere, Fault::EndlessPages, Fault::BadJson("/tree/")] {
        let sandbox = Sandbox::new();
        sandbox.chat();
        let shown = format!("{fault:?}");
        sandbox.hub.fault(fault);
        let output = sandbox.run("add acme/chat");
        assert!([4, 7].contains(&output.code), "{shown}: {output}");
        assert!(!sandbox.path("models.lock").exists(), "{shown}");
    }
}

#[test]
fn links_planted_in_the_target_are_replaced_and_never_followed() {
    let (sandbox, chat) = Sandbox::synced();
    let outside = sandbox.root().join("outside");
    std::fs::create_dir_all(outside.join("blobs")).unwrap();
    std::fs::write(outside.join("precious"), "mine").unwrap();
    let hub = sandbox.path(".modelpin/hub");
    let plant = |place: &str| {
        let place = hub.join(place);
        let _ = std::fs::remove_dir_all(&place);
        let _ = std::fs::remove_file(&place);
        symlink(&outside, &place).unwrap();
    };
    for place in
        ["models--acme--chat", "models--acme--chat/blobs", "models--acme--chat/snapshots", "models--acme--chat/refs"]
    {
        plant(place);
        sandbox.run("verify").exits(4);
        sandbox.run("sync --frozen").ok();
        sandbox.run("verify").ok();
    }
    plant(&format!("models--acme--chat/snapshots/{}", chat.head()));
    sandbox.run("sync --frozen").ok();
    sandbox.run("verify").ok();
    let mut left: Vec<_> = std::fs::read_dir(&outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["blobs", "precious"], "nothing was written or removed outside");
    assert_eq!(std::fs::read_dir(outside.join("blobs")).unwrap().count(), 0);
}

#[test]
fn a_link_on_the_way_to_the_target_is_refused() {
    for place in [".modelpin", ".modelpin/hub"] {
        let (sandbox, _) = Sandbox::locked();
        let outside = sandbox.root().join("outside");
        std::fs::create_dir(&outside).unwrap();
        std::fs::create_dir_all(sandbox.path(place).parent().unwrap()).unwrap();
        symlink(&outside, sandbox.path(place)).unwrap();
        for words in ["sync --locked", "verify", "exec -- true"] {
            sandbox.run(words).refused(2).says("is a symbolic link");
        }
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    }
}

#[test]
fn somebody_elses_folder_is_never_tidied() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.write("models.toml", format!("{}\n[sync]\ntarget = \"work\"\n", sandbox.read("models.toml")));
    sandbox.write("work/thesis.tex", "mine");
    sandbox.run("sync --locked").refused(2).says("was not created by modelpin");
    assert_eq!(sandbox.read("work/thesis.tex"), "mine");
}
