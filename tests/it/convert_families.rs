//! `convert` of several files, and of shards with their index: all of them together or none.

use crate::convert::torch;
use crate::sandbox::Sandbox;
use modelpin_schema::lockfile::Converted;
use modelpin_testkit::corpus::build::{state_dict, torch_zip};
use modelpin_testkit::{Content, Repo};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

/// A pickle that asks for a global.
const GLOBAL: &[u8] = b"cos\nsystem\n(S'id'\ntR.";
const INDEX: &str = "pytorch_model.bin.index.json";
const SHARDS: [&str; 2] = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"];
const RESULTS: [&str; 3] =
    ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"];

/// Two tensors.
fn first() -> Content {
    let pickle = state_dict(&[("a.bias", "0", &[2]), ("a.weight", "1", &[2, 3])]);
    Content::lfs(torch_zip(&pickle, &[("0", &[1; 8]), ("1", &[2; 24])]).bytes())
}

/// A tensor that two names share.
fn second() -> Content {
    let pickle = state_dict(&[("b.weight", "0", &[2, 2]), ("lm_head.weight", "0", &[2, 2])]);
    Content::lfs(torch_zip(&pickle, &[("0", &[3; 16])]).bytes())
}

/// What the index of the pickles says.
fn weight_map() -> Value {
    json!({ "a.bias": SHARDS[0], "a.weight": SHARDS[0], "b.weight": SHARDS[1], "lm_head.weight": SHARDS[1] })
}

fn index(weight_map: &Value) -> Content {
    Content::git(json!({ "metadata": { "total_size": 72 }, "weight_map": weight_map }).to_string())
}

/// A project that has locked `legacy`, with these files beside its configuration.
fn locked(files: &[(&str, Content)]) -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let repo = sandbox.hub.model("acme/legacy");
    let config = [("config.json", Content::git("{\"a\": 1}\n"))];
    repo.commit(&config.into_iter().chain(files.iter().cloned()).collect::<Vec<_>>());
    sandbox.write("models.toml", "[models]\nlegacy = { repo = \"acme/legacy\", include = [\"*\"] }\n");
    sandbox.run("lock");
    assert!(sandbox.path("models.lock").exists());
    (sandbox, repo)
}

fn family() -> (Sandbox, Repo) {
    locked(&[(SHARDS[0], first()), (SHARDS[1], second()), (INDEX, index(&weight_map()))])
}

/// A project that has converted shards.
pub(crate) fn converted() -> (Sandbox, Repo) {
    let (sandbox, repo) = family();
    sandbox.run("convert legacy").ok();
    (sandbox, repo)
}

fn recorded(sandbox: &Sandbox, path: &str) -> Converted {
    sandbox.lock().pins[&"legacy".parse().unwrap()].converted[&path.parse().unwrap()].clone()
}

/// What the snapshot in the target holds.
fn snapshot(sandbox: &Sandbox) -> Vec<String> {
    let names = sandbox.target().into_iter().filter(|path| path.contains("/snapshots/"));
    names.map(|path| path.rsplit('/').next().unwrap().to_owned()).collect()
}

fn blob(sandbox: &Sandbox, store: &str, of: &Converted) -> std::path::PathBuf {
    let hex = of.sha256.hex();
    sandbox.root().join(store).join("blobs/sha256").join(&hex[..2]).join(hex)
}

/// As a machine that has nothing but the project's files.
fn fresh(sandbox: &Sandbox) {
    let _ = std::fs::remove_dir_all(sandbox.path(".modelpin"));
    sandbox.remove_store();
}

