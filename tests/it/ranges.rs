//! Large files over several connections: whatever a server, a network or a disk does to the pieces, what becomes visible
//! is what the lock says, and what has come is not fetched again.

use crate::faults::in_namespace;
use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::{Content, Fault, make};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const FILE: &str = "model.safetensors";
/// Small enough for many pieces of a file that is quick to make.
const PIECE: usize = 64 << 10;
/// What may be ahead of the part on disk: eight pieces, and what was not yet handed to the system.
const WINDOW: usize = 8 * PIECE + (256 << 10);

fn weights() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| make::weights(80 * PIECE + 1000))
}

/// A project that has locked a large file and has none of it.
fn locked() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/chat").commit(&[(FILE, Content::lfs(weights())), ("config.json", Content::git("{}"))]);
    sandbox.run("add acme/chat").ok();
    sandbox.remove_store();
    sandbox.hub.forget_requests();
    sandbox
}

pub(crate) fn command(sandbox: &Sandbox, words: &str) -> Command {
    let mut command = sandbox.command(words);
    command.env("MODELPIN_PIECE_SIZE", PIECE.to_string());
    command
}

fn sync(sandbox: &Sandbox) -> Output {
    sandbox.finish(&mut command(sandbox, "sync --locked"))
}

/// A sync that has to succeed.
fn synced(sandbox: &Sandbox) -> Output {
    let output = sync(sandbox);
    output.ok();
    sandbox.run("verify").ok();
    output
}

