//! What a ticket shows beside the lock, and what contradicts the past.

use crate::sandbox::Sandbox;
use modelpin_schema::{Artifact, Digest, Lockfile, Pin, RepoPath};
use modelpin_testkit::Content;
use std::collections::BTreeMap;
use std::process::Command;

fn commit(sandbox: &Sandbox) {
    sandbox.git("add .");
    sandbox.git("commit -qm x");
}

/// A project whose lock, manifest and policy are committed.
fn committed() -> Sandbox {
    let (sandbox, _) = Sandbox::locked();
    sandbox.write("models.toml", format!("{}\n[policy]\nmin-age = \"0d\"\n", sandbox.read("models.toml")));
    sandbox.git("init -q");
    commit(&sandbox);
    sandbox
}

/// The lock with other bytes for `config.json` under the same commit, and nothing that gives it away.
fn forge(sandbox: &Sandbox, byte: u8) {
    forge_files(sandbox, |files| {
        let config = files.get_mut(&"config.json".parse().unwrap()).unwrap();
        *config = Artifact { size: 8, sha256: Digest::new([byte; 32]), ..*config };
    });
}

/// The lock with its list of files changed although its commit, and nothing that gives it away.
fn forge_files(sandbox: &Sandbox, change: impl Fn(&mut BTreeMap<RepoPath, Artifact>)) {
    let text = sandbox.read("models.lock");
    let mut lock = Lockfile::read("models.lock", &text).unwrap();
    let (name, pin) = lock.pins.pop_first().unwrap();
    let mut files = pin.files().clone();
    change(&mut files);
    let mut forged = Pin::new(pin.source.clone(), pin.requested.clone(), pin.filter.clone(), pin.revision, files);
    forged.hub.repo_id.clone_from(&pin.hub.repo_id);
    forged.hub.license.clone_from(&pin.hub.license);
    forged.hub.revision_date = pin.hub.revision_date;
    lock.pins.insert(name, forged);
    sandbox.write("models.lock", lock.print());
}

#[test]
fn the_ticket_shows_what_loosens_in_the_other_files() {
    let sandbox = committed();
    sandbox.edit(
        "models.toml",
        "[policy]\nmin-age = \"0d\"\n",
        "[policy.rules]\nname-disagrees = \"warn\"\n[[mirror]]\nurl = \"v\"\n",
    );
    sandbox.write(
        "models.audits.toml",
        format!(
            "version = 1\n[[exemption]]\nsource = \"hf:model/acme/chat\"\nfile = \"m.bin\"\nsha256 = \"{}\"\nreason = \"old\"\n\
             owner = \"jo\"\nticket = \"SEC-1\"\nexpires = \"2999-01-01\"\n",
            "ab".repeat(32)
        ),
    );
    let marks = [
        "! lost policy min-age 0d",
        "! gained rule name-disagrees warn",
        "! gained mirror v",
        "! gained exemption hf:model/acme/chat m.bin sha256:abababababab… until 2999-01-01, owner jo, ticket SEC-1: old",
    ];
    let text = sandbox.run("diff HEAD").ok().stdout.clone();
    assert!(text.starts_with("models.toml and models.audits.toml change\n"), "{text}");
    for mark in marks {
        assert!(text.contains(mark), "no {mark:?} in\n{text}");
    }
    let markdown = sandbox.run("diff --format markdown").ok().stdout.clone();
    assert!(markdown.contains("- **!** `models.toml` gained rule `name-disagrees` `warn`\n"), "{markdown}");
    let html = sandbox.run("diff --format html").ok().stdout.clone();
    assert!(html.contains("<li><b>!</b> <code>models.toml</code> gained rule <code>name-disagrees</code>"), "{html}");
    let data = sandbox.run("diff --format json").ok().result();
    assert_eq!(data["marks"], 4);
    assert!(data["decisions"][0]["about"].as_str().unwrap().ends_with(&"ab".repeat(32)), "{data}");
    // A file has no other files beside it.
    std::fs::copy(sandbox.path("models.lock"), sandbox.path("old.lock")).unwrap();
    sandbox
        .run("diff old.lock")
        .ok()
        .says("only models.lock is compared with a file")
        .says("no changes in models.lock since old.lock\n");
}

#[test]
fn what_an_entry_says_in_both_files_is_said_once() {
    let sandbox = committed();
    sandbox.edit("models.toml", "chat = \"acme/chat\"", "[models.chat]\nrepo = \"acme/chat\"\nexclude = [\"*.md\"]");
    let stale = sandbox.run("diff").ok().stdout.clone();
    assert!(stale.contains("model chat exclude  *.md\n"), "{stale}");
    sandbox.run("lock").ok();
    let both = sandbox.run("diff").ok().stdout.clone();
    assert!(both.starts_with("1 model changes\n") && both.matches("*.md").count() == 1, "{both}");
}

