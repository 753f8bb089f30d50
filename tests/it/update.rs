//! `modelpin update`.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::Content;

#[test]
fn a_version_is_the_newest_tag_that_the_requirement_allows() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    chat.tag("v1.2.0", &chat.head());
    let newer = chat.commit(&[("config.json", Content::git("{}"))]);
    chat.tag("v1.10.0", &newer);
    let other = chat.commit(&[("config.json", Content::git("[]"))]);
    chat.tag("v2.0.0", &other);
    chat.tag("v1.11.0-rc.1", &other);
    chat.tag("nightly", &other);
    sandbox.run("add acme/chat --version ^1.2").ok();
    let lock = sandbox.read("models.lock");
    assert!(lock.contains("requested = \"version:^1.2\"\ntag = \"v1.10.0\"\n"), "{lock}");
    assert!(lock.contains(&newer));
    sandbox.run("sync").ok();
    assert_eq!(sandbox.read(".modelpin/hub/models--acme--chat/refs/v1.10.0"), newer);
    sandbox.run("update chat --precise v2.0.0").refused(2).says("does not match `version:^1.2` in models.toml");
    sandbox.run("update chat --precise v1.2.0").ok().says("v1.10.0 -> v1.2.0");
    sandbox.run("lock").ok().says("up to date");
    sandbox.run("update").ok().says("v1.2.0 -> v1.10.0");
    sandbox.run("add acme/chat --version ^7 --name none").refused(2).says("`v2.0.0` as the newest");
}

#[test]
fn nothing_moves_but_by_update() {
    let (sandbox, chat) = Sandbox::synced();
    let (lock, old) = (sandbox.read("models.lock"), chat.head());
    let new = chat.commit(&[("config.json", Content::git("{\"a\": 2}\n")), ("extra.json", Content::git("{}"))]);
    for words in ["sync", "sync --locked", "lock"] {
        sandbox.run(words).ok();
        assert_eq!(sandbox.read("models.lock"), lock, "{words}");
    }
    sandbox.run("update --dry-run").ok();
    assert_eq!(sandbox.read("models.lock"), lock);
    let output = sandbox.run("update chat --ticket SEC-4410");
    expect![[r#"
        exit: 0
        --- stdout
        chat changed  (files: 1 new, 1 changed; 9 B -> 11 B)
          revision       8688e875dca5… -> c5a157413f86…
          revision-date  2026-01-01 -> 2026-01-02
          ticket         SEC-4410
          - config.json  config, 9 B, sha256 e8c628edc996…
          + config.json  config, 9 B, sha256 4356524800e9…
          + extra.json  config, 2 B, sha256 44136fa355b3…
        --- stderr
    "#]]
    .assert_eq(&output.to_string());
    assert!(sandbox.read("models.lock").contains("ticket = \"SEC-4410\""));
    sandbox.run("update").ok();
    assert!(sandbox.read("models.lock").contains("ticket = \"SEC-4410\""), "nothing moved, so the ticket stays");
    sandbox.run(&format!("update chat --precise {old}")).ok();
    assert!(!sandbox.read("models.lock").contains("ticket ="), "a move without a ticket has none");
    assert!(sandbox.read("models.lock").contains(&old) && !sandbox.read("models.lock").contains(&new));
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
}

#[test]
fn a_ticket_can_be_given_to_a_pin_that_has_none() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.run("update --ticket SEC-1").ok().says("all pins are up to date with models.toml");
    sandbox.run("update chat --ticket SEC-1").ok().says("SEC-1");
    assert!(sandbox.read("models.lock").contains("ticket = \"SEC-1\""));
    sandbox.run("update chat --ticket SEC-2").ok().says("all pins are up to date with models.toml");
    sandbox.write("models.toml", "[policy]\nrequire-ticket = \"^OPS-\"\n\n[models]\nchat = \"acme/chat\"\n");
    sandbox.run("update chat --ticket OPS-2").ok().says("SEC-1 -> OPS-2");
    sandbox.write("models.toml", "[models.chat]\nrepo = \"acme/chat\"\ninclude = [\"*.json\"]\n");
    sandbox.run("lock --ticket OPS-3 --dry-run").ok().says("OPS-3").says("nothing was written");
    assert!(!sandbox.read("models.lock").contains("OPS-3"));
    sandbox.run("lock --ticket OPS-3").ok();
    assert!(sandbox.read("models.lock").contains("ticket = \"OPS-3\""));
}
