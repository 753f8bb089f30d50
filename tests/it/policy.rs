//! The rules of the policy, each firing and quiet, through `check`.

use crate::sandbox::{Output, Sandbox};
use crate::scan::EVIL;
use modelpin_schema::audits::{Audit, Audits, Criteria, Exemption};
use modelpin_schema::lockfile::set_digest;
use modelpin_schema::{Digest, Lockfile, Pin};
use modelpin_testkit::{Content, make};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A pickle of nothing but an empty dictionary.
const HONEST: &[u8] = b"\x80\x02}q\x00.";
const ESCAPE: &str = r#"{"chat_template": "{{ ''.__class__.__mro__[1].__subclasses__() }}"}"#;
const FAR: &str = "2099-01-01";

/// A project with the model `m`, of these files.
pub(crate) fn project(files: &[(&str, Content)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let repo = sandbox.hub.model("acme/m");
    repo.card(json!({ "license": "apache-2.0" }));
    repo.commit(files);
    let output = sandbox.run("add acme/m");
    assert!([0, 5].contains(&output.code), "{output}");
    sandbox
}

fn plain() -> Sandbox {
    project(&[("config.json", Content::git("{\"a\": 1}\n"))])
}

/// A project whose model is a pickle that runs code.
pub(crate) fn pickled() -> Sandbox {
    project(&[("config.json", Content::git("{\"a\": 1}\n")), ("pytorch_model.bin", Content::lfs(EVIL))])
}

/// A project whose model is a pickle of nothing but an empty dictionary.
pub(crate) fn honest() -> Sandbox {
    project(&[("config.json", Content::git("{\"a\": 1}\n")), ("pytorch_model.bin", Content::lfs(HONEST))])
}

fn coded() -> Sandbox {
    project(&[("config.json", Content::git("{\"a\": 1}\n")), ("modeling_m.py", Content::git("import os\n"))])
}

pub(crate) fn wants(sandbox: &Sandbox, policy: &str) {
    let text = sandbox.read("models.toml");
    let text = text.split("\n[policy]").next().unwrap();
    sandbox.write("models.toml", format!("{text}\n[policy]\n{policy}\n"));
}

fn pin(sandbox: &Sandbox) -> Pin {
    Lockfile::read("models.lock", &sandbox.read("models.lock")).unwrap().pins.into_values().next().unwrap()
}

fn decide(sandbox: &Sandbox, decisions: &[String]) {
    sandbox.write("models.audits.toml", Audits::empty_text() + &decisions.concat());
}

/// An exemption of a file of `m`, as it is locked.
pub(crate) fn exemption(sandbox: &Sandbox, file: &str, expires: &str) -> Exemption {
    let (pin, file) = (pin(sandbox), file.parse().unwrap());
    Exemption {
        sha256: pin.files()[&file].sha256,
        source: pin.source,
        file,
        reason: "no other weights".parse().unwrap(),
        owner: "Ann".parse().unwrap(),
        approver: None,
        ticket: "SEC-1".parse().unwrap(),
        expires: expires.parse().unwrap(),
        place: None,
    }
}

/// An audit of the code of `m`, as it is locked.
fn audit(sandbox: &Sandbox) -> Audit {
    let pin = pin(sandbox);
    Audit {
        revision: pin.revision,
        digest: set_digest(pin.code_files().map(|(path, file)| (path, file.sha256))),
        from: None,
        criteria: Criteria::SafeToRun,
        who: "Ann".parse().unwrap(),
        notes: None,
        files: pin.code_files().map(|(path, file)| (path.clone(), file.sha256)).collect(),
        foreign: BTreeMap::new(),
        source: pin.source,
        place: None,
    }
}

pub(crate) fn exempt(sandbox: &Sandbox, expires: &str) {
    decide(sandbox, &[exemption(sandbox, "pytorch_model.bin", expires).print()]);
}

/// The rules that say something, each with its level, and the exit code.
fn rules(sandbox: &Sandbox, words: &str) -> (i32, Vec<(String, String)>) {
    let output = sandbox.run(&format!("check --format json {words}"));
    let problems = output.diagnostics();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (output.code, problems.iter().map(|problem| (text(&problem["rule"]), text(&problem["level"]))).collect())
}

fn fires(sandbox: &Sandbox, rule: &str, level: &str) {
    let code = if level == "error" { 5 } else { 0 };
    assert_eq!(rules(sandbox, ""), (code, vec![(rule.to_owned(), level.to_owned())]));
}

fn quiet(sandbox: &Sandbox) {
    assert_eq!(rules(sandbox, ""), (0, vec![]));
}

/// The rule can be set to each level.
fn can_be_set(sandbox: &Sandbox, rule: &str, policy: &str) {
    for (level, said) in [("deny", Some("error")), ("warn", Some("warning")), ("allow", None)] {
        wants(sandbox, &format!("{policy}\nrules.{rule} = \"{level}\""));
        match said {
            Some(said) => fires(sandbox, rule, said),
            None => quiet(sandbox),
        }
    }
}

#[test]
fn without_a_policy_the_strict_defaults_hold() {
    quiet(&plain());
    fires(&pickled(), "format-executes", "error");
    let sandbox = project(&[("tokenizer_config.json", Content::git(ESCAPE))]);
    fires(&sandbox, "template-escape", "error");
}

#[test]
fn a_scanned_pickle_comes_in_where_the_scan_found_nothing() {
    let sandbox = project(&[("pytorch_model.bin", Content::lfs(HONEST))]);
    fires(&sandbox, "format-executes", "error");
    wants(&sandbox, "formats = \"scanned\"");
    quiet(&sandbox);
    let refused = |sandbox: &Sandbox| {
        wants(sandbox, "formats = \"scanned\"");
        fires(sandbox, "format-executes", "error");
    };
    let sandbox = pickled();
    refused(&sandbox);
    sandbox
        .run("check")
        .exits(5)
        .says("a file that runs no foreign code when it is loaded")
        .says("`pickle-dangerous-global`");
    // Its bytes are not there yet: what the lock says is believed.
    let sandbox = honest();
    sandbox.edit(
        "models.lock",
        "\n[model.m.files]",
        "\n[model.m.findings]\n\"pytorch_model.bin\" = [\"pickle-dangerous-global\"]\n\n[model.m.files]",
    );
    refused(&sandbox);
    sandbox
        .run("check")
        .exits(5)
        .says("a file that runs no foreign code when it is loaded")
        .says("`pickle-dangerous-global`");
}

#[test]
fn code_is_withheld_until_it_is_certified() {
    let sandbox = coded();
    quiet(&sandbox);
    sandbox
        .run("check")
        .ok()
        .says("`m`: 1 code file is withheld, because it is not certified; `modelpin review m` shows it");
    can_be_set(&sandbox, "code-withheld", "");
    wants(&sandbox, "");
    decide(&sandbox, &[audit(&sandbox).print()]);
    quiet(&sandbox);
    assert!(!sandbox.run("check").ok().stdout.contains("withheld"));
    wants(&sandbox, "remote-code = \"never\"");
    quiet(&sandbox);
    sandbox.run("check").ok().says("1 code file is withheld, because `remote-code = \"never\"` forbids code");
    wants(&sandbox, "remote-code = \"never\"\nrules.code-withheld = \"deny\"");
    sandbox.run("check").exits(5).says("no code, since `remote-code` is `never` (models.toml:");
}

#[test]
fn certified_code_that_changed_is_refused() {
    let sandbox = coded();
    decide(&sandbox, &[audit(&sandbox).print()]);
    quiet(&sandbox);
    sandbox.hub.model("acme/m").commit(&[("modeling_m.py", Content::git("import os \n"))]);
    sandbox.run("update").exits(5).says("the code").says("run `modelpin review m --since`");
    fires(&sandbox, "code-changed", "error");
    // Nobody's code is withheld at will where somebody relies on it.
    wants(&sandbox, "rules.code-changed = \"allow\"");
    sandbox.run("check").exits(2).says("cannot be set to");
    wants(&sandbox, "remote-code = \"never\"");
    quiet(&sandbox);
}

#[test]
fn a_chain_of_audits_holds_and_a_gap_certifies_nothing() {
    let sandbox = coded();
    let first = audit(&sandbox);
    sandbox.hub.model("acme/m").commit(&[("more.py", Content::git("import re\n"))]);
    decide(&sandbox, &[first.print()]);
    sandbox.run("update").exits(5);
    let change = Audit { from: Some(first.digest), ..audit(&sandbox) };
    decide(&sandbox, &[first.print(), change.print()]);
    quiet(&sandbox);
    decide(&sandbox, &[change.print()]);
    fires(&sandbox, "decision-unused", "warning");
    sandbox.run("check").ok().says("which is not certified").says("2 code files are withheld");
    // The audit of another repo's same code is none of this one.
    decide(&sandbox, &[Audit { source: "hf:model/other/m".parse().unwrap(), ..audit(&sandbox) }.print()]);
    fires(&sandbox, "decision-unused", "warning");
}

#[test]
fn an_exemption_is_for_these_bytes_until_its_day() {
    let sandbox = pickled();
    let check = |day: &str| rules(&sandbox, &format!("--as-of {day}"));
    exempt(&sandbox, "2027-01-10");
    for (day, expired) in [("2027-01-09", false), ("2027-01-10", false), ("2027-01-11", true)] {
        let said = if expired { (5, vec![("exemption-expired".to_owned(), "error".to_owned())]) } else { (0, vec![]) };
        assert_eq!(check(day), said, "{day}");
    }
    exempt(&sandbox, "2020-01-01");
    fires(&sandbox, "exemption-expired", "error");
    exempt(&sandbox, FAR);
    quiet(&sandbox);
    sandbox.run("check").ok().says("`m`: 1 file is in quarantine; only `modelpin exec --jail` reaches it");
    // Renewed: the longest holds, and the older one is no trouble.
    let (old, new) =
        (exemption(&sandbox, "pytorch_model.bin", "2020-01-01"), exemption(&sandbox, "pytorch_model.bin", FAR));
    decide(&sandbox, &[old.print(), new.print()]);
    quiet(&sandbox);
}

#[test]
fn an_exemption_for_other_bytes_or_another_repo_is_none() {
    let sandbox = pickled();
    let exact = exemption(&sandbox, "pytorch_model.bin", FAR);
    let other = Exemption { sha256: Digest::from_hex(&"ab".repeat(32)).unwrap(), ..exact.clone() };
    decide(&sandbox, &[other.print()]);
    fires(&sandbox, "exemption-mismatch", "error");
    sandbox.run("check").exits(5).says("sha256:abab").says("models.audits.toml:").says("Ann");
    decide(&sandbox, &[Exemption { source: "hf:model/other/m".parse().unwrap(), ..exact.clone() }.print()]);
    let (code, said) = rules(&sandbox, "");
    assert_eq!((code, said[0].0.as_str(), said[1].0.as_str()), (5, "format-executes", "decision-unused"));
    // Beside the one that holds, one for bytes that were replaced is only idle.
    decide(&sandbox, &[exact.print(), other.print()]);
    fires(&sandbox, "decision-unused", "warning");
}

#[test]
fn an_exemption_covers_what_was_found_in_exactly_that_file() {
    let sandbox =
        project(&[("a/tokenizer_config.json", Content::git(ESCAPE)), ("tokenizer_config.json", Content::git(ESCAPE))]);
    decide(&sandbox, &[exemption(&sandbox, "tokenizer_config.json", FAR).print()]);
    let output = sandbox.run("check");
    output.exits(5).says("`a/tokenizer_config.json`");
    assert!(!output.stdout.contains("`tokenizer_config.json`"), "{output}");
    let result = sandbox.run("check --format json").result();
    assert_eq!(
        result["withheld"]["m"],
        json!({
            "uncertified": [], "quarantined": ["tokenizer_config.json"], "refused": ["a/tokenizer_config.json"], "replaced": []
        })
    );
}

#[test]
fn decisions_for_nothing_are_told() {
    let sandbox = honest();
    let exact = exemption(&sandbox, "config.json", FAR);
    wants(&sandbox, "formats = \"scanned\"");
    decide(&sandbox, &[exact.print()]);
    fires(&sandbox, "decision-unused", "warning");
    sandbox.run("check").ok().says("a file that needs no exemption");
    can_be_set(&sandbox, "decision-unused", "formats = \"scanned\"");
    wants(&sandbox, "formats = \"scanned\"");
    decide(&sandbox, &[Exemption { file: "gone.bin".parse().unwrap(), ..exact }.print()]);
    sandbox.run("check").ok().says("no such file in models.lock");
}

#[test]
fn findings_are_refused_said_or_let_be() {
    let sandbox = project(&[("tokenizer_config.json", Content::git(ESCAPE))]);
    fires(&sandbox, "template-escape", "error");
    let blob = [0x93, 0x07, 0xff, 0x00, 0x13, 0x37].repeat(20);
    let sandbox = project(&[("config.json", Content::git("{}\n")), ("blob.dat", Content::git(blob))]);
    fires(&sandbox, "unknown-format", "error");
    // Advice: numbers of Kaldi, whose structure is not followed.
    let numbers = [b"\0B<TransitionModel> ".as_slice(), &[4; 90]].concat();
    let sandbox = project(&[("config.json", Content::git("{}\n")), ("final.mdl", Content::git(numbers))]);
    let (code, said) = rules(&sandbox, "");
    assert_eq!((code, said.len(), said[0].1.as_str()), (0, 1, "warning"), "{said:?}");
    can_be_set(&sandbox, &said[0].0, "");
}

#[test]
fn findings_in_code_inform_only() {
    let sandbox = project(&[
        ("config.json", Content::git("{}\n")),
        ("modeling_m.py", Content::git("import os\nos.system('id')\n")),
    ]);
    assert!(sandbox.read("models.lock").contains("[model.m.findings]\n\"modeling_m.py\" = "));
    quiet(&sandbox);
}

#[test]
fn a_finding_that_is_not_understood_is_refused() {
    let sandbox = plain();
    sandbox.edit(
        "models.lock",
        "\n[model.m.files]",
        "\n[model.m.findings]\n\"config.json\" = [\"from-the-future\"]\n\n[model.m.files]",
    );
    fires(&sandbox, "finding-unknown", "error");
    sandbox.run("check").exits(5).says("`from-the-future`").says("models.lock:");
}

#[test]
fn licences() {
    let sandbox = plain();
    wants(&sandbox, "licenses = [\"Apache-2.0\", \"mit\"]");
    quiet(&sandbox);
    wants(&sandbox, "licenses = [\"mit\"]");
    fires(&sandbox, "license", "error");
    can_be_set(&sandbox, "license", "licenses = [\"mit\"]");
    wants(&sandbox, "licenses = [\"apache-2.0\"]");
    let lock = sandbox.read("models.lock").replace("license = \"apache-2.0\"\n", "");
    sandbox.write("models.lock", lock);
    sandbox.run("check").exits(5).says("no declared licence");
}

#[test]
fn publishers_of_models_and_datasets() {
    let sandbox = plain();
    sandbox.hub.dataset("other/faq").commit(&[("faq.jsonl", Content::git("{}\n"))]);
    sandbox.run("add other/faq --dataset").ok();
    for (publishers, names) in [
        ("\"org:acme\", \"user:other\"", vec![]),
        ("\"ACME\"", vec!["faq"]),
        ("\"acm\", \"org:acme-x\"", vec!["faq", "m"]),
    ] {
        wants(&sandbox, &format!("publishers = [{publishers}]"));
        let output = sandbox.run("check --format json");
        let problems = output.diagnostics();
        let found: Vec<&str> = problems.iter().map(|problem| problem["entry"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{publishers}");
    }
    sandbox.run("remove faq").ok();
    can_be_set(&sandbox, "publisher", "publishers = [\"other\"]");
}

#[test]
fn a_young_commit_has_to_wait() {
    let sandbox = plain();
    wants(&sandbox, "min-age = \"2w\"");
    sandbox.run("check --as-of 2026-01-15").ok();
    let output = sandbox.run("check --as-of 2026-01-14");
    output.exits(5).says("13 days (of 2026-01-01)").says("`modelpin check --as-of 2026-01-15`");
    sandbox.run("check --as-of 2025-12-31").exits(5).says("in the future");
    let lock = sandbox.read("models.lock").replace("revision-date = \"2026-01-01\"\n", "");
    sandbox.write("models.lock", lock);
    sandbox.run("check").exits(5).says("a commit without a recorded date");
    can_be_set(&sandbox, "min-age", "min-age = \"2w\"");
}

#[test]
fn tickets() {
    let sandbox = plain();
    wants(&sandbox, "require-ticket = \"^SEC-[0-9]+$\"");
    fires(&sandbox, "ticket", "error");
    can_be_set(&sandbox, "ticket", "require-ticket = \"^SEC-[0-9]+$\"");
    wants(&sandbox, "require-ticket = \"^SEC-[0-9]+$\"");
    sandbox.run("update m --ticket OPS-1").exits(5);
    sandbox.run("update m --ticket SEC-12").ok();
    quiet(&sandbox);
}

#[test]
fn requirements() {
    let sandbox = project(&[("requirements.txt", Content::git("torch==2.6.0\nnumpy>=1\n"))]);
    quiet(&sandbox);
    can_be_set(&sandbox, "requirement-unpinned", "");
    wants(&sandbox, "rules.requirement-unpinned = \"warn\"");
    sandbox.run("check").ok().says("its requirement `numpy` is not pinned").says("`>=1`");
}

#[test]
fn a_rule_of_the_manifest_is_one_that_there_is() {
    let sandbox = plain();
    wants(&sandbox, "rules.template-escpe = \"warn\"");
    for words in ["check", "lock", "sync", "verify"] {
        let output: Output = sandbox.run(words);
        output
            .exits(2)
            .says("unknown rule `template-escpe`")
            .says("did you mean `template-escape`?")
            .says("--> models.toml:");
    }
    for rule in ["format-executes", "code-changed", "exemption-expired", "exemption-mismatch"] {
        for level in ["allow", "warn"] {
            wants(&sandbox, &format!("rules.{rule} = \"{level}\""));
            sandbox.run("check").exits(2).says("cannot be set to");
        }
        wants(&sandbox, &format!("rules.{rule} = \"deny\""));
        quiet(&sandbox);
    }
}

#[test]
fn weights_that_are_data_need_no_decision() {
    quiet(&project(&[("config.json", Content::git("{}\n")), ("model.safetensors", Content::lfs(make::weights(4000)))]));
}

#[test]
fn what_check_refuses_no_sync_brings_in() {
    for policy in
        ["licenses = [\"mit\"]", "publishers = [\"org:x\"]", "min-age = \"9999d\"", "require-ticket = \"^SEC-\""]
    {
        let sandbox = plain();
        wants(&sandbox, policy);
        let refused = sandbox.run("check").exits(5).stdout.clone();
        let output = sandbox.run("sync --locked");
        let same = output.refused(5).stderr.lines().all(|line| refused.contains(line));
        assert!(same && sandbox.target().is_empty(), "{output}\n{refused}");
    }
}
