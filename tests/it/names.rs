//! A name means what was read of it: the commit of the ref that has it, and nothing where several have it.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, Repo};

/// `acme/chat` with a tag and a branch `v1.2.0`, and the commits of both.
fn twofold(sandbox: &Sandbox) -> (Repo, String, String) {
    let chat = sandbox.chat();
    let tagged = chat.head();
    chat.tag("v1.2.0", &tagged);
    let branch = chat.commit_on("v1.2.0", &[("config.json", Content::git("{\"a\": 2}\n"))]);
    assert_ne!(tagged, branch);
    (chat, tagged, branch)
}

#[test]
fn a_version_is_the_tag_and_not_the_branch_of_that_name() {
    let sandbox = Sandbox::new();
    let (chat, tagged, branch) = twofold(&sandbox);
    sandbox.run("add acme/chat --version ^1").ok();
    assert_eq!((sandbox.locked_value("revision"), sandbox.locked_value("tag")), (tagged.clone(), "v1.2.0".to_owned()));
    sandbox.run("outdated --exit-code").ok();
    sandbox.run("update").ok().says("all pins are up to date with models.toml");
    for precise in ["v1.2.0", "refs/tags/v1.2.0", &tagged] {
        sandbox.run(&format!("update chat --precise {precise}")).ok();
        assert_eq!(
            (sandbox.locked_value("revision"), sandbox.locked_value("tag")),
            (tagged.clone(), "v1.2.0".to_owned())
        );
    }
    for precise in ["refs/heads/v1.2.0", &branch] {
        sandbox
            .run(&format!("update chat --precise {precise}"))
            .refused(2)
            .says("does not match `version:^1` in models.toml");
    }
    // The newest version has a branch as well, and the lock follows the tag again.
    let next = chat.commit(&[("config.json", Content::git("{\"a\": 3}\n"))]);
    chat.tag("v1.3.0", &next);
    chat.branch("v1.3.0", &branch);
    sandbox.run("outdated --exit-code").exits(10).says(&next[..12]);
    sandbox.run("update").ok();
    assert_eq!((sandbox.locked_value("revision"), sandbox.locked_value("tag")), (next, "v1.3.0".to_owned()));
}

#[test]
fn a_bare_name_of_a_branch_and_a_tag_is_refused_with_both_commits() {
    let sandbox = Sandbox::new();
    let (_, tagged, branch) = twofold(&sandbox);
    let refused = sandbox.run("add acme/chat@v1.2.0");
    refused.refused(2).says(&tagged).says(&branch);
    expect![[r#"
        error: `chat`: `v1.2.0` is ambiguous: the repo has more than one ref of that name
          expected:  the name of one branch or tag
          got:       `refs/heads/v1.2.0` is 67aff492bfdbd858f4f333ba999386a4c4b80062, `refs/tags/v1.2.0` is 8688e875dca501682706a37b012399c54b2732e7
        help: write `refs/heads/v1.2.0` or `refs/tags/v1.2.0` instead, in `modelpin add acme/chat@refs/tags/v1.2.0`, `--precise` of `modelpin update`, or `revision` in models.toml
    "#]]
    .assert_eq(&refused.stderr);
    assert!(!sandbox.path("models.lock").exists());
    sandbox.write("models.toml", "[models]\nchat = { repo = \"acme/chat\", revision = \"v1.2.0\" }\n");
    sandbox.run("lock").refused(2).says(&tagged).says(&branch);
    for (spelled, commit) in
        [("refs/tags/v1.2.0", &tagged), ("refs/heads/v1.2.0", &branch), (&tagged, &tagged), (&branch, &branch)]
    {
        sandbox.write("models.toml", "[models]\n");
        sandbox.run(&format!("add acme/chat@{spelled}")).ok();
        assert_eq!(sandbox.locked_value("revision"), *commit, "{spelled}");
        sandbox.run("sync").ok();
        sandbox.run("verify").ok();
        sandbox.run("update").ok().says("all pins are up to date");
        sandbox.run("update chat --precise v1.2.0").refused(2).says(&tagged).says(&branch);
    }
}

#[test]
fn a_name_that_becomes_two_is_told_when_it_is_looked_up_again() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    let tagged = chat.head();
    chat.tag("v1", &tagged);
    sandbox.run("add acme/chat@v1").ok();
    // As long as both are one commit there is nothing to choose.
    chat.branch("v1", &tagged);
    sandbox.run("update").ok();
    let branch = chat.commit_on("v1", &[("config.json", Content::git("{}"))]);
    sandbox.run("update").refused(2).says(&tagged).says(&branch);
    sandbox.run("outdated --exit-code").exits(10).says("more than one ref");
    assert_eq!(sandbox.locked_value("revision"), tagged);
    sandbox.run("lock").ok().says("up to date");
    sandbox.run("sync --locked").ok();
}

#[test]
fn refs_of_pull_requests_and_conversions_are_names_as_well() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    let first = chat.head();
    let other = chat.commit_on("aside", &[("config.json", Content::git("{}"))]);
    chat.pull_request(1, &first);
    chat.convert("parquet", &first);
    for name in ["refs/pr/1", "refs/convert/parquet"] {
        sandbox.run(&format!("add acme/chat@{name}")).ok();
        assert_eq!(sandbox.locked_value("revision"), first, "{name}");
        chat.branch(name, &other);
        sandbox.run("update").refused(2).says(&first).says(&other);
        sandbox.run(&format!("update --precise refs/heads/{name} chat")).ok();
        assert_eq!(sandbox.locked_value("revision"), other, "{name}");
        sandbox.run("remove chat").ok();
    }
}

#[test]
fn a_name_costs_one_question_about_refs_and_one_about_the_commit() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    chat.tag("v1", &chat.head());
    sandbox.run("add acme/chat@v1").ok();
    let asked: Vec<String> = sandbox.hub.requests().into_iter().map(|request| request.path).collect();
    let asked = |word: &str| asked.iter().filter(|path| path.contains(word)).count();
    assert_eq!((asked("/refs"), asked("/revision/")), (1, 1));
    assert_eq!(asked(&format!("/revision/{}", chat.head())), 1, "by the commit, not by the name");
}
