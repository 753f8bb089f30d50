//! What breaks on the way through Xet, at any moment: connections, processes, disks, tokens, and the storage's own client.
//! The tests that need a real storage are run by tests/xet/run.

use crate::sandbox::{Output, Sandbox};
use crate::xet::{NOTE, PIECE, from_cdn, locked, run, synced};
use crate::xet_storage::{Storage, liar};
use modelpin_testkit::{Content, Fault, make};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A storage's own part of a file: what it gives at once.
const PART: usize = 1 << 20;

fn weights() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| make::weights(10 * PART))
}

/// A storage that gives the weights in ten parts.
fn storage() -> Storage {
    Storage::in_parts(weights(), 10)
}

/// A project that has locked the weights, has none of them, and is offered them by `storage`.
fn offered(storage: &Storage) -> Sandbox {
    let sandbox = locked(weights());
    sandbox.hub.offer_xet(storage.relay.endpoint(), &[(weights(), &storage.hashes[0])]);
    sandbox
}

/// The program as `run` starts it.
fn command(sandbox: &Sandbox, words: &str) -> Command {
    let mut command = sandbox.command(words);
    command.env("MODELPIN_PIECE_SIZE", PIECE.to_string());
    command
}

/// What has come of the weights, on disk.
fn part(sandbox: &Sandbox) -> usize {
    let parts = std::fs::read_dir(sandbox.root().join("store/tmp")).into_iter().flatten();
    let sizes = parts.filter_map(|entry| usize::try_from(entry.ok()?.metadata().ok()?.len()).ok());
    sizes.max().unwrap_or(0)
}

fn tokens_asked_for(sandbox: &Sandbox) -> usize {
    sandbox.hub.requests().iter().filter(|request| request.path.contains("/xet-read-token/")).count()
}

