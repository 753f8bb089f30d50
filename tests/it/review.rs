//! `review` and `certify`: code is read as it is, and vouched for by its bytes.

use crate::decisions::WHO;
use crate::sandbox::{Sandbox, flip};
use expect_test::expect;
use modelpin_testkit::{Content, Repo};

const V1: &str = "import os\n\n\ndef load(path):\n    return open(path).read()\n";
pub(crate) const V2: &str = "import os\nimport requests\n\n\ndef load(path):\n    return requests.get(path).text\n";

/// A project that has locked `bot`, a model with two code files.
pub(crate) fn bot() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let bot = sandbox.hub.model("acme/bot");
    bot.commit(&[
        ("config.json", Content::git("{\"auto_map\": {\"AutoModel\": \"modeling_bot.Bot\"}}\n")),
        ("modeling_bot.py", Content::git(V1)),
        ("util.py", Content::lfs("import math\n")),
    ]);
    sandbox.run("add acme/bot").ok();
    (sandbox, bot)
}

/// `bot`, read and certified, and then another commit of it.
pub(crate) fn moved() -> (Sandbox, Repo) {
    let (sandbox, bot) = bot();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    bot.commit(&[("modeling_bot.py", Content::git(V2))]);
    sandbox.run("update bot");
    sandbox.read("models.lock").find(&bot.head()).unwrap();
    (sandbox, bot)
}

/// With digests and commits cut short.
fn short(text: &str) -> String {
    let shorter = |word: &str| {
        let hex = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        if hex.len() >= 40 { word.replace(hex, &format!("{}…", &hex[..6])) } else { word.to_owned() }
    };
    text.split_inclusive(|c: char| !c.is_ascii_hexdigit()).map(shorter).collect()
}

