//! `convert`: safetensors made of a pickle stand in its place, on every machine the same.

use crate::sandbox::{Output, Sandbox, flip};
use expect_test::expect;
use modelpin_schema::Digest;
use modelpin_schema::lockfile::Converted;
use modelpin_testkit::corpus::build::{state_dict, torch_zip};
use modelpin_testkit::{Content, Repo};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

/// A torch file of two tensors, with other numbers in them for every `seed`.
pub(crate) fn torch(seed: u8) -> Vec<u8> {
    let pickle = state_dict(&[("bias", "0", &[2]), ("weight", "1", &[2, 3])]);
    torch_zip(&pickle, &[("0", &[seed; 8]), ("1", &[1; 24])]).bytes()
}

/// A project that has locked `legacy`, whose weights are a pickle.
pub(crate) fn legacy() -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let repo = sandbox.hub.model("acme/legacy");
    repo.commit(&[("config.json", Content::git("{\"a\": 1}\n")), ("pytorch_model.bin", Content::lfs(torch(0)))]);
    sandbox.run("add acme/legacy").exits(5);
    (sandbox, repo)
}

/// The same, converted.
pub(crate) fn converted() -> (Sandbox, Repo) {
    let (sandbox, repo) = legacy();
    sandbox.run("convert legacy pytorch_model.bin").ok();
    (sandbox, repo)
}

/// The conversion that the lock records.
pub(crate) fn recorded(sandbox: &Sandbox) -> Converted {
    sandbox.lock().pins[&"legacy".parse().unwrap()].converted[&"model.safetensors".parse().unwrap()].clone()
}

/// `text` without what follows from the bytes.
fn steady(sandbox: &Sandbox, text: &str) -> String {
    let Converted { source, sha256, .. } = recorded(sandbox);
    let named = [(sha256, "[RESULT]"), (source, "[SOURCE]")];
    named.iter().fold(text.to_owned(), |text, (digest, name)| text.replace(&digest.hex(), name))
}

/// What the snapshot of `legacy` in the target holds.
fn snapshot(sandbox: &Sandbox) -> Vec<String> {
    let names = sandbox.target().into_iter().filter(|path| path.contains("/snapshots/"));
    names.map(|path| path.rsplit('/').next().unwrap().to_owned()).collect()
}

fn has_blob(sandbox: &Sandbox, digest: Digest) -> bool {
    sandbox.below(".modelpin").iter().any(|path| path.ends_with(&digest.hex()))
}

