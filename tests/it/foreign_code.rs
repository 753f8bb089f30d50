//! Foreign code is read and vouched for together with the code that needs it, and comes in when all that runs it is.

use crate::decisions::WHO;
use crate::dependencies::{borrowing, code, tokenized, with_lines};
use crate::sandbox::{Output, Sandbox};
use expect_test::expect;
use modelpin_testkit::{Content, Repo};

pub(crate) const EVIL: &str = "import os\n\n\nclass Acme:\n    def __init__(self):\n        os.system('id')\n";

/// `chat`, whose code is in `acme/code`, locked.
pub(crate) fn chat() -> (Sandbox, Repo, Repo) {
    let sandbox = Sandbox::new();
    let (chat, foreign) = (borrowing(&sandbox, "acme/chat", "acme/code"), code(&sandbox, "acme/code"));
    sandbox.run("add acme/chat").ok();
    (sandbox, chat, foreign)
}

/// Reads an entry and certifies it.
fn read_and_certify(sandbox: &Sandbox, name: &str) -> Output {
    sandbox.run(&format!("review {name}")).ok();
    let output = sandbox.certify(name);
    output.ok();
    output
}

pub(crate) fn map(to: &str) -> (&'static str, Content) {
    ("config.json", Content::git(format!("{{\"auto_map\": {{\"AutoModel\": \"{to}--modeling_x.Acme\"}}}}")))
}

fn trusts(sandbox: &Sandbox, name: &str) -> bool {
    let output = sandbox.run("env --loader python --format json");
    output.ok().result()["models"][name]["arguments"]["trust_remote_code"].as_bool().unwrap()
}

