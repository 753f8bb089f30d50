//! `check`: what it looks at, what it says in each form, and how it ends.

use crate::late::late_pickle;
use crate::policy::{exempt, exemption, honest, pickled, project, wants};
use crate::sandbox::{Output, Sandbox};
use expect_test::expect;
use modelpin_schema::audits::Audits;
use modelpin_testkit::Content;
use modelpin_testkit::corpus::build::call;

#[test]
fn people_read_what_holds() {
    let (sandbox, _) = Sandbox::synced();
    let output = sandbox.run("check");
    assert_eq!((output.ok().requests, output.stdout.as_str()), (0, "policy holds: 1 entry\n"));
}

#[test]
fn people_read_what_is_refused() {
    let sandbox = pickled();
    expect![[r#"
        error: `m` is refused: `pytorch_model.bin`: it can run code when it is loaded
          --> models.lock:21 (format-executes)
          expected:  a file that runs no foreign code when it is loaded
          got:       a pickle, with `pickle-dangerous-global`
          why:       whoever can change the file can run code wherever it is loaded
        help: to leave it out, run `modelpin exclude m pytorch_model.bin`
        help: to see what is in it, run `modelpin scan m`
        help: to let exactly these bytes into the quarantine, run `modelpin exempt m pytorch_model.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`
        help: to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write /dev/nvidia0` and more, see docs/guides/jail.md
        1 file is not on this machine; the check relied on models.lock for it
        policy refuses (1 error): 1 entry
    "#]]
    .assert_eq(&sandbox.run("check").exits(5).stdout);
    let sandbox = honest();
    expect![[r#"
        error: `m` is refused: `pytorch_model.bin`: it can run code when it is loaded
          --> models.lock:15 (format-executes)
          expected:  a format that holds data only
          got:       a pickle
          why:       whoever can change the file can run code wherever it is loaded
        help: to convert it to safetensors, run `modelpin convert m pytorch_model.bin`
        help: to leave it out, run `modelpin exclude m pytorch_model.bin`
        help: to let exactly these bytes into the quarantine, run `modelpin exempt m pytorch_model.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`
        help: to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write /dev/nvidia0` and more, see docs/guides/jail.md
        1 file is not on this machine; the check relied on models.lock for it
        policy refuses (1 error): 1 entry
    "#]].assert_eq(&sandbox.run("check").exits(5).stdout);
    exempt(&sandbox, "2026-01-31");
    expect![[r#"
        error: `m` is refused: `pytorch_model.bin`: its exemption has expired
          --> models.audits.toml:4 (exemption-expired)
          expected:  an exemption that is valid on 2026-02-01
          got:       one until 2026-01-31, owner Ann, ticket SEC-1
          why:       an exemption without an end is one that nobody looks at again
        help: to let exactly these bytes into the quarantine, run `modelpin exempt m pytorch_model.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`
        help: to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write /dev/nvidia0` and more, see docs/guides/jail.md
        help: to leave it out, run `modelpin exclude m pytorch_model.bin`
        1 file is not on this machine; the check relied on models.lock for it
        policy refuses (1 error): 1 entry, 1 exemption
    "#]].assert_eq(&sandbox.run("check --as-of 2026-02-01").exits(5).stdout);
    wants(&sandbox, "licenses = [\"mit\"]\nrules.license = \"warn\"");
    expect![[r#"
        warning: `m`: its licence is not allowed
          --> models.lock:10 (license)
          expected:  `mit` (models.toml:5)
          got:       `apache-2.0`
          why:       it may forbid what the project does with the model
        help: to allow it, add it to `licenses` in `[policy]` of models.toml and run the command again
        help: to drop the entry, run `modelpin remove m`
        `m`: 1 file is in quarantine; only `modelpin exec --jail` reaches it
        1 file is not on this machine; the check relied on models.lock for it
        policy holds, with 1 warning: 1 entry, 1 exemption
    "#]]
    .assert_eq(&sandbox.run("check --as-of 2026-01-31").ok().stdout);
}

#[test]
fn nothing_is_written_and_no_socket_is_opened() {
    let sandbox = pickled();
    let before = (sandbox.below(""), sandbox.read("models.lock"));
    assert_eq!(sandbox.run("check").requests, 0);
    assert_eq!((sandbox.below(""), sandbox.read("models.lock")), before);
}

#[test]
fn what_is_not_here_is_believed_and_that_is_said() {
    let (sandbox, _) = Sandbox::synced();
    sandbox.remove_store();
    sandbox.run("check").ok().says("policy holds: 1 entry");
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    sandbox
        .run("check")
        .ok()
        .says("2 files are not on this machine; the check relied on models.lock for them")
        .says("policy holds: 1 entry");
    assert_eq!(sandbox.run("check --format json").result()["counts"]["trusted"], 2);
}

#[test]
fn success_on_nothing_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.run("check").refused(2).says("models.toml has no models and no datasets");
    sandbox.chat();
    sandbox.write("models.toml", "[models]\nchat = \"acme/chat\"\n");
    sandbox.run("check").refused(3);
    sandbox.run("lock").ok();
    sandbox.run("check").ok();
    sandbox.edit("models.toml", "acme/chat", "acme/other");
    sandbox.run("check").refused(3).says("`source` differs");
}

fn coded() -> Sandbox {
    let code = "import urllib.request\nurllib.request.urlopen('http://x.example')\n";
    project(&[("config.json", Content::git("{}\n")), ("modeling_m.py", Content::git(code))])
}

/// Makes the lock call code data, without a word of code in it.
fn disguise(sandbox: &Sandbox) {
    sandbox.edit("models.lock", "\"modeling_m.py\" = { kind = \"code\"", "\"modeling_m.py\" = { kind = \"data\"");
    let lock = sandbox.read("models.lock");
    let (before, rest) = lock.split_once("\n[model.m.code]").unwrap();
    let rest = rest.split_once("\n[").unwrap().1;
    sandbox.write("models.lock", format!("{before}\n[{rest}"));
}

#[test]
fn a_lock_cannot_hide_what_its_bytes_are() {
    let sandbox = coded();
    disguise(&sandbox);
    // Not even the bytes are needed: the name says it.
    sandbox.remove_store();
    sandbox.run("check").refused(4).says("modeling_m.py").says("--> models.lock:");
    // A fact that the bytes have and the lock has not.
    let sandbox = coded();
    sandbox.edit("models.lock", "capabilities = [\"network\"]\n", "");
    sandbox.run("check").refused(3).says("network");
}

#[test]
fn what_bytes_say_counts_where_the_lock_says_nothing() {
    let bytes = late_pickle(&call("posix", "system", "true"));
    let sandbox =
        project(&[("config.json", Content::git("{\"a\": 1}\n")), ("pytorch_model.bin", Content::lfs(&bytes))]);
    assert!(!sandbox.read("models.lock").contains("pickle-dangerous-global"));
    wants(&sandbox, "formats = \"scanned\"");
    sandbox.run("check").ok().says("relied on models.lock");
    let hex = exemption(&sandbox, "pytorch_model.bin", "2099-01-01").sha256.hex();
    sandbox.write_blob(&hex, &bytes);
    sandbox.run("check").exits(5).says("`pickle-dangerous-global`").says("--> models.lock:");
}

#[test]
fn forged_decisions_are_refused() {
    let sandbox = pickled();
    exempt(&sandbox, "2099-01-01");
    sandbox.run("check").ok();
    for (from, to) in
        [("sha256 = \"", "sha256 = \"*"), ("expires = \"2099-01-01\"\n", ""), ("pytorch_model.bin", "../x")]
    {
        exempt(&sandbox, "2099-01-01");
        sandbox.edit("models.audits.toml", from, to);
        sandbox.run("check").exits(2).says("--> models.audits.toml");
    }
}

#[test]
fn a_disguised_pickle_is_found_by_its_bytes() {
    let sandbox = project(&[("model.safetensors", Content::git(crate::scan::EVIL))]);
    sandbox.edit("models.lock", "kind = \"pickle\"", "kind = \"safetensors\"");
    sandbox.run("check").refused(4).says("model.safetensors");
}

#[test]
fn many_files_of_one_rule_are_told_once() {
    let files: Vec<(String, Content)> =
        (0..40).map(|at| (format!("part-{at:02}.bin"), Content::git(crate::scan::EVIL))).collect();
    let files: Vec<(&str, Content)> = files.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
    let sandbox = project(&files);
    let short = sandbox.run("check").exits(5).stdout.clone();
    assert!(short.lines().count() < 20 && short.contains("and 34 more, which `modelpin check -v` shows"), "{short}");
    assert!(short.contains("policy refuses (40 errors)"), "{short}");
    let long = sandbox.run("check -v").exits(5).stdout.clone();
    assert!(files.iter().all(|(path, _)| long.contains(path)), "{long}");
    for form in ["json", "sarif", "github"] {
        let text = sandbox.run(&format!("check --format {form}")).exits(5).stdout.clone();
        assert!(files.iter().all(|(path, _)| text.contains(path)), "{form}");
    }
}

#[test]
fn programs_read_json() {
    let sandbox = pickled();
    let output = sandbox.run("check --format json --as-of 2026-02-03");
    let (result, problem) = (output.exits(5).result(), output.diagnostics()[0].clone());
    assert_eq!((&result["as-of"], &output.document()["status"]), (&"2026-02-03".into(), &"policy".into()));
    assert_eq!((&result["holds"], &result["counts"]["errors"]), (&false.into(), &1.into()));
    assert_eq!((&problem["rule"], &problem["level"]), (&"format-executes".into(), &"error".into()));
    assert_eq!((&problem["entry"], &problem["path"]), (&"m".into(), &"pytorch_model.bin".into()));
    let line = usize::try_from(problem["location"]["line"].as_u64().unwrap()).unwrap();
    assert_eq!(problem["location"]["file"], "models.lock");
    assert!(sandbox.read("models.lock").lines().nth(line - 1).unwrap().starts_with("\"pytorch_model.bin\" = {"));
    assert!(problem["help"].to_string().contains("`modelpin exempt m pytorch_model.bin --reason"));
    assert_eq!(result["withheld"]["m"]["refused"], serde_json::json!(["pytorch_model.bin"]));
}

#[test]
fn a_refusal_is_data_where_data_was_asked_for() {
    let output = Sandbox::new().run("check --format json");
    assert_eq!(output.refused(2).document()["exit-code"], 2);
}

#[test]
fn code_scanning_reads_sarif() {
    let sandbox = pickled();
    let fingerprint = |output: &Output| {
        let sarif = output.document();
        let run = &sarif["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let result = &run["results"][0];
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!((&rules[index]["id"], &result["ruleId"]), (&"format-executes".into(), &"format-executes".into()));
        assert_eq!((&sarif["version"], &result["level"]), (&"2.1.0".into(), &"error".into()));
        assert!(rules[index]["helpUri"].as_str().unwrap().ends_with("/docs/reference/rules/format-executes.md"));
        let place = &result["locations"][0]["physicalLocation"];
        let line = place["region"]["startLine"].as_u64().unwrap();
        (place["artifactLocation"]["uri"].clone(), line, result["partialFingerprints"]["modelpin/v1"].clone())
    };
    let (file, line, print) = fingerprint(sandbox.run("check --format sarif").exits(5));
    assert_eq!(file, "models.lock");
    // The line moves, the fingerprint stays.
    sandbox.edit("models.lock", "license = \"apache-2.0\"\n", "");
    let moved = fingerprint(sandbox.run("check --format sarif").exits(5));
    assert_eq!((moved.1, moved.2), (line - 1, print));
}

#[test]
fn files_are_called_from_where_the_command_was_given() {
    let sandbox = pickled();
    std::fs::create_dir_all(sandbox.path("sub/deep")).unwrap();
    for (folder, called) in [("sub/deep", "../../models.lock"), ("..", "project/models.lock")] {
        let words = if folder == ".." {
            "-C .. check --manifest-path project/models.toml --format github"
        } else {
            "-C sub/deep check --format github"
        };
        sandbox.run(words).exits(5).says(&format!("::error file={called},line="));
    }
    // A refusal on stderr likewise.
    let sandbox = coded();
    disguise(&sandbox);
    std::fs::create_dir(sandbox.path("sub")).unwrap();
    sandbox.run("-C sub check").refused(4).says("--> ../models.lock:");
}

#[test]
fn pull_requests_read_annotations_and_tables() {
    let sandbox = pickled();
    expect![[r#"
        ::error file=models.lock,line=21,title=format-executes::m: pytorch_model.bin: it can run code when it is loaded; expected a file that runs no foreign code when it is loaded, got a pickle, with `pickle-dangerous-global`; whoever can change the file can run code wherever it is loaded; to leave it out, run `modelpin exclude m pytorch_model.bin`; to see what is in it, run `modelpin scan m`; to let exactly these bytes into the quarantine, run `modelpin exempt m pytorch_model.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`; to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write /dev/nvidia0` and more, see docs/guides/jail.md
        1 file is not on this machine; the check relied on models.lock for it
        policy refuses (1 error): 1 entry
    "#]].assert_eq(&sandbox.run("check --format github").exits(5).stdout);
    expect![[r#"
        ## modelpin check

        policy refuses (1 error): 1 entry

        1 file is not on this machine; the check relied on models.lock for it

        | level | what | where | expected | got | rule |
        |---|---|---|---|---|---|
        | error | `m: pytorch_model.bin`: it can run code when it is loaded | `models.lock:21` | a file that runs no foreign code when it is loaded | a pickle, with `pickle-dangerous-global` | [`format-executes`](https://github.com/modelpin/modelpin/blob/main/docs/reference/rules/format-executes.md): whoever can change the file can run code wherever it is loaded |

        Next:

        - to leave it out, run `modelpin exclude m pytorch_model.bin`
        - to see what is in it, run `modelpin scan m`
        - to let exactly these bytes into the quarantine, run `modelpin exempt m pytorch_model.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`
        - to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write /dev/nvidia0` and more, see `docs/guides/jail.md`
    "#]].assert_eq(&sandbox.run("check --format markdown").exits(5).stdout);
}

#[test]
fn hostile_names_are_harmless_in_every_form() {
    let path = "$(touch x)`|](http:x)%0A,é.bin";
    let sandbox = project(&[(&path.replace(':', ";"), Content::git(crate::scan::EVIL))]);
    for form in ["text", "github", "markdown", "sarif", "json"] {
        let output = sandbox.run(&format!("check --format {form}"));
        output.exits(5);
        match form {
            "markdown" => assert!(!output.stdout.contains("`|]"), "{output}"),
            "sarif" => {
                let sarif = output.document();
                let text = sarif["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
                assert!(text.contains("] (http") && !text.contains("](http"), "{text}");
            }
            "github" => assert!(output.stdout.contains("%250A"), "{output}"),
            // Whoever pastes the command runs nothing else.
            "text" => assert!(
                output.stdout.contains("modelpin exempt m '$(touch x)`|](http;x)%0A,é.bin' --reason"),
                "{output}"
            ),
            _ => assert!(output.document().is_object()),
        }
    }
}

#[test]
fn what_will_lapse_is_listed_next_first() {
    let bins = [("a.bin", crate::scan::EVIL), ("b.bin", b"cposix\nsystem\n(S'id'\ntR.".as_slice())];
    let sandbox = project(&bins.map(|(path, bytes)| (path, Content::git(bytes))));
    let decide = |a: &str, b: &str| {
        let decisions = [exemption(&sandbox, "a.bin", a).print(), exemption(&sandbox, "b.bin", b).print()];
        sandbox.write("models.audits.toml", Audits::empty_text() + &decisions.concat());
    };
    decide("2027-03-10", "2027-03-05");
    let run = |words: &str| sandbox.run(&format!("check {words}"));
    expect![[r#"
        2027-03-05  1 day left    m: b.bin  (owner Ann, ticket SEC-1)
        2027-03-10  6 days left   m: a.bin  (owner Ann, ticket SEC-1)
        2 of 2 exemptions will expire
    "#]]
    .assert_eq(&run("--expiring 30d --as-of 2027-03-04").ok().stdout);
    expect![[r#"
        error: `m` is refused: `b.bin`: its exemption has expired
          --> models.audits.toml:13 (exemption-expired)
          expected:  an exemption that is valid on 2027-03-10
          got:       one until 2027-03-05, owner Ann, ticket SEC-1
          why:       an exemption without an end is one that nobody looks at again
        help: to let exactly these bytes into the quarantine, run `modelpin exempt m b.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`
        help: to load what is in the quarantine, run `modelpin exec --jail -- COMMAND`; a GPU needs `--allow-write /dev/nvidia0` and more, see docs/guides/jail.md
        help: to leave it out, run `modelpin exclude m b.bin`
        2027-03-05  expired       m: b.bin  (owner Ann, ticket SEC-1)
        2027-03-10  last day      m: a.bin  (owner Ann, ticket SEC-1)
        1 of 2 exemptions will expire, 1 expired already
    "#]].assert_eq(&run("--expiring 1d --as-of 2027-03-10").exits(5).stdout);
    expect![[r#"
        0 of 2 exemptions will expire
    "#]]
    .assert_eq(&run("--expiring 1w --as-of 2026-01-01").ok().stdout);
    expect![[r#"
        ::warning file=models.audits.toml,line=13,title=exemption-expiring::m: b.bin: its exemption expires soon; expected an exemption that lasts longer, for a file that is still needed, got one until 2027-03-05, owner Ann, ticket SEC-1; the file will be refused from the next day on; to renew it, run `modelpin exempt m b.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`
        ::warning file=models.audits.toml,line=4,title=exemption-expiring::m: a.bin: its exemption expires soon; expected an exemption that lasts longer, for a file that is still needed, got one until 2027-03-10, owner Ann, ticket SEC-1; the file will be refused from the next day on; to renew it, run `modelpin exempt m a.bin --reason WHY --owner WHO --ticket TICKET --expires 90d`
        2 of 2 exemptions will expire
    "#]].assert_eq(&run("--expiring 30d --as-of 2027-03-04 --format github").ok().stdout);
    expect![[r#"
        ## modelpin check

        2 of 2 exemptions will expire

        | last day | left | file | owner | ticket |
        |---|---|---|---|---|
        | 2027-03-05 | 1 day left | `m: b.bin` | `Ann` | `SEC-1` |
        | 2027-03-10 | 6 days left | `m: a.bin` | `Ann` | `SEC-1` |
    "#]]
    .assert_eq(&run("--expiring 30d --as-of 2027-03-04 --format markdown").ok().stdout);
    let json = run("--expiring 30d --as-of 2027-03-04 --format json").ok().result();
    let first = &json["expiring"][0];
    assert_eq!((&first["path"], &first["days-left"], &first["owner"]), (&"b.bin".into(), &1.into(), &"Ann".into()));
    let sarif = run("--expiring 30d --as-of 2027-03-04 --format sarif").ok().document();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    // The other refusals are not what was asked for.
    wants(&sandbox, "licenses = [\"mit\"]");
    run("--expiring 30d --as-of 2027-03-04").ok();
    run("--expiring 30x").exits(2);
    run("--as-of 2027-02-30").exits(2);
}

#[test]
fn rules_are_explained_by_either_command() {
    let sandbox = Sandbox::new();
    let page = sandbox.run("check --explain format-executes").ok().stdout.clone();
    assert!(page.starts_with("format-executes (deny)\n") && page.contains("modelpin exempt"), "{page}");
    assert_eq!(sandbox.run("scan --explain format-executes").ok().stdout, page);
    sandbox.run("check --explain pickle-dangerous-global").ok().says("(dangerous, runs-code)");
    sandbox.run("check --explain format-executs").refused(2).says("`modelpin check --explain format-executes`");
}