#[test]
fn all_code_is_shown_with_what_it_can_do() {
    let (sandbox, _) = bot();
    let output = sandbox.run("review bot");
    expect![[r#"
        bot: 2 code files of hf:model/acme/bot at f5b8c7…
          digest    sha256:2f3d5d…
          standing  not certified
          auto-map  AutoModel=modeling_bot.Bot
          can       nothing that the scanner detects

        modeling_bot.py  (python, 57 B, sha256:d39540…)
             1 | import os
             2 | 
             3 | 
             4 | def load(path):
             5 |     return open(path).read()

        util.py  (python, 12 B, sha256:085ea9…)
             1 | import math

        help: `modelpin certify bot --criteria safe-to-run --digest sha256:2f3d5d…` records that you read it and vouch for it
    "#]]
    .assert_eq(&short(&output.ok().stdout));
    assert!(sandbox.target().is_empty() && !sandbox.path("models.audits.toml").exists());
}

#[test]
fn the_head_of_a_certified_entry_names_who_read_it() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    let output = sandbox.run("review bot");
    assert!(output.ok().stdout.contains("standing  certified by Jo <jo@acme.example> as safe-to-run"), "{output}");
    assert!(!output.stdout.contains("help:"), "{output}");
}

#[test]
fn only_the_change_is_shown() {
    let (sandbox, _) = moved();
    expect![[r#"
        bot: 2 code files of hf:model/acme/bot at 946670…
          digest    sha256:807e9e…
          standing  changed since Jo <jo@acme.example> certified sha256:2f3d5d…
          auto-map  AutoModel=modeling_bot.Bot
          can       network
          since     sha256:2f3d5d…, certified by Jo <jo@acme.example>
          gained    + network

        modeling_bot.py  (changed: python, 57 B, sha256:d39540… -> python, 79 B, sha256:d88932…)
        @@ -1,5 +1,6 @@
             1      1 |  import os
                    2 |+ import requests
             2      3 |  
             3      4 |  
             4      5 |  def load(path):
             5        |-     return open(path).read()
                    6 |+     return requests.get(path).text
                      ^ can network: when called
                      ^ code-on-call: network: requests.get
                      ^ code-on-call: network: requests.get().text

        help: `modelpin certify bot --criteria safe-to-run --digest sha256:807e9e… --delta` records that you read this change and vouch for it
    "#]]
    .assert_eq(&short(&sandbox.run("review bot --since").ok().stdout));
    let whole = sandbox.run("review bot").ok().stdout.clone();
    assert!(whole.contains("changed since Jo") && whole.contains("`modelpin review bot --since`"), "{whole}");
}

#[test]
fn lines_that_stayed_and_do_something_else_now_are_named() {
    let (sandbox, bot) = bot();
    let code = |import: &str| format!("{import}\n{}\ndef f(x):\n    return run(x)\n", "\n".repeat(20));
    bot.commit(&[("modeling_bot.py", Content::git(code("from math import floor as run")))]);
    sandbox.run("update bot");
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    bot.commit(&[("modeling_bot.py", Content::git(code("from os import system as run")))]);
    sandbox.run("update bot");
    let output = sandbox.run("review bot --since");
    output.ok().says("gained    + process").says("^ line 24: can process: when called");
    assert!(!output.stdout.contains("return run"), "{output}");
}

#[test]
fn old_bytes_are_fetched_at_the_audits_commit_and_proven() {
    let (sandbox, _) = moved();
    let here = sandbox.run("review bot --since").ok().stdout.clone();
    sandbox.remove_store();
    assert_eq!(sandbox.run("review bot --since").ok().stdout, here);
    sandbox.remove_store();
    sandbox.run("review bot --since --offline").refused(7);
}

#[test]
fn old_bytes_that_are_not_those_of_the_audit_are_refused() {
    let (sandbox, _) = moved();
    sandbox.remove_store();
    sandbox.run("review bot").ok();
    sandbox.hub.fault(modelpin_testkit::Fault::FlipByte("modeling_bot.py"));
    sandbox.run("review bot --since").refused(4).says("modeling_bot.py");
}

#[test]
fn a_change_since_another_lock() {
    let (sandbox, bot) = bot();
    std::fs::copy(sandbox.path("models.lock"), sandbox.path("old.lock")).unwrap();
    sandbox.run("review bot --since old.lock").ok().says("no code file changed");
    bot.commit(&[("modeling_bot.py", Content::git(V2)), ("new.py", Content::git("x = 1\n"))]);
    bot.remove(&["util.py"]);
    sandbox.run("update bot");
    let output = sandbox.run("review bot --since old.lock");
    for text in ["modeling_bot.py  (changed:", "new.py  (new:", "util.py  (removed:", "+ network", "+ import requests"]
    {
        output.ok().says(text);
    }
    sandbox.run("review bot --since nonsense").refused(2);
    sandbox.run("review bot --since").refused(2).says("no code of its repo is certified");
}

#[test]
fn a_review_is_data() {
    let (sandbox, _) = moved();
    let data = sandbox.run("review bot --since --format json").ok().document();
    let review = &data["result"];
    assert_eq!((&data["schema-version"], &review["standing"]), (&1.into(), &"changed".into()));
    assert_eq!(review["certified"]["who"], WHO);
    assert_eq!(review["files"][0]["text"], V2);
    assert_eq!(review["since"]["gained"], serde_json::json!(["network"]));
    assert_eq!(review["since"]["changes"][0]["path"], "modeling_bot.py");
    assert!(review["files"][0]["capabilities"]["network"][0]["line"].is_u64(), "{review:#}");
}

#[test]
fn code_does_not_act_on_the_terminal() {
    let (sandbox, bot) = bot();
    let hostile = "x = 1  # \u{1b}[2J\u{1b}]0;owned\u{7}\r# hidden\ny = '\u{202e}evil\u{2066}'\nz = 1 \u{e0041}\n";
    bot.commit(&[("modeling_bot.py", Content::git([hostile.as_bytes(), b"\x9b\xff\n"].concat()))]);
    sandbox.run("update bot");
    for format in ["text", "json"] {
        let mut command = sandbox.command("review bot");
        let output = sandbox.finish(command.args(["--format", format]));
        let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\t') || modelpin_schema::is_invisible(*c);
        assert_eq!(output.ok().stdout.chars().find(odd), None, "{output}");
        assert!(!output.stdout.contains('\u{e0041}'));
    }
    let text = sandbox.run("review bot").ok().stdout.clone();
    let shown = text.split("\nmodeling_bot.py").nth(1).unwrap().split("\nutil.py").next().unwrap();
    expect![[r#"
        code
             1 | x = 1  # \u{1b}[2J\u{1b}]0;owned\u{7}
               ^ some characters do not show, or change what shows; they are spelled out
               ^ it ends with a bare CR, which many editors do not show as an end
               ^ code-hidden: U+000D in line 1
               ^ code-unparsable: not UTF-8 at byte 61
             2 | # hidden
             3 | y = '\u{202e}evil\u{2066}'
               ^ some characters do not show, or change what shows; they are spelled out
               ^ hidden-characters: U+202E in line 3
               ^ hidden-characters: U+2066 in line 3
             4 | z = 1 \u{e0041}
               ^ some characters do not show, or change what shows; they are spelled out
               ^ code-unparsable: Got unexpected token \u{e0041}
               ^ hidden-characters: U+E0041 in line 4
             5 | \x9b\xff
               ^ some characters do not show, or change what shows; they are spelled out
    "#]]
    .assert_eq(&format!("code\n{}", shown.split_once('\n').unwrap().1));
}

#[test]
fn what_no_person_can_read_is_named() {
    let (sandbox, bot) = bot();
    bot.commit(&[("ext.so", Content::lfs([b"\x7fELF\x02\x01\x01".as_slice(), &[0; 200]].concat()))]);
    sandbox.run("update bot");
    let output = sandbox.run("review bot");
    output.ok().says("ext.so  (native, 207 B, sha256:").says("not shown: native code or byte code");
    // Source that begins like a program is source.
    bot.commit(&[("modeling_bot.py", Content::git("MZ = 1\nimport socket\n"))]);
    sandbox.run("update bot");
    sandbox.run("review bot").ok().says("2 | import socket");
}

#[test]
fn what_cannot_be_reviewed_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.run("review nobody").refused(2);
    let output = sandbox.run("review chat");
    output.refused(2);
    expect![[r#"
        error: `chat`: it has no code to review
        help: run `modelpin scan chat` to scan files of all kinds
    "#]]
    .assert_eq(&output.stderr);
    std::fs::remove_file(sandbox.path("models.lock")).unwrap();
    sandbox.run("review chat").refused(3);
}

#[test]
fn code_that_the_lock_calls_data_is_neither_shown_nor_certified() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    let lock = sandbox.read("models.lock");
    let line = sandbox.locked_file("util.py");
    sandbox.edit("models.lock", &line, &line.replace("\"code\"", "\"data\""));
    // Whoever edits the kind edits the digest as well.
    let output = sandbox.run("review bot");
    if output.code == 4 && output.stderr.contains("edited by hand") {
        let line = lock.lines().find(|line| line.starts_with("digest = ")).unwrap();
        let computed = output.stderr.lines().find(|line| line.contains("got:")).unwrap();
        let computed = computed.split_whitespace().last().unwrap();
        sandbox.edit("models.lock", line, &format!("digest = \"{computed}\""));
    }
    sandbox.run("review bot").refused(4).says("util.py");
    sandbox.certify("bot").refused(4).says("util.py");
}

#[test]
fn an_audit_is_written_as_it_will_be_read() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    let mut command = sandbox.command("certify bot --criteria safe-to-run --who Jo --notes");
    let output = sandbox.finish(command.arg("no network; \"reads\" one file"));
    expect![[r#"
        `bot`: Jo certified its 2 code files as safe-to-run: sha256:2f3d5d…
        commit models.audits.toml; `modelpin sync` then installs the code
    "#]]
    .assert_eq(&short(&output.ok().stderr));
    expect![[r##"
        # Decisions about models, each bound to exact bytes. Review a change to this file like code, by somebody who may decide.
        version = 1

        [[audit]]
        source = "hf:model/acme/bot"
        revision = "f5b8c7…"
        digest = "sha256:2f3d5d…"
        criteria = "safe-to-run"
        who = "Jo"
        notes = "no network; \"reads\" one file"
        [audit.files]
        "modeling_bot.py" = "d39540…"
        "util.py" = "085ea9…"
    "##]].assert_eq(&short(&sandbox.read("models.audits.toml")));
}

#[test]
fn a_chain_of_changes_is_certified_and_a_gap_in_it_is_not() {
    let (sandbox, bot) = moved();
    sandbox.run("review bot --since").ok();
    sandbox.certify("bot --delta").ok().says("the change of its code since sha256:");
    sandbox.run("review bot").ok().says("standing  certified by Jo");
    bot.commit(&[("util.py", Content::lfs("import math  # more\n"))]);
    sandbox.run("update bot");
    sandbox.run("review bot --since").ok().says("+ import math  # more");
    sandbox.certify("bot --delta").ok();
    sandbox.run("review bot").ok().says("standing  certified by Jo");
    // Without its middle, the chain leads nowhere.
    let text = sandbox.read("models.audits.toml");
    let parts: Vec<&str> = text.split("\n[[audit]]\n").collect();
    assert_eq!(parts.len(), 4);
    sandbox.write("models.audits.toml", [parts[0], parts[1], parts[3]].join("\n[[audit]]\n"));
    sandbox.run("review bot").ok().says("standing  changed since Jo");
    // Without its beginning, it certifies nothing: the rest vouches for each other at most.
    sandbox.write("models.audits.toml", [parts[0], parts[2], parts[3]].join("\n[[audit]]\n"));
    sandbox.run("review bot").ok().says("standing  not certified");
}

#[test]
fn a_circle_of_changes_certifies_nothing() {
    let (sandbox, _) = moved();
    sandbox.run("review bot --since").ok();
    sandbox.certify("bot --delta").ok();
    let text = sandbox.read("models.audits.toml");
    let digest = |part: &str| part.split_once("digest = ").unwrap().1.lines().next().unwrap().to_owned();
    let parts: Vec<&str> = text.split("\n[[audit]]\n").collect();
    let circle = parts[1].replacen("criteria", &format!("from = {}\ncriteria", digest(parts[2])), 1);
    sandbox.write("models.audits.toml", [parts[0], &circle, parts[2]].join("\n[[audit]]\n"));
    sandbox.run("review bot").ok().says("standing  not certified");
}

#[test]
fn a_forged_audit_is_refused() {
    let (sandbox, _) = moved();
    let text = sandbox.read("models.audits.toml");
    let new = sandbox.locked_sha256("modeling_bot.py");
    let old = text.lines().find(|line| line.starts_with("\"modeling_bot.py\"")).unwrap();
    // Other bytes below the old digest.
    sandbox.edit("models.audits.toml", old, &format!("\"modeling_bot.py\" = \"{new}\""));
    sandbox.run("review bot").refused(5).says("was edited by hand").says("--> models.audits.toml:");
    sandbox.certify("bot").refused(5);
    sandbox.run("sync --locked").refused(5);
    sandbox.run("check").refused(5);
}

#[test]
fn an_audit_of_the_same_code_in_another_repo_does_not_count() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    sandbox.edit("models.audits.toml", "acme/bot", "evil/bot");
    sandbox.run("review bot").ok().says("standing  not certified");
}

#[test]
fn one_changed_byte_and_the_audit_is_of_something_else() {
    let (sandbox, bot) = bot();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    bot.commit(&[("util.py", Content::lfs("import math \n"))]);
    sandbox.run("update bot");
    let output = sandbox.run("review bot --since");
    output.ok().says("standing  changed since Jo").says("--delta");
    // And in the store, the byte is seen.
    let hex = sandbox.locked_sha256("util.py");
    flip(&sandbox.blob(&hex));
    sandbox.run("review bot --offline").refused(4);
    sandbox.certify("bot").refused(5);
}

#[test]
fn comments_stay_and_only_the_end_grows() {
    let (sandbox, _) = bot();
    sandbox.run("review bot").ok();
    let before = "# ours\nversion = 1 # one";
    sandbox.write("models.audits.toml", before);
    sandbox.certify("bot").ok();
    assert!(sandbox.read("models.audits.toml").starts_with(&format!("{before}\n\n[[audit]]\n")));
    sandbox.write("models.audits.toml", "version = 2\n");
    sandbox.certify("bot").exits(2);
    assert_eq!(sandbox.read("models.audits.toml"), "version = 2\n");
}

#[test]
fn a_terminal_has_a_pager() {
    let (sandbox, _) = bot();
    let on_terminal = |words: &str, pager: &str| {
        let template = sandbox.command(words);
        let script =
            "import os, pty, sys\nstatus = pty.spawn(sys.argv[1:])\nsys.exit(os.waitstatus_to_exitcode(status))";
        let mut command = std::process::Command::new("python3");
        command.args(["-c", script]).arg(template.get_program()).args(template.get_args()).env_clear();
        command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
        sandbox.finish(command.env("PAGER", pager).env("TERM", "xterm").current_dir(sandbox.path("")))
    };
    on_terminal("review bot", "sed s/^/paged:/").ok().says("paged:").says("import os");
    for (words, pager) in [("review bot --no-pager", "false"), ("review bot", "cat"), ("review bot", "no-such-pager")] {
        let output = on_terminal(words, pager);
        assert!(output.ok().stdout.contains("import os") && !output.stdout.contains("paged:"), "{output}");
    }
    assert!(!sandbox.run_with(&[("PAGER", "sed s/^/paged:/")], "review bot").ok().stdout.contains("paged:"));
}
