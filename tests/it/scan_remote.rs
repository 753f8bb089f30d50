//! `scan ORG/REPO`: repos on the Hub, by ranges of their files, before anything of them is added.

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::corpus::build::{call, state_dict};
use modelpin_testkit::{Content, Fault, Sparse, make};
use std::time::{Duration, Instant};

/// What was read, as the JSON says it: requests, bytes, and bytes that there are.
fn traffic(output: &Output) -> (u64, u64, u64) {
    let remote = output.result()["entries"][0]["remote"].clone();
    let number = |key: &str| remote[key].as_u64().unwrap_or_else(|| panic!("{key}: {remote}"));
    (number("requests"), number("read-bytes"), number("total-bytes"))
}

/// The verdict of one file, and the rules of its findings.
fn verdict(output: &Output, path: &str) -> (String, Vec<String>) {
    let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let files = document["result"]["entries"][0]["files"].as_array().unwrap().clone();
    let file = files.iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("{path}: {document}"));
    let about = |problem: &&serde_json::Value| problem["path"] == path;
    let problems = document["diagnostics"].as_array().unwrap().iter().filter(about);
    let rules = problems.map(|problem| problem["rule"].as_str().unwrap().to_owned()).collect();
    (file["verdict"].as_str().unwrap().to_owned(), rules)
}

fn is(output: &Output, path: &str, expected: &str, rules: &[&str]) {
    let (verdict, found) = verdict(output, path);
    assert_eq!((verdict.as_str(), found.iter().map(String::as_str).collect::<Vec<_>>()), (expected, rules.to_vec()));
}

/// The name of a shard, and what it holds.
fn shards(count: u64, tensors: u64, each: u64) -> Vec<(String, Content)> {
    let name = |at: u64| format!("model-{:05}-of-{count:05}.safetensors", at + 1);
    (0..count).map(|at| (name(at), Content::Sparse(Sparse::safetensors(tensors, each)))).collect()
}

fn commit(sandbox: &Sandbox, id: &str, files: &[(String, Content)]) {
    let mut all: Vec<(&str, Content)> = files.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
    all.push(("config.json", Content::git("{\"model_type\": \"llama\"}\n")));
    sandbox.hub.model(id).commit(&all);
}

#[test]
fn a_repo_of_a_hundred_gigabytes_is_scanned_in_megabytes() {
    let sandbox = Sandbox::new();
    let mut files = shards(20, 250, 20 << 20);
    files.push(("extra.gguf".to_owned(), Content::Sparse(Sparse::gguf(1 << 30, "{{ messages }}"))));
    files.push(("pytorch_model.bin".to_owned(), Content::lfs(state_dict(&[]))));
    commit(&sandbox, "acme/large", &files);
    let started = Instant::now();
    let output = sandbox.run("scan acme/large --all-files --format json");
    output.ok();
    let took = started.elapsed();
    let (requests, read, total) = traffic(&output);
    println!("{requests} requests, {read} of {total} bytes, {took:?}");
    assert!(total > 100 << 30, "{total}");
    assert!(read < 8 << 20, "{read}");
    assert_eq!(requests, output.requests as u64, "every request is counted");
    assert!(requests < 120, "{requests}");
    assert!(took < Duration::from_secs(60), "{took:?}");
    is(&output, "extra.gguf", "safe", &[]);

    let text = sandbox.run("scan acme/large");
    text.ok().says("acme/large at ").says(" GiB in ").says("left out");
    assert!(!sandbox.path("models.lock").exists() && !sandbox.root().join("store/blobs").exists());
    for format in ["github", "markdown"] {
        sandbox.run(&format!("scan acme/large --format {format}")).ok().says(" GiB in ");
    }
    let sarif = sandbox.run("scan acme/large --format sarif");
    sarif.ok();
    assert!(sarif.stderr.contains(" GiB in "), "{}", sarif.stderr);
}

#[test]
fn a_torch_archive_is_followed_by_its_directory_and_its_pickle() {
    let sandbox = Sandbox::new();
    let floats: i32 = 64 << 20;
    let keys: Vec<String> = (0..100).map(|key| key.to_string()).collect();
    let tensors: Vec<(&str, &str, &[i32])> =
        keys.iter().map(|key| (key.as_str(), key.as_str(), std::slice::from_ref(&floats))).collect();
    let honest = Sparse::torch(&state_dict(&tensors), 100, u64::from(floats.unsigned_abs()) * 4);
    let evil = Sparse::torch(&call("posix", "system", "true"), 100, 256 << 20);
    sandbox.hub.model("acme/torch").commit(&[
        ("config.json", Content::git("{}")),
        ("honest/pytorch_model.bin", Content::Sparse(honest)),
        ("evil/pytorch_model.bin", Content::Sparse(evil)),
    ]);
    let output = sandbox.run("scan acme/torch --format json");
    output.exits(5);
    is(&output, "honest/pytorch_model.bin", "safe", &[]);
    assert_eq!(verdict(&output, "evil/pytorch_model.bin").0, "dangerous");
    let (requests, read, total) = traffic(&output);
    println!("{requests} requests, {read} of {total} bytes");
    assert!(total > 40 << 30 && read < 10 << 20 && requests < 500, "{requests} {read} {total}");
}

