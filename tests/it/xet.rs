//! Large files through the Hub's Xet storage: what becomes visible is what the lock says, little comes of what was here
//! before, and whatever the storage does, plain HTTP brings the rest. The tests that need a real storage are run by
//! tests/xet/run.

use crate::sandbox::{Output, Sandbox};
use crate::xet_storage::Storage;
use modelpin_testkit::{Content, Fault, make};
use sha2::{Digest as _, Sha256};

pub(crate) const FILE: &str = "model.safetensors";
/// Small enough that a file of some megabytes is a large one.
pub(crate) const PIECE: usize = 64 << 10;
/// What is read of a large file when it is pinned.
pub(crate) const LOOK: usize = 16 << 10;

/// A project that has locked `bytes` and has none of it.
pub(crate) fn locked(bytes: &[u8]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/chat").commit(&[(FILE, Content::lfs(bytes))]);
    sandbox.run("add acme/chat").ok();
    sandbox.remove_store();
    sandbox.hub.forget_requests();
    sandbox
}

pub(crate) fn run(sandbox: &Sandbox, words: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = sandbox.command(words);
    command.env("MODELPIN_PIECE_SIZE", PIECE.to_string()).env("HF_TOKEN", "hf_of_the_hub");
    sandbox.finish(command.envs(variables.iter().copied()))
}

/// A sync that has to succeed.
pub(crate) fn synced(sandbox: &Sandbox) -> Output {
    let output = run(sandbox, "sync --locked", &[]);
    output.ok();
    sandbox.run("verify").ok();
    output
}

/// Leaves `part` of `whole` in the store, as an interrupted run does.
fn stage(sandbox: &Sandbox, whole: &[u8], part: &[u8]) {
    let tmp = sandbox.root().join("store/tmp");
    std::fs::create_dir_all(&tmp).unwrap();
    let name: String = Sha256::digest(whole).iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(tmp.join(format!("{name}.part")), part).unwrap();
}

/// The bytes that the CDN was asked for.
pub(crate) fn from_cdn(sandbox: &Sandbox) -> usize {
    let requests = sandbox.hub.requests().into_iter().filter(|request| request.cdn && request.method == "GET");
    let bytes = |range: &str| {
        let (from, last) = range.strip_prefix("bytes=")?.split_once('-')?;
        Some(last.parse::<usize>().ok()? + 1 - from.parse::<usize>().ok()?)
    };
    requests.map(|request| request.headers.get("range").and_then(|range| bytes(range)).unwrap_or(PIECE)).sum()
}

pub(crate) const NOTE: &str = "going on over plain HTTP";

#[test]
fn a_storage_that_is_not_there_is_done_without() {
    let bytes = make::weights(20 * PIECE);
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for cas in [format!("http://{gone}"), "http://cas.example".to_owned(), "local:///".to_owned()] {
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet(&cas, &[(&bytes, &"ab".repeat(32))]);
        let output = synced(&sandbox);
        assert_eq!(output.stderr.matches(NOTE).count(), 1, "{output}");
        assert!(!output.stderr.contains("testkit-xet-token"), "{output}");
        assert!(from_cdn(&sandbox) >= bytes.len());
    }
}

#[test]
fn a_hub_that_gives_no_token_is_read_over_http() {
    let bytes = make::weights(20 * PIECE);
    for fault in [
        Fault::BadJson("xet-read-token"),
        Fault::Status { path: "xet-read-token", status: 404, times: 9, headers: vec![] },
    ] {
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet("http://127.0.0.1:1", &[(&bytes, &"ab".repeat(32))]);
        sandbox.hub.fault(fault);
        synced(&sandbox).says(NOTE);
    }
}