/// As a machine that has nothing but the project's files.
fn fresh(sandbox: &Sandbox) {
    for folder in [sandbox.path(".modelpin"), sandbox.root().join("store")] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

fn blob(sandbox: &Sandbox, store: &str, digest: Digest) -> std::path::PathBuf {
    let hex = digest.hex();
    sandbox.root().join(store).join("blobs/sha256").join(&hex[..2]).join(hex)
}

fn count(value: &Output, key: &str) -> u64 {
    value.ok().result()[key].as_u64().unwrap()
}

#[test]
fn the_result_is_recorded_and_stands_in_the_place_of_the_pickle() {
    let (sandbox, _) = legacy();
    let before = sandbox.read("models.lock");
    sandbox.run("sync --locked").refused(5).says("run `modelpin convert legacy pytorch_model.bin`");
    sandbox.run("convert legacy pytorch_model.bin --dry-run").ok().says("nothing was written");
    assert_eq!(sandbox.read("models.lock"), before);

    let output = sandbox.run("convert legacy pytorch_model.bin --ticket SEC-7");
    expect![[r#"
        legacy
          ! gained converted model.safetensors pytorch_model.bin sha256:a4b5f334da11… -> sha256:8886b18e8115… by converter 1

        legacy changed  (no file differs)
          ticket  SEC-7
    "#]]
    .assert_eq(&steady(&sandbox, &output.ok().stdout));
    output.says("`legacy`: `pytorch_model.bin` -> `model.safetensors`: ");
    let text = sandbox.read("models.lock");
    let line = text.lines().skip_while(|line| *line != "[model.legacy.converted]").nth(1).unwrap();
    let size = recorded(&sandbox).size;
    assert_eq!(
        steady(&sandbox, line),
        format!(
            "\"model.safetensors\" = {{ from = \"pytorch_model.bin\", source = \"[SOURCE]\", converter = 1, size = {size}, sha256 = \"[RESULT]\" }}"
        )
    );

    sandbox.run("check").ok();
    let output = sandbox.run("sync --locked");
    output.ok().says("`legacy`: 1 file is replaced by what it was converted to");
    assert_eq!(output.requests, 0, "all of it is in the store");
    assert_eq!(snapshot(&sandbox), ["config.json", "model.safetensors"]);
    assert!(!has_blob(&sandbox, recorded(&sandbox).source));
    sandbox.run("verify").ok();
    let output = sandbox.run("sync --locked --format json");
    assert_eq!((count(&output, "hashed-bytes"), count(&output, "scanned-files")), (0, 0), "a warm run reads nothing");
    assert_eq!(output.result()["replaced"], serde_json::json!({ "legacy": ["pytorch_model.bin"] }));
}

#[test]
fn every_command_knows_the_result() {
    let (sandbox, repo) = converted();
    sandbox.run("sync").ok();
    sandbox.run("scan legacy -v").ok().says("model.safetensors").says("pytorch_model.bin");
    let sums = sandbox.run("export --format sha256sums").ok().stdout.clone();
    assert!(sums.contains(&format!("{}/model.safetensors", repo.head())) && !sums.contains("pytorch_model"), "{sums}");
    sandbox.run("cache ls").ok().says("model.safetensors");
    sandbox.run("cache prune").ok();
    assert!(blob(&sandbox, "store", recorded(&sandbox).sha256).is_file());
    let output = sandbox.finish(sandbox.command("exec -- sh -c").arg("find -L \"$HF_HUB_CACHE\" -type f"));
    assert!(output.ok().stdout.contains("model.safetensors") && !output.stdout.contains("pytorch_model"), "{output}");
    // The store may have forgotten the source, which nobody needs while the result is there.
    std::fs::remove_file(blob(&sandbox, "store", recorded(&sandbox).source)).unwrap();
    for words in ["scan legacy", "check", "verify", "sync --frozen"] {
        sandbox.run(words).ok();
    }
}

#[test]
fn a_fresh_machine_makes_the_same_bytes_again() {
    let (sandbox, _) = converted();
    sandbox.run("sync").ok();
    let text = sandbox.read("models.lock");
    fresh(&sandbox);
    sandbox.run("sync --locked").ok().says("converting `pytorch_model.bin` again");
    assert_eq!(snapshot(&sandbox), ["config.json", "model.safetensors"]);
    assert!(!has_blob(&sandbox, recorded(&sandbox).source));
    sandbox.run("sync").ok();
    assert_eq!(sandbox.read("models.lock"), text, "nothing that was recorded goes");
    fresh(&sandbox);
    sandbox.run("sync --frozen").refused(7);
    assert!(snapshot(&sandbox).is_empty());
}

#[test]
fn a_mirror_has_the_result_or_its_source() {
    let (sandbox, _) = converted();
    sandbox.run("vendor copies").ok();
    let Converted { source, sha256, .. } = recorded(&sandbox);
    let copy = |digest| blob(&sandbox, "project/copies", digest);
    assert!(copy(source).is_file() && copy(sha256).is_file());
    sandbox.declare("[[mirror]]\nurl = \"copies\"");
    for gone in [source, sha256] {
        let _ = std::fs::remove_dir_all(sandbox.path(".modelpin"));
        sandbox.remove_store();
        let aside = copy(gone).with_extension("aside");
        std::fs::rename(copy(gone), &aside).unwrap();
        assert_eq!(sandbox.run("sync --frozen").ok().requests, 0);
        assert_eq!(snapshot(&sandbox), ["config.json", "model.safetensors"]);
        std::fs::rename(aside, copy(gone)).unwrap();
    }
    // The source of a result that a mirror has does not come.
    assert!(!has_blob(&sandbox, source));
    fresh(&sandbox);
    sandbox.run("sync --frozen").ok();
    assert!(!blob(&sandbox, "store", source).exists());
    sandbox.run("sync --frozen --format json").ok();
    assert_eq!(count(&sandbox.run("sync --frozen --format json"), "scanned-files"), 0);
}

#[test]
fn a_result_that_changed_is_seen_and_repaired() {
    let (sandbox, repo) = converted();
    sandbox.run("sync").ok();
    let result =
        sandbox.path(&format!(".modelpin/hub/models--acme--legacy/snapshots/{}/model.safetensors", repo.head()));
    let good = std::fs::read(&result).unwrap();
    flip(&result);
    sandbox.run("verify").refused(4).says("model.safetensors");
    sandbox.run("sync --locked").ok();
    assert_eq!(std::fs::read(&result).unwrap(), good);
    flip(&result);
    if std::fs::read(blob(&sandbox, "store", recorded(&sandbox).sha256)).unwrap() == good {
        flip(&blob(&sandbox, "store", recorded(&sandbox).sha256));
    }
    sandbox.run("sync --locked").ok().says("converting `pytorch_model.bin` again");
    assert_eq!(std::fs::read(&result).unwrap(), good);
    sandbox.run("cache verify").ok();
}

#[test]
fn converting_again_proves_it_and_changes_nothing() {
    let (sandbox, _) = converted();
    let text = sandbox.read("models.lock");
    let output = sandbox.run("convert legacy pytorch_model.bin");
    output.ok().says("models.lock is up to date");
    assert_eq!((output.stdout.as_str(), sandbox.read("models.lock")), ("", text));
}

#[test]
fn an_undone_conversion_leaves_the_pickle_to_the_policy() {
    let (sandbox, _) = legacy();
    let before = sandbox.read("models.lock");
    sandbox.run("convert legacy pytorch_model.bin --undo").refused(2).says("not converted");
    sandbox.run("convert legacy pytorch_model.bin").ok();
    sandbox.run("sync").ok();
    let output = sandbox.run("convert legacy pytorch_model.bin --undo --offline");
    output.refused(5).says("format-executes").says("`legacy`: `pytorch_model.bin` is no longer replaced");
    assert!(output.stdout.contains("  ! lost converted model.safetensors pytorch_model.bin sha256:"), "{output}");
    assert_eq!(sandbox.read("models.lock"), before);
    sandbox.run("sync --locked").refused(5);
    assert!(!snapshot(&sandbox).contains(&"model.safetensors".to_owned()));
}

#[test]
fn the_ticket_is_recorded_where_the_policy_wants_one() {
    let (sandbox, _) = legacy();
    sandbox.declare("[policy]\nrequire-ticket = \"^SEC-[0-9]+$\"");
    let before = sandbox.read("models.lock");
    sandbox.run("convert legacy pytorch_model.bin").refused(5).says("ticket");
    assert_eq!(sandbox.read("models.lock"), before);
    sandbox.run("convert legacy pytorch_model.bin --ticket SEC-1").ok();
    sandbox.run("sync --locked").ok();
}

#[test]
fn a_conversion_goes_with_its_source() {
    let (sandbox, repo) = converted();
    sandbox.run("sync").ok();
    repo.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    let output = sandbox.run("update");
    assert!(!output.ok().stdout.contains("converted"), "{output}");
    sandbox.run("sync --locked").ok();
    assert_eq!(snapshot(&sandbox), ["config.json", "model.safetensors"]);

    repo.commit(&[("pytorch_model.bin", Content::lfs(torch(9)))]);
    let output = sandbox.run("update");
    output.refused(5).says("`modelpin convert legacy pytorch_model.bin`");
    assert!(output.stdout.contains("  ! lost converted model.safetensors"), "{output}");
    sandbox.run("sync --locked").refused(5).says("`modelpin convert legacy pytorch_model.bin`");
    assert!(snapshot(&sandbox).is_empty());
    sandbox.run("convert legacy pytorch_model.bin").ok();
    sandbox.run("sync --locked").ok();

    repo.commit(&[("model.safetensors", Content::lfs(modelpin_testkit::make::weights(99)))]);
    let output = sandbox.run("update");
    assert!(output.ok().stdout.contains("  ! lost converted model.safetensors"), "{output}");
    sandbox.run("sync --locked").ok();
}

#[test]
fn an_exempted_source_is_in_the_quarantine_beside_its_result() {
    let (sandbox, _) = converted();
    sandbox.write_exemption("legacy", "pytorch_model.bin", |_| ());
    let output = sandbox.run("check");
    assert!(!output.ok().stdout.contains("decision-unused"), "{output}");
    sandbox.run("sync --locked").ok();
    assert_eq!(snapshot(&sandbox), ["config.json", "model.safetensors"]);
    let quarantine = sandbox.below(".modelpin/quarantine");
    for file in ["pytorch_model.bin", "model.safetensors"] {
        assert!(quarantine.iter().any(|path| path.ends_with(file)), "{quarantine:?}");
    }
    sandbox.run("verify").ok();
    sandbox.run("sync --locked").ok();
    assert_eq!(count(&sandbox.run("sync --locked --format json"), "scanned-files"), 0);
}

#[test]
fn a_target_of_plain_files_and_the_shared_cache_get_the_result() {
    let (sandbox, _) = converted();
    let manifest = sandbox.read("models.toml");
    sandbox.declare("[sync]\ntarget = \"flat:models/\"");
    sandbox.run("sync --locked").ok();
    assert!(sandbox.path("models/legacy/model.safetensors").is_file());
    assert!(!sandbox.path("models/legacy/pytorch_model.bin").exists());
    sandbox.write("models.toml", manifest);
    sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
}

#[test]
fn a_source_that_lies_in_the_shared_cache_is_refused() {
    let (sandbox, repo) = legacy();
    sandbox.declare("[policy]\nformats = \"scanned\"");
    sandbox.grant("projects.\"PROJECT\".target = \"hf-cache\"");
    sandbox.run("sync").ok();
    sandbox.run("convert legacy pytorch_model.bin").ok();
    sandbox
        .run("sync --locked")
        .refused(5)
        .says("`pytorch_model.bin`")
        .says("the shared Hugging Face cache has a file that is withheld");
    let snapshot = format!("home/.cache/huggingface/hub/models--acme--legacy/snapshots/{}", repo.head());
    std::fs::remove_file(sandbox.root().join(snapshot).join("pytorch_model.bin")).unwrap();
    sandbox.run("sync --locked").ok();
}

#[test]
fn what_names_the_source_misses_nothing() {
    let (sandbox, repo) = legacy();
    let index = "{\"metadata\": {}, \"weight_map\": {\"a\": \"pytorch_model.bin\", \"b\": \"extra.bin\"}}";
    repo.commit(&[("pytorch_model.bin.index.json", Content::git(index)), ("extra.bin", Content::lfs(torch(7)))]);
    sandbox.declare("[policy]\nformats = \"scanned\"");
    sandbox.run("update").ok();
    sandbox.run("sync").ok();
    sandbox.run("convert legacy pytorch_model.bin").ok();
    let text = sandbox.read("models.lock");
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    for words in ["sync --locked", "check", "sync"] {
        sandbox.run(words).ok();
    }
    assert_eq!(sandbox.read("models.lock"), text);
}

#[test]
fn entries_of_one_commit_share_the_result() {
    let (sandbox, _) = legacy();
    sandbox.edit("models.toml", "[models]", "[models]\nother = { repo = \"acme/legacy\", include = [\"*.bin\"] }");
    sandbox.run("lock").exits(5);
    sandbox.run("convert legacy pytorch_model.bin").refused(5).says("`other`");
    sandbox.run("sync").refused(5);
    sandbox.run("convert other pytorch_model.bin").ok();
    sandbox.run("sync --locked").ok();
    assert_eq!(snapshot(&sandbox), ["config.json", "model.safetensors"]);
    sandbox.run("verify").ok();
}

#[test]
fn the_diff_shows_it_in_every_form() {
    let (sandbox, _) = legacy();
    std::fs::copy(sandbox.path("models.lock"), sandbox.path("old.lock")).unwrap();
    sandbox.run("convert legacy pytorch_model.bin").ok();
    let markdown = sandbox.run("diff old.lock --format markdown");
    expect![[r#"
        ## modelpin: 1 model changes

        **Read first:** what allows more, withholds less, or has another origin than before

        - **!** `legacy` gained converted `model.safetensors` `pytorch_model.bin sha256:a4b5f334da11… -> sha256:8886b18e8115… by converter 1`

        **Next**

        ```sh
        modelpin check
        ```

        ### `legacy` changed

        no file differs
    "#]]
    .assert_eq(&steady(&sandbox, &markdown.ok().stdout));
    let said = sandbox.run("diff old.lock --format json").ok().result();
    let fact = said["changes"][0]["facts"].as_array().unwrap().last().unwrap().clone();
    let Converted { source, sha256, .. } = recorded(&sandbox);
    let new = format!("pytorch_model.bin {source} -> {sha256} by converter 1");
    let wanted = serde_json::json!({ "key": "converted", "about": "model.safetensors", "old": null, "new": new, "widens": true });
    assert_eq!(fact, wanted);
}

#[test]
fn a_conversion_that_is_killed_leaves_nothing_half_written() {
    let sandbox = Sandbox::new();
    let pickle = state_dict(&[("weight", "0", &[1024, 1024])]);
    let large = torch_zip(&pickle, &[("0", &vec![7; 4 * 1024 * 1024])]).bytes();
    sandbox.hub.model("acme/legacy").commit(&[("pytorch_model.bin", Content::lfs(large))]);
    sandbox.run("add acme/legacy").exits(5);
    let before = sandbox.read("models.lock");
    for _ in 0..3 {
        let mut command = sandbox.command("convert legacy pytorch_model.bin");
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        assert!(said.lines().any(|line| line.unwrap().contains("converting ")));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(sandbox.read("models.lock"), before);
        sandbox.run("cache verify").ok();
    }
    sandbox.run("convert legacy pytorch_model.bin").ok();
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
}