#[test]
fn shards_are_converted_with_an_index_that_says_what_is_in_them() {
    let (sandbox, _) = family();
    sandbox.run("sync --locked").refused(5);
    sandbox
        .run("convert legacy")
        .ok()
        .says("`legacy`: `pytorch_model.bin.index.json` -> `model.safetensors.index.json`: 3 tensors in 2 shards, 1 name for another's tensor")
        .says("`lm_head.weight` is `b.weight`");
    let output = sandbox.run("sync --locked");
    output.ok().says("`legacy`: 3 files are replaced by what they were converted to");
    assert_eq!(output.requests, 0, "all of it is in the store");
    assert_eq!(snapshot(&sandbox), [&["config.json"], &RESULTS[..]].concat());
    let made = std::fs::read_to_string(blob(&sandbox, "store", &recorded(&sandbox, RESULTS[2]))).unwrap();
    let map = json!({ "a.bias": RESULTS[0], "a.weight": RESULTS[0], "b.weight": RESULTS[1] });
    assert_eq!(
        serde_json::from_str::<Value>(&made).unwrap(),
        json!({ "metadata": { "total_size": 48 }, "weight_map": map })
    );
    for words in ["check", "verify", "scan legacy", "sync --frozen", "cache prune", "cache verify"] {
        sandbox.run(words).ok();
    }
    let sums = sandbox.run("export --format sha256sums").ok().stdout.clone();
    assert!(RESULTS.iter().all(|name| sums.contains(name)) && !sums.contains("pytorch_model"), "{sums}");
}

#[test]
fn another_machine_makes_the_same_shards_and_index() {
    let (sandbox, _) = converted();
    let text = sandbox.read("models.lock");
    fresh(&sandbox);
    sandbox.run("sync --locked").ok();
    assert_eq!(snapshot(&sandbox), [&["config.json"], &RESULTS[..]].concat());
    sandbox.run("sync").ok();
    sandbox.run("convert legacy").ok().says("models.lock is up to date");
    assert_eq!(sandbox.read("models.lock"), text);
    // The index alone is gone, also where the shards are installed and nowhere else.
    fresh(&sandbox);
    sandbox.run("sync --locked").ok();
    for gone in [&RESULTS[2..], &RESULTS[1..2]] {
        for path in gone {
            let of = recorded(&sandbox, path);
            let _ = std::fs::remove_file(blob(&sandbox, "store", &of));
            let snapshot = sandbox.target().into_iter().find(|file| file.ends_with(path)).unwrap();
            std::fs::remove_file(sandbox.path(".modelpin/hub").join(&snapshot)).unwrap();
            let blob = sandbox.target().into_iter().find(|file| file.ends_with(&of.sha256.hex())).unwrap();
            std::fs::remove_file(sandbox.path(".modelpin/hub").join(blob)).unwrap();
        }
        sandbox.run("sync --locked").ok();
        assert_eq!(snapshot(&sandbox), [&["config.json"], &RESULTS[..]].concat());
    }
}

#[test]
fn a_mirror_has_the_family_or_its_sources() {
    let (sandbox, _) = converted();
    sandbox.run("vendor copies").ok();
    sandbox.declare("[[mirror]]\nurl = \"copies\"");
    fresh(&sandbox);
    assert_eq!(sandbox.run("sync --frozen").ok().requests, 0);
    assert_eq!(snapshot(&sandbox), [&["config.json"], &RESULTS[..]].concat());
    for gone in RESULTS {
        let copy = blob(&sandbox, "project/copies", &recorded(&sandbox, gone));
        std::fs::rename(&copy, copy.with_extension("aside")).unwrap();
        fresh(&sandbox);
        sandbox.run("sync --frozen").ok();
        assert_eq!(snapshot(&sandbox), [&["config.json"], &RESULTS[..]].concat(), "{gone}");
        std::fs::rename(copy.with_extension("aside"), copy).unwrap();
    }
}

#[test]
fn a_family_is_named_by_any_of_its_files() {
    for words in [SHARDS[0].to_owned(), SHARDS.join(" "), INDEX.to_owned(), format!("{} {INDEX}", SHARDS[1])] {
        let (sandbox, _) = family();
        let output = sandbox.run(&format!("convert legacy {words}"));
        let says = output.ok().stderr.contains("all shards of `pytorch_model.bin.index.json` are converted together");
        assert_eq!(says, words != SHARDS.join(" "), "{output}");
        sandbox.run("sync --locked").ok();
        assert_eq!(snapshot(&sandbox), [&["config.json"], &RESULTS[..]].concat());
    }
}