#[test]
fn a_file_that_is_not_offered_is_resolved_once() {
    let bytes = make::weights(20 * PIECE);
    let sandbox = locked(&bytes);
    sandbox.hub.offer_xet("http://127.0.0.1:1", &[(b"another file", &"ab".repeat(32))]);
    assert!(!synced(&sandbox).stderr.contains("Xet"));
    let asked = sandbox.hub.requests();
    assert_eq!(asked.iter().filter(|request| request.path.contains("/resolve/")).count(), 1);
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_large_file_comes_through_the_storage_alone() {
    let bytes = make::weights(40 * PIECE);
    let storage = Storage::with(&[&bytes]);
    let sandbox = locked(&bytes);
    sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&bytes, &storage.hashes[0])]);
    assert!(!synced(&sandbox).stderr.contains("Xet"));
    assert_eq!(from_cdn(&sandbox), 0);
    let asked = storage.relay.asked();
    assert!(asked.contains("GET /v2/reconstructions/") && asked.contains("Bearer testkit-xet-token"), "{asked}");
    // Not the Hub's token, and nothing but reading.
    assert!(!asked.contains("hf_of_the_hub") && !asked.contains("POST") && !asked.contains("telemetry"), "{asked}");
    let home = std::fs::read_dir(sandbox.root().join("home")).unwrap();
    assert_eq!(home.count(), 0, "the client wrote into the home folder");
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn who_is_against_it_gets_plain_http() {
    let bytes = make::weights(20 * PIECE);
    let storage = Storage::with(&[&bytes]);
    for (words, variables) in [
        ("sync --locked", &[("HF_HUB_DISABLE_XET", "1")][..]),
        ("sync --locked", &[("HF_HUB_DISABLE_XET", "yes")]),
        ("sync --locked --limit-rate 1G", &[]),
        ("sync --locked --jobs 1", &[]),
    ] {
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&bytes, &storage.hashes[0])]);
        run(&sandbox, words, variables).ok();
        assert_eq!(storage.relay.asked(), "", "{words} {variables:?}");
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn right_length_and_wrong_bytes_are_not_believed() {
    let bytes = make::weights(20 * PIECE);
    let mut other = bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    let storage = Storage::with(&[&other]);
    let sandbox = locked(&bytes);
    sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&bytes, &storage.hashes[0])]);
    synced(&sandbox).says("its chunks of `model.safetensors` are not what models.lock says").says(NOTE);

    let sandbox = locked(&bytes);
    sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&bytes, &storage.hashes[0])]);
    sandbox.hub.fault(Fault::ServeOther(FILE, other));
    let output = run(&sandbox, "sync --locked", &[]);
    output.refused(4).says("the file from the Hub does not match models.lock");
    assert!(sandbox.target().is_empty());
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn another_length_is_not_believed() {
    let bytes = make::weights(20 * PIECE);
    for other in [make::weights(20 * PIECE - 9), make::weights(20 * PIECE + 9)] {
        let storage = Storage::with(&[&other]);
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&bytes, &storage.hashes[0])]);
        synced(&sandbox).says(NOTE);
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_storage_that_goes_away_is_done_without() {
    let bytes = make::weights(40 * PIECE);
    let storage = Storage::with(&[&bytes]);
    let sandbox = locked(&bytes);
    sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&bytes, &storage.hashes[0])]);
    storage.relay.cut_after(10 * PIECE);
    synced(&sandbox).says(NOTE);
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn what_an_earlier_run_left_is_not_fetched_again() {
    let bytes = make::weights(80 * PIECE);
    let storage = Storage::with(&[&bytes]);
    for (left, damaged) in [(60 * PIECE, false), (60 * PIECE, true)] {
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&bytes, &storage.hashes[0])]);
        let mut part = bytes[..left].to_vec();
        part[7] ^= u8::from(damaged);
        stage(&sandbox, &bytes, &part);
        let before = storage.relay.served();
        let output = synced(&sandbox);
        // Nobody can tell which part is wrong, so the storage is not blamed.
        assert_eq!(output.stderr.contains("what an earlier run left of"), damaged, "{output}");
        assert!(!output.stderr.contains(NOTE), "{output}");
        let came = storage.relay.served() - before;
        assert!(came < 40 * PIECE, "{came} bytes for {} that were missing", bytes.len() - left);
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn an_update_of_one_percent_moves_about_that_much() {
    let old = make::weights(16 << 20);
    let mut new = old.clone();
    let changed = old.len() / 100;
    new[5 << 20..][..changed].iter_mut().for_each(|byte| *byte ^= 0x55);
    let storage = Storage::with(&[&old, &new]);
    let sandbox = Sandbox::new();
    let chat = sandbox.hub.model("acme/chat");
    chat.commit(&[(FILE, Content::lfs(&old))]);
    sandbox.hub.offer_xet(storage.relay.endpoint(), &[(&old, &storage.hashes[0]), (&new, &storage.hashes[1])]);
    run(&sandbox, "add acme/chat", &[]).ok();
    run(&sandbox, "sync", &[]).ok();
    let first = storage.relay.served();
    assert!(first > old.len(), "{first} bytes");
    chat.commit(&[(FILE, Content::lfs(&new))]);
    run(&sandbox, "update", &[]).ok();
    run(&sandbox, "sync", &[]).ok();
    sandbox.run("verify").ok();
    let second = storage.relay.served() - first;
    assert!((changed..3 * changed).contains(&second), "{second} bytes for {changed} that changed");
    assert_eq!(from_cdn(&sandbox), 2 * LOOK, "each pin is looked at, and nothing more");
    sandbox.run("cache prune --dry-run").ok().says("would remove 1 file, 2 chunk files (32.4 MiB)");
    sandbox.run("cache prune").ok();
    sandbox.run("cache prune").ok().says("nothing to remove");
}
