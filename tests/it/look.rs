//! Looking before deciding: what the policy keeps out can be scanned and read on any machine, and what was decided fails no
//! job.

use crate::decisions::WHO;
use crate::dependencies::{borrowing, code};
use crate::foreign_code::EVIL as FOREIGN;
use crate::review::moved;
use crate::sandbox::Sandbox;
use crate::scan::EVIL;
use modelpin_testkit::{Content, Repo, make};

const CODE: &str = "import os\n\n\ndef load(command):\n    os.system(command)\n";

/// `bot`: weights, code, and a pickle, all of them wanted and locked, and nothing of it on this machine any more.
fn fresh() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let bot = sandbox.hub.model("acme/bot");
    bot.commit(&[
        ("config.json", Content::git("{\"auto_map\": {\"AutoModel\": \"modeling.Acme\"}}\n")),
        ("legacy.bin", Content::lfs(EVIL)),
        ("model.safetensors", Content::lfs(make::weights(100))),
        ("modeling.py", Content::git(CODE)),
    ]);
    sandbox.write("models.toml", "[models]\nbot = { repo = \"acme/bot\", include = [\"**\"] }\n");
    sandbox.run("sync").refused(5);
    sandbox.remove_store();
    (sandbox, bot)
}

/// A project all of whose decisions are made.
fn decided() -> (Sandbox, Repo) {
    let (sandbox, bot) = fresh();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    sandbox.exempt("bot legacy.bin", &["--expires", "30d"]).ok();
    sandbox.run("sync").ok();
    (sandbox, bot)
}

#[test]
fn what_is_refused_is_scanned_and_read_on_a_fresh_machine() {
    let (sandbox, _) = fresh();
    let output = sandbox.run("scan bot");
    output.exits(5).says("bot: legacy.bin").says("pickle-dangerous-global").says("bot: modeling.py");
    assert!(!sandbox.path(".modelpin").exists(), "it comes into the store, and nowhere else");
    assert_eq!(sandbox.run("scan bot --offline").exits(5).requests, 0);
    sandbox.remove_store();
    sandbox.run("review bot").ok().says("os.system(command)");
    assert!(!sandbox.path(".modelpin").exists());
}

#[test]
fn the_command_that_a_refusal_names_works_as_it_stands() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/bot").commit(&[
        ("model.safetensors", Content::lfs(make::weights(100))),
        ("notes.txt", Content::lfs(EVIL)),
        ("template.yaml", Content::git("_target_: os.system\nargs: [id]\n")),
    ]);
    sandbox.write("models.toml", "[models]\nbot = { repo = \"acme/bot\", include = [\"**\"] }\n");
    let refused = sandbox.run("sync");
    let said = refused.refused(5).stderr.clone();
    let advice =
        said.split('`').find(|words| words.starts_with("modelpin scan ")).unwrap_or_else(|| panic!("{refused}"));
    sandbox.remove_store();
    sandbox.run(advice.strip_prefix("modelpin ").unwrap()).exits(5).says("hydra-target").says("notes.txt");
}

#[test]
fn without_a_network_it_is_said_what_is_missing() {
    let (sandbox, _) = fresh();
    let scan = sandbox.run("scan bot --offline");
    scan.refused(7).says("`legacy.bin`").says("`modelpin scan bot` without `--offline`");
    let review = sandbox.run("review bot --offline");
    review.refused(7).says("`modeling.py`").says("`modelpin review bot` without `--offline`");
    assert_eq!((scan.requests, review.requests), (0, 0));
}

#[test]
fn a_copy_comes_from_a_mirror_as_well() {
    let (sandbox, _) = fresh();
    sandbox.run("vendor copies").ok();
    sandbox.remove_store();
    sandbox.run("scan bot --offline --mirror copies").exits(5).says("bot: legacy.bin");
}

#[test]
fn what_comes_and_is_not_what_the_lock_says_is_not_judged() {
    let (sandbox, bot) = fresh();
    // Another pickle in the store, under the name of the locked one.
    sandbox.write_blob(&sandbox.locked_sha256("legacy.bin"), b"\x80\x02}q\x00.");
    sandbox.run("scan bot --offline").refused(4);
    sandbox.run("scan bot").exits(5).says("pickle-dangerous-global");
    drop(bot);
}

#[test]
fn an_entry_that_may_not_be_locked_can_be_looked_at() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/bot").commit(&[
        ("README.md", Content::git("---\nlicense: other\n---\n")),
        ("model.safetensors", Content::lfs(make::weights(100))),
        ("modeling.py", Content::git(CODE)),
    ]);
    sandbox.write("models.toml", "[models]\nbot = \"acme/bot\"\n\n[policy]\nlicenses = [\"mit\"]\n");
    sandbox.run("sync").refused(5).says("its licence is not allowed");
    let output = sandbox.run("scan bot --format github");
    output.exits(5).says("bot: modeling.py").says("`bot` is not in models.lock").says("file=modeling.py");
    assert!(!sandbox.path("models.lock").exists() && !sandbox.path(".modelpin").exists());
}