#[test]
fn a_conversion_of_a_family_is_undone_as_a_whole() {
    let (sandbox, _) = family();
    let before = sandbox.read("models.lock");
    sandbox.run("convert legacy --undo").refused(2).says("not converted");
    for undo in [SHARDS[1], INDEX, ""] {
        sandbox.run("convert legacy").ok();
        let output = sandbox.run(&format!("convert legacy {undo} --undo"));
        output.refused(5).says("`pytorch_model-00001-of-00002.bin` is no longer replaced");
        assert_eq!(sandbox.read("models.lock"), before);
    }
}

#[test]
fn a_lock_with_a_part_of_a_family_is_refused() {
    let (sandbox, _) = converted();
    let text = sandbox.read("models.lock");
    for gone in RESULTS {
        let line = text.lines().find(|line| line.starts_with(&format!("\"{gone}\""))).unwrap();
        sandbox.write("models.lock", text.replace(&format!("{line}\n"), ""));
        sandbox.run("sync --locked").exits(2).says("has conversions of some of the files that");
        assert!(sandbox.target().is_empty());
    }
}

#[test]
fn an_index_that_does_not_follow_from_the_shards_is_refused() {
    let (sandbox, _) = converted();
    sandbox.run("sync --locked").ok();
    let text = sandbox.read("models.lock");
    let now = recorded(&sandbox, RESULTS[2]);
    let other = text.replace(&now.sha256.hex(), &"5".repeat(64));
    sandbox.write("models.lock", &other);
    for words in ["sync --locked", "convert legacy", "vendor copies"] {
        sandbox.run(words).refused(4).says("converting the source does not give the file in models.lock");
    }
    // An index that leads elsewhere, and is on this machine: one file of the repo is exactly that.
    let (sandbox, _) = locked(&[
        (SHARDS[0], first()),
        (SHARDS[1], second()),
        (INDEX, index(&weight_map())),
        ("other.json", index(&json!({ "a.bias": "../x.bin" }))),
    ]);
    sandbox.run("exempt legacy other.json --reason r --owner o --ticket t --expires 30d");
    sandbox.run("convert legacy").ok();
    let text = sandbox.read("models.lock");
    let now = recorded(&sandbox, RESULTS[2]);
    let other = sandbox.lock().pins[&"legacy".parse().unwrap()].files()[&"other.json".parse().unwrap()];
    let line = text.lines().find(|line| line.starts_with(&format!("\"{}\"", RESULTS[2]))).unwrap();
    let forged = line
        .replace(&now.sha256.hex(), &other.sha256.hex())
        .replace(&format!("size = {}", now.size), &format!("size = {}", other.size));
    sandbox.write("models.lock", text.replace(line, &forged));
    sandbox.run("sync --locked").refused(4).says("converting the source does not give the file in models.lock");
    assert!(snapshot(&sandbox).is_empty());
    sandbox.write("models.lock", text);
    sandbox.run("sync --locked").ok();
}

#[test]
fn a_family_that_is_not_whole_is_refused() {
    for (files, text) in [
        (vec![(SHARDS[0], first()), (INDEX, index(&weight_map()))], "1 of 2 shards are locked"),
        (vec![(SHARDS[0], first()), (SHARDS[1], second())], "its index `pytorch_model.bin.index.json` is not locked"),
    ] {
        let (sandbox, _) = locked(&files);
        let before = sandbox.read("models.lock");
        let output = sandbox.run(&format!("convert legacy {}", SHARDS[0]));
        assert_eq!(output.refused(2).says(text).requests, 0, "nothing is downloaded to find that out");
        sandbox.run("convert legacy").refused(2).says(text);
        assert_eq!(sandbox.read("models.lock"), before);
    }
}

