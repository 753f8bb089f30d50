//! `diff`: the change report.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_schema::{Digest, Lockfile, RepoPath};
use modelpin_testkit::{Content, make};

fn changed() -> Sandbox {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.git("init -q");
    sandbox.git("add .");
    sandbox.git("commit -qm one");
    std::fs::copy(sandbox.path("models.lock"), sandbox.path("old.lock")).unwrap();
    chat.commit(&[
        ("model.safetensors", Content::lfs(make::weights(6000))),
        ("modeling_x.py", Content::git("import os\n")),
    ]);
    chat.remove(&["config.json"]);
    sandbox.run("update --ticket SEC-1").ok();
    sandbox
}

#[test]
fn the_ticket_shows_every_fact_and_file() {
    let sandbox = changed();
    let text = sandbox.run("diff").ok().stdout.clone();
    expect![[r#"
        1 model changes, 1 needs a decision

        chat
          ! gained code sha256:d3659e878ad7…

        chat changed  (files: 1 new, 1 changed, 1 gone; 5.0 KiB -> 6.0 KiB)
          revision       8688e875dca5… -> cd67d2d1b377…
          revision-date  2026-01-01 -> 2026-01-03
          ticket         SEC-1
          - config.json  config, 9 B, sha256 e8c628edc996…
          - model.safetensors  safetensors, 5.0 KiB, sha256 5ec6f21d3f8e…
          + model.safetensors  safetensors, 6.0 KiB, sha256 5f1f4daa56e4…
          + modeling_x.py  code, 10 B, sha256 3727adff524e…

        next:
          modelpin review chat
          modelpin certify chat --criteria safe-to-run
          modelpin check
    "#]]
    .assert_eq(&text);
    assert_eq!(sandbox.run("diff HEAD").stdout, text);
    assert_eq!(sandbox.run("diff old.lock").stdout, text);
}

#[test]
fn the_ticket_goes_into_a_pull_request() {
    let sandbox = changed();
    expect![[r#"
        ## modelpin: 1 model changes, 1 needs a decision

        **Read first:** what allows more, withholds less, or has another origin than before

        - **!** `chat` gained code `sha256:d3659e878ad7…`

        **Next**

        ```sh
        modelpin review chat
        modelpin certify chat --criteria safe-to-run
        modelpin check
        ```

        ### `chat` changed

        files: 1 new, 1 changed, 1 gone; 5.0 KiB → 6.0 KiB

        | fact | before → after |
        |---|---|
        | revision | `8688e875dca5…` → `cd67d2d1b377…` |
        | revision-date | `2026-01-01` → `2026-01-03` |
        | ticket | – → `SEC-1` |

        <details><summary>3 files</summary>

        | file | kind | before → after |
        |---|---|---|
        | `config.json` | config | `9 B e8c628edc996` → – |
        | `model.safetensors` | safetensors | `5.0 KiB 5ec6f21d3f8e` → `6.0 KiB 5f1f4daa56e4` |
        | `modeling_x.py` | code | – → `10 B 3727adff524e` |

        </details>
    "#]]
    .assert_eq(&sandbox.run("diff --format markdown").ok().stdout);
}

#[test]
fn the_ticket_is_data() {
    let sandbox = changed();
    let data = sandbox.run("diff --format json").ok().result();
    let change = &data["changes"][0];
    assert_eq!((&change["name"], &change["change"]), (&"chat".into(), &"changed".into()));
    let removed = change["files"].as_array().unwrap().iter().find(|file| file["path"] == "config.json").unwrap();
    assert_eq!((&removed["old"]["size"], &removed["new"]), (&9.into(), &serde_json::Value::Null));
}

/// The new lock of a project, with facts, and the old one beside it, whose model could do less.
fn widened() -> Sandbox {
    let (sandbox, _) = Sandbox::locked();
    let read = |file: &str| Lockfile::read(file, &std::fs::read_to_string(sandbox.path(file)).unwrap()).unwrap();
    let mut lock = read("models.lock");
    let name = "chat".parse().unwrap();
    let facts = &mut lock.pins.get_mut(&name).unwrap().facts;
    let config: RepoPath = "config.json".parse().unwrap();
    facts.capabilities.insert("files".parse().unwrap());
    facts.requires.insert("torch".parse().unwrap(), "==2.6.0".parse().unwrap());
    facts.templates.insert(config.clone(), [Digest::new([1; 32])].into());
    std::fs::write(sandbox.path("old.lock"), lock.print()).unwrap();
    let facts = &mut lock.pins.get_mut(&name).unwrap().facts;
    facts.auto_map.insert("AutoModel=acme/other--x.Model".parse().unwrap());
    facts.capabilities = ["network".parse().unwrap()].into();
    facts.requires.insert("torch".parse().unwrap(), "git+https://host/torch".parse().unwrap());
    facts.requires.insert("einops".parse().unwrap(), "==0.8.1".parse().unwrap());
    facts.requires.insert("a|`b`".parse().unwrap(), "unpinned".parse().unwrap());
    facts.templates.insert(config.clone(), [Digest::new([2; 32])].into());
    facts.globals.insert(config.clone(), ["posix.system".parse().unwrap()].into());
    facts.findings.insert(config, ["pickle-dangerous-global".parse().unwrap()].into());
    std::fs::write(sandbox.path("models.lock"), lock.print()).unwrap();
    sandbox
}

#[test]
fn what_widens_is_one_line_with_a_mark_and_comes_first() {
    let sandbox = widened();
    expect![[r#"
        1 model changes, 1 needs a decision

        chat
          ! gained capability network
          ! gained auto-map AutoModel=acme/other--x.Model
          ! gained requires a|`b` unpinned
          ! changed requires torch ==2.6.0 -> git+https://host/torch
          ! gained global config.json posix.system
          ! gained finding config.json pickle-dangerous-global

        chat changed  (no file differs)
          capability            files -> none
          requires einops       ==0.8.1
          template config.json  sha256:010101010101… -> sha256:020202020202…

        next:
          modelpin exempt chat config.json --reason WHY --owner WHO --ticket TICKET --expires 90d
          modelpin check
    "#]]
    .assert_eq(&sandbox.run("diff old.lock").ok().stdout);
    let coloured = sandbox.run("diff old.lock --color always").ok().stdout.clone();
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31m! gained capability network\u{1b}[0m\n"), "{coloured:?}");
    // What went away is no alarm.
    std::fs::rename(sandbox.path("models.lock"), sandbox.path("wide.lock")).unwrap();
    std::fs::rename(sandbox.path("old.lock"), sandbox.path("models.lock")).unwrap();
    let back = sandbox.run("diff wide.lock").ok().stdout.clone();
    let marked: Vec<&str> = back.lines().filter(|line| line.contains('!')).collect();
    assert_eq!(marked, ["  ! gained capability files"]);
}

#[test]
fn what_widens_is_marked_in_a_pull_request_and_in_data() {
    let sandbox = widened();
    expect![[r#"
        ## modelpin: 1 model changes, 1 needs a decision

        **Read first:** what allows more, withholds less, or has another origin than before

        - **!** `chat` gained capability `network`
        - **!** `chat` gained auto-map `AutoModel=acme/other--x.Model`
        - **!** `chat` gained requires `` a|`b` `` `unpinned`
        - **!** `chat` changed requires `torch` `==2.6.0` → `git+https://host/torch`
        - **!** `chat` gained global `config.json` `posix.system`
        - **!** `chat` gained finding `config.json` `pickle-dangerous-global`

        **Next**

        ```sh
        modelpin exempt chat config.json --reason WHY --owner WHO --ticket TICKET --expires 90d
        modelpin check
        ```

        ### `chat` changed

        no file differs

        | fact | before → after |
        |---|---|
        | capability | `files` → – |
        | requires `einops` | – → `==0.8.1` |
        | template `config.json` | `sha256:010101010101…` → `sha256:020202020202…` |
    "#]]
    .assert_eq(&sandbox.run("diff old.lock --format markdown").ok().stdout);
    let data = sandbox.run("diff old.lock --format json").ok().result();
    let facts = data["changes"][0]["facts"].as_array().unwrap();
    let torch = facts.iter().find(|fact| fact["about"] == "torch").unwrap();
    let expected = serde_json::json!({
        "key": "requires", "about": "torch", "old": "==2.6.0", "new": "git+https://host/torch", "widens": true,
    });
    assert_eq!(torch, &expected);
}

#[test]
fn nothing_changed_is_said() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.git("init -q");
    sandbox.run("diff").ok().says("chat added");
    sandbox.git("add .");
    sandbox.git("commit -qm one");
    let output = sandbox.run("diff");
    assert_eq!(output.ok().stdout, "");
    output.says("no changes in models.toml, models.lock and models.audits.toml since HEAD");
    sandbox.run("diff nonsense").refused(2);
    sandbox.run("diff -- --output=x").refused(2);
}

#[test]
fn an_old_lock_that_was_edited_is_refused() {
    let sandbox = changed();
    sandbox.edit("old.lock", "size = 9", "size = 8");
    sandbox.run("diff old.lock").ok();
    sandbox.edit("old.lock", "\"config.json\"", "\"confug.json\"");
    sandbox.run("diff old.lock").refused(4);
}
