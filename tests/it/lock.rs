//! `modelpin lock`.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::Content;

#[test]
fn another_choice_of_files_is_no_reason_to_move() {
    let (sandbox, chat) = Sandbox::locked();
    let old = chat.head();
    chat.commit(&[("config.json", Content::git("{}"))]);
    sandbox.write("models.toml", "[models.chat]\nrepo = \"acme/chat\"\ninclude = [\"*.json\"]\n");
    sandbox.run("lock").ok();
    let lock = sandbox.read("models.lock");
    assert!(lock.contains(&old), "{lock}");
    assert!(
        lock.contains("include = [\"*.json\"]") && lock.contains("[model.chat.left-out]\nnot-included = 1\n"),
        "{lock}"
    );
}

#[test]
fn the_lock_s_tree_is_what_sha256sum_says() {
    let (sandbox, chat) = Sandbox::synced();
    let folder = sandbox.snapshot(&chat.head(), "");
    let script = "sha256sum * | sha256sum | cut -d' ' -f1";
    let summed =
        std::process::Command::new("sh").env("LC_ALL", "C").args(["-c", script]).current_dir(folder).output().unwrap();
    let tree = String::from_utf8(summed.stdout).unwrap();
    assert!(sandbox.read("models.lock").contains(&format!("tree = \"sha256:{}\"", tree.trim())));
}

#[test]
fn a_changed_manifest_is_refused_field_by_field() {
    let (sandbox, _) = Sandbox::locked();
    let lock = sandbox.read("models.lock");
    sandbox.write(
        "models.toml",
        "[models.chat]\nrepo = \"acme/chat\"\nrevision = \"dev\"\nexclude = [\"*.md\"]\n[models]\nnew = \"acme/new\"\n",
    );
    let output = sandbox.run("sync --locked");
    output.refused(3);
    expect![[r#"
        error: `chat`: models.lock is not up to date: `requested` differs from models.toml
          expected:  `dev`
          got:       `main`
          why:       models.toml changed after models.lock was reviewed
        help: run `modelpin lock`, then review and commit models.lock

        error: `chat`: models.lock is not up to date: `exclude` differs from models.toml
          expected:  `["*.md"]`
          got:       `[]`
          why:       models.toml changed after models.lock was reviewed
        help: run `modelpin lock`, then review and commit models.lock

        error: `new`: it is in models.toml but not in models.lock
          why:       models.toml changed after models.lock was reviewed
        help: run `modelpin lock`, then review and commit models.lock
    "#]]
    .assert_eq(&output.stderr);
    assert_eq!(output.requests, 0);
    assert!(sandbox.target().is_empty());
    assert_eq!(sandbox.read("models.lock"), lock);
}

#[test]
fn a_pin_that_nobody_asked_for_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.write("models.toml", "[models]\nother = \"acme/chat\"\n");
    sandbox.run("sync --locked").refused(3).says("not in models.toml");
}