#[test]
fn what_was_decided_is_told_apart_and_fails_no_job() {
    let (sandbox, _) = decided();
    let output = sandbox.run("scan");
    output.ok().says("4 files: 1 safe, 2 certified, 1 exempted");
    output.says("certified  bot: modeling.py  (python)  by Jo <jo@acme.example>");
    output.says("exempted  bot: legacy.bin  (pickle)  by ml-platform until ");
    sandbox.run("scan -v").ok().says("code-on-call (certified by Jo <jo@acme.example>): ");
    sandbox.run("scan --fail-on dangerous").ok();
    sandbox.run("check").ok();

    let output = sandbox.run("scan --format json");
    let json = output.ok().result();
    assert_eq!((&json["verdict"], &json["counts"]["certified"]), (&"safe".into(), &2.into()));
    let files = json["entries"][0]["files"].as_array().unwrap();
    let file = |path: &str| files.iter().find(|file| file["path"] == path).unwrap();
    assert_eq!(
        file("modeling.py")["decision"],
        serde_json::json!({ "kind": "certified", "by": "Jo <jo@acme.example>" })
    );
    assert_eq!(
        (&file("legacy.bin")["verdict"], &file("legacy.bin")["decision"]["kind"]),
        (&"dangerous".into(), &"exempted".into())
    );
    let problems = output.diagnostics();
    let code = problems.iter().find(|problem| problem["path"] == "modeling.py").unwrap();
    assert_eq!((&code["decision"]["kind"], &code["level"]), (&"certified".into(), &"note".into()));
    assert!(file("model.safetensors")["decision"].is_null());

    let sarif = sandbox.run("scan --format sarif").ok().document();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        assert_eq!(
            (&result["level"], &result["suppressions"][0]["status"]),
            (&"note".into(), &"accepted".into()),
            "{result}"
        );
    }
    let github = sandbox.run("scan --format github");
    github.ok().says("::notice file=models.lock").says("(exempted by ml-platform until ");
    assert!(!github.stdout.contains("::error") && !github.stdout.contains("::warning"), "{github}");
    let markdown = sandbox.run("scan --format markdown");
    markdown.ok().says("| review `(certified by Jo <jo@acme.example>)` |").says("## modelpin scan: safe");
}

#[test]
fn a_decision_is_about_exact_bytes() {
    let (sandbox, bot) = decided();
    let snapshot = sandbox.path(&format!(".modelpin/hub/models--acme--bot/snapshots/{}", bot.head()));
    let code = snapshot.join("modeling.py");
    std::fs::remove_file(&code).unwrap();
    // Of the same length.
    std::fs::write(&code, CODE.replace("load", "look")).unwrap();
    sandbox.run("scan").exits(5).says("review  bot: modeling.py").says("1 to review, 1 certified, 1 exempted");
}

#[test]
fn code_of_another_repo_is_decided_with_the_entry_that_runs_it() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/chat", "acme/code");
    code(&sandbox, "acme/code").commit(&[("modeling_x.py", Content::git(FOREIGN))]);
    sandbox.run("add acme/chat").ok();
    sandbox.run("scan").exits(5).says("review  code: modeling_x.py").says("review  chat: config.json");
    sandbox.run("review chat").ok();
    let mut command = sandbox.command("certify chat --criteria safe-to-run");
    sandbox.finish(command.args(["--who", WHO])).ok();
    sandbox.run("sync").ok();
    let output = sandbox.run("scan");
    output.ok().says("certified  code: modeling_x.py").says("certified  chat: config.json");
}

#[test]
fn what_nobody_decided_stays_open() {
    let (sandbox, _) = fresh();
    sandbox.run("scan").exits(5).says("1 safe, 2 to review, 1 dangerous");
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    sandbox.run("scan").exits(5).says("1 safe, 1 dangerous, 2 certified");
    sandbox.exempt("bot legacy.bin", &["--expires", "30d"]).ok();
    sandbox.run("scan").ok();
    // Another commit, which nobody looked at.
    let (sandbox, _) = moved();
    let output = sandbox.run("scan");
    output.exits(5).says("review  bot: modeling_bot.py");
    assert!(!output.stdout.contains("certified"), "{output}");
}

#[test]
fn an_exemption_that_lapsed_or_code_that_may_never_run_is_not_decided() {
    let (sandbox, _) = decided();
    let text = sandbox.read("models.audits.toml");
    let day = text.lines().find(|line| line.starts_with("expires = ")).unwrap().to_owned();
    sandbox.write("models.audits.toml", text.replace(&day, "expires = \"2024-01-01\""));
    sandbox.run("scan").exits(5).says("1 dangerous, 2 certified");
    sandbox.write("models.audits.toml", text);
    sandbox.write("models.toml", format!("{}\n[policy]\nremote-code = \"never\"\n", sandbox.read("models.toml")));
    sandbox.run("scan").exits(5).says("2 to review, 1 exempted");
}

#[test]
fn what_the_policy_allows_is_told_apart() {
    let sandbox = Sandbox::new();
    sandbox
        .hub
        .model("acme/bot")
        .commit(&[("model.safetensors", Content::lfs(make::weights(100))), (".envrc", Content::git("export A=1\n"))]);
    sandbox.run("add acme/bot --include *").ok();
    sandbox.run("scan").exits(5).says("1 to review");
    sandbox.write("models.toml", format!("{}\n[policy.rules]\ntool-file = \"allow\"\n", sandbox.read("models.toml")));
    sandbox.run("scan").ok().says("1 safe, 1 allowed by the policy").says("allowed  bot: .envrc");
}
