//! What breaks on the way through Xet, at any moment: connections, processes, disks, tokens, and the storage's own client.
//! The tests that need a real storage are run by tests/xet/run.

use crate::sandbox::Sandbox;
use crate::xet::{FILE, NOTE, PIECE, from_cdn, locked, run, synced};
use crate::xet_storage::{Storage, liar};
use modelpin_testkit::{Content, Fault, make};
use std::path::Path;
use std::process::Command;
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
        let output = synced(&sandbox);
        output.says(NOTE);
        eprintln!("{tenth}: {} of {}", from_cdn(&sandbox), weights().len());
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_sync_that_is_killed_anywhere_never_fetches_what_it_has() {
    let storage = storage();
    let sandbox = offered(&storage);
    storage.relay.slow(4_000_000);
    for tenth in 1..10 {
        let (before, had) = (storage.relay.served(), part(&sandbox));
        let mut child = command(&sandbox, "sync --locked --quiet --jobs 2").spawn().unwrap();
        let start = Instant::now();
        while part(&sandbox) < weights().len() * tenth / 10 {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for a part");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(sandbox.target().is_empty());
        eprintln!("{tenth}: had {had}, has {}, came {}", part(&sandbox), storage.relay.served() - before);
    }
    let (before, had) = (storage.relay.served(), part(&sandbox));
    storage.relay.slow(usize::MAX);
    synced(&sandbox);
    eprintln!("last: had {had}, came {}", storage.relay.served() - before);
    assert_eq!(from_cdn(&sandbox), 0);
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_disk_that_fills_up_keeps_what_fits() {
    let storage = storage();
    let sandbox = offered(&storage);
    std::fs::create_dir_all(sandbox.root().join("store")).unwrap();
    for size in ["5m", "13m"] {
        let script = format!("mount -t tmpfs -o size={size} none \"$ROOT/store\"; \"$BIN\" sync --locked; code=$?; ls -lR \"$ROOT/store\" >&2; exit $code");
        let template = command(&sandbox, "");
        let mut run = Command::new("unshare");
        run.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).current_dir(sandbox.path("")).env_clear();
        run.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
        run.env("BIN", env!("CARGO_BIN_EXE_modelpin")).env("ROOT", sandbox.root());
        eprintln!("{}", sandbox.finish(&mut run));
    }
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_token_that_ends_is_followed_by_another() {
    let storage = storage();
    for ends in [-1000, 0, 31] {
        let sandbox = offered(&storage);
        sandbox.hub.fault(Fault::XetTokenEnds(ends));
        // An address of content that has ended makes the client ask the storage again, with a token.
        storage.relay.refuse("/fetch_term", 403, 3, 1);
        let output = synced(&sandbox);
        eprintln!("{ends}: {} tokens, {} http {output}", tokens_asked_for(&sandbox), from_cdn(&sandbox));
    }
    eprintln!("{}", storage.relay.asked());
}

#[test]
#[ignore = "needs a storage: tests/xet/run"]
fn a_token_that_is_refused_on_the_way_is_followed_by_http() {
    let storage = storage();
    let sandbox = offered(&storage);
    storage.relay.refuse("/fetch_term", 403, 5, 1);
    storage.relay.refuse("/reconstructions/", 401, 1, 100);
    let output = synced(&sandbox);
    eprintln!("{} tokens, {} http {output}", tokens_asked_for(&sandbox), from_cdn(&sandbox));
    output.says(NOTE);
}
