//! `modelpin exclude`, and `modelpin add` of an entry that is there.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};

/// A synced project with `chat`, whose repo has a folder that no loader reads.
fn with_extra_files() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.chat().commit(&[
        ("Extra/params.json", Content::git("{}")),
        ("Extra/more.safetensors", Content::lfs(make::weights(500))),
        ("notes.md", Content::git("x")),
    ]);
    sandbox.run("add acme/chat").ok();
    sandbox
}

#[test]
fn patterns_are_added_and_the_pin_stays_at_its_commit() {
    let sandbox = with_extra_files();
    sandbox.write("models.toml", "# ours\n[models]\nchat = \"acme/chat\" # why\n");
    let revision = sandbox.locked_value("revision");
    sandbox.hub.model("acme/chat").commit(&[("config.json", Content::git("{\"moved\": 1}"))]);
    let output = sandbox.run("exclude chat Extra/* --ticket SEC-1");
    output.ok().says("chat changed  (files: 2 gone; 574 B)").says("- Extra/params.json").says("SEC-1");
    assert_eq!(
        sandbox.read("models.toml"),
        "# ours\n[models]\nchat = { repo = \"acme/chat\", exclude = [\"Extra/*\"] } # why\n"
    );
    assert_eq!(sandbox.locked_value("revision"), revision, "another choice of files is no move");
    sandbox.run("sync").ok();
    assert!(sandbox.is_installed("acme/chat", "config.json") && !sandbox.is_installed("acme/chat", "params.json"));
    sandbox.run("add acme/chat --exclude *.md --exclude Extra/*").ok().says("files: 1 gone; 1 B");
    assert!(
        sandbox.read("models.toml").contains("exclude = [\"Extra/*\", \"*.md\"]"),
        "{}",
        sandbox.read("models.toml")
    );
    let before = (sandbox.read("models.toml"), sandbox.read("models.lock"));
    sandbox.run("exclude chat *.md").ok().says("models.toml says so already of `chat`");
    assert_eq!((sandbox.read("models.toml"), sandbox.read("models.lock")), before);
    sandbox.run("lock --check").ok();
}