#[test]
fn an_index_that_does_not_say_what_is_in_its_shards_is_refused() {
    let with = |name: &str, file: &str| {
        let mut map = weight_map();
        map[name] = json!(file);
        index(&map)
    };
    for (source, text) in [
        (with("a.bias", SHARDS[1]), "it is in another shard"),
        (with("z.weight", "../x.bin"), "`../x.bin`, which is not one of the shards beside it"),
        (with("z.weight", "/etc/passwd"), "not one of the shards beside it"),
        (with("z.weight", "model-00001-of-00002.safetensors"), "not one of the shards beside it"),
        (index(&json!({ "a.bias": SHARDS[0] })), "it names no tensor of `pytorch_model-00002-of-00002.bin`"),
        (Content::git("{\"metadata\": {}}"), "0 `weight_map`"),
        (Content::git("weights"), "the index does not match its shards"),
    ] {
        let (sandbox, _) = locked(&[(SHARDS[0], first()), (SHARDS[1], second()), (INDEX, source)]);
        let before = sandbox.read("models.lock");
        sandbox.run("convert legacy").refused(5).says(text);
        assert_eq!(sandbox.read("models.lock"), before);
    }
    let pickle = state_dict(&[("b.weight", "0", &[2, 2]), ("a.bias", "1", &[2])]);
    let twice = Content::lfs(torch_zip(&pickle, &[("0", &[3; 16]), ("1", &[9; 8])]).bytes());
    let (sandbox, _) = locked(&[(SHARDS[0], first()), (SHARDS[1], twice), (INDEX, index(&weight_map()))]);
    sandbox.run("convert legacy").refused(5).says("`a.bias`, in more than one shard");
}

#[test]
fn a_tensor_that_no_shard_has_is_left_out_of_the_index() {
    let map = json!({ "a.bias": SHARDS[0], "z.weight": SHARDS[1] });
    let (sandbox, _) = locked(&[(SHARDS[0], first()), (SHARDS[1], first()), (INDEX, index(&map))]);
    sandbox.run("convert legacy").ok().says("left out: `z.weight`: the index names it, and no shard has it");
    fresh(&sandbox);
    sandbox.run("sync --locked").ok();
    let made = std::fs::read_to_string(blob(&sandbox, "store", &recorded(&sandbox, RESULTS[2]))).unwrap();
    let map = json!({ "a.bias": RESULTS[0], "a.weight": RESULTS[0] });
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made, json!({ "metadata": { "total_size": 32 }, "weight_map": map }), "the second is the first again");
}

#[test]
fn an_index_that_is_too_long_is_not_downloaded() {
    let long = Content::lfs(vec![b' '; (64 << 20) + 1]);
    let (sandbox, _) = locked(&[(SHARDS[0], first()), (SHARDS[1], second()), (INDEX, long)]);
    let output = sandbox.run("convert legacy");
    assert_eq!(output.refused(5).says("at most 67108864 are read").requests, 0);
}

#[test]
fn all_files_are_converted_or_none() {
    let (sandbox, _) = locked(&[
        ("pytorch_model.bin", Content::lfs(torch(0))),
        ("a/pytorch_model.bin", Content::lfs(torch(1))),
        ("b/pytorch_model.bin", Content::lfs(GLOBAL)),
    ]);
    let before = sandbox.read("models.lock");
    let output = sandbox.run("convert legacy pytorch_model.bin a/pytorch_model.bin b/pytorch_model.bin");
    output.refused(5).says("`b/pytorch_model.bin`").says("the file cannot be converted");
    assert_eq!(sandbox.read("models.lock"), before);
    sandbox.run("convert legacy pytorch_model.bin b/pytorch_model.bin nothing.bin").refused(2).says("`nothing.bin`");
    let output = sandbox.run("convert legacy a/pytorch_model.bin pytorch_model.bin --ticket SEC-1");
    output.exits(5).says("`a/pytorch_model.bin` -> `a/model.safetensors`").says("`b/pytorch_model.bin`");
    assert_eq!(output.stdout.matches("gained converted").count(), 2, "{output}");
    assert_eq!(output.stdout.matches("SEC-1").count(), 1, "one report: {output}");
}