#[test]
fn what_is_not_read_is_said_and_neither_safe_nor_dangerous() {
    let sandbox = Sandbox::new();
    // A row of short texts, and behind more of them than is read, a call.
    let mut pickle = b"\x80\x02".to_vec();
    while pickle.len() < 66 << 20 {
        pickle.extend(b"X\xe8\x03\0\0");
        pickle.extend([b'a'; 1000]);
        pickle.push(b'0');
    }
    pickle.extend(b"cposix\nsystem\nX\x02\0\0\0id\x85R.");
    sandbox.hub.model("acme/deep").commit(&[
        ("config.json", Content::git("{}")),
        ("deep.pkl", Content::Sparse(Sparse::new(pickle.len() as u64, vec![(0, pickle.clone())]))),
    ]);
    let output = sandbox.run("scan acme/deep --format json");
    output.exits(5);
    is(&output, "deep.pkl", "review", &["not-read"]);
    let text = sandbox.run("scan acme/deep");
    text.exits(5).says("not-read").says(&format!("of {} bytes were not read", pickle.len()));
    sandbox.run("scan acme/deep --fail-on dangerous").ok();
    // On this machine all of it is read.
    sandbox.write("deep.pkl", &pickle);
    sandbox.run("scan deep.pkl --fail-on dangerous").exits(5).says("posix.system");
}

#[test]
fn the_files_are_those_that_add_would_lock_or_all() {
    let sandbox = Sandbox::new();
    let repo = sandbox.hub.model("acme/both");
    let first = repo.commit(&[
        ("config.json", Content::git("{}")),
        ("model.safetensors", Content::lfs(make::weights(5000))),
        ("pytorch_model.bin", Content::lfs(call("posix", "system", "id"))),
    ]);
    sandbox.run("scan acme/both").ok().says("2 files: 2 safe").says("1 file left out");
    sandbox.run("scan acme/both --all-files").exits(5).says("pytorch_model.bin");
    repo.commit(&[("modeling.py", Content::git("import os\nos.system('id')\n"))]);
    sandbox.run("scan acme/both").exits(5).says("modeling.py");
    sandbox.run(&format!("scan acme/both@{first}")).ok();
    sandbox.run("scan acme/both@v9").refused(7);
    sandbox.run("scan acme/none").refused(7).says("`hf:model/acme/none` not found on the Hub");
    sandbox.run("scan acme/both --offline").refused(7).says("this run is offline");

    let rows = sandbox.hub.dataset("acme/rows");
    rows.commit(&[("train.csv", Content::git("a,b\n1,2\n"))]);
    sandbox.run("scan acme/rows --dataset").ok();
    sandbox.run("scan acme/rows").refused(7).says("--dataset");
}

#[test]
fn no_project_is_needed_and_a_path_comes_first() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    sandbox.run("scan acme/chat").ok().says("2 files: 2 safe");
    sandbox.write("acme/chat/notes.txt", "hello\n");
    sandbox.run("scan acme/cat").refused(2);
    sandbox.run("scan acme/chat").ok().says("1 file: 1 safe");
    sandbox.run("scan acme/chat/notes.txt acme/chat").ok().says("2 files: 2 safe");
}

#[test]
fn a_hub_that_ignores_ranges_is_cut_off() {
    let sandbox = Sandbox::new();
    commit(&sandbox, "acme/large", &shards(2, 10, 3 << 30));
    sandbox.hub.fault(Fault::IgnoreRange);
    let started = Instant::now();
    let output = sandbox.run("scan acme/large --format json");
    output.exits(5);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    is(&output, "model-00001-of-00002.safetensors", "review", &["not-read"]);
    let (_, read, _) = traffic(&output);
    assert!(read < 1 << 20, "{read}");
    // The front is enough to see what they are.
    sandbox.run("add acme/large").ok();
}

#[test]
fn a_hub_that_lies_is_no_verdict() {
    let sandbox = Sandbox::new();
    sandbox
        .hub
        .model("acme/chat")
        .commit(&[("config.json", Content::git("{}")), ("model.safetensors", Content::lfs(make::weights(300_000)))]);
    for (fault, code) in [
        (Fault::WrongRange, 4),
        (Fault::WrongTotal("model.safetensors", 299_000), 4),
        (Fault::WrongLength("model.safetensors", -7), 4),
        (Fault::CommitMismatch, 4),
        (Fault::BadJson("/tree/"), 7),
    ] {
        sandbox.hub.fault(fault.clone());
        let output = sandbox.run("scan acme/chat");
        assert_eq!(output.code, code, "{fault:?}\n{output}");
        assert!(!output.stdout.contains("safe"), "{fault:?}\n{output}");
        sandbox.hub.heal();
    }
    // Garbage is content like any other.
    sandbox.hub.fault(Fault::ServeOther("model.safetensors", vec![7; make::weights(300_000).len()]));
    sandbox.run("scan acme/chat").exits(5).says("model.safetensors");
    sandbox.hub.heal();
    sandbox.run("scan acme/chat").ok();
}

#[test]
fn a_dry_run_of_add_scans_what_would_be_locked() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/bot").commit(&[
        ("config.json", Content::git("{}")),
        ("model.safetensors", Content::Sparse(Sparse::safetensors(10, 1 << 30))),
        ("chat_template.jinja", Content::git("{{ ''.__class__.__mro__ }}")),
    ]);
    let output = sandbox.run("add acme/bot --dry-run");
    assert!(output.stderr.contains("dangerous  acme/bot: chat_template.jinja"), "{output}");
    assert!(output.stderr.contains(" of 10.1 GiB in "), "{output}");
    assert!(!sandbox.path("models.lock").exists());
    let json = sandbox.run("add acme/bot --dry-run --format json");
    assert!(json.stdout.contains("template-escape"), "{json}");
}
