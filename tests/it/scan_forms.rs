//! The forms in which `scan` says what it found.

use crate::sandbox::{Output, Sandbox};
use crate::scan::{EVIL, honest, locked_bad};
use expect_test::expect;
use modelpin_rules::{self as rules, Category};
use serde_json::Value;

/// A folder with a pickle that runs code.
fn evil() -> Sandbox {
    let sandbox = honest();
    sandbox.write("m/evil.pkl", EVIL);
    sandbox
}

#[test]
fn people_read_the_worst_first() {
    expect![[r#"
        dangerous  m/evil.pkl  (pickle)
          pickle-dangerous-global: the pickle imports something that runs code; loading the file is enough to run it
            byte 0: `os.system`: loads or runs code or files
            byte 19: `os.system` is called

        3 files: 2 safe, 1 dangerous
        help: `modelpin scan --explain pickle-dangerous-global` explains a rule and what to do
    "#]]
    .assert_eq(&evil().run("scan m").exits(5).stdout);
}

#[test]
fn with_v_what_is_safe_is_listed_too() {
    expect![[r#"
        dangerous  m/evil.pkl  (pickle)
          pickle-dangerous-global: the pickle imports something that runs code; loading the file is enough to run it
            byte 0: `os.system`: loads or runs code or files
            byte 19: `os.system` is called

        safe  m/config.json  (json)
        safe  m/sub/model.safetensors  (safetensors)
        3 files: 2 safe, 1 dangerous
        help: `modelpin scan --explain pickle-dangerous-global` explains a rule and what to do
    "#]]
    .assert_eq(&evil().run("scan m -v").exits(5).stdout);
}

#[test]
fn many_places_of_one_rule_are_not_all_shown() {
    let sandbox = honest();
    let list: String = (0..9).map(|at| format!("package{at} @ https://files{at}.example/p.whl\n")).collect();
    sandbox.write("m/requirements.txt", list);
    let short = sandbox.run("scan m").exits(5).stdout.clone();
    let long = sandbox.run("scan m -v").exits(5).stdout.clone();
    let places = |text: &str| text.lines().filter(|line| line.starts_with("    ") && line.contains(".example")).count();
    assert_eq!((places(&short), places(&long)), (5, 9), "{short}");
    assert!(short.contains("    and 4 more, which `-v` shows\n"), "{short}");
}

#[test]
fn what_is_not_opened_says_why() {
    let sandbox = honest();
    std::os::unix::fs::symlink("/etc/hosts", sandbox.path("m/hosts.json")).unwrap();
    std::os::unix::fs::symlink("gone", sandbox.path("m/model.bin")).unwrap();
    expect![[r#"
        review  m/hosts.json  (binary)
          link-out: a link leads out of the folder; what it leads to is not part of the model and was not scanned
            -> /etc/hosts

        review  m/model.bin  (binary)
          unreadable: the bytes could not be read; what was not read was not scanned
            a link that leads nowhere: No such file or directory (os error 2)

        4 files: 2 safe, 2 to review
        help: `modelpin scan --explain link-out` explains a rule and what to do
    "#]]
    .assert_eq(&sandbox.run("scan m").exits(5).stdout);
}

#[test]
fn what_was_found_is_on_stdout_and_nothing_else() {
    let output = evil().run("scan m");
    assert_eq!(output.stderr, "");
    assert!(
        output.stdout.ends_with("`modelpin scan --explain pickle-dangerous-global` explains a rule and what to do\n")
    );
    assert!(!output.stdout.contains('\u{1b}'));
    assert!(evil().run("scan m --color always").stdout.contains('\u{1b}'));
    let output = evil().run("-v scan m --format json");
    assert!(output.document().is_object() && output.stderr.starts_with("scanning 3 files"), "{output}");
}

#[test]
fn programs_read_json() {
    let output = evil().run("scan m --format json");
    let result = output.exits(5).result();
    assert_eq!(result["verdict"], "dangerous");
    assert_eq!(
        result["counts"],
        serde_json::json!({ "files": 3, "safe": 2, "review": 0, "dangerous": 1, "certified": 0, "exempted": 0, "allowed": 0 })
    );
    let entry = &result["entries"][0];
    assert_eq!(
        (&entry["kind"], &entry["name"], &entry["verdict"]),
        (&"folder".into(), &"m".into(), &"dangerous".into())
    );
    let files = entry["files"].as_array().unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["m/config.json", "m/evil.pkl", "m/sub/model.safetensors"]);
    let file = &files[1];
    assert_eq!((&file["format"], &file["verdict"]), (&"pickle".into(), &"dangerous".into()));
    assert_eq!(file["facts"]["globals"], serde_json::json!(["os.system"]));
    let problems = output.diagnostics();
    assert_eq!(file["findings"], problems.iter().filter(|problem| problem["path"] == "m/evil.pkl").count());
    let problem = problems.iter().find(|problem| problem["rule"] == "pickle-dangerous-global").unwrap();
    assert_eq!((&problem["severity"], &problem["level"]), (&"dangerous".into(), &"error".into()));
    for key in ["place", "evidence", "what", "why", "fingerprint", "property"] {
        assert!(!problem[key].is_null(), "{key}");
    }
}

#[test]
fn a_refusal_is_data_where_data_was_asked_for() {
    let output = honest().run("scan m/gone --format json");
    assert_eq!(output.refused(2).document()["exit-code"], 2);
}

/// What SARIF 2.1.0 and GitHub's reading of it demand, as far as we use it.
fn check_sarif(output: &Output) -> Value {
    let sarif = output.document();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(sarif["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    assert_eq!(sarif["runs"].as_array().unwrap().len(), 1);
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["help"]["text"].is_string() && rule["shortDescription"]["text"].is_string(), "{rule}");
        assert!(rule["helpUri"].as_str().unwrap().starts_with("https://"));
        assert!(rule["properties"]["tags"].as_array().unwrap().contains(&"security".into()));
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert_eq!(result["partialFingerprints"]["modelpin/v1"].as_str().unwrap().len(), 64);
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%:".contains(&byte)), "{uri}");
        let region = &location["region"];
        assert!(
            region.is_null() || region["startLine"].as_u64() > Some(0) || region["byteOffset"].is_u64(),
            "{region}"
        );
    }
    sarif
}

#[test]
fn code_scanning_reads_sarif() {
    let sandbox = evil();
    sandbox.write("m/a b%.pkl", EVIL);
    let sarif = check_sarif(sandbox.run("scan m --format sarif").exits(5));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let uris: Vec<&str> = results
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert!(uris.contains(&"m/a%20b%25.pkl") && uris.contains(&"m/evil.pkl"), "{uris:?}");
    assert_eq!(
        sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(),
        rules::of(Category::Scan).count()
    );
    let none = check_sarif(sandbox.run("scan m/config.json --format sarif").ok());
    assert_eq!(none["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn a_finding_in_a_locked_file_is_at_its_line_of_the_lock() {
    let (sandbox, _) = locked_bad();
    let lock = sandbox.read("models.lock");
    let line = lock.lines().position(|line| line.starts_with("\"pytorch_model.bin\" = { kind")).unwrap() + 1;
    let sarif = check_sarif(sandbox.run("scan --format sarif").exits(5));
    let result = &sarif["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "models.lock");
    assert_eq!(place["region"]["startLine"], line);
    let itself = &result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(itself, "pytorch_model.bin");
    let annotations = sandbox.run("scan --format github").exits(5).stdout.clone();
    let begin = format!(
        "::error file=models.lock,line={line},title=dangerous%3A pickle-dangerous-global::bad: pytorch_model.bin"
    );
    assert!(annotations.contains(&begin), "{annotations}");
    std::fs::create_dir(sandbox.path("deep")).unwrap();
    sandbox.run("-C deep scan --format github").exits(5).says(&format!("::error file=../models.lock,line={line},"));
}

#[test]
fn a_workflow_reads_annotations() {
    let sandbox = honest();
    sandbox.write("m/100%,a:b\n::error::x.pkl", EVIL);
    let output = sandbox.run("scan m --format github");
    output
        .exits(5)
        .says("::error file=m/100%25%2Ca%3Ab%0A%3A%3Aerror%3A%3Ax.pkl,title=dangerous%3A pickle-dangerous-global::");
    let commands = output.stdout.lines().filter(|line| line.starts_with("::"));
    assert!(commands.clone().all(|line| line.contains(" file=m/100%25")), "{output}");
    assert!(output.stdout.ends_with("1 dangerous\n"), "{output}");
}

#[test]
fn a_pull_request_reads_markdown() {
    let sandbox = honest();
    sandbox.write("m/a|b`c`<img src=x>.pkl", EVIL);
    let output = sandbox.run("scan m --format markdown");
    output.exits(5).says("## modelpin scan: dangerous").says("3 files: 2 safe, 1 dangerous");
    output.says("``m/a\\|b`c`<img src=x>.pkl``").says("docs/reference/rules/pickle-dangerous-global.md");
    for row in output.stdout.lines().filter(|line| line.starts_with('|')) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 6, "{row}");
    }
}

#[test]
fn every_rule_can_be_explained() {
    let sandbox = Sandbox::new();
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    expect![[r#"
        link-out (review, not-scanned)

        A symbolic link that leads out of the folder that is scanned. It is not followed. Copy what it leads to into
        the folder if it belongs to the model.

        Why it matters: what it leads to is not part of the model and was not scanned.

        A data file with this finding is refused, since what else it contains is unknown, and no setting of `models.toml`
        changes that. `modelpin exempt` admits exactly these bytes to the quarantine, which only `modelpin exec --jail`
        reads: a loader outside of the jail cannot open them.

        Read on: CWE-59
    "#]]
    .assert_eq(&sandbox.run("scan --explain link-out").ok().stdout);
    for rule in rules::of(Category::Scan) {
        let output = sandbox.run(&format!("scan --explain {}", rule.id));
        assert!(output.ok().stdout.starts_with(rule.id) && !output.stdout.contains("]("), "{output}");
    }
    sandbox.run("scan --explain no-such-rule-at-all").refused(2);
    sandbox.run("scan --explain").exits(2);
}