#[test]
fn a_pattern_that_is_of_no_use_is_refused_and_nothing_is_written() {
    let sandbox = with_extra_files();
    let before = (sandbox.read("models.toml"), sandbox.read("models.lock"));
    expect![[r#"
        error: `chat`: the pattern matches no file of the commit
          expected:  a pattern that matches a file, as in `'original/*'`
          got:       `extra/*`
        help: `extra/*`: did you mean one of `Extra/more.safetensors`, `Extra/params.json`?
        help: run `modelpin why chat PATH` to see whether and why a file is locked
    "#]]
    .assert_eq(&sandbox.run("exclude chat *.md extra/*").refused(2).stderr);
    sandbox.run("add acme/chat --exclude noteX.md").refused(2).says("did you mean `notes.md`?");
    sandbox.run("add acme/chat --include *.MD").refused(2).says("did you mean `notes.md`?");
    expect![[r#"
        error: `chat`: the patterns would leave no file of the entry
          expected:  at least one file that stays
          got:       patterns that match all of its 5 files
        help: run `modelpin remove chat` to remove the entry
    "#]]
    .assert_eq(&sandbox.run("exclude chat *").refused(2).stderr);
    sandbox.run("exclude nobody *.md").refused(2).says("no entry named `nobody`");
    sandbox.run("exclude chat /x").exits(2);
    sandbox.run("exclude chat *.md --dry-run").ok().says("files: 1 gone").says("nothing was written");
    assert_eq!((sandbox.read("models.toml"), sandbox.read("models.lock")), before);
}

#[test]
fn what_is_left_out_already_may_be_excluded_as_well() {
    let sandbox = Sandbox::new();
    sandbox.chat().commit(&[("pytorch_model.bin", Content::lfs("x"))]);
    sandbox.run("add acme/chat").ok();
    sandbox.run("exclude chat *.bin").ok().says("matches only files that were left out already");
    assert!(sandbox.read("models.toml").contains("*.bin"));
    sandbox.run("lock --check").ok();
}

#[test]
fn an_entry_without_a_pin_is_locked_without_the_files() {
    let sandbox = with_extra_files();
    std::fs::remove_file(sandbox.path("models.lock")).unwrap();
    sandbox.run("exclude chat nothing/*").refused(2).says("matches no file");
    sandbox.run("exclude chat Extra/*").ok().says("chat added");
    assert!(!sandbox.read("models.lock").contains("params.json"));
}

/// A project whose only entry depends on `acme/base`, which models.toml does not name, at the name of another entry.
fn with_dependency() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/base").commit(&[
        ("config.json", Content::git("{}")),
        ("model.safetensors", Content::lfs(make::weights(50))),
        ("Extra/x.json", Content::git("{}")),
    ]);
    sandbox.hub.model("acme/lora").commit(&[
        ("adapter_config.json", Content::git("{\"base_model_name_or_path\": \"acme/base\"}")),
        ("adapter_model.safetensors", Content::lfs(make::weights(10))),
    ]);
    sandbox.run("add acme/lora --name base").ok();
    sandbox
}

#[test]
fn a_dependency_becomes_an_entry_under_its_name_and_at_its_commit() {
    let sandbox = with_dependency();
    let lock = sandbox.read("models.lock");
    assert!(lock.contains("[model.acme-base]"), "{lock}");
    let revision = |lock: &str| {
        let entry = lock.split("[model.acme-base]").nth(1).unwrap().to_owned();
        entry.lines().find(|line| line.starts_with("revision = ")).unwrap().to_owned()
    };
    let before = revision(&lock);
    sandbox.hub.model("acme/base").commit(&[("config.json", Content::git("{\"moved\": 1}"))]);
    expect![[r#"
        error: models.toml has no entry `acme-base` to change
          expected:  an entry of models.toml
          got:       an entry that is locked because `base` depends on it
        help: run `modelpin add acme/base --name acme-base --exclude 'Extra/*'` to declare it without these files
    "#]]
    .assert_eq(&sandbox.run("exclude acme-base Extra/*").refused(2).stderr);
    sandbox.run("add acme/base --exclude Extra/*").ok().says("acme-base changed");
    let toml = sandbox.read("models.toml");
    assert!(toml.contains("acme-base") && toml.contains("exclude = [\"Extra/*\"]"), "{toml}");
    let lock = sandbox.read("models.lock");
    assert_eq!(revision(&lock), before);
    assert!(!lock.contains("Extra/x.json") && !lock.contains("[model.base-2]"), "{lock}");
    sandbox.run("sync --locked").ok();
    sandbox.run("exclude acme-base config.json").ok();
}

/// What a loader may read of another repo is a list of patterns of which no repo has all: only those of files go into
/// models.toml.
#[test]
fn a_dependency_of_which_few_files_are_read_keeps_to_them() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/tok").commit(&[
        ("tokenizer.json", Content::git("{}")),
        ("tokenizer_config.json", Content::git("{}")),
        ("model.safetensors", Content::lfs(make::weights(50))),
    ]);
    sandbox.hub.model("acme/chat").commit(&[(
        "tokenizer_config.json",
        Content::git("{\"auto_map\": {\"AutoTokenizer\": [\"acme/tok--tok.T\", null]}}"),
    )]);
    sandbox.hub.model("acme/tok").commit(&[("tok.py", Content::git("x = 1\n")), ("other.py", Content::git("y = 1\n"))]);
    sandbox.run("add acme/chat").ok();
    assert!(sandbox.read("models.lock").contains("[model.tok]"), "{}", sandbox.read("models.lock"));
    sandbox.run("add acme/tok --exclude other.py").ok().says("tok changed");
    let toml = sandbox.read("models.toml");
    assert!(toml.contains("include = [\"*.py\"") && toml.contains("exclude = [\"other.py\"]"), "{toml}");
    let lock = sandbox.read("models.lock");
    assert!(lock.contains("\"tok.py\" = ") && !lock.contains("\"other.py\" = {"), "{lock}");
    sandbox.run("lock --check").ok();
}

#[test]
fn several_entries_of_a_repo_are_told_apart_by_name() {
    let sandbox = with_extra_files();
    sandbox.run("add acme/chat --name second").ok();
    expect![[r#"
        error: several entries are of `acme/chat`
          expected:  the name of one of them
          got:       `chat`, `second`
        help: name it: `modelpin add acme/chat --name chat`, with what is to be changed
    "#]]
    .assert_eq(&sandbox.run("add acme/chat --exclude *.md").refused(2).stderr);
    sandbox.run("add acme/chat --name second --exclude *.md").ok().says("second changed");
    sandbox.run("add acme/chat@main --name second --adapter-of chat --exclude *.md").refused(2).says("adapter-of");
}