#[test]
fn what_no_loader_would_find_is_converted_only_by_name() {
    let (sandbox, _) = locked(&[
        ("colbert_linear.pt", Content::lfs(torch(0))),
        ("control_canny.pth", Content::lfs(torch(1))),
        ("old.pkl", Content::lfs(torch(2))),
    ]);
    let output = sandbox.run("convert legacy");
    output.refused(2).says("no file of the entry was found that can be converted for its loader");
    output.says("`colbert_linear.pt`: a loader that opens it by its name").says("`old.pkl`: no loader looks for");
    sandbox
        .run("convert legacy colbert_linear.pt control_canny.pth")
        .exits(5)
        .says("a loader that opens `colbert_linear.pt` by its name does not find `colbert_linear.safetensors`")
        .says("choose `control_canny.safetensors` where `control_canny.pth` was chosen before");
    let (sandbox, _) =
        locked(&[("open_clip_pytorch_model.bin", Content::lfs(torch(0))), ("notes.pt", Content::lfs(torch(1)))]);
    let output = sandbox.run("convert legacy");
    output.exits(5).says("`open_clip_pytorch_model.bin` -> `open_clip_model.safetensors`");
    output.says("not converted: `notes.pt`");
}

#[test]
fn what_the_lock_knows_of_a_file_is_said_before_it_is_downloaded() {
    let (sandbox, _) = locked(&[("pytorch_model.bin", Content::lfs(GLOBAL))]);
    let text = sandbox.read("models.lock");
    let found = "[model.legacy.findings]\n\"pytorch_model.bin\" = [\"pickle-import\"]\n\n[model.legacy.files]";
    if !text.contains("[model.legacy.findings]") {
        sandbox.write("models.lock", text.replace("[model.legacy.files]", found));
    }
    fresh(&sandbox);
    let output = sandbox.run("convert legacy pytorch_model.bin");
    assert_eq!(output.refused(5).says("the scan found `pickle-").requests, 0);
}

#[test]
fn a_family_goes_when_one_of_its_files_changes() {
    let (sandbox, repo) = converted();
    repo.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    assert!(!sandbox.run("update").ok().stdout.contains("converted"));
    repo.commit(&[(SHARDS[0], Content::lfs(torch(9)))]);
    let output = sandbox.run("update");
    assert_eq!(output.exits(5).stdout.matches("lost converted").count(), 3, "{output}");
    sandbox.run("sync --locked").refused(5);
    assert!(snapshot(&sandbox).is_empty());
}

#[test]
fn a_family_that_is_interrupted_is_not_converted() {
    let large = |name: &str| {
        let pickle = state_dict(&[(name, "0", &[512, 1024])]);
        Content::lfs(torch_zip(&pickle, &[("0", &vec![7; 2 * 1024 * 1024])]).bytes())
    };
    let map = index(&json!({ "a": SHARDS[0], "b": SHARDS[1] }));
    let (sandbox, _) = locked(&[(SHARDS[0], large("a")), (SHARDS[1], large("b")), (INDEX, map)]);
    let before = sandbox.read("models.lock");
    for shard in SHARDS {
        let mut child = sandbox.command("convert legacy").stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let wanted = format!("converting `{shard}`");
        assert!(said.lines().any(|line| line.unwrap().contains(&wanted)));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(sandbox.read("models.lock"), before);
        sandbox.run("cache verify").ok();
    }
    sandbox.run("convert legacy").ok();
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
}

#[test]
fn bloom_names_its_shards_with_an_underscore() {
    let names = ["pytorch_model_00001-of-00002.bin", "pytorch_model_00002-of-00002.bin"];
    let map = json!({ "a.bias": names[0], "a.weight": names[0], "b.weight": names[1], "lm_head.weight": names[1] });
    let (sandbox, _) = locked(&[(names[0], first()), (names[1], second()), (INDEX, index(&map))]);
    sandbox.run("convert legacy").ok();
    sandbox.run("sync --locked").ok();
    let results = ["config.json", "model.safetensors.index.json"];
    let shards = ["model_00001-of-00002.safetensors", "model_00002-of-00002.safetensors"];
    let mut expected = [results, shards].concat();
    expected.sort_unstable();
    let mut found = snapshot(&sandbox);
    found.sort_unstable();
    assert_eq!(found, expected);
}
