//! What breaks on the way through Xet, at any moment: connections, processes, disks, tokens, and the storage's own client.
//! The tests that need a real storage are run by tests/xet/run.

use crate::faults::in_namespace;
use crate::ranges::{command, part};
use crate::sandbox::{Output, Sandbox};
use crate::xet::{LOOK, NOTE, PIECE, from_cdn, locked, run, synced};
use crate::xet_storage::{Storage, liar};
use modelpin_testkit::{Content, Fault, make};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
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
    let more = |tenth: usize| {
        let sandbox = offered(&storage);
        storage.relay.cut_after(storage.relay.served() + weights().len() * tenth / 10);
        synced(&sandbox).says(NOTE);
        from_cdn(&sandbox)
    };
    let more: Vec<usize> = (0..10).map(more).collect();
    // Parts come in any order, and only a whole beginning can be gone on with: at times all is lost, but not always.
    assert!(more.iter().all(|bytes| (1..=weights().len() + PIECE).contains(bytes)), "{more:?}");
    assert!(more.iter().sum::<usize>() < 10 * weights().len(), "{more:?}");
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
        storage.relay.slow(usize::MAX);
        let killed = storage.relay.served();
        assert!(!synced(&sandbox).stderr.contains("Xet"));
        assert_eq!(from_cdn(&sandbox), 0);
        let (first, second) = (killed - before, storage.relay.served() - killed);
        assert!(second <= weights().len() - had + PART, "{second} bytes, and {had} were here");
        // What came and is not yet in the file is among the chunks, but for the three parts that were on their way.
        assert!(first + second <= weights().len() + 4 * PART, "{first} and {second} bytes");
    }
}

