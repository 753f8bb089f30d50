//! `certify` records what a person was shown, of exactly those bytes, as many people as the policy wants.

use crate::review::{V2, bot, moved};
use expect_test::expect;
use modelpin_testkit::Content;

#[test]
fn what_is_certified_is_what_was_shown() {
    let (sandbox, bot) = bot();
    let before = sandbox.code_digest("bot");
    let output = sandbox.certify("bot");
    output.refused(5);
    expect![[r#"
        error: `bot`: the code was not reviewed on this machine
          expected:  a review of exactly the locked bytes, or their digest with `--digest`
          got:       neither
          why:       certifying means that you have read exactly these bytes
        help: run `modelpin review bot`
    "#]]
    .assert_eq(&output.stderr);
    sandbox.run("review bot --format json").ok();
    sandbox.certify("bot").refused(5).says("the code was not reviewed on this machine");
    sandbox.run("review bot").ok().says(&format!("certify bot --criteria safe-to-run --digest {before}`"));

    // Between the review and the certificate other code comes.
    bot.commit(&[("modeling_bot.py", Content::git(V2))]);
    sandbox.run("update bot").ok();
    let after = sandbox.code_digest("bot");
    for words in [String::new(), format!("--digest {before}")] {
        let output = sandbox.certify(&format!("bot {words}"));
        output.refused(5).says("the locked code is not the code that was reviewed").says(&before).says(&after);
    }
    assert!(!sandbox.path("models.audits.toml").exists());
    sandbox.certify(&format!("bot --digest {after}")).ok();
}

#[test]
fn a_change_that_was_shown_is_certified_as_a_change_and_not_as_the_whole() {
    let (sandbox, _) = moved();
    sandbox.run("review bot --since").ok();
    sandbox.certify("bot").refused(5).says("only a change of the code was reviewed");
    sandbox.certify("bot --delta").ok();

    let (sandbox, bot) = moved();
    bot.commit(&[("modeling_bot.py", Content::git("import os\nos.system('id')\n"))]);
    sandbox.write("before.lock", sandbox.read("models.lock"));
    sandbox.run("update bot");
    sandbox.run("review bot --file before.lock").ok();
    sandbox.certify("bot --delta").refused(5).says("another change of the code was reviewed");
    sandbox.run("review bot").ok();
    sandbox.certify("bot --delta").ok();
}

#[test]
fn what_was_shown_does_not_come_with_a_clone() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    let shown = std::fs::read(sandbox.record().join("shown")).unwrap();
    std::fs::remove_dir_all(sandbox.record()).unwrap();
    sandbox.run("review bot --format json").ok();
    std::fs::create_dir_all(sandbox.record()).unwrap();
    std::fs::write(sandbox.record().join("shown"), shown).unwrap();
    sandbox.certify("bot").refused(5).says("the code was not reviewed on this machine");
}

#[test]
fn two_people_can_be_asked_for() {
    let (sandbox, bot) = bot();
    sandbox.edit("models.toml", "[models]", "[policy]\naudits = 2\n\n[models]");
    sandbox.run("review bot").ok().says("0 of 2");
    sandbox.certify("bot").ok().says("1 of 2 people certified the code").says("1 more does");
    sandbox.certify("bot").refused(2).says("the same person has already certified this code");
    // The address is what tells people apart.
    let by = |who: &str, more: &str| {
        let mut command = sandbox.command("certify bot --criteria safe-to-run --who");
        sandbox.finish(command.arg(who).args(more.split_whitespace()))
    };
    by("Joanna <JO@acme.example>", "").refused(2);
    by("Jo <jo@acme.example.>", "").refused(2).says("a name and one address");
    by("Kim <kim> <>", "").refused(2);
    sandbox.run("sync").ok().says("because only 1 of 2 people certified them");
    sandbox.run("check").says("1 of 2 people certified them");
    assert!(!sandbox.target().iter().any(|path| path.ends_with("modeling_bot.py")));
    sandbox.run("review bot").ok().says("1 of 2: Jo <jo@acme.example>");
    by("Kim <kim@acme.example>", "").ok().says("installs the code");
    sandbox.run("sync").ok();
    assert!(sandbox.target().iter().any(|path| path.ends_with("modeling_bot.py")));
    sandbox.run("scan bot").ok().says("by Kim <kim@acme.example>");

    // A change needs two as well, each of whom may read the change alone.
    bot.commit(&[("modeling_bot.py", Content::git(V2))]);
    sandbox.run("update bot");
    sandbox.run("check").exits(5).says("code-changed");
    sandbox.run("review bot --since").ok();
    sandbox.certify("bot --delta").ok();
    sandbox.run("check").exits(5).says("certified by 1 of 2 people");
    sandbox.run("review bot --since").ok().says("requests.get");
    by("Kim <kim@acme.example>", "--delta").ok();
    sandbox.run("check").ok();
    sandbox.edit("models.toml", "audits = 2", "audits = 0");
    sandbox.run("check").exits(2).says("`audits = 0`: at least one person has to certify").says("help: `audits = 1`");
}

#[test]
fn what_cannot_be_certified_is_refused() {
    let (sandbox, _) = bot();
    sandbox.certify("bot --delta").refused(2).says("no earlier version of the code is certified");
    sandbox.run("certify bot --criteria safe-to-deploy").exits(2).says("safe-to-run");
    sandbox.run("certify bot").exits(2);
    // Nobody is named, and git knows nobody.
    sandbox.run("review bot").ok();
    sandbox.run("certify bot --criteria safe-to-run").refused(2).says("user.email");
    assert!(!sandbox.path("models.audits.toml").exists());
    sandbox.certify("bot").ok();
    let text = sandbox.read("models.audits.toml");
    sandbox.certify("bot").refused(2).says("the same person has already certified this code");
    sandbox.edit("models.toml", "\"acme/bot\"", "{ repo = \"acme/bot\", exclude = [\"util.py\"] }");
    sandbox.certify("bot").refused(3);
    assert_eq!(sandbox.read("models.audits.toml"), text);
}

#[test]
fn code_that_was_never_here_is_not_certified() {
    let (sandbox, _) = bot();
    sandbox.remove_store();
    sandbox.certify("bot").refused(5).says("the code was not reviewed on this machine");
    // Whoever read it elsewhere names what was read; the bytes have to be here all the same.
    let digest = format!("--digest {}", sandbox.code_digest("bot"));
    let output = sandbox.certify(&format!("bot {digest}"));
    output.refused(5);
    expect![[r#"
        error: `bot`: `modeling_bot.py`: the file is not in the cache on this machine, so it was not reviewed here
          expected:  a copy in the cache, which a review makes
          got:       none
          why:       certifying means that you have read exactly these bytes
        help: run `modelpin review bot` to download and review it

        error: `bot`: `util.py`: the file is not in the cache on this machine, so it was not reviewed here
          expected:  a copy in the cache, which a review makes
          got:       none
          why:       certifying means that you have read exactly these bytes
        help: run `modelpin review bot` to download and review it
    "#]]
    .assert_eq(&output.stderr);
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
}

#[test]
fn git_says_who_it_is() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    std::fs::write(sandbox.root().join("home/.gitconfig"), "[user]\nname = Kim\nemail = kim@acme.example\n").unwrap();
    sandbox.run("certify bot --criteria safe-to-run").ok();
    assert!(sandbox.read("models.audits.toml").contains("who = \"Kim <kim@acme.example>\""));
}

#[test]
fn hostile_words_of_people_are_refused() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    for who in ["a\u{1b}[2Jb", "a\nb", "a\u{202e}b", ""] {
        let mut command = sandbox.command("certify bot --criteria safe-to-run --who");
        let output = sandbox.finish(command.arg(who));
        assert!(!output.exits(2).stderr.contains('\u{1b}'), "{output}");
    }
    sandbox.certify("bot").ok();
    sandbox.edit("models.audits.toml", "who = \"Jo", "who = \"\\u001b[2J\\u202eJo");
    let output = sandbox.run("review bot");
    output.exits(2);
    assert!(!output.stderr.contains('\u{1b}') && !output.stderr.contains('\u{202e}'), "{output}");
}