#[test]
fn the_heading_names_the_folder_and_what_is_to_be_decided() {
    let (sandbox, chat) = Sandbox::locked();
    sandbox.git("init -q");
    commit(&sandbox);
    let service = sandbox.path("services/a|b");
    std::fs::create_dir_all(&service).unwrap();
    for file in ["models.toml", "models.lock"] {
        std::fs::copy(sandbox.path(file), service.join(file)).unwrap();
    }
    commit(&sandbox);
    chat.commit(&[("modeling_x.py", Content::git("import os\nimport socket\nsocket.create_connection(('a', 1))\n"))]);
    sandbox.run("-C services/a|b update").ok();
    let ticket = sandbox.run("-C services/a|b diff --format markdown").ok().stdout.clone();
    assert!(ticket.starts_with("## `services/a|b`: 1 model changes, 1 needs a decision\n"), "{ticket}");
    assert!(ticket.contains("\n```sh\nmodelpin review chat\nmodelpin certify chat"), "{ticket}");
}

#[test]
fn other_bytes_under_a_commit_are_marked_and_refused() {
    let sandbox = committed();
    sandbox.run("check").ok();
    forge(&sandbox, 7);
    commit(&sandbox);
    sandbox.run("diff HEAD~1").ok().says("! other bytes under the same commit: config.json sha256:");
    sandbox.run("check").refused(4).says("as the Hub told this machine of hf:model/acme/chat");
    sandbox.run("outdated").exits(4).says("`config.json` is not the file of the locked commit");
    let news = sandbox.run("outdated --format json").exits(4).result();
    assert_eq!(news["news"][0]["news"], "other-bytes");
    // A machine that never asked the Hub goes by what was there first.
    sandbox.forget();
    sandbox.run("check").refused(4).says("as models.lock of the project's commit ");
    sandbox.git("revert --no-edit HEAD");
    sandbox.run("check").ok();
}

#[test]
fn a_lock_that_was_wrong_from_the_first_is_put_right_by_the_hub() {
    let sandbox = committed();
    let good = sandbox.read("models.lock");
    forge(&sandbox, 7);
    commit(&sandbox);
    forge(&sandbox, 9);
    sandbox.git("checkout -q --orphan other");
    commit(&sandbox);
    sandbox.write("models.lock", &good);
    commit(&sandbox);
    sandbox.forget();
    sandbox.run("check").refused(4);
    let commit = good.lines().find_map(|line| line.strip_prefix("revision = \"")).unwrap().trim_end_matches('"');
    sandbox.run(&format!("update chat --precise {commit}")).ok();
    assert_eq!(sandbox.read("models.lock"), good);
    sandbox.run("check").ok();
}

#[test]
fn a_hub_that_only_the_clone_names_proves_nothing() {
    let sandbox = committed();
    forge(&sandbox, 7);
    commit(&sandbox);
    sandbox.forget();
    let manifest = sandbox.read("models.toml");
    sandbox.write("models.toml", format!("{manifest}\n[hub]\nendpoint = \"{}\"\n", sandbox.hub.endpoint()));
    let lock = sandbox.read("models.lock");
    let commit = lock.lines().find_map(|line| line.strip_prefix("revision = \"")).unwrap().trim_end_matches('"');
    let mut command = sandbox.command(&format!("update chat --precise {commit}"));
    sandbox.finish(command.env_remove("HF_ENDPOINT")).ok().says("only models.toml names");
    assert!(!sandbox.record().join("hub-answers").exists());
    sandbox.run(&format!("update chat --precise {commit}")).ok();
    assert!(sandbox.record().join("hub-answers").exists());
}

#[test]
fn a_padded_lock_hides_none_of_the_history() {
    let sandbox = committed();
    let good = sandbox.read("models.lock");
    sandbox.write("models.lock", format!("{good}# {}\n", "x".repeat(33 << 20)));
    commit(&sandbox);
    sandbox.write("models.lock", format!("{good}# {}\n", "x".repeat(41 << 20)));
    commit(&sandbox);
    sandbox.write("models.lock", &good);
    forge(&sandbox, 7);
    commit(&sandbox);
    sandbox.forget();
    sandbox.run("check").refused(4).says("its content changed although its commit did not");
    sandbox.write("models.lock", &good);
    sandbox.run("check").ok();
}