/// A sync into a store on a disk of that size.
fn synced_onto(sandbox: &Sandbox, size: &str) -> Output {
    std::fs::create_dir_all(sandbox.root().join("store")).unwrap();
    let mount = format!("mount -t tmpfs -o size={size} none \"$ROOT/store\"");
    let sync = format!("MODELPIN_PIECE_SIZE={PIECE} \"$BIN\" sync --locked || code=$?");
    in_namespace(sandbox, &format!("code=0; {mount}; {sync}; ls \"$ROOT/store/tmp\" >&2; exit $code"))
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_disk_that_fills_up_keeps_what_fits() {
    let storage = storage();
    let sandbox = offered(&storage);
    let output = synced_onto(&sandbox, "5m");
    output.exits(1).says("No space left").says("the next run continues with the files that are complete").says(".part");
    assert!(sandbox.target().is_empty());
    assert!(!synced(&sandbox).stderr.contains("Xet"));
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn chunks_make_room_for_the_file() {
    let storage = storage();
    for size in ["11m", "13m", "16m"] {
        let sandbox = offered(&storage);
        synced_onto(&sandbox, size)
            .ok()
            .says("the disk is full, and its chunks are removed from it; going on over plain HTTP");
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
    for (seconds, asked, seen) in [(900, 1, [1, 1]), (33, 2, [1, 2]), (-900, 3, [2, 3])] {
        let sandbox = offered(&storage);
        sandbox.hub.fault(Fault::XetTokenEnds(seconds));
        // An address of content that has ended makes the client ask the storage once more, after more than three seconds.
        storage.relay.slow(1_000_000);
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
            // As above; and slow enough for what has come to be written before the refusal.
            storage.relay.slow(2_000_000);
            storage.relay.refuse("/fetch_term", 403, 7, 1);
        }
        storage.relay.refuse("/reconstructions/", 401, usize::from(!at_once), 1);
        let output = run(&sandbox, "sync --locked --jobs 2", &[]);
        // The storage's client does not always say why it ends a stream, so its words are nothing to go by.
        output.ok().says(NOTE);
        assert_eq!(storage.relay.to_refuse(), 0, "it was refused");
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
    let file = |data: &[u8]| make::safetensors(&[("weight", "U8", &[data.len()], data)]);
    let files: Vec<Vec<u8>> = whole[..12 * PART].chunks(4 * PART).map(file).collect();
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let storage = Storage::with(&files);
    let sandbox = Sandbox::new();
    let offers: Vec<(&[u8], &str)> = files.iter().copied().zip(storage.hashes.iter().map(String::as_str)).collect();
    sandbox.hub.offer_xet(storage.relay.endpoint(), &offers);
    for (number, bytes) in files.iter().enumerate() {
        sandbox.hub.model(&format!("acme/m{number}")).commit(&[("model.safetensors", Content::lfs(bytes))]);
        sandbox.write(&format!("{number}/models.toml"), "[models]\n");
        sandbox.run(&format!("-C {number} add acme/m{number}")).ok();
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
    assert_eq!(from_cdn(&sandbox), 3 * LOOK, "each pin is looked at, and nothing more");
    let both = chunks();
    assert!(both <= 2 * capacity, "{both} bytes: each process keeps to what it may");
    assert!(start(2).wait().unwrap().success());
    let after = chunks();
    assert!(after <= capacity, "{after} bytes");
    for number in 0..3 {
        sandbox.run(&format!("-C {number} verify")).ok();
    }
}

/// Chunks of these bytes, as a storage gives them: each with a version, its length, how it is packed, its length unpacked.
fn block(bytes: &[u8]) -> Vec<u8> {
    let chunk = |bytes: &[u8]| {
        let length = &u32::try_from(bytes.len()).unwrap().to_le_bytes()[..3];
        [&[0], length, &[0], length, bytes].concat()
    };
    bytes.chunks(PIECE).flat_map(chunk).collect()
}

/// How a file is made of parts of these lengths, each of the first `chunks` of one block, which is there up to its byte
/// `last`, at an address that begins with `HERE`.
fn recipe(offset: u64, lengths: &[u64], chunks: usize, last: u64) -> String {
    let hash = "cd".repeat(32);
    let range = json!({ "start": 0, "end": chunks });
    let term = |length: &u64| json!({ "hash": hash, "unpacked_length": length, "range": range });
    let terms: Vec<Value> = lengths.iter().map(term).collect();
    let ranges = json!([{ "chunks": range, "bytes": { "start": 0, "end": last } }]);
    let xorbs = json!({ &hash: [{ "url": "HERE/block", "ranges": ranges }] });
    json!({ "offset_into_first_range": offset, "terms": terms, "xorbs": xorbs }).to_string()
}

#[test]
fn a_storage_that_lies_is_done_without() {
    let bytes = make::weights(20 * PIECE);
    let whole = block(&bytes);
    let (chunks, size, last) = (bytes.len().div_ceil(PIECE), bytes.len() as u64, whole.len() as u64 - 1);
    let sync = |recipe: &str, block: &[u8]| {
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet(&liar(recipe, block.to_vec()), &[(&bytes, &"ab".repeat(32))]);
        let output = synced(&sandbox);
        (output, from_cdn(&sandbox))
    };
    let honest = recipe(0, &[size], chunks, last);
    let (output, more) = sync(&honest, &whole);
    assert!(!output.stderr.contains("Xet") && more == 0, "{output}");
    let mut other = bytes.clone();
    other[PIECE] ^= 1;
    // Some make the storage's client panic, as it is built for tests or always.
    for (what, recipe, block) in [
        ("no recipe", "[]", &whole),
        ("no parts", &recipe(0, &[], chunks, last), &whole),
        ("no chunks", &recipe(0, &[size], 0, last), &whole),
        ("more chunks than there are", &recipe(0, &[size], chunks + 2, last), &whole),
        ("the first half twice", &recipe(0, &[size / 2, size], chunks, last), &whole),
        ("as many bytes as can be", &recipe(0, &[u32::MAX.into(), size], chunks, last), &whole),
        ("fewer bytes", &recipe(0, &[size - 1], chunks, last), &whole),
        ("an offset", &recipe(1, &[size], chunks, last), &whole),
        ("an offset behind the end", &recipe(u64::MAX, &[size], chunks, last), &whole),
        ("a block that is none", &honest, &b"<html>".to_vec()),
        ("a block of nothing", &honest, &Vec::new()),
        ("a short block", &honest, &block(b"short")),
        ("other bytes", &honest, &block(&other)),
    ] {
        let (output, _) = sync(recipe, block);
        assert_eq!(output.stderr.matches(NOTE).count(), 1, "{what}: {output}");
    }
}

#[test]
fn a_storage_that_says_nothing_is_done_without() {
    let bytes = make::weights(20 * PIECE);
    // The system takes connections for it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = format!("http://{}", listener.local_addr().unwrap());
    let recipe = recipe(0, &[bytes.len() as u64], 21, 9).replace("HERE", &mute);
    for storage in [mute.clone(), liar(&recipe, Vec::new())] {
        let sandbox = locked(&bytes);
        sandbox.hub.offer_xet(&storage, &[(&bytes, &"ab".repeat(32))]);
        run(&sandbox, "sync --locked", &[("HF_HUB_DOWNLOAD_TIMEOUT", "1")]).ok().says(NOTE);
        sandbox.run("verify").ok();
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