#[test]
fn foreign_code_is_read_and_certified_with_the_entry_that_needs_it() {
    let (sandbox, ..) = chat();
    expect![[r#"
        chat: 0 code files of hf:model/acme/chat at 4c1aee73c9bd785fad86844cd717645da930363c
          and       1 code file of hf:model/acme/code at 7246f9702adb2895d733c44c08d6fb9c1bacbe08, locked as `code`
          digest    sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578
          standing  not certified
          auto-map  AutoModel=acme/code--modeling_x.Acme
          can       nothing that the scanner detects

        hf:model/acme/code:modeling_x.py  (python, 21 B, sha256:ccbe03ac828d8645ea99cc74ca4186719f52aef9469c725be412d4a97a8f2e24)
             1 | class Acme:
             2 |     pass

        help: `modelpin certify chat --criteria safe-to-run --digest sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578` records that you read it and vouch for it
    "#]]
    .assert_eq(&sandbox.run("review chat").ok().stdout);
    let withheld = sandbox.run("sync");
    expect![[r#"
        fetching 3 files, 1.1 KiB
        `code`: 1 code file is withheld, because it runs for `chat`, whose code is not certified; `modelpin review chat` shows it
        synced: 2 files verified and installed (2 entries, 2 files, 1.1 KiB in [DIR]/project/.modelpin/hub)
    "#]]
    .assert_eq(&withheld.ok().stderr);
    assert!(!sandbox.is_installed("acme/code", "modeling_x.py"));
    assert!(!trusts(&sandbox, "chat"));
    expect![[r#"
        `chat`: Jo <jo@acme.example> certified 1 code file that it takes from other repos as safe-to-run: sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578
        commit models.audits.toml; `modelpin sync` then installs the code
    "#]]
    .assert_eq(&read_and_certify(&sandbox, "chat").stderr);
    expect![[r##"
        # Decisions about models, each bound to exact bytes. Review a change to this file like code, by somebody who may decide.
        version = 1

        [[audit]]
        source = "hf:model/acme/chat"
        revision = "4c1aee73c9bd785fad86844cd717645da930363c"
        digest = "sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578"
        criteria = "safe-to-run"
        who = "Jo <jo@acme.example>"
        [audit.foreign]
        "hf:model/acme/code:modeling_x.py" = { revision = "7246f9702adb2895d733c44c08d6fb9c1bacbe08", sha256 = "ccbe03ac828d8645ea99cc74ca4186719f52aef9469c725be412d4a97a8f2e24" }
    "##]]
    .assert_eq(&sandbox.read("models.audits.toml"));
    assert!(!sandbox.run("sync --locked").ok().stderr.contains("withheld"));
    assert!(sandbox.is_installed("acme/code", "modeling_x.py"));
    assert!(trusts(&sandbox, "chat"));
    sandbox.run("verify").ok();
    sandbox.run("check").ok();
    // The audit is of the set: whoever edits what it says of foreign files is found out.
    let audits = sandbox.read("models.audits.toml");
    for (from, to) in [("hf:model/acme/code:", "hf:model/acme/other:"), ("modeling_x.py", "modeling_y.py")] {
        sandbox.write("models.audits.toml", audits.replacen(from, to, 1));
        sandbox.run("sync --locked").refused(5).says("was edited by hand");
    }
    sandbox.write("models.audits.toml", audits.replacen("hf:model/acme/code:", "", 1));
    sandbox.run("sync --locked").exits(2).says("`modeling_x.py` does not name a repo");
}

#[test]
fn one_byte_of_foreign_code_voids_the_certificate_and_the_change_is_shown() {
    let (sandbox, _, foreign) = chat();
    read_and_certify(&sandbox, "chat");
    sandbox.run("sync --locked").ok();
    let old = foreign.head();
    foreign.commit(&[("modeling_x.py", Content::git("class Acme:\n    p4ss\n"))]);
    let before = sandbox.code_digest("chat");
    let moved = sandbox.run("update code");
    moved.exits(5).says("code-changed").says("chat changed");
    assert_ne!(sandbox.code_digest("chat"), before);
    expect![[r#"
        error: `chat` is refused: its code is not the code that was certified
          --> models.lock:17 (code-changed)
          expected:  sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578, which Jo <jo@acme.example> certified
          got:       1 code file of `acme/code` with the digest sha256:86307549842f51df9f62e5629fd77099d19d9a4df7094defea0f940835618216
          why:       one line is enough to make reviewed code harmful
        help: to see what changed, run `modelpin review chat --since`
        help: to accept it, run `modelpin certify chat --criteria safe-to-run --delta`
    "#]]
    .assert_eq(&sandbox.run("sync --locked").refused(5).stderr);
    assert!(!sandbox.target().iter().any(|path| path.ends_with(".py")), "{:?}", sandbox.target());
    // The old bytes are had from the commit that the audit names, where the store has lost them.
    sandbox.remove_store();
    let since = sandbox.run("review chat --since");
    expect![[r#"
        chat: 0 code files of hf:model/acme/chat at 4c1aee73c9bd785fad86844cd717645da930363c
          and       1 code file of hf:model/acme/code at a82ad65911b1295b440d17ee59d2c0449c7587c1, locked as `code`
          digest    sha256:86307549842f51df9f62e5629fd77099d19d9a4df7094defea0f940835618216
          standing  changed since Jo <jo@acme.example> certified sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578
          auto-map  AutoModel=acme/code--modeling_x.Acme
          can       nothing that the scanner detects
          since     sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578, certified by Jo <jo@acme.example>

        hf:model/acme/code:modeling_x.py  (changed: python, 21 B, sha256:ccbe03ac828d8645ea99cc74ca4186719f52aef9469c725be412d4a97a8f2e24 -> python, 21 B, sha256:6e574012d27e00f422be64ae69d6f2653a5c85fe9269d19c5ec0556cd940c1e8)
        @@ -1,2 +1,2 @@
             1      1 |  class Acme:
             2        |-     pass
                    2 |+     p4ss

        help: `modelpin certify chat --criteria safe-to-run --digest sha256:86307549842f51df9f62e5629fd77099d19d9a4df7094defea0f940835618216 --delta` records that you read this change and vouch for it
    "#]]
    .assert_eq(&since.ok().stdout);
    assert!(sandbox.hub.requests().iter().any(|request| request.path.contains(&old)), "from where else?");
    let mut certify = sandbox.command("certify chat --criteria safe-to-run --delta");
    sandbox.finish(certify.args(["--who", WHO])).ok();
    sandbox.run("sync --locked").ok();
    assert!(trusts(&sandbox, "chat"));
}

#[test]
fn since_another_lock_shows_foreign_files_too() {
    let (sandbox, chat, _) = chat();
    sandbox.write("old.lock", sandbox.read("models.lock"));
    code(&sandbox, "acme/other");
    chat.commit(&[map("acme/other")]);
    sandbox.run("update chat --allow-source acme/other").ok().says("code removed").says("other added");
    let since = sandbox.run("review chat --since old.lock");
    let since = since.ok().says("hf:model/acme/code:modeling_x.py  (removed: ");
    since.says("hf:model/acme/other:modeling_x.py  (new: ");
}

#[test]
fn a_policy_that_lets_no_code_in_lets_no_foreign_code_in() {
    let (sandbox, ..) = chat();
    read_and_certify(&sandbox, "chat");
    sandbox.run("sync --locked").ok();
    with_lines(&sandbox, "[policy]\nremote-code = \"never\"\n[policy.rules]\ncode-withheld = \"deny\"");
    let refused = sandbox.run("sync --locked");
    expect![[r#"
        error: `chat` is refused: its code is withheld
          --> models.lock:17 (code-withheld)
          expected:  no code, since `remote-code` is `never` (models.toml:5)
          got:       1 code file of `acme/code` with the digest sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578
          why:       unread code would run with the rights of whoever loads the model
        help: to read it, run `modelpin review chat`
        help: to leave it out, set `ignored-dependencies = ["acme/code"]` in `[policy]` of models.toml, then run `modelpin lock`
    "#]]
    .assert_eq(&refused.refused(5).stderr);
    sandbox.edit("models.toml", "code-withheld = \"deny\"", "");
    sandbox.run("sync --locked").ok().says("`code`: 1 code file is withheld, because `remote-code = \"never\"`");
    assert!(!sandbox.is_installed("acme/code", "modeling_x.py") && !trusts(&sandbox, "chat"));
}

#[test]
fn a_review_for_programs_names_the_places_of_foreign_code() {
    let (sandbox, _, foreign) = chat();
    let review = sandbox.run("review chat --format json").ok().result();
    let place = serde_json::json!([{ "source": "hf:model/acme/code", "name": "code", "revision": foreign.head() }]);
    assert_eq!(review["foreign"], place);
    assert_eq!(review["files"][0]["path"], "hf:model/acme/code:modeling_x.py");
}

#[test]
fn code_that_several_import_waits_for_all_of_them() {
    let (sandbox, ..) = chat();
    borrowing(&sandbox, "acme/bot", "acme/code");
    sandbox.run("add acme/bot").ok();
    read_and_certify(&sandbox, "chat");
    sandbox
        .run("sync")
        .ok()
        .says("because it runs for `bot`, whose code is not certified; `modelpin review bot` shows it");
    assert!(!sandbox.is_installed("acme/code", "modeling_x.py") && !trusts(&sandbox, "chat"));
    with_lines(&sandbox, "[policy.rules]\ncode-withheld = \"deny\"");
    let refused = sandbox.run("sync");
    expect![[r#"
        error: `bot` is refused: its code is withheld
          --> models.lock:17 (code-withheld)
          expected:  certified code
          got:       1 code file of `acme/code` with the digest sha256:c36f0fd09262815f15ee62c52b01a1c765be45914ffc5c3416eed1dca6e08578
          why:       unread code would run with the rights of whoever loads the model
        help: to read it, run `modelpin review bot`
        help: to let it run, run `modelpin certify bot --criteria safe-to-run`
    "#]]
    .assert_eq(&refused.refused(5).stderr);
    read_and_certify(&sandbox, "bot");
    sandbox.run("sync --locked").ok();
    assert!(sandbox.is_installed("acme/code", "modeling_x.py") && trusts(&sandbox, "chat") && trusts(&sandbox, "bot"));
}

#[test]
fn code_that_is_certified_by_its_own_name_comes_in_and_makes_nobody_trusted() {
    let (sandbox, _, foreign) = chat();
    read_and_certify(&sandbox, "code");
    sandbox.run("sync --locked").ok();
    assert!(sandbox.is_installed("acme/code", "modeling_x.py"));
    assert!(!trusts(&sandbox, "chat"), "what `chat` makes of it, nobody read");
    foreign.commit(&[("modeling_x.py", Content::git("class Acme:\n    p4ss\n"))]);
    let moved = sandbox.run("update code");
    expect![[r#"
        error: `code` is refused: its code, which `chat` would run, is not the code that was certified
          --> models.lock:40 (code-changed)
          expected:  sha256:1b0cd436baa2eae3110513b70d1b1ffc2bb840f2098ddd1e33292959b31460ad, which Jo <jo@acme.example> certified
          got:       1 code file with the digest sha256:a48ff100261c1793a7798f20910594bc955286410daa09f1cc0b3e562708c4ba
          why:       one line is enough to make reviewed code harmful
        help: to see what changed, run `modelpin review code --since`
        help: to accept it, run `modelpin certify code --criteria safe-to-run --delta`
        note: the refused items were recorded in models.lock for review; `modelpin sync` will not install them until they are approved
    "#]]
    .assert_eq(&moved.exits(5).stderr);
    read_and_certify(&sandbox, "chat");
    sandbox.run("sync --locked").ok();
    assert!(
        sandbox.is_installed("acme/code", "modeling_x.py") && trusts(&sandbox, "chat"),
        "whoever read the whole read this part of it"
    );
}

#[test]
fn a_tokenizer_with_foreign_code_is_certified_by_its_own_name() {
    let sandbox = Sandbox::new();
    tokenized(&sandbox, "acme/embed", "acme/tok");
    borrowing(&sandbox, "acme/tok", "acme/code");
    code(&sandbox, "acme/code");
    sandbox.run("add acme/embed").ok();
    sandbox.run("review embed").refused(2).says("it has no code");
    sandbox.run("sync").ok().says("because it runs for `tok`");
    read_and_certify(&sandbox, "tok");
    sandbox.run("sync --locked").ok();
    assert!(sandbox.is_installed("acme/code", "modeling_x.py") && trusts(&sandbox, "tok"));
}

#[test]
fn code_that_somebody_asked_for_needs_a_certificate_of_its_own() {
    let (sandbox, ..) = chat();
    sandbox.run("add acme/code").ok();
    read_and_certify(&sandbox, "chat");
    sandbox.run("sync").ok().says("`code`: 1 code file is withheld, because it is not certified");
    assert!(!sandbox.is_installed("acme/code", "modeling_x.py") && !trusts(&sandbox, "chat"));
    read_and_certify(&sandbox, "code");
    sandbox.run("sync --locked").ok();
    assert!(trusts(&sandbox, "chat") && trusts(&sandbox, "code"));
}

/// `name`, with code of its own, which `auto_map` says is in `to`.
fn on(sandbox: &Sandbox, name: &str, to: &str) -> Repo {
    let repo = sandbox.hub.model(&format!("acme/{name}"));
    repo.commit(&[map(to), ("modeling_x.py", Content::git(format!("class Acme:\n    name = '{name}'\n")))]);
    repo
}

#[test]
fn code_that_leads_on_is_covered_to_its_end_and_circles_end() {
    let sandbox = Sandbox::new();
    on(&sandbox, "a", "acme/b");
    on(&sandbox, "b", "acme/c");
    let last = on(&sandbox, "c", "acme/a");
    for name in ["a", "b", "c"] {
        sandbox.run(&format!("add acme/{name}")).ok();
    }
    let shown = sandbox.run("review a").ok().stdout.clone();
    for place in ["\nmodeling_x.py  (", "\nhf:model/acme/b:modeling_x.py  (", "\nhf:model/acme/c:modeling_x.py  ("] {
        assert!(shown.contains(place), "{shown}");
    }
    for name in ["a", "b", "c"] {
        read_and_certify(&sandbox, name);
    }
    sandbox.run("sync --locked").ok();
    assert!(trusts(&sandbox, "a"));
    last.commit(&[("modeling_x.py", Content::git(EVIL))]);
    let moved = sandbox.run("update c");
    assert_eq!(moved.exits(5).stderr.matches("(code-changed)").count(), 3, "{moved}");
    moved.says("a changed").says("! gained capability hf:model/acme/c process");
}