#[test]
fn what_git_does_not_give_of_the_history_is_doubt() {
    let sandbox = committed();
    let good = sandbox.read("models.lock");
    sandbox.write("models.lock", format!("{good}# a note\n"));
    commit(&sandbox);
    let said =
        Command::new("git").args(["rev-parse", "HEAD:models.lock"]).current_dir(sandbox.path("")).output().unwrap();
    let id = String::from_utf8(said.stdout).unwrap();
    sandbox.write("models.lock", good);
    commit(&sandbox);
    let (folder, rest) = id.trim().split_at(2);
    let object = sandbox.path(&format!(".git/objects/{folder}/{rest}"));
    std::fs::remove_file(&object).unwrap();
    // What the Hub told this machine needs no history.
    sandbox.run("check").ok();
    sandbox.forget();
    sandbox
        .run("check")
        .refused(4)
        .says("the history of models.lock could not be read in full")
        .says("--precise COMMIT");
}

#[test]
fn a_file_under_another_name_at_the_same_commit_is_refused() {
    let sandbox = committed();
    let good = sandbox.read("models.lock");
    let (old, new): (RepoPath, RepoPath) =
        ("model.safetensors".parse().unwrap(), "model2.safetensors".parse().unwrap());
    forge_files(&sandbox, |files| {
        let file = files.remove(&old).unwrap();
        files.insert(new.clone(), Artifact { sha256: Digest::new([7; 32]), ..file });
    });
    commit(&sandbox);
    sandbox.run("check").refused(4).says("model2.safetensors");
    sandbox.forget();
    sandbox
        .run("check")
        .refused(4)
        .says("its list of files changed although its commit")
        .says("expected:  no such file");
    sandbox.write("models.lock", &good);
    forge_files(&sandbox, |files| {
        files.remove(&old);
    });
    commit(&sandbox);
    sandbox.run("check").refused(4).says("its list of files changed although its commit").says("model.safetensors");
    // Another choice of files is another set.
    sandbox.write("models.lock", &good);
    commit(&sandbox);
    sandbox.edit(
        "models.toml",
        "chat = \"acme/chat\"",
        "[models.chat]\nrepo = \"acme/chat\"\nexclude = [\"*.safetensors\"]",
    );
    sandbox.run("lock").ok();
    sandbox.forget();
    sandbox.run("check").ok();
}

#[test]
fn a_lock_that_contradicts_itself_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.edit("models.toml", "chat = \"acme/chat\"", "chat = \"acme/chat\"\ntwin = \"acme/chat\"");
    sandbox.write("models.toml", format!("{}\n[policy]\nmin-age = \"0d\"\n", sandbox.read("models.toml")));
    sandbox.run("lock").ok();
    let good = sandbox.read("models.lock");
    sandbox.run("check").ok();
    forge(&sandbox, 7);
    sandbox.forget();
    sandbox.run("check").refused(4).says("models.lock contradicts itself about hf:model/acme/chat");
    sandbox.write("models.lock", good);
    forge_files(&sandbox, |files| {
        files.remove(&"model.safetensors".parse().unwrap());
    });
    sandbox.run("check").refused(4).says("models.lock contradicts itself about hf:model/acme/chat");
}

#[test]
fn a_shallow_clone_says_that_it_cannot_know() {
    let sandbox = committed();
    forge(&sandbox, 7);
    commit(&sandbox);
    let from = format!("file://{}", sandbox.path("").display());
    let words = ["clone", "-q", "--depth", "1", &from, "shallow"];
    assert!(Command::new("git").args(words).current_dir(sandbox.path("")).status().unwrap().success());
    sandbox.run("-C shallow check").ok().says("this clone is shallow").says("fetch-depth: 0");
    let annotated = sandbox.run("-C shallow check --format github").ok().stdout.clone();
    assert!(annotated.contains("::warning file=models.lock,title=modelpin::this clone is shallow"), "{annotated}");
}

#[test]
fn an_lfs_file_is_compared_with_the_listing_of_its_commit() {
    let (sandbox, _) = Sandbox::locked();
    let text = sandbox.read("models.lock");
    let lock = Lockfile::read("models.lock", &text).unwrap();
    let weights = lock.pins.values().next().unwrap().files()[&"model.safetensors".parse().unwrap()].sha256;
    sandbox.run("outdated").ok().says("all pins are up to date with models.toml");
    assert_ne!(weights, Digest::new([1; 32]));
    let forged = text.replace(&weights.hex(), &"01".repeat(32));
    let tree = lock.pins.values().next().unwrap().tree();
    let forged_tree = {
        let files = lock.pins.values().next().unwrap().files();
        let side = |(path, file): (_, &Artifact)| {
            (path, if file.sha256 == weights { Digest::new([1; 32]) } else { file.sha256 })
        };
        modelpin_schema::lockfile::set_digest(files.iter().map(side))
    };
    sandbox.write("models.lock", forged.replace(&tree.hex(), &forged_tree.hex()));
    sandbox.run("outdated --exit-code").exits(4).says("`model.safetensors` is not the file of the locked commit");
}