/// The bytes of all files below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_connection_that_is_cut_anywhere_goes_on_over_http() {
    let storage = storage();
    for tenth in 0..10 {
        let sandbox = offered(&storage);
        storage.relay.cut_after(storage.relay.served() + weights().len() * tenth / 10);
        run(&sandbox, "sync --locked --jobs 2", &[]).ok().says(NOTE);
        sandbox.run("verify").ok();
        // The two parts that were on their way are lost, and what of a third goes with them.
        let came = (tenth * PART).saturating_sub(3 * PART);
        let more = from_cdn(&sandbox);
        assert!(more <= weights().len() - came + PIECE, "{more} bytes more, after {tenth} tenths");
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_sync_that_is_killed_anywhere_never_fetches_what_it_has() {
    let storage = storage();
    for tenth in 0..10 {
        let sandbox = offered(&storage);
        storage.relay.slow(8_000_000);
        let before = storage.relay.served();
        let mut child = command(&sandbox, "sync --locked --quiet --jobs 2").spawn().unwrap();
        let start = Instant::now();
        while storage.relay.served() - before <= weights().len() * tenth / 10 {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for bytes");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(sandbox.target().is_empty());
        let had = part(&sandbox);
        assert!(had + 4 * PART >= weights().len() * tenth / 10, "{had} bytes of {tenth} tenths");
        storage.relay.slow(usize::MAX);
        let before = storage.relay.served();
        assert!(!synced(&sandbox).stderr.contains("Xet"));
        // A part is fetched as a whole.
        let came = storage.relay.served() - before;
        assert!(came <= weights().len() - had + 2 * PART, "{came} bytes, and {had} were here");
        assert_eq!(from_cdn(&sandbox), 0);
    }
}

/// A sync into a store on a disk of that size.
fn synced_onto(sandbox: &Sandbox, size: &str) -> Output {
    std::fs::create_dir_all(sandbox.root().join("store")).unwrap();
    let script = "mount -t tmpfs -o size=$SIZE none \"$ROOT/store\"; \"$BIN\" sync --locked; code=$?; ls -l \"$ROOT/store/tmp\" >&2; exit $code";
    let template = command(sandbox, "");
    let mut run = Command::new("unshare");
    run.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).current_dir(sandbox.path("")).env_clear();
    run.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run.env("BIN", env!("CARGO_BIN_EXE_modelpin")).env("ROOT", sandbox.root()).env("SIZE", size);
    sandbox.finish(&mut run)
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_disk_that_fills_up_keeps_what_fits() {
    let storage = storage();
    let sandbox = offered(&storage);
    let output = synced_onto(&sandbox, "5m");
    output.exits(1).says("No space left").says("goes on from what is proven").says(".part");
    assert!(sandbox.target().is_empty());
    assert!(!synced(&sandbox).stderr.contains("Xet"));
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn chunks_make_room_for_the_file() {
    let storage = storage();
    for size in ["11m", "13m", "16m"] {
        let sandbox = offered(&storage);
        synced_onto(&sandbox, size).ok().says("the disk is full, and its chunks are removed from it; going on over plain HTTP");
        let more = from_cdn(&sandbox);
        assert!(more < weights().len(), "{more} bytes, as if nothing had been here");
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_token_that_ends_is_followed_by_another() {
    let storage = storage();
    // How many seconds a token is good for, of which the last thirty do not count; how many are asked for; those that
    // the storage sees.
    for (seconds, asked, seen) in [(900, 1, [1, 1]), (31, 2, [1, 2]), (-900, 3, [2, 3])] {
        let sandbox = offered(&storage);
        sandbox.hub.fault(Fault::XetTokenEnds(seconds));
        // An address of content that has ended makes the client ask the storage once more, after more than a second.
        storage.relay.slow(2_000_000);
        storage.relay.refuse("/fetch_term", 403, 7, 1);
        let before = storage.relay.asked().len();
        run(&sandbox, "sync --locked --jobs 2", &[]).ok();
        sandbox.run("verify").ok();
        assert_eq!((tokens_asked_for(&sandbox), from_cdn(&sandbox)), (asked, 0), "{seconds} seconds");
        let requests = storage.relay.asked().split_off(before);
        let tokens = requests.lines().filter_map(|line| line.strip_prefix("authorization: Bearer testkit-xet-token-"));
        assert_eq!(tokens.map(|number| number.parse().unwrap()).collect::<Vec<i32>>(), seen, "{seconds} seconds");
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_token_that_is_refused_is_followed_by_http() {
    let storage = storage();
    for (at_once, most) in [(true, weights().len() + PIECE), (false, weights().len() - 1)] {
        let sandbox = offered(&storage);
        if !at_once {
            storage.relay.refuse("/fetch_term", 403, 7, 1);
        }
        storage.relay.refuse("/reconstructions/", 401, usize::from(!at_once), 1);
        let output = run(&sandbox, "sync --locked --jobs 2", &[]);
        output.ok().says(NOTE).says("401");
        assert!(!output.stderr.contains("testkit-xet-token"), "{output}");
        sandbox.run("verify").ok();
        assert_eq!(tokens_asked_for(&sandbox), 1, "a token that is refused is not asked for again");
        let more = from_cdn(&sandbox);
        assert!((1..=most).contains(&more), "{more} bytes more");
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn two_at_once_share_a_store() {
    let whole = make::weights(12 * PART);
    let files: Vec<&[u8]> = whole.chunks(4 * PART).collect();
    let storage = Storage::with(&files);
    let sandbox = Sandbox::new();
    let offers: Vec<(&[u8], &str)> = files.iter().copied().zip(storage.hashes.iter().map(String::as_str)).collect();
    sandbox.hub.offer_xet(storage.relay.endpoint(), &offers);
    for (number, bytes) in files.iter().enumerate() {
        sandbox.hub.model(&format!("acme/m{number}")).commit(&[("model.bin", Content::lfs(bytes))]);
        sandbox.write(&format!("{number}/models.toml"), "[models]\n");
        sandbox.run(&format!("-C {number} add acme/m{number} --format any")).ok();
    }
    let capacity = 5 * PART as u64;
    let start = |number: usize| {
        let mut command = command(&sandbox, &format!("-C {number} sync --locked"));
        command.env("MODELPIN_XET_CACHE_SIZE", capacity.to_string()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let chunks = || bytes_below(&sandbox.root().join("store/xet"));
    storage.relay.slow(8_000_000);
    for child in [start(0), start(1)] {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("Xet"), "{said}");
    }
    assert_eq!(from_cdn(&sandbox), 0);
    let both = chunks();
    assert!(both <= 2 * capacity, "{both} bytes: each process keeps to what it may");
    assert!(start(2).wait().unwrap().success());
    let after = chunks();
    eprintln!("{both} {after}");
    assert!(after <= capacity, "{after} bytes");
    for number in 0..3 {
        sandbox.run(&format!("-C {number} verify")).ok();
    }
}

/// Blocks of one chunk with these bytes, as they are stored: a version, the length, how it is packed, the length unpacked.
fn block(bytes: &[u8]) -> Vec<u8> {
    let length = &u32::try_from(bytes.len()).unwrap().to_le_bytes()[..3];
    [&[0], length, &[0], length, bytes].concat()
}

#[test]
fn a_storage_that_lies_is_done_without() {
    let bytes = make::weights(20 * PIECE);
    let hash = "cd".repeat(32);
    let recipe = |offset: u64, lengths: &[u64], chunks: u32, last: u64| {
        let term = |length: &u64| json!({ "hash": hash, "unpacked_length": length, "range": { "start": 0, "end": chunks } });
        let ranges = json!([{ "chunks": { "start": 0, "end": chunks }, "bytes": { "start": 0, "end": last } }]);
        let terms: Vec<Value> = lengths.iter().map(term).collect();
        let xorbs = json!({ &hash: [{ "url": "HERE/block", "ranges": ranges }] });
        json!({ "offset_into_first_range": offset, "terms": terms, "xorbs": xorbs }).to_string()
    };
    let size = bytes.len() as u64;
    for (what, recipe, block) in [
        ("no recipe", "[]".to_owned(), vec![]),
        ("an empty one", recipe(0, &[], 1, 9), vec![]),
        ("a block that is none", recipe(0, &[size], 1, 9), b"<html>".to_vec()),
        ("a short block", recipe(0, &[size], 1, 9), block(b"short")),
        ("fewer chunks", recipe(0, &[size], 9, 9), block(&bytes)),
        ("more than there is", recipe(0, &[size, u64::from(u32::MAX)], 1, 9), block(&bytes)),
        ("an offset behind the end", recipe(u64::MAX, &[size], 1, 9), block(&bytes)),
        ("a range of nearly everything", recipe(0, &[size], 1, u64::MAX - 1), block(&bytes)),
        ("no chunks", recipe(0, &[size], 0, 9), block(&bytes)),
        ("other bytes", recipe(0, &[size], 1, 9), block(&make::weights(20 * PIECE + 1)[1..])),
    ] {
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet(&liar(&recipe, block), &[(&bytes, &"ab".repeat(32))]);
        let output = synced(&sandbox);
        assert_eq!(output.stderr.matches(NOTE).count(), 1, "{what}: {output}");
        eprintln!("{what}: {output}");
    }
}

#[test]
fn a_size_of_the_chunks_that_cannot_be_meant_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    for size in ["4Q", "-1", "lots", "4 G B"] {
        let output = sandbox.run_with(&[("MODELPIN_XET_CACHE_SIZE", size)], "sync --locked");
        output.refused(2).says("`MODELPIN_XET_CACHE_SIZE`").says(size);
        assert!(sandbox.target().is_empty());
    }
    for size in ["0", "1", "500M", "18446744073709551615"] {
        sandbox.run_with(&[("MODELPIN_XET_CACHE_SIZE", size)], "sync --locked").ok();
    }
}