/// The ranges that the CDN was asked for: first byte, and the byte behind the last.
fn ranges(sandbox: &Sandbox) -> Vec<(usize, usize)> {
    let requests = sandbox.hub.requests().into_iter().filter(|request| request.cdn);
    let range = |text: &String| {
        let (from, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        Some((from.parse().ok()?, last.parse().map_or(weights().len(), |last: usize| last + 1)))
    };
    requests.map(|request| request.headers.get("range").and_then(range).unwrap_or((0, weights().len()))).collect()
}

fn asked(sandbox: &Sandbox) -> usize {
    ranges(sandbox).iter().map(|(from, to)| to - from).sum()
}

fn resolves(sandbox: &Sandbox) -> usize {
    let large = |path: &str| path.contains("/resolve/") && path.ends_with(FILE);
    sandbox.hub.requests().iter().filter(|request| !request.cdn && large(&request.path)).count()
}

/// What has come of the large file, on disk.
pub(crate) fn part(sandbox: &Sandbox) -> usize {
    let parts = std::fs::read_dir(sandbox.root().join("store/tmp")).into_iter().flatten();
    let sizes = parts.filter_map(|entry| usize::try_from(entry.ok()?.metadata().ok()?.len()).ok());
    sizes.max().unwrap_or(0)
}

#[test]
fn a_large_file_comes_in_pieces_and_is_resolved_once() {
    let sandbox = locked();
    sandbox.finish(command(&sandbox, "sync --locked").env("HF_TOKEN", "hf_secret")).ok();
    sandbox.run("verify").ok();
    let mut ranges = ranges(&sandbox);
    ranges.sort_unstable();
    assert_eq!(ranges.len(), weights().len().div_ceil(PIECE));
    assert!(ranges.windows(2).all(|two| two[0].1 == two[1].0), "{ranges:?}");
    assert_eq!((resolves(&sandbox), asked(&sandbox)), (1, weights().len()));
    let with_token = |cdn: bool| {
        let requests = sandbox.hub.requests().into_iter().filter(|request| request.cdn == cdn);
        requests.filter(|request| request.headers.contains_key("authorization")).count()
    };
    assert!(with_token(false) > 0);
    assert_eq!(with_token(true), 0);
}

#[test]
fn one_job_is_one_connection_and_one_request() {
    let sandbox = locked();
    sandbox.finish(&mut command(&sandbox, "sync --locked --jobs 1")).ok();
    assert_eq!(ranges(&sandbox), [(0, weights().len())]);
}

/// Refused with 4 while `fault` lasts, with nothing to be seen; fine afterwards.
fn refused(fault: Fault) -> Output {
    let sandbox = locked();
    sandbox.hub.fault(fault);
    let output = sync(&sandbox);
    output.refused(4);
    assert!(sandbox.target().is_empty());
    sandbox.hub.heal();
    synced(&sandbox);
    output
}

#[test]
fn pieces_with_other_bytes_are_refused() {
    let whole = weights();
    let mut corrupted = whole.to_vec();
    corrupted[20 * PIECE + 5] ^= 1;
    let mut swapped = whole.to_vec();
    let (first, second) = swapped.split_at_mut(11 * PIECE);
    first[10 * PIECE..].swap_with_slice(&mut second[..PIECE]);
    let mut foreign = whole.to_vec();
    foreign[30 * PIECE..31 * PIECE].fill(7);
    for other in [corrupted, swapped, foreign] {
        refused(Fault::ServeOther(FILE, other)).says("the file from the Hub does not match models.lock");
    }
}

#[test]
fn a_server_that_lies_of_lengths_is_refused() {
    let total = weights().len();
    refused(Fault::WrongTotal(FILE, total + 1)).says("the part");
    refused(Fault::WrongTotal(FILE, total - 1)).says("the part");
    refused(Fault::WrongLength(FILE, 1)).says("the length of the file from the Hub does not match");
    refused(Fault::WrongLength(FILE, -1)).says("the length of the file from the Hub does not match");
    refused(Fault::WrongRange).says("the part");
    refused(Fault::ServeOther(FILE, weights()[..total - 10].to_vec())).says("the part");
}

#[test]
fn a_server_without_ranges_is_read_over_one_connection() {
    let sandbox = locked();
    sandbox.hub.fault(Fault::IgnoreRange);
    synced(&sandbox);
    let bodies = ranges(&sandbox);
    assert!(bodies.len() <= 2, "{bodies:?}");
}

#[test]
fn too_many_connections_become_fewer() {
    let sandbox = locked();
    sandbox.hub.fault(Fault::Slow(FILE, 2_000_000));
    sandbox.hub.fault(Fault::Crowded { bodies: 1, status: 429, headers: vec![("retry-after", "0")] });
    let output = synced(&sandbox);
    output.says("the Hub is overloaded; going on with 1 connection\n");
    assert!(!output.stderr.contains("does not answer"), "{output}");
}

#[test]
fn a_server_that_takes_one_connection_is_served_by_one() {
    let sandbox = locked();
    sandbox.hub.fault(Fault::Slow(FILE, 4_000_000));
    sandbox.hub.fault(Fault::OneConnection);
    synced(&sandbox).says("going on with 1 connection\n");
}

#[test]
fn an_address_that_ends_is_asked_for_again() {
    for uses in [1, 3, 10] {
        let sandbox = locked();
        sandbox.hub.fault(Fault::Expires(uses));
        synced(&sandbox);
        let pieces = weights().len().div_ceil(PIECE);
        assert!((pieces / uses / 2..=pieces).contains(&resolves(&sandbox)), "{uses}: {}", resolves(&sandbox));
    }
}

#[test]
fn an_address_that_is_never_good_is_refused() {
    let sandbox = locked();
    sandbox.hub.fault(Fault::Expires(0));
    sync(&sandbox).refused(7).says("the Hub refuses: Forbidden");
    // Each of the eight pieces that may be on their way asks, and before them the file did.
    assert!(resolves(&sandbox) <= 9, "{}", resolves(&sandbox));
}

#[test]
fn a_connection_that_is_cut_anywhere_goes_on_where_it_was() {
    let sandbox = locked();
    for tenth in 0..10 {
        let at = weights().len() * tenth / 10 + 17;
        sandbox.hub.fault(Fault::CutAt { path: FILE, at, times: 1 });
    }
    synced(&sandbox);
    // Each cut costs the rest of a piece once more, and not a byte that has come.
    let mut cuts: Vec<_> = ranges(&sandbox).into_iter().filter(|(from, _)| from % PIECE != 0).collect();
    cuts.sort_unstable();
    assert_eq!(cuts.len(), 10, "{cuts:?}");
    assert!(cuts.iter().all(|(from, to)| to - from < PIECE), "{cuts:?}");
    assert_eq!(asked(&sandbox), weights().len() + cuts.iter().map(|(from, to)| to - from).sum::<usize>());
}

#[test]
fn a_connection_that_is_cut_for_ever_is_given_up_and_what_came_is_kept() {
    let sandbox = locked();
    let at = 20 * PIECE + 100;
    sandbox.hub.fault(Fault::CutAt { path: FILE, at, times: 100 });
    sync(&sandbox).refused(7).says("was cut off at byte 1310820, again and again");
    assert_eq!(part(&sandbox), at, "the whole prefix");
    sandbox.hub.heal();
    sandbox.hub.forget_requests();
    synced(&sandbox);
    assert_eq!(asked(&sandbox), weights().len() - at);
}

#[test]
fn a_sync_that_is_killed_anywhere_never_fetches_what_it_has() {
    let sandbox = locked();
    sandbox.hub.fault(Fault::Slow(FILE, 1_000_000));
    let mut before = 0;
    for tenth in 1..10 {
        sandbox.hub.forget_requests();
        let mut child = command(&sandbox, "sync --locked --quiet").spawn().unwrap();
        let start = Instant::now();
        while part(&sandbox) < weights().len() * tenth / 10 {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for a part");
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let asked = ranges(&sandbox);
        assert!(asked.iter().all(|(from, _)| *from >= before), "{before}: {asked:?}");
        before = part(&sandbox);
        assert!(asked.iter().all(|(_, to)| *to <= before + WINDOW + PIECE), "{before}: {asked:?}");
        assert!(sandbox.target().is_empty());
    }
    sandbox.hub.heal();
    sandbox.hub.forget_requests();
    synced(&sandbox);
    assert_eq!(asked(&sandbox), weights().len() - before);
}

#[test]
fn what_is_in_memory_has_a_bound_however_many_connections_there_are() {
    let sandbox = locked();
    sandbox.hub.fault(Fault::Slow(FILE, 200_000));
    let mut child = command(&sandbox, "sync --locked --quiet --jobs 1000").spawn().unwrap();
    let start = Instant::now();
    while ranges(&sandbox).len() < 32 {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for requests");
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(50));
    child.kill().unwrap();
    child.wait().unwrap();
    let (had, asked) = (part(&sandbox), ranges(&sandbox));
    assert!(asked.iter().all(|(_, to)| *to <= had + WINDOW + 24 * PIECE), "{had}: {asked:?}");
    assert!(weights().len() > had + WINDOW + 25 * PIECE, "there was more to ask for");
}

/// Runs `script` where the store is on a disk of that size, and `$SYNC` is what brings the files.
fn onto(sandbox: &Sandbox, size: &str, script: &str) -> Output {
    std::fs::create_dir_all(sandbox.root().join("store")).unwrap();
    let set = format!("export MODELPIN_PIECE_SIZE={PIECE}; SYNC=\"$BIN sync --locked\"");
    in_namespace(sandbox, &format!("{set}; mount -t tmpfs -o size={size} none \"$ROOT/store\"; {script}"))
}

#[test]
fn a_disk_that_fills_up_keeps_what_fits() {
    let sandbox = locked();
    let script = "$SYNC || true; code=0; $SYNC || code=$?; ls \"$ROOT/store/tmp\" >&2; exit $code";
    let output = onto(&sandbox, "1m", script);
    output.exits(1).says("No space left").says("the next run continues with the files that are complete").says(".part");
    output.says("note: 5.1 MiB to download, but only 10");
    let told = |text: &str| output.stderr.matches(text).count();
    assert_eq!((told("MiB to download"), told("5.1 MiB to download")), (2, 1), "what was kept need not come again");
    assert!(sandbox.target().is_empty());
    synced(&sandbox);
}

#[test]
fn what_is_here_already_needs_no_room() {
    let output = onto(&locked(), "7m", "$SYNC; rm -r .modelpin; $SYNC");
    assert!(!output.ok().stderr.contains("room"), "{}", output.stderr);
}

#[test]
fn a_limit_on_the_rate_holds_over_all_connections() {
    let sandbox = locked();
    let start = Instant::now();
    sandbox.finish(&mut command(&sandbox, "sync --locked --limit-rate 4M")).ok();
    // 5.2 MB at 4 MiB/s.
    assert!(start.elapsed() > Duration::from_millis(1000), "{:?}", start.elapsed());
    sandbox.run("verify").ok();
    // Less than a piece a second is not shared out.
    sandbox.remove_store();
    let _ = std::fs::remove_dir_all(sandbox.path(".modelpin"));
    sandbox.hub.forget_requests();
    let mut child = command(&sandbox, "sync --locked --quiet --limit-rate 63K").spawn().unwrap();
    let start = Instant::now();
    while ranges(&sandbox).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for a request");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(ranges(&sandbox), [(0, weights().len())], "one connection");
    sandbox.run("sync --limit-rate 10MB").exits(2).says("as in `500K`, `10M` or `1G`");
}

#[test]
fn many_files_share_the_connections() {
    let sandbox = Sandbox::new();
    let files: Vec<(String, Content)> = (0..3)
        .map(|number| (format!("large-{number}.safetensors"), Content::lfs(make::weights(12 * PIECE + number))))
        .chain((0..30).map(|number| (format!("small-{number}.json"), Content::git(format!("{{\"n\": {number}}}")))))
        .collect();
    let files: Vec<(&str, Content)> = files.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
    sandbox.hub.model("acme/many").commit(&files);
    sandbox.run("add acme/many").ok();
    sandbox.remove_store();
    for jobs in ["1", "2", "8", "64"] {
        sandbox.remove_store();
        let _ = std::fs::remove_dir_all(sandbox.path(".modelpin"));
        sandbox.finish(&mut command(&sandbox, &format!("sync --locked --jobs {jobs}"))).ok();
        sandbox.run("verify").ok();
    }
}

#[test]
fn a_size_that_cannot_be_meant_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    for (variable, value) in
        [("MODELPIN_PIECE_SIZE", "4Q"), ("MODELPIN_PIECE_SIZE", "1K"), ("MODELPIN_LIMIT_RATE", "0")]
    {
        sandbox.run_with(&[(variable, value)], "sync --locked").exits(2).says(value);
    }
}
